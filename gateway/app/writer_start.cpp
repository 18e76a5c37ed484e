// What the writer does before there are batches: it settles what the last run left, and says what holds from now on.
#include <algorithm>
#include <chrono>

#include "app/writer.hpp"

namespace hazgate::app {

namespace {

/// What has left the site, in the words that were kept of it: enough to say that its alarm is over.
core::Site site_of_removed(const core::Site& site, const storage::AlarmPlace& place, core::Unit unit) {
  return {.gateway_id = site.gateway_id,
          .site_id = site.site_id,
          .language = site.language,
          .utc_offset = site.utc_offset,
          .enterprises = {{.id = place.enterprise}},
          .workplaces = {{.id = place.workplace}},
          .buses = {{.id = place.subject}},
          .outputs = {{.id = place.subject}},
          .devices = {{.id = place.subject}},
          .points = {{.id = place.subject, .unit = unit}}};
}

}  // namespace

/// Their retained messages would stand at the broker for ever, and their last word be missing.
void Writer::end_removed_alarms() {
  const auto now = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
  storage::Transaction transaction(database_);
  for (auto& [alarm, place] : alarms_.end_removed(now)) {
    if (!settings_.mqtt) continue;
    // Points and compounds of a site that is no more.
    alarm.nearby.clear();
    alarm.contributors.clear();
    alarm.index = 0;
    const auto left = site_of_removed(settings_.site, place, alarm.limit.unit);
    const auto topic = feed::alarm_topic(left, alarm);
    const auto seq = outbox_.next_seq(feed::alarm_stream(left, alarm));
    append(storage::Lane::alarm, false, topic, feed::alarm_message(left, alarm, seq, now));
    append(storage::Lane::alarm, true, topic, {});
  }
  transaction.commit();
  fresh_.clear();  // the feed reads them from the outbox
}

/// Before there are batches: a transaction of its own, and what it leaves in the ledger.
void Writer::at_start(core::Timestamp now, const std::function<void()>& work) {
  storage::Transaction transaction(database_);
  work();
  write_ledger(now);
  transaction.commit();
  book_.committed();
  fresh_.clear();  // the feed reads them from the outbox
}

std::size_t Writer::record_rules(std::span<const storage::RuleText> rules, const std::string& who,
                                 core::Timestamp now) {
  std::size_t changes = 0;
  at_start(now, [&] {
    const auto changed = storage::record_rules(database_, rules, who, now);
    book_.record(changed, who, now);
    changes = changed.size();
  });
  return changes;
}

void Writer::begin_run(core::Timestamp now) {
  running_ = true;
  at_start(now, [&] {
    const auto before = gaps_.last_life();
    // Between two configurations of one run nothing longer is missing than a reading covers.
    const bool reloaded = before && before->stopped == "reload" && now - before->seen < std::chrono::seconds(3);
    if (before && before->seen != now && !reloaded) {
      const bool back = now < before->seen;
      const auto reason = back                      ? core::GapReason::clock
                          : before->stopped.empty() ? core::GapReason::power
                                                    : core::GapReason::operator_;
      write_gap({.reason = reason,
                 .from = std::min(now, before->seen),
                 .to = std::max(now, before->seen),
                 .detail = before->stopped},
                now);
    }
    for (auto& gap : gaps_.left_behind()) {
      gap.to = now;
      gap.detail = "it is no longer in the configuration";
      write_gap(std::move(gap), now);
    }
    gaps_.seen(now);
    storage::note_homes(database_, settings_.site, now);
  });
}

void Writer::end_run(std::string why, core::Timestamp now) {
  island_.post([this, why = std::move(why), now] {
    stopped_ = why;
    stopped_at_ = now;
  });
}

void Writer::abandon_exceedances(const LedgerBook::Followed& followed, core::Timestamp now) {
  at_start(now, [&] { book_.abandon(followed, now); });
}

}  // namespace hazgate::app
