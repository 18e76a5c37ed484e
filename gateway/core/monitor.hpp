// The monitor: all points' windows, set points and alarms. Readings in, changed alarms out; no clock, no name, no
// allocation per reading.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/alarm_life.hpp"
#include "core/exceedance.hpp"
#include "core/exposures.hpp"
#include "core/figures.hpp"
#include "core/reason.hpp"
#include "core/set_point.hpp"
#include "core/watched_baseline.hpp"
#include "core/window.hpp"

namespace hazgate::core {

/// What to watch of one point.
struct PointWatch {
  Duration period{};
  std::vector<LevelRule> levels;
  bool energy_mean = false;  ///< levels in dB are averaged by energy (GBZ 331 Table G.2), concentrations are not
  bool c_ste = false;        ///< C_STE is wanted for the record, also where no level needs it
  std::vector<ShiftWatch> shifts;
  std::optional<BaselineWatch> baseline;
  /// Instruments that show the same hazard at the same workplace confirm each other.
  struct Place {
    WorkplaceIndex workplace{};
    DeviceIndex device{};
    std::optional<AgentIndex> agent;
  };
  Place place;
};
using PointName = std::function<std::string_view(PointIndex)>;

class Monitor {
 public:
  /// `points[i]` belongs to PointIndex i, `devices` devices are watched for their link. Alarm numbers go on after
  /// `last_alarm_number`. `calendar` is asked only for points that have shifts, `clock` only for those with a baseline.
  Monitor(std::span<const PointWatch> points, std::size_t devices, std::uint64_t last_alarm_number,
          Calendar calendar = {}, LocalClock clock = {});

  /// Before the first event: what the site decided, how many buses and outputs it has, and what it calls its points.
  void govern(AlarmPolicy policy, std::size_t buses, std::size_t outputs, PointName name_of);

  /// The state of a device and its points (windows, set points, meters) as bytes; load() takes what save() gave under
  /// the same rules, and refuses anything else without a change. Alarms are not in it: they are records of their own.
  void save(DeviceIndex device, PointIndex first, std::uint32_t points, std::vector<std::byte>& to) const;
  bool load(DeviceIndex device, PointIndex first, std::uint32_t points, std::span<const std::byte> from);
  /// As if loaded: of a device that was new when the gateway stopped, what is fed is the whole state.
  void begin(DeviceIndex device, PointIndex first, std::uint32_t points);
  /// While on, readings move the state and no alarm comes of it: what is fed is stored already, with its alarms.
  void catch_up(bool on) { catching_up_ = on; }

  /// An alarm that was open when the gateway stopped; after load() and catch_up(). Where the state was not loaded, its
  /// set points are active again as far as its level goes, and delays start anew. Nothing is announced twice. Of one
  /// that has ended only its last activations are remembered.
  void restore(const Alarm& alarm);

  /// The alarm of the reading's point as it stands now, if this reading changed it. Of a point that belongs to a
  /// mixture whose leader is silent, it may be the leader's: a dead instrument must not hide what the others show.
  std::optional<Alarm> on_reading(const Reading& reading);
  /// Each poll of a device: was it sound? The second that was not, running, raises a notice. What stands behind it is
  /// for the text alone, and follows when it changes.
  std::optional<Alarm> on_link(DeviceIndex device, Timestamp at, bool sound, const Reason& why = {});
  /// Each comparison of a device's points with those of other instruments. A device without valid data is the more
  /// urgent notice: it hides a disagreement while it stands.
  std::optional<Alarm> on_cross_check(DeviceIndex device, Timestamp at, bool disagree, const Reason& why);

  /// Nothing compares the device any more: a disagreement that stands, or is hidden, is over.
  std::optional<Alarm> end_cross_check(DeviceIndex device, Timestamp at);

  /// Nothing answers on a bus since `since`, or something does again.
  std::optional<Alarm> on_bus(BusIndex bus, Timestamp at, bool down, Timestamp since, const Reason& why);
  bool stands(BusIndex bus) const { return bus_alarms_[core::at(bus)] >= 0; }
  /// An output, or a part of the gateway: a finding of level none ends its alarm. One that stands is told anew when its
  /// figure has doubled, and not with each step.
  std::optional<Alarm> on_output(std::uint32_t output, const Finding& finding, Timestamp at);
  std::optional<Alarm> on_part(GatewayPart part, const Finding& finding, Timestamp at);
  /// The plant's state silences the point's alarm, the one that stands and those to come, or gives it back.
  std::optional<Alarm> suppress(PointIndex point, bool on, Timestamp at);

  /// What a person does with the alarm of that number, as of `at`.
  struct Answer {
    Refusal refusal = Refusal::none;
    std::optional<Alarm> alarm;  ///< as it stands now; none where there is no such alarm
    bool changed = false;
  };
  Answer act(std::uint64_t number, const Action& action, Timestamp at);
  /// The open alarm of that number; null where there is none. Good until the next call that is not const.
  const Alarm* standing(std::uint64_t number);
  /// The same with a subject, which may have no alarm yet: taken out of service, it has one from then on.
  Answer act(AlarmSubject subject, std::uint32_t index, const Action& action, Timestamp at);
  /// What time has brought by `now`, in its order and stamped with its moments. Before each event that comes with a
  /// later time, so that a late look changes nothing. What repeats itself is told once where the clock has stepped.
  void on_time(Timestamp now, std::vector<Alarm>& changed);
  /// The next moment at which on_time() has something to do.
  Timestamp next_due() const { return due_.empty() ? Timestamp::max() : due_.begin()->first; }

  /// Who makes up the figure of an alarm that on_reading() just gave; both it and the standing one have it from then
  /// on.
  void attribute(Alarm& changed, std::vector<Contributor> contributors);

  /// Legal limits that were passed, and those that are no longer, since the last call. None while catching up.
  void take_exceedances(std::vector<Exceedance>& out);
  /// Does the point pass that limit now, as far as its set points say?
  bool passes(PointIndex point, Basis basis, LimitKind limit, Level level) const;

  /// What the point is held against, for who wants to see it; null where it has no baseline. Good until the next event.
  const WatchedBaseline* baseline(PointIndex point) const {
    const auto place = points_[core::at(point)].baseline;
    return place < 0 ? nullptr : &baselines_[static_cast<std::size_t>(place)];
  }

  std::size_t open_alarms() const { return open_count_; }

  Exposures& exposures() { return exposures_; }
  const Exposures& exposures() const { return exposures_; }

 private:
  struct WatchedRule {
    SetPoint set_point;
    std::uint32_t limit = 0;  ///< into limits_
    Level level{};
    Basis basis{};
    bool legal = false;  ///< passing it is an exceedance
    friend bool operator==(const WatchedRule&, const WatchedRule&) = default;
  };
  struct Subject {
    std::uint32_t first_rule = 0;   ///< into rules_, shared by all subjects with the same levels
    std::uint32_t first_state = 0;  ///< into states_, its own
    std::uint16_t rule_count = 0;
    bool energy_mean = false;
    bool loaded = false;
    std::int32_t window = -1;    ///< into windows_, -1 where no rule needs C_STE
    std::int32_t alarm = -1;     ///< into alarms_, -1 while normal
    std::int32_t baseline = -1;  ///< into baselines_, -1 where none is wanted
    Duration period{};
    Timestamp last{};         ///< any reading; a later one covers the time since
    Timestamp last_judged{};  ///< the last one that counted for alarms
    Timestamp last_over_range{};
    double peak = no_value;  ///< of what its set points found since one of them is active
  };
  static_assert(sizeof(Subject) == 64);  // a line of memory
  std::uint64_t fingerprint(const Subject& subject) const;
  /// A legal limit, and the point is above it.
  bool is_passed(const Subject& subject, std::uint32_t place) const {
    return rules_[subject.first_rule + place].legal && states_[subject.first_state + place].active;
  }
  void save(const Subject& subject, StateWriter& to) const;
  void load(Subject& subject, StateReader& from);
  bool load_all(DeviceIndex device, PointIndex first, std::uint32_t points, std::span<const std::byte> from);

  void watch(const PointWatch& point);
  std::uint32_t first_rule_of(const std::vector<LevelRule>& levels);
  std::uint32_t limit_number(const Limit& limit);
  WindowMean last_quarter(Subject& subject, Timestamp from, const Reading& reading);
  std::optional<Alarm> judge_point(Subject& subject, const Reading& reading, Figures& figures);
  std::optional<Alarm> judge_mixture_of_silent_leader(const Reading& reading);
  static void judge_over_range(const WatchedRule& rule, RuleState& state, const Reading& reading);
  std::span<RuleState> states_of(const Subject& subject) {
    return std::span(states_).subspan(subject.first_state, subject.rule_count);
  }
  static void judge_rule(const WatchedRule& rule, RuleState& state, const Reading& reading, const Figures& figures);
  void follow_limit(PointIndex point, std::uint32_t place, bool stood, const Reading& reading, const Figures& figures);
  Finding finding(const Subject& subject, const Reading& reading, const Figures& figures) const;
  std::optional<Alarm> settle(Subject& subject, const Finding& finding, Timestamp at, AlarmSubject kind,
                              std::uint32_t index);
  std::optional<Alarm> settle_alarm(std::int32_t& slot, const Finding& finding, Timestamp at, AlarmSubject kind,
                                    std::uint32_t index);
  std::int32_t* slot_of(AlarmSubject kind, std::uint32_t index);
  /// What every change of the alarm in `slot` ends with: its deadline, its neighbours, its end.
  Alarm changed(std::int32_t& slot);
  Answer act(std::int32_t& slot, const Action& action, Timestamp at);
  bool confirm_by_partner(Alarm& alarm, Timestamp at) const;
  void look_around(Alarm& alarm) const;
  void schedule(std::int32_t slot);
  std::optional<Alarm> on_device(DeviceIndex device, Basis basis, Timestamp at, bool raised, const Reason& why);
  static void follow_peak(Subject& subject, const Finding& finding);
  std::int32_t new_alarm(AlarmSubject kind, std::uint32_t index);
  void remember(const Alarm& over);
  void restore_set_points(Subject& subject, Alarm& standing);

  std::vector<Subject> points_, devices_;
  std::vector<WatchedRule> rules_;
  std::vector<RuleState> states_;
  /// Of a legal limit that is passed, the greatest figure so far.
  struct Greatest {
    double value = no_value;
    bool at_least = false;
  };
  std::unordered_map<std::uint32_t, Greatest> greatest_;  ///< by place in states_
  std::vector<Exceedance> exceedances_;
  std::vector<std::uint32_t> rule_sets_;  ///< where each distinct list of levels begins in rules_
  SlidingMeans windows_;
  std::vector<WatchedBaseline> baselines_;
  Exposures exposures_;
  HourOfDay hour_of_day_;
  std::vector<Limit> limits_;
  std::vector<Alarm> alarms_;  ///< slots; free ones are listed in free_
  std::vector<std::int32_t> free_;
  std::vector<std::int32_t> bus_alarms_, output_alarms_, part_alarms_;  ///< into alarms_, -1 while normal
  AlarmPolicy policy_;
  Timestamp looked_at_ = Timestamp::max();  ///< what time brings, the last time: a first look may be a step back
  std::vector<Timestamp> due_of_;           ///< of each slot, as it stands in due_
  std::set<std::pair<Timestamp, std::int32_t>> due_;  ///< deadlines of slots
  std::vector<PointWatch::Place> places_;             ///< of each point
  PointName name_of_;
  std::vector<std::vector<std::int32_t>> standing_at_;  ///< of each workplace: slots of its points' alarms
  std::vector<bool> suppressed_;                        ///< of each point
  /// Activations of alarms that have just ended, by subject and index: the next number goes on with them.
  std::unordered_map<std::uint64_t, std::pair<std::optional<Timestamp>, std::optional<Timestamp>>> just_ended_;
  std::size_t open_count_ = 0;
  std::uint64_t last_number_ = 0;
  bool catching_up_ = false;
};

}  // namespace hazgate::core
