#include "app/gateway.hpp"

#include <fmt/chrono.h>
#include <fmt/ostream.h>
#include <malloc.h>
#include <spdlog/spdlog.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <span>
#include <thread>
#include <utility>

#include "app/archive.hpp"
#include "app/ingest.hpp"
#include "app/keeper.hpp"
#include "app/lateness.hpp"
#include "app/mqtt_options.hpp"
#include "app/output_driver.hpp"
#include "app/reload.hpp"
#include "app/requests.hpp"
#include "app/resume.hpp"
#include "app/system_watch.hpp"
#include "app/wall_clock.hpp"
#include "app/writer.hpp"
#include "async/task_group.hpp"
#include "core/alarm_figures.hpp"
#include "drivers/poller.hpp"
#include "settings/load.hpp"
#include "settings/rule_words.hpp"
#include "storage/file_lock.hpp"

namespace hazgate::app {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

namespace {

constexpr auto status_interval = seconds(10);
constexpr std::uint64_t start_over_s = 10;     // by then every device was asked, and every point has its meter
constexpr std::uint64_t rescue_told_s = 3600;  // so long a store that was set aside stands as an alarm
constexpr auto figures_look_back = std::chrono::days(30);  // of alarms, at start
constexpr auto longest_farewell = seconds(3);              // for what is still on its way to the broker at the end

core::Timestamp system_now() { return std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now()); }

std::unique_ptr<modbus::Link> make_link(asio::io_context& io, const settings::BusSettings& bus) {
  if (const auto* tcp = std::get_if<modbus::TcpLinkOptions>(&bus.link)) return modbus::make_tcp_link(io, *tcp);
  return modbus::make_rtu_link(io, std::get<modbus::RtuLinkOptions>(bus.link));
}

/// What outlives a reload: subscribers shall not notice it, and the last lines tell of the whole run.
struct Carried {
  std::shared_ptr<storage::FileLock> lock;  ///< of the store: nobody else gets it between two configurations
  std::unique_ptr<feed::MqttFeed> feed;
  feed::MqttOptions options;
  std::optional<steady_clock::time_point> reloading_since;
  Summary total;
};

/// The pieces of a running gateway, in the order in which they need each other.
class Gateway {
 public:
  Gateway(settings::Settings settings, RunOptions options, Carried& carried);
  ~Gateway() { writer_.detach(); }  ///< before the feed goes
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  Summary run();
  /// What comes after it; none: the end.
  std::optional<settings::Settings> take_next() { return std::exchange(next_, std::nullopt); }

 private:
  void read_again();
  void on_new_settings(boost::system::result<settings::Settings, settings::Problems> loaded);
  void refuse_reload(const std::string& why);
  void record_rules();
  void forget_what_was_handed_on();
  void build_pollers();
  void start_feed();
  void on_outcome(const modbus::Outcome& outcome);
  void after_alarms(std::size_t from = 0, std::vector<feed::Reply> replies = {});
  void on_request(const feed::Request& request);
  void take_input(core::AlarmInput input);
  void watch_system();
  void tell_output(std::size_t output, const std::string& why);
  void commit(std::vector<feed::Reply> replies = {});
  void arm_commit();
  void once_a_second();
  void log_changes();
  feed::Status status() const;
  void say_goodbye();
  Summary summary() const;

  settings::Settings settings_;  ///< first: all that follows refers to it
  RunOptions options_;
  Carried& carried_;
  std::optional<settings::Settings> next_;  ///< of a reload
  steady_clock::time_point started_ = steady_clock::now();
  asio::io_context io_{1};
  // From the very beginning: what comes while the rest is built is not lost.
  asio::signal_set signals_{io_, SIGINT, SIGTERM}, hangup_{io_, SIGHUP};
  WallClock clock_{system_now(), started_};
  Writer writer_;
  Ingest ingest_;
  // Before the pollers, whose last words it hears.
  OutputDriver outputs_{settings_, pollers_, [this](auto output, const auto& why) { tell_output(output, why); }};
  std::unique_ptr<feed::MqttFeed> feed_;
  std::optional<Archive> archive_;  ///< goes before the feed
  std::optional<Requests> requests_;
  std::optional<modbus::Ticker> ticker_;  ///< outlives the pollers, which write into it
  std::vector<std::unique_ptr<modbus::Poller>> pollers_;
  std::optional<Keeper> keeper_;  ///< goes before the writer
  async::TaskGroup group_{io_};
  asio::steady_timer commit_timer_{io_}, second_timer_{io_};
  core::Batch batch_;
  Lateness lateness_;
  std::vector<std::optional<bool>> bus_open_;  ///< as last logged
  std::vector<bool> device_answers_;
  SystemWatch system_watch_;
  core::AlarmFigures figures_;
  std::string clock_why_;  ///< asked of the kernel once a minute
  std::mutex broker_lock_;
  std::optional<std::string> broker_why_;  ///< told on the feed's thread
  std::string store_state_ = "ok", clock_state_ = "ok";
  std::uint64_t alarms_raised_ = 0, seconds_ = 0;
  bool status_changed_ = false;  ///< published with the next second
  std::jthread reader_;          ///< of a changed configuration: a large one takes a while
};

Gateway::Gateway(settings::Settings settings, RunOptions options, Carried& carried)
    : settings_(std::move(settings)),
      options_(std::move(options)),
      carried_(carried),
      writer_(settings_, carried_.lock),
      ingest_(settings_, make_monitor(settings_, writer_.last_alarm_number())),
      bus_open_(settings_.buses.size()),
      device_answers_(settings_.devices.size()),
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
  keeper_.emplace(settings_, writer_);
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
  for (auto& bus : settings_.buses) {
    pollers_.push_back(std::make_unique<modbus::Poller>(io_, bus.id, make_link(io_, bus), std::move(bus.devices),
                                                        [this](const modbus::Outcome& o) { on_outcome(o); }));
  }
  ticker_.emplace(pollers_);
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
  archive_.emplace(settings_.site, settings_.gateway.data_dir / "hazgate.sqlite");
  requests_.emplace(settings_, ingest_, writer_, *archive_, *feed_);
  feed_->status(feed::status_message(settings_.site, status()));
  writer_.attach(*feed_);
}

void Gateway::on_outcome(const modbus::Outcome& outcome) {
  if (!outcome.error) lateness_.add(outcome.lateness);
  const bool answers = !outcome.error;
  if (device_answers_[outcome.device] != answers) {
    device_answers_[outcome.device] = answers;
    status_changed_ = true;
    const auto& id = settings_.site.devices[outcome.device].id;
    if (answers) {
      spdlog::info("device={} state=up", id);
    } else {
      const std::string reason = outcome.detail.empty() ? outcome.error.message() : std::string(outcome.detail);
      spdlog::warn("device={} state=down reason=\"{}\"", id, reason);
    }
  }
  if (outcome.first_after_loss) outputs_.forget(settings_.site.devices[outcome.device].bus);
  ingest_.on_outcome(outcome, clock_.at(steady_clock::now()), batch_);
  if (!batch_.alarms.empty()) after_alarms();
}

/// Answered when what a person asks for is on disk.
void Gateway::on_request(const feed::Request& request) {
  auto input = requests_->read(request);
  if (!input) return;
  const auto before = batch_.alarms.size();
  const auto answer = ingest_.on_input({.at = clock_.at(steady_clock::now()), .what = *input}, batch_);
  after_alarms(before, requests_->answer(request, *input, answer));
}

void Gateway::take_input(core::AlarmInput input) {
  const auto before = batch_.alarms.size();
  ingest_.on_input(std::move(input), batch_);
  after_alarms(before);
}

/// The gateway's own troubles, and what time has brought.
void Gateway::watch_system() {
  const auto now = clock_.at(steady_clock::now());
  if (seconds_ % 60 == 0) clock_why_ = clock_trouble();
  SystemWatch::Facts facts;
  if (feed_) {
    std::lock_guard lock(broker_lock_);
    facts.broker = broker_why_;
  }
  const auto store = writer_.health().state;
  if (store.starts_with("failing")) facts.store = store;
  if (const auto& rescued = writer_.rescued(); rescued && !facts.store && seconds_ < rescue_told_s)
    facts.store = "was damaged, and is now " + rescued->aside.filename().string() + "; a new one was begun";
  if (!clock_why_.empty()) facts.clock = clock_why_;
  for (auto& input : system_watch_.look(facts, now)) take_input(std::move(input));
  const auto before = batch_.alarms.size();
  ingest_.on_time(now, batch_);
  if (batch_.alarms.size() > before) after_alarms(before);
}

/// An alarm is on disk at once; readings that came with it go along.
void Gateway::after_alarms(std::size_t from, std::vector<feed::Reply> replies) {
  bool outputs_change = false;
  for (const auto& alarm : std::span(batch_.alarms).subspan(from)) {
    if (alarm.change == core::Change::raised && alarm.activations == 1) ++alarms_raised_;
    outputs_change |= outputs_.on_alarm(alarm);
    figures_.on_change(alarm);
  }
  commit(std::move(replies));
  if (outputs_change) outputs_.drive();
}

void Gateway::tell_output(std::size_t output, const std::string& why) {
  if (auto input = system_watch_.on_output(output, why, clock_.at(steady_clock::now()))) take_input(std::move(*input));
}

void Gateway::commit(std::vector<feed::Reply> replies) {
  if (batch_.empty()) return;
  const auto now = clock_.at(steady_clock::now());
  ingest_.add_checkpoints(now, batch_);
  writer_.submit(batch_, now, std::move(replies));
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

void Gateway::log_changes() {
  for (std::size_t i = 0; i < pollers_.size(); ++i) {
    const auto& link = pollers_[i]->link();
    const bool still_opening = !link.is_open() && link.trouble().empty();
    if (bus_open_[i] == link.is_open() || still_opening) continue;
    bus_open_[i] = link.is_open();
    status_changed_ = true;
    if (link.is_open()) {
      spdlog::info("bus={} state=up", pollers_[i]->bus_id());
    } else {
      spdlog::warn("bus={} state=down reason=\"{}\"", pollers_[i]->bus_id(), link.trouble());
    }
  }
  const auto state = writer_.health().state;
  if (state == store_state_) return;
  store_state_ = state;
  status_changed_ = true;
  spdlog::log(state == "ok" ? spdlog::level::info : spdlog::level::err, "store state=\"{}\"", state);
}

feed::Status Gateway::status() const {
  const auto health = writer_.health();
  feed::Status s{.at = clock_.at(steady_clock::now()),
                 .version = HAZGATE_VERSION,
                 .uptime_s = std::chrono::duration<double>(steady_clock::now() - started_).count(),
                 .outbox_rows = health.outbox_rows,
                 .outbox_bytes = health.outbox_bytes,
                 .store = health.state,
                 .clock = clock_state_,
                 .alarms = figures_.report(clock_.at(steady_clock::now())),
                 .worst_lateness_ms = lateness_.worst_ms()};
  for (const auto& poller : pollers_) {
    const auto& c = poller->counters();
    s.buses.push_back({.id = poller->bus_id(),
                       .open = poller->link().is_open(),
                       .trouble = poller->link().trouble(),
                       .polls = c.polls,
                       .failed = c.failed,
                       .skipped = c.skipped,
                       .reopened = poller->link().counters().opened});
  }
  for (std::size_t i = 0; i < device_answers_.size(); ++i) {
    s.devices.push_back({settings_.site.devices[i].id, device_answers_[i]});
  }
  return s;
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

Summary Gateway::summary() const {
  const auto health = writer_.health();
  Summary s{.readings_lost = health.lost + writer_.waiting(),
            .readings_stored = health.readings,
            .alarm_changes = health.alarm_changes,
            .alarms_raised = alarms_raised_,
            .messages_delivered = health.delivered,
            .messages_owed = health.outbox_rows,
            .lateness_p99_ms = lateness_.percentile_ms(0.99),
            .lateness_worst_ms = lateness_.worst_ms()};
  for (const auto& poller : pollers_) {
    s.polls += poller->counters().polls;
    s.failed_polls += poller->counters().failed;
    s.skipped_polls += poller->counters().skipped;
    s.held_back_polls += poller->counters().held_back;
  }
  return s;
}

}  // namespace

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
