#include "app/writer.hpp"

#include "app/ingest.hpp"
#include "feed/exposure_payload.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace hazgate::app {

namespace {

constexpr std::size_t most_rows_with_feed = 512;  // per lane; the rest waits on disk
constexpr std::size_t most_bytes_with_feed = 8U << 20U;
constexpr std::size_t rows_a_fetch = 64;
constexpr auto retry_after = std::chrono::seconds(1);
constexpr auto finals_settle = std::chrono::seconds(3);
constexpr auto removal_after =
    std::chrono::milliseconds(300);  // longer than a commit interval: a commit takes them along

constexpr std::string_view outbox_full = "outbox full: minute means instead of each reading";

constexpr std::size_t place_of(storage::Lane lane) { return static_cast<std::size_t>(lane); }

/// Of each point and shift the last record: where time runs fast, those before it are overwritten within one batch.
std::vector<const core::Exposure*> last_words(std::span<const core::Exposure> records) {
  std::set<std::tuple<core::PointIndex, core::ShiftIndex, core::Timestamp>> met;
  std::vector<const core::Exposure*> last;
  for (auto e = records.rbegin(); e != records.rend(); ++e) {
    if (met.emplace(e->point, e->shift, e->window.begin).second) last.push_back(&*e);
  }
  std::ranges::reverse(last);
  return last;
}

}  // namespace

Writer::Writer(const settings::Settings& settings)
    : settings_(settings),
      database_(settings.gateway.data_dir / "hazgate.sqlite"),
      readings_(database_, settings.site),
      alarms_(database_, settings.site),
      exposures_(database_, settings.site),
      checkpoints_(database_, "engine"),
      ended_on_disk_(database_, "finals owed"),
      outbox_(database_),
      messages_(settings.site, readings_, outbox_),
      means_(settings.site) {
  for (const auto& owed : ended_on_disk_.load_all()) {
    const auto& places = settings.site.workplaces;
    const auto found = std::ranges::find(places, owed.subject, &core::Workplace::id);
    if (found == places.end()) continue;
    ended_[core::WorkplaceIndex{static_cast<std::uint32_t>(found - places.begin())}] = owed.at;
  }
  end_removed_alarms();
  retry_.emplace(island_.context());
  removal_.emplace(island_.context());
  publish_health();
}

/// Their retained messages would stand at the broker for ever.
void Writer::end_removed_alarms() {
  const auto now = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
  for (const auto& [alarm, place] : alarms_.end_removed(now)) {
    if (!settings_.mqtt) continue;
    outbox_.append(storage::Lane::alarm, true,
                   feed::alarm_topic(settings_.site, place.enterprise, place.workplace, alarm.number), {});
  }
}

Writer::~Writer() {
  std::promise<void> done;
  island_.post([this, &done] {
    retry_.reset();
    removal_.reset();
    commit_pending();
    commit_deliveries();
    commit_means();
    done.set_value();
  });
  done.get_future().wait();
}

void Writer::attach(feed::MqttFeed& feed) {
  island_.post([this, &feed] {
    feed_ = &feed;
    refill(storage::Lane::alarm);
    refill(storage::Lane::readings);
  });
}

void Writer::detach() {
  std::promise<void> done;
  island_.post([this, &done] {
    feed_ = nullptr;
    done.set_value();
  });
  done.get_future().wait();
}

void Writer::submit(core::Batch& batch, core::Timestamp now, std::vector<feed::Reply> replies) {
  waiting_samples_ += batch.samples.size();
  ++waiting_batches_;
  auto pending = std::make_shared<Pending>(Pending{std::move(batch), now, std::move(replies)});
  batch = {};
  batch.frames.reserve(pending->batch.frames.size());
  batch.samples.reserve(pending->batch.samples.size());
  island_.post([this, pending] {
    pending_.push_back(std::move(*pending));
    if (std::exchange(commit_posted_, true)) return;
    // Posted, not called: what was submitted during the last commit joins this one.
    island_.post([this] {
      commit_posted_ = false;
      commit_pending();
    });
  });
}

void Writer::delivered(std::vector<std::int64_t> ids) {
  island_.post([this, ids = std::move(ids)] {
    for (auto id : ids) {
      auto found = with_feed_.find(id);
      if (found == with_feed_.end()) continue;
      auto& lane = lanes_[place_of(found->second.lane)];
      --lane.rows;
      lane.bytes -= found->second.bytes;
      with_feed_.erase(found);
      acknowledged_.push_back(id);
      ++now_.delivered;
    }
    remove_acknowledged_soon();
    refill(storage::Lane::alarm);
    refill(storage::Lane::readings);
  });
}

/// Acknowledged rows go with the next commit of readings; a backlog that drains does not wait for one.
void Writer::remove_acknowledged_soon() {
  if (acknowledged_.size() >= rows_a_fetch) {
    commit_deliveries();
    return;
  }
  if (removal_armed_ || !removal_) return;
  removal_armed_ = true;
  removal_->expires_after(removal_after);
  removal_->async_wait([this](auto error) {
    removal_armed_ = false;
    if (!error) commit_deliveries();
  });
}

/// At the end: the minute that was being gathered while the outbox was full.
void Writer::commit_means() {
  if (means_.empty()) return;
  try {
    storage::Transaction transaction(database_);
    write_means(std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now()));
    transaction.commit();
  } catch (const std::exception& e) {
    failed(e.what());
  }
}

void Writer::commit_deliveries() {
  if (acknowledged_.empty()) return;
  try {
    storage::Transaction transaction(database_);
    outbox_.remove(acknowledged_);
    transaction.commit();
    acknowledged_.clear();
  } catch (const std::exception& e) {
    failed(e.what());
  }
  publish_health();
}

/// Whatever waits goes into one transaction: on a slow disk the flush is what costs, and it is paid once.
void Writer::commit_pending() {
  if (pending_.empty()) return;
  try {
    try_commit();
  } catch (const std::exception& e) {
    failed(e.what());
    return;
  }
  if (removal_) removal_->cancel();  // what was acknowledged went along; what comes now waits for the next commit
  now_.state = "ok";
  failing_ = false;
  for (const auto& pending : pending_) {
    now_.readings += pending.batch.samples.size();
    now_.alarm_changes += pending.batch.alarms.size();
    waiting_samples_ -= pending.batch.samples.size();
    --waiting_batches_;
  }
  send_replies();
  pending_.clear();
  publish_health();
  hand_over(std::move(fresh_));
}

/// Who is told that something was done can rely on it: it is on disk.
void Writer::send_replies() {
  for (auto& pending : pending_)
    for (auto& reply : pending.replies)
      if (feed_ != nullptr) feed_->reply(std::move(reply));
}

/// Memory is bounded: beyond it the oldest readings go and are counted. Alarms stay.
void Writer::shed() {
  for (auto& pending : pending_) {
    if (waiting_samples_ <= most_waiting_samples) break;
    now_.lost += pending.batch.samples.size();
    waiting_samples_ -= pending.batch.samples.size();
    std::erase_if(pending.batch.exposures, [](const core::Exposure& e) { return !e.final; });
    pending.batch = core::Batch{.alarms = std::move(pending.batch.alarms),
                                .inputs = std::move(pending.batch.inputs),
                                .exposures = std::move(pending.batch.exposures)};  // clear() would keep the memory
  }
  waiting_batches_ -= std::erase_if(pending_, [](const Pending& p) { return p.batch.empty(); });
}

/// The batches stay where they are and are tried again as a whole: nothing is lost while there is memory.
void Writer::failed(const std::string& why) {
  outbox_.rolled_back();
  messages_.forget();
  fresh_.clear();
  now_.state = "failing: " + why;
  failing_ = true;
  shed();
  publish_health();
  if (!retry_) return;
  retry_->expires_after(retry_after);
  retry_->async_wait([this](auto error) {
    if (error) return;
    commit_pending();
    commit_deliveries();
    refill(storage::Lane::alarm);
    refill(storage::Lane::readings);
  });
}

void Writer::try_commit() {
  fresh_.clear();
  auto end_due = end_due_;
  const auto ended_before = ended_;
  std::optional<core::MinuteMeans> means_before;
  if (!means_.empty()) means_before = means_;
  try {
    storage::Transaction transaction(database_);
    for (const auto& pending : pending_) {
      const auto first_frame = store(pending.batch);
      if (settings_.mqtt) write_outbox(pending, first_frame);
    }
    if (const auto now = pending_.back().at; end_due && now >= *end_due) {
      end_due = exposures_.end_with_gap(now, [](auto, auto) { return true; });
    }
    if (!acknowledged_.empty()) outbox_.remove(acknowledged_);
    transaction.commit();
  } catch (...) {
    ended_ = ended_before;
    means_ = means_before ? *means_before : core::MinuteMeans(settings_.site);
    throw;
  }
  end_due_ = end_due;
  acknowledged_.clear();
}

void Writer::end_exposures(core::Timestamp now, const storage::Exposures::GoesOn& goes_on) {
  storage::Transaction transaction(database_);
  end_due_ = exposures_.end_with_gap(now, goes_on);
  transaction.commit();
}

std::chrono::microseconds Writer::keep_house(const std::function<void(storage::Database&)>& work) {
  std::promise<std::chrono::microseconds> took;
  island_.post([&] {
    const auto began = std::chrono::steady_clock::now();
    try {
      storage::Transaction transaction(database_);
      work(database_);
      transaction.commit();
      took.set_value(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began));
    } catch (...) {
      took.set_exception(std::current_exception());
    }
  });
  return took.get_future().get();
}

void Writer::begin_anew(core::DeviceIndex device, core::Timestamp now) {
  checkpoints_.save({.subject = settings_.site.devices[core::at(device)].id,
                     .version = Ingest::state_version,
                     .frame = readings_.last_frame_id(),
                     .at = now,
                     .state = {}});
}

/// Each behind the frame that came before it; a frame without samples has no id.
void Writer::store_inputs(const core::Batch& batch, std::int64_t first_frame) {
  for (const auto& input : batch.inputs) {
    const auto frames = std::span(batch.frames).first(std::min<std::size_t>(input.after_frames, batch.frames.size()));
    alarms_.save(input, first_frame - 1 + std::ranges::count_if(frames, [](const auto& f) { return f.count > 0; }));
  }
}

/// The id of the first of its frames.
std::int64_t Writer::store(const core::Batch& batch) {
  const auto first_frame = readings_.append(batch);
  store_inputs(batch, first_frame);
  for (const auto& alarm : batch.alarms) alarms_.save(alarm);
  for (const auto* exposure : last_words(batch.exposures)) exposures_.save(*exposure);
  for (const auto& checkpoint : batch.checkpoints) {
    checkpoints_.save({.subject = settings_.site.devices[core::at(checkpoint.device)].id,
                       .version = Ingest::state_version,
                       .frame = readings_.last_frame_id(),
                       .at = checkpoint.at,
                       .state = checkpoint.state});
  }
  return first_frame;
}

void Writer::write_outbox(const Pending& pending, std::int64_t first_frame) {
  for (const auto& alarm : pending.batch.alarms) write_alarm(alarm, pending.at);
  write_exposures(pending.batch, pending.at);
  const bool full = outbox_.depth().bytes > settings_.mqtt->outbox_limit_mb << 20U;
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
    auto& lane = lanes_[place_of(row.lane)];
    if (lane.rows >= most_rows_with_feed || lane.bytes >= most_bytes_with_feed) lane.caught_up = false;
    if (!lane.caught_up) continue;
    lane.handed = row.id;
    ++lane.rows;
    lane.bytes += row.payload.size();
    with_feed_.emplace(row.id, Handed{row.lane, row.payload.size()});
    messages.push_back({.id = row.id,
                        .urgent = row.lane == storage::Lane::alarm,
                        .retain = row.retain,
                        .topic = std::move(row.topic),
                        .payload = std::move(row.payload)});
  }
  if (!messages.empty()) feed_->offer(std::move(messages));
}

void Writer::refill(storage::Lane which) {
  auto& lane = lanes_[place_of(which)];
  while (feed_ != nullptr && !lane.caught_up && lane.rows < most_rows_with_feed / 2 &&
         lane.bytes < most_bytes_with_feed / 2) {
    std::vector<storage::OutboxRow> rows;
    try {
      rows = outbox_.owed(which, lane.handed, rows_a_fetch);
      for (auto& row : rows)
        if (row.frames) row.payload = messages_.text_of(*row.frames);
    } catch (const std::exception& e) {
      failed(e.what());
      return;
    }
    const bool last = rows.size() < rows_a_fetch;
    const auto newest = rows.empty() ? lane.handed : rows.back().id;
    // A damaged one stays where it is, for who looks into it, and holds nobody up.
    std::erase_if(rows, [](const storage::OutboxRow& row) { return row.damaged; });
    lane.caught_up = true;  // for hand_over(); what follows is in order
    hand_over(std::move(rows));
    if (lane.caught_up) lane.handed = newest;
    lane.caught_up = last && lane.caught_up;  // hand_over() may have left some on disk
  }
}

void Writer::publish_health() {
  const auto depth = outbox_.depth();
  now_.outbox_rows = depth.rows;
  now_.outbox_bytes = depth.bytes;
  std::lock_guard lock(health_mutex_);
  health_ = now_;
}

StoreHealth Writer::health() const {
  std::lock_guard lock(health_mutex_);
  auto health = health_;
  if (congested() && health.state == "ok") health.state = "slow";
  return health;
}

bool Writer::drained() const { return committed() && health().outbox_rows == 0; }

}  // namespace hazgate::app
