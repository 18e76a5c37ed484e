// What the enterprise's record is made of, out of the store: judged assessments, posts, groups, comparisons, duties,
// and the values of a report. Pure but for the store: on the archive's thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "app/archive.hpp"
#include "core/duty.hpp"
#include "records/assessment_entry.hpp"
#include "records/report.hpp"
#include "records/statistics.hpp"
#include "settings/settings.hpp"

namespace hazgate::app {

/// Local dates, both included.
struct Days {
  std::int32_t first = 0, last = 0;
};

struct JudgedAssessment {
  core::Assessment assessment;
  core::Agent agent;  ///< as it is judged
  core::AssessmentJudgement judgement;
};

/// The instrument beside the laboratory, over the time of the samples.
struct ComparedPair {
  std::int32_t day = 0;
  std::uint64_t assessment = 0;
  std::string point;
  double laboratory = core::no_value, online = core::no_value;
  double coverage = 0;  ///< of the time sampled
  double difference() const { return online - laboratory; }
  double relative() const { return difference() / laboratory; }
};
struct Comparison {
  std::vector<ComparedPair> pairs;
  double mean_relative = core::no_value;    ///< of concentrations
  double mean_difference = core::no_value;  ///< of levels, dB
  bool calibrate = false;
};

/// One post and agent.
struct Post {
  std::string enterprise;
  records::ReportPost figures;
  std::vector<const JudgedAssessment*> results;
  const JudgedAssessment* highest = nullptr;
};

/// Agents that act alike at one workplace on one day.
struct MixtureOfDay {
  std::string workplace;
  std::int32_t day = 0;
  core::Evaluation evaluation;
};

struct ExposureGroup {
  std::string enterprise, group, agent;
  auto operator<=>(const ExposureGroup&) const = default;
};
struct GroupResult {
  std::int32_t day = 0;
  std::string subject;
  std::uint64_t assessment = 0;  ///< 0: of an instrument
  records::Observation value;
};

struct Duty {
  core::DutyRule rule;
  std::string enterprise, workplace, device, agent;
  std::optional<std::int32_t> last;
  core::DutyStatus status;
};

class RecordSource {
 public:
  /// Outlives this.
  explicit RecordSource(const settings::Settings& settings)
      : settings_(settings),
        site_(settings.site),
        entry_(site_, settings.limits, settings.gateway.outdoor_ventilation_degc) {}

  const records::AssessmentEntry& entry() const { return entry_; }
  JudgedAssessment judged(core::Assessment assessment) const;
  /// Of an enterprise (empty: of all), the newest days first.
  std::vector<JudgedAssessment> assessments(Past& past, const std::string& enterprise, Days days) const;
  /// By workplace and agent. `results` must outlive what is given.
  std::vector<Post> posts(const std::vector<JudgedAssessment>& results) const;
  /// The post's results beside what instruments measured at the same hours.
  Comparison compare(Past& past, const Post& post) const;
  std::vector<MixtureOfDay> mixtures(const std::vector<JudgedAssessment>& results) const;
  static std::map<ExposureGroup, std::size_t> groups(const std::vector<JudgedAssessment>& results);
  static std::vector<GroupResult> results_of(const ExposureGroup& group, const std::vector<JudgedAssessment>& results);
  /// What the group's results are judged as; where that differs (free SiO2 of a dust), by the lowest limit of them.
  static core::Agent strictest(const ExposureGroup& group, const std::vector<JudgedAssessment>& results);
  /// Averages of whole shifts, as instruments at the workplace measured them.
  std::vector<GroupResult> online_results(Past& past, const ExposureGroup& group, Days days) const;
  /// What falls due of an enterprise (empty: of all), the most urgent first.
  std::vector<Duty> duties(Past& past, const std::string& enterprise, std::int32_t today) const;
  /// Of what duties() gives: those that are overdue, and the first of them in words.
  static core::OverdueDuties overdue(const std::vector<Duty>& duties);

  /// Called from time to time; what it throws ends the work.
  using GoOn = std::function<void()>;
  records::Report report(Past& past, const std::string& enterprise, Days days, const GoOn& go_on) const;
  records::ParkReport park(Past& past, Days days, const GoOn& go_on) const;

  /// The agent as the lists have it; by its word alone where they do not.
  core::Agent agent(const std::string& word) const;
  bool known(const std::string& word) const { return settings_.limits.agent(word).has_value(); }
  std::string workplace_name(const std::string& id) const;
  std::int32_t local_day(core::Timestamp at) const;
  std::string local_time(core::Timestamp at) const;
  core::Timestamp midnight(std::int32_t day) const;

 private:
  class Report;
  std::optional<ComparedPair> pair_of(Past& past, core::PointIndex point, const JudgedAssessment& result) const;
  std::optional<core::WorkGrade> grade(const Post& post) const;
  void add_post_duties(const Post& post, std::vector<Duty>& duties) const;
  using PostKey = std::tuple<std::string, std::string, std::string>;  ///< enterprise, workplace, agent
  void add_watched_duties(const std::string& enterprise, std::set<PostKey>& posts, std::vector<Duty>& duties) const;
  std::vector<std::string> agents_of(const settings::MixtureSettings& mixture) const;

  const settings::Settings& settings_;
  const core::Site& site_;
  records::AssessmentEntry entry_;
};

}  // namespace hazgate::app
