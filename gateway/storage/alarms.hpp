// Alarms as they stand, every change of them for ever, and what moved them besides readings.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm.hpp"
#include "core/alarm_input.hpp"
#include "core/site.hpp"
#include "storage/alarm_row.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

/// Which of all alarms there ever were: those below a number, newest first.
struct AlarmFilter {
  std::uint64_t before = 0;  ///< 0: from the newest on
  std::size_t limit = 100;
  core::Level least = core::Level::none;       ///< by the highest level that they had
  std::string enterprise, workplace, subject;  ///< empty: any
};
struct AlarmPage {
  std::vector<AlarmRow> alarms;       ///< of subjects that the site still has, with their index and the place of then
  std::optional<std::uint64_t> next;  ///< `before` of the next page; none when that was all
};
/// What became of one alarm.
struct AlarmChanges {
  std::vector<AlarmRow> changes;  ///< the newest, oldest first; with index and the place of then
  bool more = false;              ///< there are older ones
};

class Alarms {
 public:
  /// `site` must outlive this.
  Alarms(Database& database, const core::Site& site);
  ~Alarms();

  /// Inside the caller's transaction: the alarm as it stands now, and one row of history. Throws StoreError.
  void save(const core::Alarm& alarm);
  /// Inside the caller's transaction: an input, which came behind the frame of that id and before the next.
  void save(const core::AlarmInput& input, std::int64_t after_frame);
  /// Alarms that have not ended. What the site no longer has is left out.
  std::vector<core::Alarm> open();
  /// Those that ended in the last minute that the store knows of: whether a point chatters is a matter of both.
  std::vector<core::Alarm> just_ended();
  /// Inside the caller's transaction: open alarms whose point, device, bus or output has left the configuration end
  /// now, and nobody else will say so.
  std::vector<AlarmRow> end_removed(core::Timestamp now);
  /// Greatest number ever given; 0 in a new file.
  std::uint64_t last_number();
  /// When an alarm changed last; 1970 in a new file.
  core::Timestamp last_change();
  /// Every change since `since`, oldest first; indices as in open(), left out likewise.
  void for_each_change_since(core::Timestamp since, const std::function<void(const core::Alarm&)>& visit);
  AlarmPage page(const AlarmFilter& filter);
  /// The newest changes of one alarm, at most `most_changes`: all of them, or those that were stored as an enterprise's
  /// (its device may have been another one's before, or since). Empty where there is none of that number, or the site
  /// lacks its subject.
  AlarmChanges changes_of(std::uint64_t number, std::string_view enterprise = {});
  static constexpr std::size_t most_changes = 1000;
  /// Every input with the frame it came behind, in order. Of a subject that the site no longer has none is given.
  void for_each_input(const std::function<void(std::int64_t after_frame, const core::AlarmInput&)>& visit);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
