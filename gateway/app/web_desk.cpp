#include "app/web_desk.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "app/alarm_request.hpp"
#include "app/registers_page.hpp"
#include "app/site_document.hpp"
#include "app/verify.hpp"
#include "app/wall_clock.hpp"
#include "async/called_back.hpp"
#include "feed/answer_payload.hpp"
#include "feed/reason_text.hpp"
#include "settings/load.hpp"
#include "settings/words.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

namespace fs = std::filesystem;
namespace json = boost::json;
using feed::JsonWriter;
using std::chrono::steady_clock;
using web::Answer;
using web::Document;
using web::Refusal;
using web::Viewer;

namespace {

constexpr auto shown_anyway_after = std::chrono::seconds(1);
constexpr auto between_pushes = std::chrono::milliseconds(50);
constexpr auto overview_lives = std::chrono::milliseconds(100);
constexpr auto longest_commit = std::chrono::seconds(3);
constexpr std::size_t most_config_bytes = 2U << 20U;

Document document(std::string text) { return {.body = web::bytes(std::move(text))}; }

/// Of what stays the same until the configuration changes.
Document lasting(std::string text) {
  Document made{.body = nullptr};
  made.etag = web::etag_of(text);
  made.body = web::bytes(std::move(text));
  return made;
}

Refusal store_trouble(const std::string& why) {
  return {.status = 503, .code = "store", .zh = "数据库暂不可读：" + why, .en = "the store cannot be read now: " + why};
}
Refusal busy() {
  return {.status = 503,
          .code = "busy",
          .zh = "查询过多，请稍后再试",
          .en = "too many questions wait; try again in a moment",
          .retry_after_s = 1};
}

/// One at a time does what takes seconds.
struct Inspecting {
  explicit Inspecting(bool& at_it) : at_it_(at_it) { at_it_ = true; }
  ~Inspecting() { at_it_ = false; }
  Inspecting(const Inspecting&) = delete;
  Inspecting& operator=(const Inspecting&) = delete;
  bool& at_it_;
};

std::string config_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(most_config_bytes, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  text.shrink_to_fit();
  return text;
}

std::string_view transport_of(const settings::BusSettings& bus) {
  const auto* rtu = std::get_if<modbus::RtuLinkOptions>(&bus.link);
  if (rtu == nullptr) return "tcp";
  return std::holds_alternative<modbus::SerialPort>(rtu->end) ? "rtu" : "rtu-over-tcp";
}

Refusal too_many() {
  return {.status = 429,
          .code = "too_many",
          .zh = "您同时提出的请求过多，请稍后再试",
          .en = "you ask too much at once; try again in a moment",
          .retry_after_s = 1};
}

unsigned status_of(core::Refusal refusal) {
  switch (refusal) {
    case core::Refusal::no_such_alarm:
      return 404;
    case core::Refusal::no_name:
    case core::Refusal::note_too_long:
    case core::Refusal::note_needed:
    case core::Refusal::verdict_needed:
    case core::Refusal::shelf_too_long:
      return 422;
    default:
      return 409;
  }
}

}  // namespace

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
      accounts_(settings.site, settings.gateway.data_dir),
      page_(std::move(page)),
      routes_(api_, *page_),
      live_(api_),
      push_timer_(io) {
  routes_.on_bug = [](const web::Request& request, const std::string& why) {
    spdlog::error("web request=\"{} {}\" reason=\"{}\"", web::name(request.method), request.target.path, why);
  };
  config_text_ = config_text(config_);
  make_documents();
  fill_api();
  accounts_.open();
  const auto& http = *settings.http;
  server_ = std::make_unique<web::Server>(io, server_options(http), routes_, live_, api_);
  spdlog::info("page=http{}://{}:{}/ files={} packed_bytes={}", http.cert.empty() ? "" : "s", http.host, port(),
               page_->size(), page_->packed_bytes());
}

/// What was asked of the archive refers to this.
WebDesk::~WebDesk() { archive_.settle(); }

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

Answer WebDesk::site(const Viewer& viewer) {
  if (viewer.role == core::Role::regulator) return packed(prepared_.for_regulator);
  const auto only = eyes(viewer);
  return packed(only ? prepared_.of_enterprise.at(core::at(*only)) : prepared_.whole);
}

Answer WebDesk::point(const Viewer& viewer, const std::string& id) const {
  const auto index = pages_.point(eyes(viewer), id);
  if (!index) return web::not_found();
  const auto& site = settings_.site;
  JsonWriter json;
  json.open().json("point", point_json_[core::at(*index)]);
  if (const auto reading = board_.reading(*index)) {
    const char flag = static_cast<char>(reading->flag);
    json.open("reading").time("t", reading->at).number("value", reading->value);
    json.text("unit", core::symbol(site.points[core::at(*index)].unit)).text("flag", {&flag, 1}).close();
  } else {
    json.null("reading");
  }
  const auto* alarm = board_.alarm_at(*index);
  json.json("alarm", alarm == nullptr ? "null" : alarm_json(site, *alarm)).open_list("exposures");
  board_.for_each_exposure(*index, [&](const core::Exposure& e) { append_exposure_with_place(json, site, e); });
  json.close_list();
  const auto* baseline = ingest_.monitor().baseline(*index);
  if (baseline == nullptr) {
    json.null("baseline");
  } else {
    const auto hours = baseline->hours();
    json.open("baseline").open_list("hours");
    for (std::size_t hour = 0; hour < hours.size(); ++hour)
      json.open()
          .count("hour", hour)
          .number("median", hours[hour].median)
          .number("mad", hours[hour].mad)
          .count("days", static_cast<std::uint64_t>(hours[hour].days))
          .close();
    json.close_list().close();
  }
  json.close();
  return document(json.take());
}

Answer WebDesk::devices(const Viewer& viewer) const {
  const auto only = eyes(viewer);
  const auto& site = settings_.site;
  const auto status = view_.status();
  JsonWriter json;
  json.open().time("at", status.at).open_list("buses");
  for (std::size_t i = 0; i < status.buses.size() && !only; ++i) {
    const auto& bus = status.buses[i];
    json.open().text("id", bus.id);
    json.text("transport", transport_of(settings_.buses[i]));
    json.yes_no("open", bus.open).text("trouble", bus.trouble).count("polls", bus.polls).count("failed", bus.failed);
    json.count("skipped", bus.skipped).count("reopened", bus.reopened).close();
  }
  json.close_list().open_list("devices");
  for (std::uint32_t i = 0; i < site.devices.size(); ++i) {
    const auto& device = site.devices[i];
    if (!board_.sees(only, device.workplace)) continue;
    json.open().text("id", device.id);
    if (only) {
      json.null("bus");
    } else {
      json.text("bus", site.buses[core::at(device.bus)].id);
    }
    json.text("workplace", site.workplaces[core::at(device.workplace)].id);
    json.number("period_s", core::in_seconds(device.period)).yes_no("answering", status.devices[i].answering);
    if (const auto trouble = board_.trouble(core::DeviceIndex{i})) {
      json.open("trouble").text("zh", trouble->zh).text("en", trouble->en).close();
    } else {
      json.null("trouble");
    }
    json.time("last_poll_at", board_.last_poll(core::DeviceIndex{i})).close();
  }
  json.close_list().number("lateness_p99_ms", only ? core::no_value : view_.lateness_p99_ms());
  json.number("lateness_worst_ms", only ? core::no_value : status.worst_lateness_ms).close();
  return document(json.take());
}

std::string WebDesk::status_json() const {
  JsonWriter json;
  json.open().text("broker", view_.broker()).number("lateness_p99_ms", view_.lateness_p99_ms());
  feed::append_status(json, settings_.site, view_.status());
  json.close();
  return json.take();
}

Answer WebDesk::open_alarms(const Viewer& viewer, const web::AlarmsQuery& query) const {
  const auto only = eyes(viewer);
  if (!pages_.knows(only, query.enterprise, query.workplace, query.point)) return web::not_found();
  const auto& site = settings_.site;
  JsonWriter json;
  json.open().open_list("alarms");
  std::size_t given = 0;
  std::uint64_t last = 0;
  bool more = false;
  board_.for_each_alarm(only, [&](const core::Alarm& alarm, const std::string& text) {
    if ((query.before > 0 && alarm.number >= query.before) || alarm.highest < query.level) return;
    const auto place = site.workplace_of(alarm.subject, alarm.index);
    if (!query.workplace.empty() && (!place || site.workplaces[core::at(*place)].id != query.workplace)) return;
    if (!query.enterprise.empty() && (!place || site.enterprise_of(*place).id != query.enterprise)) return;
    if (!query.point.empty() && site.subject_id(alarm.subject, alarm.index) != query.point) return;
    if (given == query.limit) {
      more = true;
      return;
    }
    json.json({}, text);
    last = alarm.number;
    ++given;
  });
  json.close_list();
  if (more) {
    json.text("next", std::to_string(last));
  } else {
    json.null("next");
  }
  json.close();
  return document(json.take());
}

/// One of the questions that somebody has under way; none where they are too many already.
class WebDesk::Ticket {
 public:
  static std::optional<Ticket> take(std::map<std::string, std::size_t>& under_way, const std::string& user) {
    if (under_way[user] >= most_questions_a_user) return std::nullopt;
    return Ticket(under_way, user);
  }
  ~Ticket() {
    if (under_way_ == nullptr) return;
    if (--(*under_way_)[user_] == 0) under_way_->erase(user_);
  }
  Ticket(Ticket&& other) noexcept
      : under_way_(std::exchange(other.under_way_, nullptr)), user_(std::move(other.user_)) {}
  Ticket& operator=(Ticket&&) = delete;

 private:
  Ticket(std::map<std::string, std::size_t>& under_way, std::string user)
      : under_way_(&under_way), user_(std::move(user)) {
    ++under_way[user_];
  }
  std::map<std::string, std::size_t>* under_way_;
  std::string user_;
};

template <class Look>
web::Later<Answer> WebDesk::look_up(Viewer viewer, Look look) {
  const auto ticket = Ticket::take(under_way_, viewer.user);
  if (!ticket) co_return too_many();
  try {
    co_return co_await archive_.look_up(std::move(look));
  } catch (const Archive::Busy&) {
    co_return busy();
  } catch (const storage::StoreError& e) {
    co_return store_trouble(e.what());
  }
}

/// Of an alarm or a point that these eyes do not see nothing is told, not even that it is there.
bool WebDesk::knows(const Viewer& viewer, const web::ActionForm& form) const {
  const auto only = eyes(viewer);
  if (form.alarm.empty()) return pages_.point(only, form.point).has_value();
  const auto number = pages_.alarm_number(form.alarm);
  const auto* alarm = number ? board_.alarm(*number) : nullptr;
  return alarm != nullptr ? board_.sees(only, *alarm) : number && !only;
}

web::Later<Answer> WebDesk::act(Viewer viewer, web::ActionForm form) {
  if (!knows(viewer, form)) co_return web::not_found();
  if (!acts_.allow(viewer.user, steady_clock::now())) co_return too_many();
  auto request = json::parse(form.form).get_object();
  for (const auto* taken : {"op", "id", "point", "device", "bus", "output", "part", "action", "by"})
    if (request.contains(taken))
      co_return web::bad_input(fmt::format("请求体中不应有 {}", taken), fmt::format("{}: does not belong here", taken));
  request["op"] = "alarm";
  request[form.alarm.empty() ? "point" : "id"] = form.alarm.empty() ? form.point : form.alarm;
  request["action"] = form.action == "ack" ? "acknowledge" : form.action;
  const auto input = parse_alarm_request(settings_.site, json::serialize(request), viewer.user);
  if (!input) {
    const auto& why = input.error();
    const bool unknown = why.code == "unknown_subject" || why.code == "unknown_id" || why.code == "unknown_action";
    co_return Refusal{.status = unknown ? 404U : 422U,
                      .code = unknown ? "not_found" : why.code,
                      .zh = why.text.zh,
                      .en = why.text.en};
  }
  core::Monitor::Answer answer;
  // Who is told that it was done can rely on it: it is on disk, or he hears that it is not.
  async::asio::steady_timer patience(io_, longest_commit);
  const bool stored = co_await async::called_back<bool>([&](std::function<void(bool)> done) {
    auto told = std::make_shared<std::atomic<bool>>(false);
    auto once = [done = std::move(done), told](bool on_disk) {
      if (!told->exchange(true)) done(on_disk);
    };
    patience.async_wait([once](auto) { once(false); });
    answer = view_.act(*input, [once] { once(true); });
  });
  patience.cancel();
  accounts_.record(viewer, "alarm_" + std::string(core::name(input->action.kind)),
                   fmt::format("{}{} {}", form.alarm, form.point,
                               answer.refusal == core::Refusal::none ? "" : core::name(answer.refusal)));
  if (answer.refusal != core::Refusal::none) {
    const auto text = feed::refusal_text(answer.refusal);
    co_return Refusal{.status = status_of(answer.refusal),
                      .code = std::string(core::name(answer.refusal)),
                      .zh = text.zh,
                      .en = text.en};
  }
  if (!stored)
    co_return Refusal{.status = 503,
                      .code = "not_stored",
                      .zh = "已执行，但尚未写入数据库：数据库故障，网关重启前有效",
                      .en = "it was done, and is not on disk yet: the store is in trouble; it holds until a restart"};
  JsonWriter json;
  json.open().json("alarm", answer.alarm ? alarm_json(settings_.site, *answer.alarm) : "null").close();
  co_return document(json.take());
}

web::Later<Answer> WebDesk::registers(web::RegistersQuery query) {
  const auto& devices = settings_.site.devices;
  const auto found = std::ranges::find(devices, query.device, &core::Device::id);
  const auto table = modbus::table_from(query.table);
  if (found == devices.end()) co_return web::not_found();
  if (!table)
    co_return web::bad_input("table 应为 holding、input、coil 或 discrete",
                             "table: expected holding, input, coil or discrete");
  const auto index = static_cast<std::uint32_t>(found - devices.begin());
  using Read = std::pair<boost::system::error_code, std::vector<std::uint16_t>>;
  const auto [error, words] = co_await async::called_back<Read>([&](std::function<void(Read)> done) {
    const bool taken =
        view_.look(core::DeviceIndex{index}, *table, query.first, query.count, [done](auto why, auto read) {
          done({why, {read.begin(), read.end()}});
        });
    if (!taken) done({boost::asio::error::try_again, {}});
  });
  if (error == boost::asio::error::try_again) co_return busy();
  if (error) {
    const auto why = feed::reason_text(settings_.site, {.doubt = Ingest::doubt_of(error)});
    co_return Refusal{.status = 502,
                      .code = "device_trouble",
                      .zh = fmt::format("设备未给出这些寄存器：{}（{}）", why.zh, error.message()),
                      .en = fmt::format("the device did not give these registers: {} ({})", why.en, error.message())};
  }
  co_return document(registers_page(query, *table, words));
}

web::Later<Answer> WebDesk::exceedances(Viewer viewer, web::RecordsQuery query) {
  const auto only = eyes(viewer);
  if (!pages_.knows(only, query.enterprise, "", "")) co_return web::not_found();
  const ExceedancesRequest asked{.enterprise = only ? viewer.enterprise : query.enterprise,
                                 .after_seq = query.after_seq};
  const auto ticket = Ticket::take(under_way_, viewer.user);
  if (!ticket) co_return too_many();
  auto answer = co_await async::called_back<std::string>(
      [&](std::function<void(std::string)> done) { writer_.ask(asked, std::move(done)); });
  if (answer.starts_with(R"({"v":1,"ok":false)")) co_return store_trouble("the ledger");
  co_return document(std::move(answer));
}

web::Later<Answer> WebDesk::verify(Viewer viewer, std::string enterprise) {
  const auto only = eyes(viewer);
  if (!pages_.knows(only, enterprise, "", "")) co_return web::not_found();
  if (only) enterprise = viewer.enterprise;
  if (inspecting_ || !verifies_.allow(viewer.user, steady_clock::now())) co_return busy();
  const Inspecting now(inspecting_);
  accounts_.record(viewer, "ledger_verify", enterprise);
  const auto begun = steady_clock::now();
  try {
    const VerifyOptions options{.file = settings_.gateway.data_dir / "hazgate.sqlite",
                                .key = ledger::hex(writer_.key().public_key()),
                                .heads = {},
                                .enterprise = enterprise,
                                .tells_progress = false};
    const auto [sound, report] = co_await async::on(inspector_, [&options] {
      std::ostringstream out;
      const bool whole = app::verify(options, out);
      return std::pair(whole, out.str());
    });
    JsonWriter json;
    json.open().yes_no("sound", sound).open_list("report");
    std::istringstream lines(report);
    for (std::string line; std::getline(lines, line);) json.text({}, line);
    const auto took = std::chrono::duration<double, std::milli>(steady_clock::now() - begun);
    json.close_list().number("took_ms", std::round(took.count())).close();
    co_return document(json.take());
  } catch (const std::exception& e) {
    co_return store_trouble(e.what());
  }
}

/// The file as it lies there now, which need not be what runs.
web::Later<Answer> WebDesk::config_answer() {
  if (inspecting_) co_return busy();
  const Inspecting now(inspecting_);
  const auto [text, problems] = co_await async::on(inspector_, [this] {
    auto read = config_text(config_);
    auto loaded = settings::load(config_);
    return std::pair(std::move(read), loaded.has_error() ? loaded.error() : settings::Problems{});
  });
  JsonWriter json;
  json.open().text("file", config_.filename().string()).text("text", text).yes_no("changed", text != config_text_);
  json.open_list("problems");
  for (const auto& problem : problems) {
    json.open().text("file", fs::path(problem.file).filename().string());
    json.count("line", problem.line);
    json.count("column", problem.column).text("text", problem.text).close();
  }
  json.close_list().close();
  co_return document(json.take());
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
  api_.alarms = [this](Viewer viewer, web::AlarmsQuery query) -> web::Later<Answer> {
    if (query.open) co_return open_alarms(viewer, query);
    const auto only = eyes(viewer);
    co_return co_await look_up(viewer, [this, &only, &query](Past& past) { return pages_.alarms(past, only, query); });
  };
  api_.act = [this](Viewer viewer, web::ActionForm form) { return act(std::move(viewer), std::move(form)); };
  fill_past();
  api_.registers = [this](Viewer, web::RegistersQuery query) { return registers(std::move(query)); };
  api_.config = [this](Viewer) { return config_answer(); };
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
  api_.sign_out = [&desk](std::string token) { return desk.sign_out(std::move(token)); };
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

void WebDesk::fill_past() {
  api_.alarm = [this](Viewer viewer, std::string id) {
    return look_up(viewer, [this, only = eyes(viewer), id](Past& past) { return pages_.alarm(past, only, id); });
  };
  api_.readings = [this](Viewer viewer, web::ReadingsQuery query) {
    return readings(std::move(viewer), std::move(query));
  };
  api_.exposures = [this](Viewer viewer, web::ExposuresQuery query) {
    return look_up(viewer, [this, only = eyes(viewer), query](Past& past) {
      return pages_.exposures(past, only, query, system_now());
    });
  };
  api_.gaps = [this](Viewer viewer, web::GapsQuery query) {
    return look_up(viewer, [this, only = eyes(viewer), query](Past& past) {
      return pages_.gaps(past, only, query, system_now());
    });
  };
  api_.ledger = [this](Viewer viewer) {
    return look_up(viewer,
                   [this, only = eyes(viewer)](Past& past) { return pages_.ledger(past, only, writer_.key().id()); });
  };
  api_.exceedances = [this](Viewer viewer, web::RecordsQuery query) {
    return exceedances(std::move(viewer), std::move(query));
  };
  api_.verify = [this](Viewer viewer, std::string enterprise) {
    return verify(std::move(viewer), std::move(enterprise));
  };
}

/// What leaves the gateway as a file is on record.
web::Later<Answer> WebDesk::readings(Viewer viewer, web::ReadingsQuery query) {
  const auto only = eyes(viewer);
  auto answer =
      co_await look_up(viewer, [this, &only, &query](Past& past) { return pages_.readings(past, only, query); });
  if (answer && query.csv) accounts_.record(viewer, "export", query.point);
  co_return answer;
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
