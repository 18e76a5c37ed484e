#include "app/record_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

#include "core/grading.hpp"
#include "feed/alarm_text.hpp"
#include "feed/payload.hpp"

namespace hazgate::app {

using core::Verdict;

namespace {

/// EN 482:2021 asks of a method at most 30 % expanded uncertainty between half and twice the limit; what differs by
/// more is no scatter of two good methods. For levels the uncertainty of a class 2 instrument, twice.       ISO 9612
/// C.2
constexpr double most_relative = 0.30, most_db = 3.0;

std::optional<core::WorkClass> work_class(std::string_view word) {
  for (const auto c :
       {core::WorkClass::class_1, core::WorkClass::class_2, core::WorkClass::class_3, core::WorkClass::class_4})
    if (core::name(c) == word) return c;
  return std::nullopt;
}
std::optional<core::Toxicity> toxicity(std::string_view word) {
  for (const auto t : {core::Toxicity::light, core::Toxicity::moderate, core::Toxicity::high, core::Toxicity::extreme})
    if (core::name(t) == word) return t;
  return std::nullopt;
}

/// Skin, sensitiser, or cancer in man certain or probable.
bool raises_grade(const core::Agent& agent) {
  return agent.notation.find("皮") != std::string::npos || agent.notation.find("敏") != std::string::npos ||
         agent.notation.find("G1") != std::string::npos || agent.notation.find("G2A") != std::string::npos;
}

/// What makes one result higher than another: its ratio; for levels and heat the figure itself.
double height(const JudgedAssessment& result) {
  if (!std::isnan(result.judgement.ratio)) return result.judgement.ratio;
  if (core::is_level(result.agent.unit))
    return std::isnan(result.judgement.average) ? -1 : result.judgement.average / 1e3;
  return std::isnan(result.judgement.average) ? -1 : result.judgement.average;
}

/// How bad: what exceeds before what complies before what cannot be said.
int weight(Verdict verdict) {
  switch (verdict) {
    case Verdict::exceeds:
      return 3;
    case Verdict::compliant:
      return 2;
    case Verdict::insufficient:
      return 1;
    case Verdict::no_limit:
      return 0;
  }
  return 0;
}

const core::LimitLine* decisive_line(const core::AssessmentJudgement& judgement) {
  const core::LimitLine* found = nullptr;
  const auto rank = [](const core::LimitLine& line) {
    return std::tuple(weight(line.verdict), std::isnan(line.ratio()) ? -1.0 : line.ratio());
  };
  for (const auto& line : judgement.lines)
    if (found == nullptr || rank(*found) < rank(line)) found = &line;
  return found;
}

/// "C_TWA 3.45 mg/m³ > 3 (PC-TWA)"
std::string figure_text(const core::LimitLine& line, core::Unit unit) {
  if (std::isnan(line.figure)) return std::string(line.figure_name);
  return fmt::format("{} {}{} {} {} {} ({})", line.figure_name,
                     line.below_loq  ? "<"
                     : line.at_least ? "≥ "
                                     : "",
                     feed::rounded(line.figure, line.limit), feed::pretty_unit(unit),
                     core::exceeds(line.figure, line.limit) ? ">" : "≤", feed::rounded(line.limit),
                     core::name(line.kind));
}

void count(records::ReportPost& post, Verdict verdict) {
  ++post.results;
  auto& of = verdict == Verdict::compliant      ? post.compliant
             : verdict == Verdict::exceeds      ? post.exceeds
             : verdict == Verdict::insufficient ? post.insufficient
                                                : post.no_limit;
  ++of;
}

}  // namespace

core::Agent RecordSource::agent(const std::string& word) const {
  const auto known = std::ranges::find(site_.agents, word, &core::Agent::id);
  if (known != site_.agents.end()) return *known;
  auto named = settings_.limits.agent(word);
  return named ? std::move(*named) : core::Agent{.id = word, .name_zh = word, .name_en = word};
}

std::string RecordSource::workplace_name(const std::string& id) const {
  const auto found = std::ranges::find(site_.workplaces, id, &core::Workplace::id);
  return found == site_.workplaces.end() || found->name.empty() ? id : found->name;
}

std::int32_t RecordSource::local_day(core::Timestamp at) const {
  const auto local = at + (site_.utc_offset ? site_.utc_offset(at) : std::chrono::seconds(0));
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(local).time_since_epoch().count());
}

std::string RecordSource::local_time(core::Timestamp at) const {
  const auto local = std::chrono::floor<std::chrono::seconds>(
      at + (site_.utc_offset ? site_.utc_offset(at) : std::chrono::seconds(0)));
  std::string word;
  feed::append_time(word, local);
  word.resize(19);
  word[10] = ' ';
  return word;
}

core::Timestamp RecordSource::midnight(std::int32_t day) const {
  const core::Timestamp utc{std::chrono::days(day)};
  return site_.utc_offset ? utc - site_.utc_offset(utc - site_.utc_offset(utc)) : utc;
}

JudgedAssessment RecordSource::judged(core::Assessment assessment) const {
  JudgedAssessment made{.assessment = std::move(assessment), .agent = {}, .judgement = {}};
  made.agent = entry_.judged_as(made.assessment);
  made.judgement = core::judge(made.assessment, made.agent);
  return made;
}

std::vector<JudgedAssessment> RecordSource::assessments(Past& past, const std::string& enterprise, Days days) const {
  constexpr std::size_t all_there_are = 1'000'000;
  auto page = past.assessments.newest(
      {.enterprise = enterprise, .first_day = days.first, .last_day = days.last, .limit = all_there_are});
  std::vector<JudgedAssessment> results;
  results.reserve(page.assessments.size());
  for (auto& assessment : page.assessments) results.push_back(judged(std::move(assessment)));
  return results;
}

/// The highest result of a post counts.                                                       GBZ 331-2024 5.2.7.1
std::vector<Post> RecordSource::posts(const std::vector<JudgedAssessment>& results) const {
  std::map<std::tuple<std::string, std::string, std::string>, Post> by_place;
  for (const auto& result : results) {
    const auto& a = result.assessment;
    auto& post = by_place[{a.enterprise, a.workplace, a.agent}];
    post.results.push_back(&result);
    count(post.figures, result.judgement.verdict);
    const auto rank = [](const JudgedAssessment& one) {
      return std::tuple(weight(one.judgement.verdict), height(one));
    };
    if (post.highest == nullptr || rank(*post.highest) < rank(result)) post.highest = &result;
  }
  std::vector<Post> posts;
  for (auto& [place, post] : by_place) {
    auto& f = post.figures;
    std::tie(post.enterprise, f.workplace, f.agent) = place;
    const auto& highest = *post.highest;
    f.workplace_name = workplace_name(f.workplace);
    f.agent_name = {highest.agent.name_zh, highest.agent.name_en};
    f.unit = core::symbol(highest.agent.unit);
    f.verdict = highest.judgement.verdict;
    f.highest_ratio = highest.judgement.ratio;
    if (const auto* line = decisive_line(highest.judgement)) f.highest = figure_text(*line, highest.agent.unit);
    if (const auto graded = grade(post))
      f.grade = records::ReportPost::Grade{.grade = std::string(core::name(graded->grade)),
                                           .source = graded->source,
                                           .confidence = graded->confidence,
                                           .provisional = graded->provisional};
    posts.push_back(std::move(post));
  }
  return posts;
}

std::optional<core::WorkGrade> RecordSource::grade(const Post& post) const {
  const auto& result = *post.highest;
  const auto& a = result.assessment;
  if (a.agent == "noise") {
    const double level = result.judgement.average;
    return core::grade_noise(std::isnan(level) ? std::nullopt : std::optional(level));
  }
  const bool judged = result.judgement.verdict == Verdict::compliant || result.judgement.verdict == Verdict::exceeds;
  const auto ratio =
      !judged || std::isnan(result.judgement.ratio) ? std::nullopt : std::optional(result.judgement.ratio);
  if (a.agent.starts_with("dust:"))
    return core::grade_dust({.sio2_percent = a.sio2_percent, .work = work_class(a.work_class), .ratio = ratio});
  return core::grade_chemical({.toxicity = toxicity(a.toxicity),
                               .work = work_class(a.work_class),
                               .ratio = ratio,
                               .raised = raises_grade(result.agent)});
}

Comparison RecordSource::compare(Past& past, const Post& post) const {
  Comparison found;
  double relative = 0, difference = 0;
  for (std::uint32_t i = 0; i < site_.points.size(); ++i) {
    const auto& point = site_.points[i];
    if (!point.agent || site_.agents[core::at(*point.agent)].id != post.figures.agent ||
        site_.workplaces[core::at(point.workplace)].id != post.figures.workplace)
      continue;
    for (const auto* result : post.results) {
      auto pair = pair_of(past, core::PointIndex{i}, *result);
      if (!pair) continue;
      relative += pair->relative();
      difference += pair->difference();
      found.pairs.push_back(std::move(*pair));
    }
  }
  if (found.pairs.empty()) return found;
  const auto n = static_cast<double>(found.pairs.size());
  const bool level = core::is_level(post.highest->agent.unit);
  if (level) found.mean_difference = difference / n;
  if (!level) found.mean_relative = relative / n;
  found.calibrate = level ? std::abs(found.mean_difference) > most_db : std::abs(found.mean_relative) > most_relative;
  return found;
}

/// Both over the same hours; below the quantification limit, or with less than 75 % measured, nothing is compared.
std::optional<ComparedPair> RecordSource::pair_of(Past& past, core::PointIndex index,
                                                  const JudgedAssessment& result) const {
  const auto& point = site_.points[core::at(index)];
  if (point.unit != result.agent.unit) return std::nullopt;
  const bool level = core::is_level(point.unit);
  const auto period = core::in_seconds(site_.device_of(index).period);
  double laboratory = 0, online = 0, sampled = 0, measured = 0;
  for (const auto& sample : result.assessment.samples) {
    if (sample.below_loq) return std::nullopt;
    const auto from = midnight(result.assessment.day) + std::chrono::minutes(sample.begin_minute);
    const auto series = past.history.buckets(point.id, from, from + std::chrono::minutes(sample.minutes()), 1);
    if (!series || series->buckets.front().counted == 0) continue;
    const auto& figures = series->buckets.front();
    const double seconds = sample.minutes() * 60.0;
    const auto scale = [&](double value) { return level ? core::to_energy(value) : value; };
    sampled += seconds;
    measured += std::min(seconds, static_cast<double>(figures.counted) * period);
    laboratory += scale(sample.value) * seconds;
    online += scale(figures.mean) * seconds;
  }
  if (sampled <= 0 || !core::enough(measured, sampled)) return std::nullopt;
  const storage::Moves moves(past.database, site_);
  const auto home = moves.at(index, midnight(result.assessment.day) + std::chrono::hours(12));
  if (home.workplace != result.assessment.workplace || home.enterprise != result.assessment.enterprise)
    return std::nullopt;
  const auto back = [&](double sum) { return level ? core::to_level(sum / sampled) : sum / sampled; };
  return ComparedPair{.day = result.assessment.day,
                      .assessment = result.assessment.number,
                      .point = point.id,
                      .laboratory = back(laboratory),
                      .online = back(online),
                      .coverage = measured / sampled};
}

namespace {

using PartsOfDay = std::map<std::string, core::MixturePart>;  ///< by agent

/// Of each agent the highest result of the day.                                             GBZ 2.1-2019 A.3.2.2
void add_part(PartsOfDay& parts, const JudgedAssessment& result) {
  auto& part = parts.try_emplace(result.assessment.agent, core::MixturePart{.agent = result.agent}).first->second;
  const auto greater = [](std::optional<double>& so_far, double value) {
    if (!std::isnan(value)) so_far = std::max(so_far.value_or(value), value);
  };
  const auto& j = result.judgement;
  greater(part.twa, std::isnan(j.average) ? j.average_loq : j.average);
  greater(part.stel_max, j.short_time);
}

std::vector<core::MixturePart> measured_parts(const PartsOfDay& by_agent) {
  std::vector<core::MixturePart> parts;
  for (const auto& [agent, part] : by_agent)
    if (part.twa || part.stel_max) parts.push_back(part);
  return parts;
}

}  // namespace

std::vector<std::string> RecordSource::agents_of(const settings::MixtureSettings& mixture) const {
  std::vector<std::string> agents;
  for (const auto& points : mixture.agents) {
    const auto& point = site_.points[core::at(points.front())];
    if (point.agent) agents.push_back(site_.agents[core::at(*point.agent)].id);
  }
  return agents;
}

std::vector<MixtureOfDay> RecordSource::mixtures(const std::vector<JudgedAssessment>& results) const {
  std::vector<MixtureOfDay> found;
  for (const auto& mixture : settings_.mixtures) {
    const auto& lead = site_.points[core::at(mixture.agents.front().front())];
    const auto& workplace = site_.workplaces[core::at(lead.workplace)].id;
    const auto agents = agents_of(mixture);
    std::map<std::int32_t, PartsOfDay> days;
    for (const auto& result : results) {
      const auto& a = result.assessment;
      const bool its = a.workplace == workplace && std::ranges::find(agents, a.agent) != agents.end();
      if (its) add_part(days[a.day], result);
    }
    for (const auto& [day, by_agent] : days) {
      const auto parts = measured_parts(by_agent);
      if (parts.size() > 1) found.push_back({workplace, day, core::evaluate_mixture(parts)});
    }
  }
  return found;
}

std::map<ExposureGroup, std::size_t> RecordSource::groups(const std::vector<JudgedAssessment>& results) {
  std::map<ExposureGroup, std::size_t> found;
  for (const auto& result : results) {
    const auto& a = result.assessment;
    if (result.agent.limit(core::LimitKind::mac) != nullptr) continue;  // no average is held against it
    ++found[{a.enterprise, a.group_or_workplace(), a.agent}];
  }
  return found;
}

/// One average of a person or place a day; where too little was sampled there is none.
std::vector<GroupResult> RecordSource::results_of(const ExposureGroup& group,
                                                  const std::vector<JudgedAssessment>& results) {
  std::vector<GroupResult> found;
  for (const auto& result : results) {
    const auto& a = result.assessment;
    const auto& notes = result.judgement.notes;
    if (a.enterprise != group.enterprise || a.group_or_workplace() != group.group || a.agent != group.agent) continue;
    if (std::ranges::find(notes, core::AssessmentNote::sampled_too_little) != notes.end() ||
        std::ranges::find(notes, core::AssessmentNote::too_few_short) != notes.end())
      continue;
    const bool below = std::isnan(result.judgement.average);
    const double value = below ? result.judgement.average_loq : result.judgement.average;
    if (!std::isnan(value)) found.push_back({a.day, a.subject, a.number, {.value = value, .below_loq = below}});
  }
  return found;
}

core::Agent RecordSource::strictest(const ExposureGroup& group, const std::vector<JudgedAssessment>& results) {
  const core::Agent* found = nullptr;
  const auto limit = [](const core::Agent& agent) {
    const auto* its = agent.shift_limit();
    return its == nullptr ? std::numeric_limits<double>::infinity() : its->value;
  };
  for (const auto& result : results) {
    const auto& a = result.assessment;
    if (a.enterprise != group.enterprise || a.group_or_workplace() != group.group || a.agent != group.agent) continue;
    if (found == nullptr || limit(result.agent) < limit(*found)) found = &result.agent;
  }
  return found == nullptr ? core::Agent{.id = group.agent} : *found;
}

std::vector<GroupResult> RecordSource::online_results(Past& past, const ExposureGroup& group, Days days) const {
  std::vector<GroupResult> found;
  const storage::ExposureFilter wanted{.first_day = days.first, .last_day = days.last, .enterprise = group.enterprise};
  past.exposures.for_each_final(wanted, [&](const storage::StoredExposure& row, const storage::Home& home) {
    const auto& e = row.figures;
    const bool rejected = home.workplace != group.group || row.agent != group.agent || std::isnan(e.twa) || e.at_least;
    if (rejected || found.size() >= records::most_results) return;
    const bool below = std::isnan(e.max) && e.time.below_loq > 0;
    found.push_back(
        {e.window.day, fmt::format("{} {}", row.point, row.shift), 0, {.value = e.twa, .below_loq = below}});
  });
  return found;
}

void RecordSource::add_post_duties(const Post& post, std::vector<Duty>& duties) const {
  settings::DutyCondition known;
  const auto& highest = post.highest->judgement;
  known.exposure_class = highest.exposure_class;
  if (post.figures.agent == "noise" && !std::isnan(highest.average)) known.lex_8h = highest.average;
  if (const auto graded = grade(post); graded && !graded->provisional) known.grade = graded->grade;
  for (const auto kind : {core::DutyKind::test, core::DutyKind::surveillance}) {
    const auto rule = settings_.duties.rule(kind, post.figures.agent, known);
    if (!rule) continue;
    Duty duty{.rule = *rule,
              .enterprise = post.enterprise,
              .workplace = post.figures.workplace,
              .device = {},
              .agent = post.figures.agent,
              .last = {},
              .status = {}};
    if (kind == core::DutyKind::test)
      for (const auto* result : post.results)
        duty.last = std::max(duty.last.value_or(result->assessment.day), result->assessment.day);
    duties.push_back(std::move(duty));
  }
}

/// What instruments watch wants a test of its own, also where there never was one; and they themselves want
/// calibration.
void RecordSource::add_watched_duties(const std::string& enterprise, std::set<PostKey>& posts,
                                      std::vector<Duty>& duties) const {
  std::set<std::string_view> calibrated;
  for (const auto& point : site_.points) {
    const auto& workplace = site_.workplaces[core::at(point.workplace)];
    const auto& owner = site_.enterprise_of(point.workplace).id;
    if (!point.agent || (!enterprise.empty() && owner != enterprise)) continue;
    const auto& word = site_.agents[core::at(*point.agent)].id;
    const auto& device = site_.devices[core::at(point.device)].id;
    const auto add = [&](core::DutyKind kind, const std::string& its_device, const std::string& its_agent) {
      const auto rule = settings_.duties.rule(kind, word, {});
      if (rule)
        duties.push_back({.rule = *rule,
                          .enterprise = owner,
                          .workplace = workplace.id,
                          .device = its_device,
                          .agent = its_agent,
                          .last = {},
                          .status = {}});
      return rule.has_value();
    };
    // By the first of its points that has a rule.
    if (!calibrated.contains(device) && add(core::DutyKind::calibration, device, {})) calibrated.insert(device);
    if (workplace.kind == core::WorkplaceKind::ambient || !posts.emplace(owner, workplace.id, word).second) continue;
    add(core::DutyKind::test, {}, word);
    add(core::DutyKind::surveillance, {}, word);
  }
}

namespace {

bool is_of(const storage::DutyDone& done, const Duty& duty) {
  if (core::name(duty.rule.kind) != done.kind || duty.enterprise != done.enterprise) return false;
  if (done.kind == "calibration") return duty.device == done.device;
  return duty.workplace == done.workplace && (done.agent.empty() || done.agent == duty.agent);
}

/// Overdue ones first, the longest before the others; then what was never done; then by the day.
auto urgency(const Duty& duty) {
  const int rank = duty.status.state == core::DutyState::overdue      ? 0
                   : duty.status.state == core::DutyState::never_done ? 1
                                                                      : 2;
  return std::tuple(rank, rank == 0 ? -duty.status.days : duty.status.days);
}

}  // namespace

std::vector<Duty> RecordSource::duties(Past& past, const std::string& enterprise, std::int32_t today) const {
  const auto results = assessments(past, enterprise, {0, today});
  std::set<PostKey> known;
  std::vector<Duty> duties;
  for (const auto& post : posts(results)) {
    add_post_duties(post, duties);
    known.emplace(post.enterprise, post.figures.workplace, post.figures.agent);
  }
  add_watched_duties(enterprise, known, duties);
  for (const auto& done : past.assessments.last_done(enterprise))
    for (auto& duty : duties)
      if (is_of(done, duty)) duty.last = std::max(duty.last.value_or(done.day), done.day);
  for (auto& duty : duties) duty.status = core::duty_status(duty.rule, duty.last, today);
  std::ranges::stable_sort(duties, {}, urgency);
  return duties;
}

core::OverdueDuties RecordSource::overdue(const std::vector<Duty>& duties) {
  core::OverdueDuties found;
  for (const auto& duty : duties) {
    if (duty.status.state != core::DutyState::overdue || ++found.count > 1) continue;
    found.longest = fmt::format("{} of {}, due {}", core::name(duty.rule.kind),
                                duty.device.empty() ? fmt::format("{} at {}", duty.agent, duty.workplace) : duty.device,
                                records::date_word(duty.status.due_day.value_or(0)));
  }
  return found;
}

}  // namespace hazgate::app
