#include "app/gateway.hpp"

#include <fmt/chrono.h>
#include <fmt/ostream.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <span>
#include <utility>

#include "app/mqtt_options.hpp"
#include "app/reload.hpp"
#include "app/resume.hpp"
#include "app/running_gateway.hpp"
#include "settings/load.hpp"
#include "settings/rule_words.hpp"

namespace hazgate::app {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr auto status_interval = seconds(10);
constexpr std::uint64_t start_over_s = 10;  // by then every device was asked, and every point has its meter
constexpr auto figures_look_back = std::chrono::days(30);  // of alarms, at start
constexpr auto longest_farewell = seconds(3);              // for what is still on its way to the broker at the end

std::unique_ptr<modbus::Link> make_link(asio::io_context& io, const settings::BusSettings& bus) {
  if (const auto* tcp = std::get_if<modbus::TcpLinkOptions>(&bus.link)) return modbus::make_tcp_link(io, *tcp);
  return modbus::make_rtu_link(io, std::get<modbus::RtuLinkOptions>(bus.link));
}

}  // namespace

Gateway::Gateway(settings::Settings settings, RunOptions options, Carried& carried)
    : settings_(std::move(settings)),
      options_(std::move(options)),
      carried_(carried),
      writer_(settings_, carried_.lock),
      ingest_(settings_, make_monitor(settings_, writer_.last_alarm_number())),
      bus_open_(settings_.buses.size()),
      device_answers_(settings_.devices.size()),
      device_failures_(settings_.devices.size()),
      system_watch_(settings_.actions.size()) {
  if (const auto& rescued = writer_.rescued())
    spdlog::error("store state=\"set aside\" file={} rows_rescued={} numbers={} reason=\"{}\"", rescued->aside.string(),
                  rescued->rows, rescued->numbers_lost ? "lost, going on far above" : "kept", rescued->why);
  resume(settings_, writer_, ingest_, clock_.at(steady_clock::now()), batch_);
  for (const auto& alarm : writer_.open_alarms()) {
    outputs_.on_alarm(alarm);
    if (alarm.level == core::Level::none) continue;
    if (alarm.subject == core::AlarmSubject::gateway) system_watch_.stands(core::GatewayPart{alarm.index});
    if (alarm.subject == core::AlarmSubject::output) system_watch_.output_stands(alarm.index);
  }
  writer_.alarms().for_each_change_since(clock_.at(steady_clock::now()) - figures_look_back,
                                         [this](const auto& alarm) { figures_.on_change(alarm); });
  for (const auto& alarm : batch_.alarms) {
    outputs_.on_alarm(alarm);
    figures_.on_change(alarm);
  }
  writer_.abandon_exceedances(
      [&](core::PointIndex point, const storage::OpenExceedance& open) {
        return ingest_.monitor().passes(point, open.basis, open.limit, open.level);
      },
      clock_.at(steady_clock::now()));
  ingest_.begin_run();
  for (const auto& gap : writer_.open_gaps())
    if (gap.device) ingest_.restore_gap(*gap.device, gap.reason, gap.from);
  record_rules();
  writer_.begin_run(clock_.at(steady_clock::now()));
  if (settings_.mqtt || settings_.http) archive_.emplace(settings_.site, settings_.gateway.data_dir / "hazgate.sqlite");
  start_web();
  keeper_.emplace(settings_, writer_);  // from here on the store is its thread's alone
  forget_what_was_handed_on();
  build_pollers();
  start_feed();
}

void Gateway::record_rules() {
  std::vector<storage::RuleText> rules;
  for (auto& [enterprise, subject, rule, text] : settings::rule_words(settings_))
    rules.push_back({std::move(subject), std::move(rule), std::move(text), std::move(enterprise)});
  const auto who = settings::decided_by(settings_, options_.file_owner);
  const auto changes = writer_.record_rules(rules, who, clock_.at(steady_clock::now()));
  if (changes > 0) spdlog::info("rules changed={} by=\"{}\"", changes, who);
}

/// The monitor has its set points, and profiles are for the other end of the line: a fifth of the memory of a large
/// site.
void Gateway::forget_what_was_handed_on() {
  // Not `= {}`, which empties a vector and keeps its memory.
  std::exchange(settings_.profiles, decltype(settings_.profiles)());
  std::exchange(settings_.points, decltype(settings_.points)());
}

void Gateway::build_pollers() {
  units_.resize(settings_.devices.size());
  for (const auto& bus : settings_.buses)
    for (const auto& device : bus.devices) units_[device.index] = device.unit;
  for (auto& bus : settings_.buses) {
    pollers_.push_back(std::make_unique<modbus::Poller>(io_, bus.id, make_link(io_, bus), std::move(bus.devices),
                                                        [this](const modbus::Outcome& o) { on_outcome(o); }));
  }
  ticker_.emplace(pollers_);
}

/// Whoever starts a gateway reads why it does not; one that runs goes on watching people without its page.
void Gateway::start_web() {
  if (!settings_.http) return;
  try {
    make_web();
  } catch (const std::exception& e) {
    if (!carried_.reloading_since) throw;
    spdlog::error("page state=failing reason=\"{}\"", e.what());
  }
}

void Gateway::make_web() {
  if (!carried_.page) carried_.page = std::make_shared<const web::Page>(page_folder());
  web_ = std::make_unique<WebDesk>(
      io_, settings_, options_.config, ingest_, writer_, *archive_, carried_.page,
      GatewayView{
          .act = [this](core::PersonInput input, auto on_disk) { return act(std::move(input), std::move(on_disk)); },
          .status = [this] { return status(); },
          .broker = [this] { return broker_state(); },
          .lateness_p99_ms = [this] { return lateness_.percentile_ms(0.99); },
          .look =
              [this](core::DeviceIndex device, modbus::Table table, std::uint16_t first, std::uint16_t count,
                     auto done) {
                const auto& known = settings_.site.devices[core::at(device)];
                return pollers_[core::at(known.bus)]->look({.unit = units_[core::at(device)],
                                                            .table = table,
                                                            .address = first,
                                                            .count = count,
                                                            .done = std::move(done)});
              },
          .metrics = [this] { return metrics(); }});
  for (const auto& alarm : writer_.open_alarms()) web_->standing(alarm);
  for (const auto& alarm : batch_.alarms) web_->standing(alarm);
}

void Gateway::start_feed() {
  if (!settings_.mqtt) {
    carried_.feed.reset();
    return;
  }
  feed::MqttFeed::Events events{
      .delivered = [this](std::vector<std::int64_t> ids) { writer_.delivered(std::move(ids)); },
      .connection =
          [this, url = settings_.mqtt->url](bool online, const std::string& why) {
            spdlog::log(online ? spdlog::level::info : spdlog::level::warn, "broker={} state={} reason=\"{}\"", url,
                        online ? "up" : "down", why);
            std::lock_guard lock(broker_lock_);
            broker_why_ = online ? std::nullopt : std::optional(why);
          },
      .request =
          [this](feed::Request request) {
            asio::post(io_, [this, request = std::move(request)] { on_request(request); });
          }};
  auto options = mqtt_options(settings_);
  if (carried_.feed && carried_.options == options) {
    feed_ = std::move(carried_.feed);
    feed_->listen(std::move(events));
  } else {
    carried_.feed.reset();  // before the new one comes under the same name
    feed_ = std::make_unique<feed::MqttFeed>(options, std::move(events));
  }
  carried_.options = std::move(options);
  requests_.emplace(settings_, ingest_, writer_, *archive_, *feed_);
  feed_->status(feed::status_message(settings_.site, status()));
  writer_.attach(*feed_);
}

void Gateway::arm_commit() {
  commit_timer_.expires_after(settings_.gateway.commit_interval);
  commit_timer_.async_wait([this](auto error) {
    if (error || group_.stopping()) return;  // a timer that had expired already hears of no cancel()
    commit();
    arm_commit();
  });
}

void Gateway::once_a_second() {
  if (const auto step = clock_.compare(system_now(), steady_clock::now())) {
    const double s = std::chrono::duration<double>(*step).count();
    clock_state_ = fmt::format("stepped by {:+.3f} s", s);
    spdlog::warn("clock state=stepped seconds={:+.3f}", s);
    const auto now = clock_.at(steady_clock::now()), before = now - *step;
    ingest_.on_clock_step(*step);
    batch_.gaps.push_back({.workplace = {},
                           .device = {},
                           .reason = core::GapReason::clock,
                           .from = std::min(before, now),
                           .to = std::max(before, now),
                           .detail = fmt::format("{:+.3f} s", s)});
  }
  log_changes();
  watch_system();
  outputs_.drive();
  with_page([this](WebDesk& page) { page.once_a_second(clock_.at(steady_clock::now())); });
  const bool due = ++seconds_ % static_cast<std::uint64_t>(status_interval.count()) == 0;
  // What only the start needed would stay resident for ever: of a large site a third.
  if (seconds_ == start_over_s) malloc_trim(0);
  if (feed_ && (due || std::exchange(status_changed_, false))) {
    feed_->status(feed::status_message(settings_.site, status()));
  }
  second_timer_.expires_after(seconds(1));
  second_timer_.async_wait([this](auto error) {
    if (!error && !group_.stopping()) once_a_second();
  });
}

Summary Gateway::run() {
  signals_.async_wait([this](auto error, int number) {
    if (!error) group_.stop(number == SIGINT ? "interrupted" : "terminated");
  });
  std::function<void()> on_hangup = [&] {
    hangup_.async_wait([&](auto error, int) {
      if (error || group_.stopping()) return;
      read_again();
      on_hangup();
    });
  };
  on_hangup();
  asio::steady_timer end(io_);
  if (options_.duration) {
    end.expires_after(*options_.duration);
    end.async_wait([this](auto error) {
      if (!error) group_.stop("the time is over");
    });
  }
  for (auto& poller : pollers_) poller->start(group_);
  if (web_) web_->start(group_);
  group_.start("ticker", ticker_->run([this] {
    const bool held = writer_.congested();
    if (held) ingest_.hold_back(clock_.at(steady_clock::now()));
    return held;
  }));
  arm_commit();
  once_a_second();
  group_.on_empty = [&] {
    commit_timer_.cancel();
    second_timer_.cancel();
    signals_.cancel();
    hangup_.cancel();
    end.cancel();
  };
  spdlog::info("hazgate {} gateway={} buses={} devices={} points={} store={}", HAZGATE_VERSION, settings_.gateway.id,
               settings_.buses.size(), settings_.devices.size(), settings_.site.points.size(),
               (settings_.gateway.data_dir / "hazgate.sqlite").string());
  if (const auto since = std::exchange(carried_.reloading_since, std::nullopt)) {
    const auto took = std::chrono::duration<double, std::milli>(steady_clock::now() - *since).count();
    spdlog::info("reload state=taken_over ms={:.0f}", took);
    tell_outcome(settings_.gateway.data_dir, fmt::format("taken over; polling paused for {:.0f} ms\n", took));
  }
  io_.run();
  spdlog::info("stopping reason=\"{}\"", group_.reason());
  if (!group_.failure()) writer_.end_run(group_.reason(), clock_.at(steady_clock::now()));
  commit();
  say_goodbye();
  const auto result = summary();
  if (group_.failure()) std::rethrow_exception(group_.failure());
  return result;
}

/// On a thread of its own: meanwhile the old configuration runs on.
void Gateway::read_again() {
  if (options_.config.empty()) return spdlog::warn("reload refused=\"no configuration file\"");
  if (reader_.joinable()) reader_.join();
  spdlog::info("reload file={}", options_.config.string());
  reader_ = std::jthread([this] {
    auto loaded = settings::load(options_.config);
    asio::post(io_, [this, loaded = std::move(loaded)]() mutable { on_new_settings(std::move(loaded)); });
  });
}

void Gateway::refuse_reload(const std::string& why) {
  for (std::size_t begin = 0; begin < why.size(); begin = why.find('\n', begin) + 1)
    spdlog::error("reload refused=\"{}\"", why.substr(begin, why.find('\n', begin) - begin));
  tell_outcome(settings_.gateway.data_dir, why + "refused; the configuration of before runs on\n");
}

/// All of it or nothing: what could fail later is tried before anything is taken down.
void Gateway::on_new_settings(boost::system::result<settings::Settings, settings::Problems> loaded) {
  if (group_.stopping()) return;
  const auto why = reasons_against(settings_, loaded, writer_.health().state);
  if (!why.empty()) return refuse_reload(why);
  next_ = std::move(*loaded);
  carried_.reloading_since = steady_clock::now();
  group_.stop("reload");
}

/// What is on its way may still arrive; what does not stays owed on disk.
void Gateway::say_goodbye() {
  web_.reset();
  const auto until = steady_clock::now() + longest_farewell;
  if (next_) {
    while (!writer_.committed() && steady_clock::now() < until) std::this_thread::sleep_for(milliseconds(1));
    if (!feed_) return;
    // The connection goes on; what it still has is offered again, under the same numbers.
    writer_.detach();
    archive_.reset();
    feed_->listen({});
    carried_.feed = std::move(feed_);
    return;
  }
  auto settled = [this] { return feed_ && feed_->online() ? writer_.drained() : writer_.committed(); };
  while (!settled() && steady_clock::now() < until) std::this_thread::sleep_for(milliseconds(5));
  writer_.detach();
  archive_.reset();
  feed_.reset();
}

Summary run(settings::Settings settings, RunOptions options) {
  Carried carried{.lock = std::make_shared<storage::FileLock>(
                      std::filesystem::absolute(settings.gateway.data_dir / "hazgate.sqlite"),
                      options.config.empty() ? std::string() : std::filesystem::absolute(options.config).string())};
  const auto started = steady_clock::now();
  const auto duration = options.duration;
  // As long as these are held, no signal falls back to what it does to a program that knows nothing of it.
  asio::io_context between{1};
  asio::signal_set held(between, SIGINT, SIGTERM, SIGHUP);
  bool stop = false;
  std::function<void()> listen = [&] {
    held.async_wait([&](auto error, int number) {
      if (error) return;
      stop = stop || number != SIGHUP;
      listen();
    });
  };
  listen();
  for (std::optional<settings::Settings> next = std::move(settings); next;) {
    if (duration)
      options.duration =
          std::max(seconds(0), *duration - std::chrono::duration_cast<seconds>(steady_clock::now() - started));
    Gateway gateway(std::move(*next), options, carried);
    between.poll();
    if (stop) return carried.total;  // asked for while one was taken down and the other not yet built
    carried.total += gateway.run();
    next = gateway.take_next();
  }
  return carried.total;
}

}  // namespace hazgate::app
