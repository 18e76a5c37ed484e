#include <spdlog/spdlog.h>

#include <span>
#include <utility>

#include "app/running_gateway.hpp"

namespace hazgate::app {

namespace {
constexpr std::uint64_t duties_every_s = 600, duties_first_s = 3;  // the first not in the busy moment of the start
/// An alarm waits for the commit under way, and then for what was read before it: at this size some 5 ms each
/// where the store keeps pace.
constexpr std::size_t most_samples_a_batch = 8192;
constexpr std::uint64_t rescue_told_s = 3600;  // so long a store that was set aside stands as an alarm
}  // namespace

void Gateway::on_outcome(const modbus::Outcome& outcome) {
  if (outcome.error) ++device_failures_[outcome.device];
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
  const auto exposures = batch_.exposures.size();
  ingest_.on_outcome(outcome, clock_.at(steady_clock::now()), batch_);
  with_page([&, this](WebDesk& page) {
    const auto& frame = batch_.frames.back();
    page.on_frame(frame.device, frame.at, std::span(batch_.samples).subspan(frame.first, frame.count));
    for (const auto& e : std::span(batch_.exposures).subspan(exposures)) page.on_exposure(e);
  });
  if (!batch_.alarms.empty()) {
    after_alarms();
  } else if (batch_.samples.size() >= most_samples_a_batch) {
    commit();
  }
}

/// Answered when what a person asks for is on disk.
void Gateway::on_request(const feed::Request& request) {
  auto input = requests_->read(request);
  if (!input) return;
  const auto before = batch_.alarms.size();
  const auto answer = ingest_.on_input({.at = clock_.at(steady_clock::now()), .what = *input}, batch_);
  after_alarms(before, requests_->answer(request, *input, answer));
}

core::Monitor::Answer Gateway::act(core::PersonInput input, std::function<void()> on_disk) {
  const auto before = batch_.alarms.size();
  spdlog::info("page action={} by={} alarm={}", core::name(input.action.kind), input.action.by, input.number);
  auto answer = ingest_.on_input({.at = clock_.at(steady_clock::now()), .what = std::move(input)}, batch_);
  after_alarms(before, {}, std::move(on_disk));
  return answer;
}

void Gateway::page_trouble(const char* why) { spdlog::error("page state=failing reason=\"{}\"", why); }

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
  if (archive_ && seconds_ % duties_every_s == duties_first_s) group_.start("duties", look_at_duties());
  facts.duties = overdue_;
  for (auto& input : system_watch_.look(facts, now)) take_input(std::move(input));
  const auto before = batch_.alarms.size();
  ingest_.on_time(now, batch_);
  if (batch_.alarms.size() > before) after_alarms(before);
}

/// Its answer comes some time later, with the next look at the system.
asio::awaitable<void> Gateway::look_at_duties() {
  auto look = [this, now = clock_.at(steady_clock::now())](Past& past) {
    const RecordSource record(settings_);
    return RecordSource::overdue(record.duties(past, {}, record.local_day(now)));
  };
  try {
    auto found = co_await archive_->look_up(std::move(look));
    overdue_ = std::move(found);
  } catch (const Archive::Busy&) {
    spdlog::debug("duties state=unknown reason=\"the archive is busy\"");
  } catch (const std::exception& e) {
    spdlog::warn("duties state=unknown reason=\"{}\"", e.what());
  }
}

/// An alarm is on disk at once; readings that came with it go along.
void Gateway::after_alarms(std::size_t from, std::vector<feed::Reply> replies, std::function<void()> on_disk) {
  bool outputs_change = false;
  for (const auto& alarm : std::span(batch_.alarms).subspan(from)) {
    if (alarm.change == core::Change::raised && alarm.activations == 1) ++alarms_raised_;
    outputs_change |= outputs_.on_alarm(alarm);
    figures_.on_change(alarm);
  }
  if (web_ && batch_.alarms.size() > from) {
    web_->on_alarms(std::span(batch_.alarms).subspan(from));
    on_disk = [this, also = std::move(on_disk)] {
      asio::post(io_, [this] { with_page([](WebDesk& page) { page.alarms_on_disk(); }); });
      if (also) also();
    };
  }
  commit(std::move(replies), std::move(on_disk));
  if (outputs_change) outputs_.drive();
}

void Gateway::tell_output(std::size_t output, const std::string& why) {
  if (auto input = system_watch_.on_output(output, why, clock_.at(steady_clock::now()))) take_input(std::move(*input));
}

void Gateway::commit(std::vector<feed::Reply> replies, std::function<void()> on_disk) {
  if (batch_.empty()) {
    if (on_disk) on_disk();
    return;
  }
  const auto now = clock_.at(steady_clock::now());
  ingest_.add_checkpoints(now, batch_);
  writer_.submit(batch_, now, std::move(replies), std::move(on_disk));
}

}  // namespace hazgate::app
