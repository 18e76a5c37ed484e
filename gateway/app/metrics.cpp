#include "app/metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>
#include <vector>

namespace hazgate::app {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

namespace {

class Families {
 public:
  /// What follows belongs to it.
  Families& family(std::string name, std::string help, MetricType type) {
    all_.push_back({.name = std::move(name), .help = std::move(help), .type = type, .metric = {}});
    return *this;
  }
  Families& gauge(std::string name, std::string help) {
    return family(std::move(name), std::move(help), MetricType::Gauge);
  }
  Families& counter(std::string name, std::string help) {
    return family(std::move(name), std::move(help), MetricType::Counter);
  }
  Families& value(double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    (all_.back().type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    all_.back().metric.push_back(std::move(metric));
    return *this;
  }
  Families& count(std::uint64_t count, Labels labels = {}) {
    return value(static_cast<double>(count), std::move(labels));
  }
  void histogram(std::string name, std::string help, const Took& took) {
    family(std::move(name), std::move(help), MetricType::Histogram);
    ClientMetric metric;
    metric.histogram.sample_count = took.count;
    metric.histogram.sample_sum = took.sum_s;
    for (std::size_t i = 0; i < took.upto.size(); ++i)
      metric.histogram.bucket.push_back({.cumulative_count = took.upto[i], .upper_bound = Took::steps_s[i]});
    all_.back().metric.push_back(std::move(metric));
  }
  std::string text() const {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, all_);
    return out.str();
  }

 private:
  std::vector<MetricFamily> all_;
};

void add_polls(Families& to, const MetricsInput& in) {
  to.gauge("hazgate_poll_lateness_seconds", "start of a poll after its due time, since the start");
  for (const auto& [word, q] : {std::pair{"0.5", 0.5}, std::pair{"0.99", 0.99}})
    to.value(in.lateness.percentile_ms(q) / 1e3, {{"quantile", word}});
  to.value(in.lateness.worst_ms() / 1e3, {{"quantile", "1"}});
  to.counter("hazgate_polls_total", "polls of a bus, good or bad");
  for (const auto& bus : in.status.buses) to.count(bus.polls, {{"bus", bus.id}});
  to.counter("hazgate_polls_skipped_total", "polls that were due while the one before was under way");
  for (const auto& bus : in.status.buses) to.count(bus.skipped, {{"bus", bus.id}});
  to.gauge("hazgate_bus_up", "1 while the line or connection is open");
  for (const auto& bus : in.status.buses) to.value(bus.open ? 1 : 0, {{"bus", bus.id}});
  to.counter("hazgate_device_errors_total", "polls of a device that failed");
  for (std::size_t i = 0; i < in.status.devices.size(); ++i)
    to.count(in.failed_polls[i], {{"device", in.status.devices[i].id}});
  to.gauge("hazgate_device_up", "1 while a device answers");
  for (const auto& device : in.status.devices) to.value(device.answering ? 1 : 0, {{"device", device.id}});
}

void add_store(Families& to, const MetricsInput& in) {
  to.gauge("hazgate_store_failing", "1 while what is measured does not get to disk")
      .value(in.store.state.starts_with("failing") ? 1 : 0);
  to.counter("hazgate_readings_stored_total", "readings on disk since the start").count(in.store.readings);
  to.counter("hazgate_readings_lost_total", "readings given up because the store failed for too long")
      .count(in.store.lost);
  to.gauge("hazgate_queue_depth", "what waits in memory");
  to.count(in.waiting_samples, {{"queue", "store_samples"}});
  to.histogram("hazgate_commit_seconds", "a transaction, its flush to the disk included", in.store.commits);
  to.gauge("hazgate_outbox_messages", "messages owed to subscribers").count(in.store.outbox_rows);
  to.gauge("hazgate_outbox_bytes", "and their size").count(in.store.outbox_bytes);
  to.gauge("hazgate_outbox_age_seconds", "how long the oldest of them waits").value(in.store.oldest_owed_s);
  to.counter("hazgate_messages_delivered_total", "messages that the broker acknowledged").count(in.store.delivered);
  to.histogram("hazgate_publish_seconds", "a message from the disk to the broker's acknowledgement",
               in.store.publications);
  to.gauge("hazgate_broker_up", "1 while the broker is connected").value(in.broker_up ? 1 : 0);
}

void add_alarms(Families& to, const MetricsInput& in) {
  const auto& alarms = in.status.alarms;
  to.gauge("hazgate_alarms", "alarms as they stand");
  for (const auto& [state, count] :
       {std::pair{"open", alarms.open}, std::pair{"unacknowledged", alarms.unacknowledged},
        std::pair{"shelved", alarms.shelved}, std::pair{"suppressed", alarms.suppressed},
        std::pair{"out_of_service", alarms.out_of_service}, std::pair{"stale", alarms.stale}})
    to.count(count, {{"state", state}});
  to.counter("hazgate_alarm_changes_total", "changes of alarms stored since the start").count(in.store.alarm_changes);
  to.gauge("hazgate_alarms_annunciated_10min", "annunciations of the running ten minutes (ISA-18.2, EEMUA 191)")
      .count(alarms.this_window);
  to.gauge("hazgate_alarm_flood", "1 while more alarms come than a person can follow")
      .value(alarms.in_flood_since ? 1 : 0);
}

void add_web(Families& to, const MetricsInput& in) {
  if (in.web == nullptr || in.live == nullptr) return;
  to.counter("hazgate_http_connections_total", "connections that came").count(in.web->connections);
  to.counter("hazgate_http_requests_total", "requests that were answered").count(in.web->requests);
  to.counter("hazgate_http_refused_total", "no HTTP, too large, too slow or too many").count(in.web->refused);
  to.counter("hazgate_http_crowded_out_total", "idle connections that made room").count(in.web->crowded_out);
  to.gauge("hazgate_live_browsers", "browsers that watch").count(in.live->watchers());
  to.counter("hazgate_live_begun_again_total", "queues that browsers lost because they were too slow")
      .count(in.live->begun_again());
  to.gauge("hazgate_sessions", "sessions that are signed in").count(in.sessions);
}

}  // namespace

std::string metrics_text(const MetricsInput& in) {
  Families to;
  to.gauge("hazgate_info", "which program this is").value(1, {{"version", in.status.version}});
  to.gauge("hazgate_uptime_seconds", "since the start").value(in.status.uptime_s);
  add_polls(to, in);
  add_store(to, in);
  add_alarms(to, in);
  add_web(to, in);
  return to.text();
}

}  // namespace hazgate::app
