#include <spdlog/spdlog.h>

#include "app/metrics.hpp"
#include "app/running_gateway.hpp"

namespace hazgate::app {

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

std::string Gateway::broker_state() {
  if (!feed_) return "none";
  std::lock_guard lock(broker_lock_);
  return broker_why_.value_or("ok");
}

std::string Gateway::metrics() {
  const auto now = status();
  const auto store = writer_.health();
  return metrics_text({.status = now,
                       .store = store,
                       .lateness = lateness_,
                       .failed_polls = device_failures_,
                       .broker_up = feed_ && feed_->online(),
                       .waiting_samples = writer_.waiting(),
                       .web = web_ ? &web_->counters() : nullptr,
                       .live = web_ ? &web_->live() : nullptr,
                       .sessions = web_ ? web_->accounts().sessions() : 0});
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

}  // namespace hazgate::app
