// The writer: owns the store on its own thread. One transaction for what belongs together (readings, alarms, what is
// owed to subscribers), publication after the commit, deletion after PUBACK.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "app/history_request.hpp"
#include "app/ledger_book.hpp"
#include "app/readings_messages.hpp"
#include "app/took.hpp"
#include "async/island.hpp"
#include "core/batch.hpp"
#include "core/minute_means.hpp"
#include "feed/mqtt.hpp"
#include "settings/settings.hpp"
#include "storage/alarms.hpp"
#include "storage/checkpoints.hpp"
#include "storage/exposures.hpp"
#include "storage/gaps.hpp"
#include "storage/outbox.hpp"
#include "storage/readings.hpp"
#include "storage/rescue.hpp"
#include "storage/rule_changes.hpp"

namespace hazgate::app {

struct StoreHealth {
  std::uint64_t readings = 0;       ///< stored since start
  std::uint64_t alarm_changes = 0;  ///< stored since start
  std::uint64_t outbox_rows = 0, outbox_bytes = 0;
  std::uint64_t delivered = 0;  ///< outbox rows acknowledged since start
  std::uint64_t lost = 0;       ///< readings given up because the store failed for longer than memory lasts
  std::uint64_t thinned = 0;    ///< readings that went out within a minute mean only
  double oldest_owed_s = 0;     ///< how long the oldest message waits; of what waited at the start, since then
  Took commits, publications;   ///< a transaction; from the disk to PUBACK
  std::string state = "ok";     ///< "ok", "slow", "failing: <why>"
};

class Writer {
 public:
  /// Opens the store (throws storage::StoreError). Without a feed nothing is owed to anyone and no outbox is kept.
  /// A store that is damaged is set aside, and a new one goes on from what can be read of it.
  /// `lock`: of the store, where it is held already.
  explicit Writer(const settings::Settings& settings, const std::shared_ptr<storage::FileLock>& lock = {});
  ~Writer();  ///< commits what was submitted

  /// What happened to a store that was damaged.
  const std::optional<storage::Rescue>& rescued() const { return rescued_; }
  /// What was open when the gateway stopped; before the first submit().
  std::vector<core::Alarm> open_alarms() { return alarms_.open(); }
  storage::Alarms& alarms() { return alarms_; }
  /// What points are judged by from now on; before the first submit(). Gives the number of differences.
  std::size_t record_rules(std::span<const storage::RuleText> rules, const std::string& who, core::Timestamp now);
  /// The gateway is at work from now on: that it was not until now is on record, with the reason. Before the first
  /// submit().
  void begin_run(core::Timestamp now);
  /// Somebody stops it, and it is no power cut.
  void end_run(std::string why, core::Timestamp now);
  std::vector<core::Gap> open_gaps() { return gaps_.open(); }
  /// Exceedances on record that nobody follows any more; before the first submit().
  void abandon_exceedances(const LedgerBook::Followed& followed, core::Timestamp now);
  std::uint64_t last_alarm_number() { return alarms_.last_number(); }
  std::vector<storage::Checkpoint> checkpoints() { return checkpoints_.load_all(); }
  storage::Readings& readings() { return readings_; }
  /// The engine knows nothing of the device yet; its frames from now on are what it will have to see after a restart.
  /// Before the first submit().
  void begin_anew(core::DeviceIndex device, core::Timestamp now);

  /// Exposures that were left open and that nobody goes on with get their last word, now or when their shift is over.
  /// Before the first submit().
  void end_exposures(core::Timestamp now, const storage::Exposures::GoesOn& goes_on);

  /// The feed that committed rows are handed to, starting with what is still owed from before.
  void attach(feed::MqttFeed& feed);
  /// No row is handed over any more; returns when the store's thread has seen it.
  void detach();
  /// From the loop's thread. The batch is empty afterwards and keeps (another) capacity.
  /// When the batch is on disk `replies` go out, and `on_disk` is called on the store's thread.
  void submit(core::Batch& batch, core::Timestamp now, std::vector<feed::Reply> replies = {},
              std::function<void()> on_disk = {});
  /// From the loop's thread: records of the ledger as committed so far, as JSON; `answer` gets them on the store's
  /// thread, before a detach() that comes later returns.
  void ask(const ExceedancesRequest& request, std::function<void(std::string)> answer);
  /// Runs `work` in a transaction of its own, between the commits, and waits for it; gives how long the store's thread
  /// was held. From another thread. Throws what it threw; then nothing of it was stored.
  std::chrono::microseconds keep_house(const std::function<void(storage::Database&)>& work);
  /// From the feed's thread: PUBACK came for these rows.
  void delivered(std::vector<std::int64_t> ids);
  /// More is waiting for the disk than it takes in: nothing new should be asked of the devices until it has.
  /// Not while the store fails: then the gateway goes on watching, and the oldest readings go, counted.
  bool congested() const { return waiting_samples_ > most_waiting_samples && !failing_; }
  /// Readings that are not on disk yet.
  std::uint64_t waiting() const { return waiting_samples_; }
  StoreHealth health() const;
  /// Of the key that signs the ledger; it stays the same while this runs.
  const ledger::SigningKey& key() const { return book_.key(); }
  /// Everything that was submitted is on disk.
  bool committed() const { return waiting_batches_ == 0; }
  /// And nothing is owed to a subscriber.
  bool drained() const;

  static constexpr std::uint64_t most_waiting_samples = 500'000;

 private:
  static constexpr std::size_t rows_a_step = 2;
  static constexpr int log_pages_a_fold = 250;               ///< some milliseconds
  static constexpr std::size_t acknowledged_a_commit = 256;  ///< of a backlog that drains: a commit is a flush
  struct Pending {
    core::Batch batch;
    core::Timestamp at;
    std::vector<feed::Reply> replies;
    std::function<void()> on_disk;
  };
  struct Lane {
    std::int64_t handed = 0;          ///< last row given to the feed
    bool caught_up = false;           ///< the feed has every row of the lane
    std::size_t rows = 0, bytes = 0;  ///< with the feed
  };
  struct Handed {
    storage::Lane lane;
    std::size_t bytes;
    std::chrono::steady_clock::time_point since;
  };

  // all on the store's thread
  void commit_pending();
  void try_commit();
  void tell_on_disk();
  void commit_deliveries();
  void commit_means();
  void say_stopped();
  void remove_acknowledged_soon();
  void failed(const std::string& why);
  void shed();
  void write_outbox(const Pending& pending, std::int64_t first_frame);
  std::int64_t store(const core::Batch& batch, core::Timestamp now);
  void store_inputs(const core::Batch& batch, std::int64_t first_frame);
  void write_alarm(const core::Alarm& alarm, core::Timestamp now);
  void write_escalation(const core::Alarm& alarm, core::Timestamp now);
  void end_removed_alarms();
  void write_ledger(core::Timestamp now);
  void write_gap(core::Gap gap, core::Timestamp now);
  void write_gaps(const core::Batch& batch, core::Timestamp now);
  void follow_thinning(bool full, core::Timestamp now);
  std::string exceedances(const ExceedancesRequest& request);
  void at_start(core::Timestamp now, const std::function<void()>& work);
  void write_means(core::Timestamp now);
  void write_exposures(const core::Batch& batch, core::Timestamp now);
  void send_finals(core::Timestamp now);
  void send_exposures(core::WorkplaceIndex workplace, std::span<const core::Exposure> exposures, bool retain,
                      core::Timestamp now);
  void append(storage::Lane lane, bool retain, std::string topic, std::string payload);
  void hand_over(std::vector<storage::OutboxRow> rows);
  void refill_soon();
  void fold_log_soon();
  bool refill(storage::Lane lane);
  void publish_health();
  double oldest_owed_s();

  const settings::Settings& settings_;
  std::optional<storage::Rescue> rescued_;  ///< before the store is opened
  storage::Database database_;
  storage::Readings readings_;
  storage::Alarms alarms_;
  storage::Exposures exposures_;
  storage::Checkpoints checkpoints_, ended_on_disk_;
  storage::Outbox outbox_;
  storage::Gaps gaps_;
  LedgerBook book_;
  ReadingsMessages messages_;
  core::MinuteMeans means_;
  /// Workplaces with final exposures that are not in a message yet, and when the last of them came; also on disk.
  std::map<core::WorkplaceIndex, core::Timestamp> ended_;
  std::optional<core::Timestamp> thinned_since_;                     ///< readings go out as means
  std::optional<std::pair<core::Timestamp, core::Timestamp>> shed_;  ///< readings that memory could not keep
  bool running_ = false;
  std::string stopped_;  ///< why, and when
  core::Timestamp stopped_at_;
  std::optional<core::Timestamp> end_due_;  ///< when the next exposure that nobody goes on with is over

  feed::MqttFeed* feed_ = nullptr;
  Lane& lane_of(storage::Lane lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  std::array<Lane, 2> lanes_;
  std::unordered_map<std::int64_t, Handed> with_feed_;
  std::vector<std::int64_t> acknowledged_;  ///< to be removed with the next commit
  std::vector<storage::OutboxRow> fresh_;   ///< of the transaction under way
  /// The last row of a second, and when it was written: how old what is owed is.
  std::deque<std::pair<std::int64_t, std::chrono::steady_clock::time_point>> written_;
  std::chrono::steady_clock::time_point aged_at_{}, begun_at_ = std::chrono::steady_clock::now();
  std::deque<Pending> pending_;
  std::optional<async::asio::steady_timer> retry_;    ///< of a failed commit
  std::optional<async::asio::steady_timer> removal_;  ///< of acknowledged rows, when no commit takes them along
  bool removal_armed_ = false, commit_posted_ = false, refill_posted_ = false, fold_posted_ = false;
  StoreHealth now_;

  std::atomic<std::uint64_t> waiting_samples_{0};
  std::atomic<std::uint64_t> waiting_batches_{0};
  std::atomic<bool> failing_{false};
  mutable std::mutex health_mutex_;
  StoreHealth health_;
  async::Island island_{"store"};  ///< last: its thread ends before the rest goes
};

}  // namespace hazgate::app
