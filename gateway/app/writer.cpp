#include "app/writer.hpp"

#include "app/ingest.hpp"
#include "feed/answer_payload.hpp"

#include <algorithm>
#include <future>
#include <map>
#include <set>
#include <tuple>
#include <utility>

namespace hazgate::app {

namespace {

constexpr auto retry_after = std::chrono::seconds(1);
constexpr auto removal_after =
    std::chrono::milliseconds(300);  // longer than a commit interval: a commit takes them along

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

Writer::Writer(const settings::Settings& settings, const std::shared_ptr<storage::FileLock>& lock)
    : settings_(settings),
      rescued_(storage::rescue(settings.gateway.data_dir / "hazgate.sqlite", lock)),
      database_(settings.gateway.data_dir / "hazgate.sqlite", lock),
      readings_(database_, settings.site),
      alarms_(database_, settings.site),
      exposures_(database_, settings.site),
      checkpoints_(database_, "engine"),
      ended_on_disk_(database_, "finals owed"),
      outbox_(database_),
      gaps_(database_, settings.site),
      book_(settings.site, database_, load_or_make_keys(settings.gateway.data_dir),
            settings.gateway.data_dir / "ledger.heads"),
      messages_(settings.site, readings_, outbox_),
      means_(settings.site) {
  for (const auto& owed : ended_on_disk_.load_all()) {
    const auto& places = settings.site.workplaces;
    const auto found = std::ranges::find(places, owed.subject, &core::Workplace::id);
    if (found == places.end()) continue;
    ended_[core::WorkplaceIndex{static_cast<std::uint32_t>(found - places.begin())}] = owed.at;
  }
  end_removed_alarms();
  const auto now = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
  at_start(now, [&] {
    book_.record_key(now);
    if (rescued_) book_.record(*rescued_, now);
  });
  forget_previous_key(settings.gateway.data_dir);
  for (const auto& gap : gaps_.open())
    if (gap.kind == core::GapKind::thinned) thinned_since_ = gap.from;
  retry_.emplace(island_.context());
  removal_.emplace(island_.context());
  publish_health();
}

Writer::~Writer() {
  std::promise<void> done;
  island_.post([this, &done] {
    retry_.reset();
    removal_.reset();
    commit_pending();
    commit_deliveries();
    commit_means();
    say_stopped();
    done.set_value();
  });
  done.get_future().wait();
}

void Writer::attach(feed::MqttFeed& feed) {
  island_.post([this, &feed] {
    feed_ = &feed;
    refill_soon();
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

void Writer::submit(core::Batch& batch, core::Timestamp now, std::vector<feed::Reply> replies,
                    std::function<void()> on_disk) {
  waiting_samples_ += batch.samples.size();
  ++waiting_batches_;
  auto pending = std::make_shared<Pending>(Pending{std::move(batch), now, std::move(replies), std::move(on_disk)});
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

void Writer::ask(const ExceedancesRequest& request, std::function<void(std::string)> answer) {
  island_.post([this, request, answer = std::move(answer)] { answer(exceedances(request)); });
}

std::string Writer::exceedances(const ExceedancesRequest& request) {
  try {
    const auto now = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
    return feed::exceedances_answer(book_.pages(request.enterprise, request.after_seq, now));
  } catch (const std::exception& e) {
    return feed::error_answer("store", {std::string("数据库暂不可读：") + e.what(), e.what()});
  }
}

void Writer::delivered(std::vector<std::int64_t> ids) {
  island_.post([this, ids = std::move(ids)] {
    for (auto id : ids) {
      auto found = with_feed_.find(id);
      if (found == with_feed_.end()) continue;
      auto& lane = lane_of(found->second.lane);
      --lane.rows;
      lane.bytes -= found->second.bytes;
      now_.publications.add(std::chrono::steady_clock::now() - found->second.since);
      with_feed_.erase(found);
      acknowledged_.push_back(id);
      ++now_.delivered;
    }
    remove_acknowledged_soon();
    refill_soon();
  });
}

/// Acknowledged rows go with the next commit of readings; a backlog that drains does not wait for one.
void Writer::remove_acknowledged_soon() {
  if (acknowledged_.size() >= acknowledged_a_commit) {
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

void Writer::say_stopped() {
  if (stopped_.empty()) return;
  try {
    storage::Transaction transaction(database_);
    gaps_.stopped(stopped_at_, stopped_);
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
    fold_log_soon();
  } catch (const std::exception& e) {
    failed(e.what());
  }
  publish_health();
}

/// Whatever waits goes into one transaction: on a slow disk the flush is what costs, and it is paid once.
void Writer::commit_pending() {
  if (pending_.empty()) return;
  const auto begun = std::chrono::steady_clock::now();
  try {
    try_commit();
  } catch (const std::exception& e) {
    failed(e.what());
    return;
  }
  if (removal_) removal_->cancel();  // what was acknowledged went along; what comes now waits for the next commit
  now_.commits.add(std::chrono::steady_clock::now() - begun);
  now_.state = "ok";
  failing_ = false;
  std::uint64_t samples = 0;
  for (const auto& pending : pending_) {
    samples += pending.batch.samples.size();
    now_.alarm_changes += pending.batch.alarms.size();
  }
  now_.readings += samples;
  publish_health();  // first: whoever sees that nothing waits any more has to see what is owed as well
  waiting_samples_ -= samples;
  waiting_batches_ -= pending_.size();
  tell_on_disk();
  pending_.clear();
  hand_over(std::move(fresh_));
  fold_log_soon();
}

/// After what was committed is on its way, and not before what waits: its commit comes here again.
void Writer::fold_log_soon() {
  if (fold_posted_ || database_.log_pages() < log_pages_a_fold) return;
  fold_posted_ = true;
  island_.post([this] {
    fold_posted_ = false;
    if (pending_.empty()) database_.fold_log();
  });
}

/// Who is told that something was done can rely on it.
void Writer::tell_on_disk() {
  for (auto& pending : pending_) {
    if (pending.on_disk) pending.on_disk();
    for (auto& reply : pending.replies)
      if (feed_ != nullptr) feed_->reply(std::move(reply));
  }
}

/// Memory is bounded: beyond it the oldest readings go and are counted. Alarms stay.
void Writer::shed() {
  for (auto& pending : pending_) {
    if (waiting_samples_ <= most_waiting_samples) break;
    now_.lost += pending.batch.samples.size();
    for (const auto& frame : pending.batch.frames) {
      if (!shed_) shed_ = {frame.at, frame.at};
      shed_->second = std::max(shed_->second, frame.at);
    }
    waiting_samples_ -= pending.batch.samples.size();
    std::erase_if(pending.batch.exposures, [](const core::Exposure& e) { return !e.final; });
    pending.batch = core::Batch{.alarms = std::move(pending.batch.alarms),
                                .inputs = std::move(pending.batch.inputs),
                                .exceedances = std::move(pending.batch.exceedances),
                                .exposures = std::move(pending.batch.exposures),
                                .gaps = std::move(pending.batch.gaps)};  // clear() would keep the memory
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
    refill_soon();
  });
}

void Writer::try_commit() {
  fresh_.clear();
  auto end_due = end_due_;
  const auto ended_before = ended_;
  const auto thinned_before = thinned_since_;
  const auto shed_before = shed_;
  std::optional<core::MinuteMeans> means_before;
  if (!means_.empty()) means_before = means_;
  try {
    storage::Transaction transaction(database_);
    for (const auto& pending : pending_) {
      const auto first_frame = store(pending.batch, pending.at);
      if (settings_.mqtt) write_outbox(pending, first_frame);
      write_gaps(pending.batch, pending.at);
    }
    if (const auto now = pending_.back().at; end_due && now >= *end_due) {
      end_due = exposures_.end_with_gap(now, [](auto, auto) { return true; });
    }
    write_ledger(pending_.back().at);
    if (running_) gaps_.seen(pending_.back().at);
    if (!acknowledged_.empty()) outbox_.remove(acknowledged_);
    transaction.commit();
    book_.committed();
  } catch (...) {
    book_.rolled_back();
    ended_ = ended_before;
    thinned_since_ = thinned_before;
    shed_ = shed_before;
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
      // Here and now: whoever keeps house rests in proportion to what he held up.
      if (database_.log_pages() >= log_pages_a_fold && pending_.empty()) database_.fold_log();
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
std::int64_t Writer::store(const core::Batch& batch, core::Timestamp now) {
  const auto first_frame = readings_.append(batch);
  store_inputs(batch, first_frame);
  for (const auto& alarm : batch.alarms) alarms_.save(alarm);
  for (const auto& exceedance : batch.exceedances) book_.record(exceedance, now);
  for (const auto* exposure : last_words(batch.exposures))
    if (exposures_.save(*exposure)) book_.record(*exposure, now);
  for (const auto& checkpoint : batch.checkpoints) {
    checkpoints_.save({.subject = settings_.site.devices[core::at(checkpoint.device)].id,
                       .version = Ingest::state_version,
                       .frame = readings_.last_frame_id(),
                       .at = checkpoint.at,
                       .state = checkpoint.state});
  }
  return first_frame;
}

void Writer::publish_health() {
  const auto depth = outbox_.depth();
  now_.outbox_rows = depth.rows;
  now_.outbox_bytes = depth.bytes;
  const auto now = std::chrono::steady_clock::now();
  if (now - aged_at_ >= std::chrono::seconds(1)) {
    aged_at_ = now;
    now_.oldest_owed_s = oldest_owed_s();
  }
  std::lock_guard lock(health_mutex_);
  health_ = now_;
}

/// A second is exact enough, and two hours of them are a few pages; what is older is that old at least.
double Writer::oldest_owed_s() {
  constexpr std::size_t most_marks = 7200;
  const auto now = std::chrono::steady_clock::now();
  const auto seconds = [&](auto since) { return std::chrono::duration<double>(now - since).count(); };
  if (!fresh_.empty()) written_.emplace_back(fresh_.back().id, now);
  if (written_.size() > most_marks) written_.pop_front();
  if (outbox_.depth().rows == 0) return 0;
  try {
    const auto oldest = outbox_.oldest();
    if (!oldest) return 0;
    const auto mark = std::ranges::find_if(written_, [&](const auto& m) { return m.first >= *oldest; });
    if (mark == written_.end()) return 0;  // it was written within this second
    return seconds(mark == written_.begin() && written_.size() < most_marks ? begun_at_ : mark->second);
  } catch (const storage::StoreError&) {
    return now_.oldest_owed_s;
  }
}

StoreHealth Writer::health() const {
  std::lock_guard lock(health_mutex_);
  auto health = health_;
  if (congested() && health.state == "ok") health.state = "slow";
  return health;
}

bool Writer::drained() const { return committed() && health().outbox_rows == 0; }

}  // namespace hazgate::app
