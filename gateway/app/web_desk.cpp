#include "app/web_desk.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <fstream>

#include "app/site_document.hpp"
#include "app/wall_clock.hpp"
#include "app/web_answers.hpp"
#include "settings/load.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

namespace fs = std::filesystem;
using feed::JsonWriter;
using std::chrono::steady_clock;
using web::Answer;
using web::Document;
using web::Viewer;

namespace {

constexpr auto shown_anyway_after = std::chrono::seconds(1);
constexpr auto between_pushes = std::chrono::milliseconds(50);
constexpr auto overview_lives = std::chrono::milliseconds(100);
constexpr std::size_t most_config_bytes = 2U << 20U;

/// Of what stays the same until the configuration changes.
Document lasting(std::string text) {
  Document made{.body = nullptr};
  made.etag = web::etag_of(text);
  made.body = web::bytes(std::move(text));
  return made;
}

}  // namespace

std::string config_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(most_config_bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.shrink_to_fit();
  return text;
}

web::ServerOptions server_options(const settings::HttpSettings& http) {
  return {.host = http.host, .port = http.port, .cert = http.cert, .key = http.key};
}

fs::path page_folder() {
  std::error_code ignored;
  const auto beside = fs::read_symlink("/proc/self/exe", ignored).parent_path() / "page";
  for (const auto& folder : {beside, settings::installed_share() / "page"})
    if (fs::is_regular_file(folder / "index.html", ignored)) return folder;
  throw std::runtime_error(
      fmt::format("[http] the page is neither in {} nor in {}: build the target hazgate_page, or "
                  "install it",
                  beside.string(), (settings::installed_share() / "page").string()));
}

WebDesk::WebDesk(async::asio::io_context& io, const settings::Settings& settings, const fs::path& config,
                 Ingest& ingest, Writer& writer, Archive& archive, std::shared_ptr<const web::Page> page,
                 GatewayView view)
    : io_(io),
      settings_(settings),
      config_(config),
      ingest_(ingest),
      writer_(writer),
      archive_(archive),
      view_(std::move(view)),
      board_(settings.site),
      pages_(settings),
      records_(settings),
      record_pages_(settings, pages_, records_),
      record_desk_(settings.site, records_, record_pages_, writer),
      accounts_(settings.site, settings.gateway.data_dir),
      page_(std::move(page)),
      routes_(api_, *page_),
      live_(api_),
      push_timer_(io),
      reporter_(settings.site, settings.gateway.data_dir / "hazgate.sqlite") {
  routes_.on_bug = [](const web::Request& request, const std::string& why) {
    spdlog::error("web request=\"{} {}\" reason=\"{}\"", web::name(request.method), request.target.path, why);
  };
  config_text_ = config_text(config_);
  make_documents();
  fill_api();
  accounts_.open();
  const auto& http = *settings.http;
  server_ = std::make_unique<web::Server>(io, server_options(http), routes_, live_, api_);
  server_->on_trouble = [](const std::string& why) { spdlog::error("web reason=\"{}\"", why); };
  spdlog::info("page=http{}://{}:{}/ files={} packed_bytes={}", http.cert.empty() ? "" : "s", http.host, port(),
               page_->size(), page_->packed_bytes());
}

/// What was asked of the archive refers to this.
WebDesk::~WebDesk() {
  archive_.settle();
  reporter_.settle();
}

void WebDesk::start(async::TaskGroup& group) {
  server_->start(group);
  group.start("accounts", accounts_.follow());
  group.start("questions", until_stopped());
}

/// Nobody waits at a stop for what browsers asked.
web::Later<void> WebDesk::until_stopped() {
  async::asio::steady_timer never(io_, async::asio::steady_timer::time_point::max());
  try {
    co_await never.async_wait(async::asio::use_awaitable);
  } catch (const boost::system::system_error&) {
    stop_asking_ = true;
    archive_.cancel();
    reporter_.cancel();
    push_timer_.cancel();
    throw;
  }
}

void WebDesk::make_documents() {
  using core::Role;
  const auto tag = web::etag_of(site_document(settings_, Role::site_operator, std::nullopt, ""));
  const auto revision = tag.substr(1, tag.size() - 2);
  board_.set_revision(revision);
  prepared_.whole = lasting(site_document(settings_, Role::site_operator, std::nullopt, revision));
  prepared_.for_regulator = lasting(site_document(settings_, Role::regulator, std::nullopt, revision));
  for (std::uint32_t i = 0; i < settings_.site.enterprises.size(); ++i)
    prepared_.of_enterprise.push_back(
        lasting(site_document(settings_, Role::enterprise, core::EnterpriseIndex{i}, revision)));
  for (std::uint32_t i = 0; i < settings_.site.points.size(); ++i)
    point_json_.push_back(point_document(settings_, core::PointIndex{i}, true));
}

/// Packed when it is first asked for: at a reload instruments wait.
const Document& WebDesk::packed(Document& document) {
  if (!document.gzipped) document.gzipped = web::bytes(web::gzip(*document.body));
  return document;
}

Eyes WebDesk::eyes(const Viewer& viewer) const {
  if (viewer.role != core::Role::enterprise) return std::nullopt;
  const auto& all = settings_.site.enterprises;
  const auto found = std::ranges::find(all, viewer.enterprise, &core::Enterprise::id);
  // A session of an enterprise that is none is refused before; were it not, its eyes would see nothing.
  return core::EnterpriseIndex{static_cast<std::uint32_t>(found - all.begin())};
}

void WebDesk::fill_api() {
  api_.greeting = [this] {
    const auto now = system_now();
    const auto& site = settings_.site;
    const auto offset = site.utc_offset ? site.utc_offset(now) : std::chrono::seconds(0);
    return web::Greeting{.site = site.site_id,
                         .gateway = site.gateway_id,
                         .language = settings_.gateway.language,
                         .version = HAZGATE_VERSION,
                         .timezone = settings_.gateway.timezone,
                         .utc_offset_minutes = static_cast<int>(offset.count() / 60),
                         .setup_needed = accounts_.setup_needed()};
  };
  fill_accounts();
  api_.overview = [this](const Viewer& viewer) -> Answer {
    const auto only = eyes(viewer);
    const auto now = steady_clock::now();
    if (only) return document(board_.overview(only, system_now()));
    if (!overview_ || now - overview_->first > overview_lives)
      overview_ = {now, web::bytes(board_.overview(std::nullopt, system_now()))};
    return Document{.body = overview_->second};
  };
  api_.points = [this](const Viewer& viewer) { return site(viewer); };
  api_.point = [this](const Viewer& viewer, const std::string& id) { return point(viewer, id); };
  api_.devices = [this](const Viewer& viewer) { return devices(viewer); };
  api_.status = [this](const Viewer&) -> Answer { return document(status_json()); };
  api_.alarms = [this](Viewer viewer, web::AlarmsQuery query) { return alarms(std::move(viewer), std::move(query)); };
  api_.act = [this](Viewer viewer, web::ActionForm form) { return act(std::move(viewer), std::move(form)); };
  fill_past();
  fill_records();
  api_.registers = [this](Viewer, web::RegistersQuery query) { return registers(std::move(query)); };
  api_.config = [this](Viewer viewer) { return config_answer(std::move(viewer)); };
  api_.metrics = view_.metrics;
  api_.may_scrape = [this](const std::string& address) {
    return std::ranges::find(settings_.http->metrics_from, address) != settings_.http->metrics_from.end();
  };
  api_.not_ready = [this]() -> std::string {
    const auto state = writer_.health().state;
    return state.starts_with("failing") ? std::string("the store fails") : std::string();
  };
  api_.snapshot = [this](const Viewer& viewer) { return web::bytes(board_.snapshot(eyes(viewer), system_now())); };
}

void WebDesk::fill_accounts() {
  auto& desk = accounts_;
  api_.session = [&desk](std::string_view token) { return desk.session(token); };
  api_.sign_in = [&desk](web::SignIn who) { return desk.sign_in(std::move(who)); };
  api_.sign_out = [&desk](Viewer viewer, std::string token) {
    return desk.sign_out(std::move(viewer), std::move(token));
  };
  api_.sign_out_everywhere = [&desk](Viewer viewer) { return desk.sign_out_everywhere(std::move(viewer)); };
  api_.change_password = [&desk](Viewer viewer, std::string old_one, std::string new_one) {
    return desk.change_password(std::move(viewer), std::move(old_one), std::move(new_one));
  };
  api_.users = [&desk](Viewer viewer) { return desk.users(std::move(viewer)); };
  api_.add_user = [&desk](Viewer viewer, std::string form) {
    return desk.add_user(std::move(viewer), std::move(form));
  };
  api_.change_user = [&desk](Viewer viewer, std::string name, std::string form) {
    return desk.change_user(std::move(viewer), std::move(name), std::move(form));
  };
  api_.set_password = [&desk](Viewer viewer, std::string name, std::string password) {
    return desk.set_password(std::move(viewer), std::move(name), std::move(password));
  };
  api_.end_sessions = [&desk](Viewer viewer, std::string name) {
    return desk.end_sessions(std::move(viewer), std::move(name));
  };
  api_.audit = [&desk](Viewer viewer, std::uint64_t before, std::size_t limit) {
    return desk.audit_page(std::move(viewer), before, limit);
  };
}

void WebDesk::on_alarms(std::span<const core::Alarm> alarms) {
  waiting_.push_back({{alarms.begin(), alarms.end()}, steady_clock::now()});
}

/// In the order in which they were handed to the disk.
void WebDesk::alarms_on_disk() {
  if (waiting_.empty()) return;
  show(waiting_.front());
  waiting_.pop_front();
  push_soon();
}

/// A flood of alarms is a frame now and then, and not one for each.
void WebDesk::push_soon() {
  const auto now = steady_clock::now();
  if (now - pushed_at_ >= between_pushes) return push(system_now());
  if (std::exchange(push_armed_, true)) return;
  push_timer_.expires_at(pushed_at_ + between_pushes);
  push_timer_.async_wait([this](auto error) {
    push_armed_ = false;
    if (!error) push(system_now());
  });
}

void WebDesk::show(const Waiting& waiting) {
  for (const auto& alarm : waiting.alarms) board_.on_alarm(alarm);
  overview_.reset();
}

void WebDesk::push(core::Timestamp now) {
  pushed_at_ = steady_clock::now();
  const auto words = [this](Eyes only) {
    return only ? settings_.site.enterprises[core::at(*only)].id : std::string();
  };
  board_.take(
      now, [&](Eyes only) { return live_.is_watched(words(only)); },
      [&](Eyes only, std::string frame) { live_.publish(words(only), web::bytes(std::move(frame))); });
}

void WebDesk::once_a_second(core::Timestamp now) {
  for (auto& waiting : waiting_) {  // they stay in the row: their turn comes when the disk takes them
    if (steady_clock::now() - waiting.since < shown_anyway_after) break;
    show(waiting);
    waiting.alarms.clear();
  }
  constexpr unsigned status_every = 5;
  if (seconds_++ % status_every == 0) board_.on_status(status_json());
  push(now);
}

}  // namespace hazgate::app
