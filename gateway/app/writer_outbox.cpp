// What the writer owes to subscribers: messages go into the outbox with what they announce, and to the feed after the
// commit.
#include <algorithm>
#include <map>
#include <utility>

#include "app/writer.hpp"
#include "feed/exposure_payload.hpp"
#include "feed/gap_payload.hpp"

namespace hazgate::app {

namespace {
constexpr std::size_t most_rows_with_feed = 512;  // per lane; the rest waits on disk
constexpr std::size_t most_bytes_with_feed = 8U << 20U;
constexpr auto finals_settle = std::chrono::seconds(3);
constexpr std::string_view outbox_full = "outbox full: minute means instead of each reading";
}  // namespace

void Writer::write_outbox(const Pending& pending, std::int64_t first_frame) {
  for (const auto& alarm : pending.batch.alarms) write_alarm(alarm, pending.at);
  write_exposures(pending.batch, pending.at);
  const bool full = outbox_.depth().bytes > settings_.mqtt->outbox_limit_mb << 20U;
  follow_thinning(full, pending.at);
  if (means_.due(pending.at)) write_means(pending.at);
  if (!full) {
    messages_.owe(pending.batch, first_frame, pending.at, fresh_);
    return;
  }
  for (const auto& frame : pending.batch.frames) means_.add(frame, pending.batch.samples.data() + frame.first);
  now_.thinned += pending.batch.samples.size();
}

void Writer::write_alarm(const core::Alarm& alarm, core::Timestamp now) {
  const auto seq = outbox_.next_seq(feed::alarm_stream(settings_.site, alarm));
  const auto topic = feed::alarm_topic(settings_.site, alarm);
  const bool open = !core::ended(alarm);
  append(storage::Lane::alarm, open, topic, feed::alarm_message(settings_.site, alarm, seq, now));
  if (!open) append(storage::Lane::alarm, true, topic, {});  // an empty retained message clears the topic
  if (alarm.change == core::Change::target_missed) write_escalation(alarm, now);
}

/// To the next group; who is last is told again and again.
void Writer::write_escalation(const core::Alarm& alarm, core::Timestamp now) {
  const auto& contacts = settings_.alarm.contacts;
  if (contacts.empty() || alarm.escalations == 0) return;
  const auto& group = contacts[std::min<std::size_t>(alarm.escalations, contacts.size()) - 1];
  const auto topic = feed::escalation_topic(settings_.site, alarm, group);
  const auto seq = outbox_.next_seq(topic);
  append(storage::Lane::alarm, false, topic, feed::escalation_message(settings_.site, alarm, group, seq, now));
}

/// A message a workplace of what runs, and later a retained one of what has ended.
void Writer::write_exposures(const core::Batch& batch, core::Timestamp now) {
  std::map<core::WorkplaceIndex, std::vector<core::Exposure>> running;
  for (const auto& e : batch.exposures) {
    const auto workplace = settings_.site.points[core::at(e.point)].workplace;
    if (!e.final) {
      running[workplace].push_back(e);
    } else if (std::exchange(ended_[workplace], now) != now) {
      ended_on_disk_.save({.subject = settings_.site.workplaces[core::at(workplace)].id, .at = now});
    }
  }
  for (const auto& [workplace, exposures] : running) send_exposures(workplace, exposures, false, now);
  send_finals(now);
}

/// The last word of every point and shift of a workplace in one retained message: a subscriber that comes later meets
/// whole shifts at once. They end poll by poll, so it waits until no more came for a while; one workplace a time, so
/// that no alarm waits behind a large site's end of shift.
void Writer::send_finals(core::Timestamp now) {
  const auto quiet = [now](const auto& e) { return now >= e.second + finals_settle || now < e.second; };
  const auto due = std::ranges::find_if(ended_, quiet);
  if (due == ended_.end()) return;
  const auto finals = exposures_.latest_finals(due->first);
  if (!finals.empty()) send_exposures(due->first, finals, true, now);
  ended_on_disk_.remove(settings_.site.workplaces[core::at(due->first)].id);
  ended_.erase(due);
}

void Writer::send_exposures(core::WorkplaceIndex workplace, std::span<const core::Exposure> exposures, bool retain,
                            core::Timestamp now) {
  const auto topic = feed::exposure_topic(settings_.site, workplace);
  const auto seq = outbox_.next_seq(topic);
  append(storage::Lane::readings, retain, topic,
         feed::exposure_message(settings_.site, workplace, exposures, seq, now));
}

void Writer::write_ledger(core::Timestamp now) {
  for (auto& message : book_.settle(now))
    if (settings_.mqtt)
      append(storage::Lane::alarm, message.retain, std::move(message.topic), std::move(message.payload));
}

void Writer::write_means(core::Timestamp now) { messages_.owe_means(means_.take(), outbox_full, now, fresh_); }

void Writer::append(storage::Lane lane, bool retain, std::string topic, std::string payload) {
  const auto id = outbox_.append(lane, retain, topic, payload);
  fresh_.push_back(
      {.id = id, .lane = lane, .retain = retain, .topic = std::move(topic), .payload = std::move(payload)});
}

/// Fresh rows go straight to the feed while it has everything before them; otherwise they wait their turn on disk.
void Writer::hand_over(std::vector<storage::OutboxRow> rows) {
  if (feed_ == nullptr) return;
  std::vector<feed::Message> messages;
  messages.reserve(rows.size());
  for (auto& row : rows) {
    auto& lane = lane_of(row.lane);
    if (lane.rows >= most_rows_with_feed || lane.bytes >= most_bytes_with_feed) lane.caught_up = false;
    if (!lane.caught_up) continue;
    lane.handed = row.id;
    ++lane.rows;
    lane.bytes += row.payload.size();
    with_feed_.emplace(row.id, Handed{row.lane, row.payload.size(), std::chrono::steady_clock::now()});
    messages.push_back({.id = row.id,
                        .urgent = row.lane == storage::Lane::alarm,
                        .retain = row.retain,
                        .topic = std::move(row.topic),
                        .payload = std::move(row.payload)});
  }
  if (!messages.empty()) feed_->offer(std::move(messages));
}

/// A step a turn of the store's thread: the text of a message that was owed takes a millisecond or two, and the commit
/// of a fresh alarm waits behind one step, not behind a backlog.
void Writer::refill_soon() {
  if (std::exchange(refill_posted_, true)) return;
  island_.post([this] {
    refill_posted_ = false;
    bool more = refill(storage::Lane::alarm);
    more = refill(storage::Lane::readings) || more;
    if (more) refill_soon();
  });
}

/// True where the feed has room for more of the lane than this.
bool Writer::refill(storage::Lane which) {
  auto& lane = lane_of(which);
  const auto has_room = [&] {
    return feed_ != nullptr && !lane.caught_up && lane.rows < most_rows_with_feed / 2 &&
           lane.bytes < most_bytes_with_feed / 2;
  };
  if (!has_room()) return false;
  std::vector<storage::OutboxRow> rows;
  try {
    rows = outbox_.owed(which, lane.handed, rows_a_step);
    for (auto& row : rows)
      if (row.frames) row.payload = messages_.text_of(*row.frames);
  } catch (const std::exception& e) {
    failed(e.what());  // which tries again
    return false;
  }
  const bool last = rows.size() < rows_a_step;
  const auto newest = rows.empty() ? lane.handed : rows.back().id;
  // A damaged one stays where it is, for who looks into it, and holds nobody up.
  std::erase_if(rows, [](const storage::OutboxRow& row) { return row.damaged; });
  lane.caught_up = true;  // for hand_over(); what follows is in order
  hand_over(std::move(rows));
  if (lane.caught_up) lane.handed = newest;
  lane.caught_up = last && lane.caught_up;  // hand_over() may have left some on disk
  return has_room();
}

/// Of the whole site: each workplace has its own topic.
void Writer::write_gap(core::Gap gap, core::Timestamp now) {
  if (!gap.workplace) {
    for (std::uint32_t i = 0; i < settings_.site.workplaces.size(); ++i) {
      gap.workplace = core::WorkplaceIndex{i};
      const auto& points = settings_.site.points;
      if (std::ranges::find(points, gap.workplace, &core::Point::workplace) != points.end()) write_gap(gap, now);
    }
    return;
  }
  if (!gaps_.save(gap) || !settings_.mqtt) return;
  const auto topic = feed::gap_topic(settings_.site, *gap.workplace);
  const auto seq = outbox_.next_seq(topic);
  append(storage::Lane::alarm, false, topic, feed::gap_message(settings_.site, gap, seq, now));
}

void Writer::write_gaps(const core::Batch& batch, core::Timestamp now) {
  for (const auto& gap : batch.gaps) write_gap(gap, now);
  if (!shed_) return;
  write_gap({.reason = core::GapReason::size,
             .from = shed_->first,
             .to = shed_->second,
             .detail = "the store failed for longer than memory lasts"},
            now);
  shed_.reset();
}

void Writer::follow_thinning(bool full, core::Timestamp now) {
  if (full == thinned_since_.has_value()) return;
  const auto since = thinned_since_.value_or(now);
  thinned_since_ = full ? std::optional(now) : std::nullopt;
  write_gap({.reason = core::GapReason::size,
             .kind = core::GapKind::thinned,
             .from = since,
             .to = full ? std::nullopt : std::optional(now),
             .detail = {}},
            now);
}

}  // namespace hazgate::app
