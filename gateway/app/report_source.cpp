// The values of a report, section by section, out of the store.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cmath>
#include <set>
#include <tuple>

#include "app/record_source.hpp"
#include "core/time_text.hpp"
#include "feed/alarm_text.hpp"
#include "feed/exposure_payload.hpp"
#include "feed/gap_payload.hpp"
#include "records/assessment_entry.hpp"
#include "records/report_figures.hpp"

namespace hazgate::app {

namespace json = boost::json;
using records::date_word;

namespace {

records::Text text_of(feed::Phrase phrase) { return {std::move(phrase.zh), std::move(phrase.en)}; }

std::string word(const json::object& object, std::string_view key) {
  const auto* member = object.if_contains(key);
  return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
}
std::optional<double> figure(const json::object& object, std::string_view key) {
  const auto* member = object.if_contains(key);
  if (member == nullptr || !member->is_number()) return std::nullopt;
  return member->to_number<double>();
}
bool yes(const json::object& object, std::string_view key) {
  const auto* member = object.if_contains(key);
  return member != nullptr && member->is_bool() && member->get_bool();
}

/// What of a record of the ledger the report shows.
records::ReportExceedance exceedance_of(const storage::LedgerRow& row, const json::object& record) {
  records::ReportExceedance shown{.seq = row.seq, .hash = row.hash, .kind = word(record, "kind")};
  shown.workplace = word(record, "workplace");
  shown.point = word(record, "point");
  if (const auto* agent = record.if_contains("agent"); agent != nullptr && agent->is_object())
    shown.agent = word(agent->get_object(), "id");
  if (const auto* limit = record.if_contains("limit"); limit != nullptr && limit->is_object()) {
    shown.limit_kind = word(limit->get_object(), "kind");
    shown.limit_source = word(limit->get_object(), "source");
    shown.limit = figure(limit->get_object(), "value");
  }
  shown.unit = word(record, "unit");
  const bool of_shift = shown.kind == "shift";
  for (const auto* key : {"measured", "lex_8h", "twa", "lex_8h_so_far", "twa_so_far"})
    if (!shown.value) shown.value = figure(record, key);
  shown.over = word(record, "event") != "began";
  shown.at_least = yes(record, "at_least");
  if (of_shift) shown.over = true;
  return shown;
}

bool told_in_report(std::string_view kind) { return kind == "exceedance" || kind == "shift"; }

void count(records::ReportCoverage& of, core::Verdict verdict) {
  ++of.shifts;
  switch (verdict) {
    case core::Verdict::compliant:
      ++of.compliant;
      break;
    case core::Verdict::exceeds:
      ++of.exceeds;
      break;
    case core::Verdict::insufficient:
      ++of.insufficient;
      break;
    case core::Verdict::no_limit:
      ++of.no_limit;
      break;
  }
}

constexpr double seconds_an_hour = 3600;

}  // namespace

class RecordSource::Report {
 public:
  Report(const RecordSource& source, Past& past, std::string enterprise, Days days)
      : source_(source),
        site_(source.site_),
        past_(past),
        enterprise_(std::move(enterprise)),
        days_(days),
        from_(source.midnight(days.first)),
        to_(source.midnight(days.last + 1)) {}

  records::Report take(const GoOn& go_on) {
    cover();
    for (const auto step :
         {&Report::exposures, &Report::ledger, &Report::assessments, &Report::gaps, &Report::alarms}) {
      go_on();
      (this->*step)();
    }
    workplaces();
    agents();
    return std::move(report_);
  }

  /// What a park's row needs of it.
  struct Sum {
    records::ParkReport::Row row;
    std::map<std::string, records::ParkReport::Month> months;
  };
  Sum sum(const GoOn& go_on) {
    const auto whole = take(go_on);
    Sum sum{.row = {.enterprise = whole.enterprise,
                    .name = whole.enterprise_name,
                    .area = whole.area,
                    .assessments = whole.assessment_rate,
                    .shifts = whole.shift_rate},
            .months = {}};
    sum_coverage(whole, sum.row);
    sum_alarms(sum);
    for (const auto& exposure : whole.exposures) month(sum, exposure.day).shifts.count(exposure.figures.verdict);
    const auto standings = records::standings(whole.assessments);
    for (std::size_t i = 0; i < standings.size(); ++i)
      if (standings[i] == records::Standing::stands)
        month(sum, whole.assessments[i].day).assessments.count(whole.assessments[i].judgement.verdict);
    for (const auto& record : whole.exceedances) {
      if (record.kind != "exceedance" || record.over) continue;
      ++sum.row.exceedances;
      ++month(sum, record.at).exceedances;
    }
    return sum;
  }

 private:
  static records::ParkReport::Month& month(Sum& sum, std::string_view date) {
    auto word = std::string(date.substr(0, 7));
    auto& month = sum.months[word];
    month.month = std::move(word);
    return month;
  }

  void cover() {
    report_.site = site_.site_id;
    report_.gateway = site_.gateway_id;
    report_.version = HAZGATE_VERSION;
    report_.enterprise = report_.enterprise_name = enterprise_;
    report_.timezone = source_.settings_.gateway.timezone;
    report_.from = date_word(days_.first);
    report_.to = date_word(days_.last);
    const auto known = std::ranges::find(site_.enterprises, enterprise_, &core::Enterprise::id);
    if (known == site_.enterprises.end()) return;
    if (!known->name.empty()) report_.enterprise_name = known->name;
    const auto area = std::ranges::find(site_.areas, known->area, &core::Area::id);
    report_.area = area == site_.areas.end() || area->name.empty() ? known->area : area->name;
  }

  void exposures() {
    std::map<std::string, records::ReportCoverage> coverage;
    past_.exposures.for_each_final({.first_day = days_.first, .last_day = days_.last, .enterprise = enterprise_},
                                   [&](const storage::StoredExposure& row, const storage::Home& home) {
                                     const auto& e = row.figures;
                                     report_.exposures.push_back({.day = date_word(e.window.day),
                                                                  .shift = std::string(row.shift),
                                                                  .workplace = home.workplace,
                                                                  .point = std::string(row.point),
                                                                  .agent = std::string(row.agent),
                                                                  .unit = std::string(row.unit),
                                                                  .figures = feed::as_told(e, agent_of(row.agent)),
                                                                  .limit_source = std::string(row.limit_source)});
                                     places_.insert(home.workplace);
                                     agent_words_[home.workplace].insert(std::string(row.agent));
                                     report_.shift_rate.count(e.verdict);
                                     auto& of = coverage[std::string(row.point)];
                                     of.workplace = home.workplace;
                                     count(of, e.verdict);
                                     of.measured_h += e.time.measured / seconds_an_hour;
                                     of.elapsed_h += e.time.elapsed() / seconds_an_hour;
                                   });
    std::ranges::stable_sort(report_.exposures, {},
                             [](const records::ReportExposure& e) { return std::tie(e.day, e.workplace, e.point); });
    for (auto& [point, of] : coverage) {
      of.point = point;
      report_.coverage.push_back(std::move(of));
    }
  }

  /// None of a record that is judged as nothing.
  const core::Agent* agent_of(std::string_view word) {
    if (word.empty()) return nullptr;
    auto found = agents_.find(word);
    if (found == agents_.end()) found = agents_.emplace(word, source_.agent(std::string(word))).first;
    return &found->second;
  }

  void ledger() {
    constexpr std::size_t rows_a_page = 1000;
    for (std::uint64_t after = 0;;) {
      const auto rows = past_.ledger.after(enterprise_, after, rows_a_page);
      for (const auto& row : rows) {
        after = row.seq;
        if (row.at < from_ || row.at >= to_) continue;
        boost::system::error_code error;
        const auto record = json::parse(row.record, error);
        if (error || !record.is_object() || !told_in_report(word(record.get_object(), "kind"))) continue;
        auto shown = exceedance_of(row, record.get_object());
        shown.at = source_.local_time(row.at);
        shown.since = local(word(record.get_object(), shown.kind == "shift" ? "begins_at" : "began_at"));
        report_.exceedances.push_back(std::move(shown));
      }
      if (rows.size() < rows_a_page) break;
    }
    for (const auto& end : past_.ledger.ends())
      if (end.enterprise == enterprise_) head(end);
  }
  void head(const storage::LedgerRow& end) {
    report_.head = records::ReportHead{
        .seq = end.seq, .hash = end.hash, .signature = {}, .key_id = {}, .at = source_.local_time(end.at)};
    boost::system::error_code error;
    const auto signed_head = json::parse(end.head.empty() ? "null" : end.head, error);
    if (error || !signed_head.is_object()) {
      report_.notes.push_back({"台账末端尚未签名；稍后重新生成本报告即可。",
                               "The end of the ledger is not signed yet; make this report again in a moment."});
      return;
    }
    report_.head->signature = word(signed_head.get_object(), "signature");
    report_.head->key_id = word(signed_head.get_object(), "key_id");
    report_.head->at = local(word(signed_head.get_object(), "at"));
  }
  std::string local(const std::string& rfc3339) const {
    const auto at = core::time_from(rfc3339);
    return at ? source_.local_time(*at) : rfc3339;
  }

  void assessments() {
    auto page = past_.assessments.newest({.enterprise = enterprise_,
                                          .first_day = days_.first,
                                          .last_day = days_.last,
                                          .withdrawn = true,
                                          .limit = 1'000'000});
    std::vector<JudgedAssessment> counted;
    for (auto& assessment : page.assessments) {
      auto result = source_.judged(std::move(assessment));
      const auto& a = result.assessment;
      report_.assessments.push_back(shown(result));
      earlier_versions(a);
      if (a.withdrawn) continue;
      places_.insert(a.workplace);
      agent_words_[a.workplace].insert(a.agent);
      report_.assessment_rate.count(result.judgement.verdict);
      counted.push_back(std::move(result));
    }
    for (auto& post : source_.posts(counted)) {
      report_.post_rate.count(post.figures.verdict);
      report_.posts.push_back(std::move(post.figures));
    }
  }

  /// What a correction replaced stays on record, and in the report.
  void earlier_versions(const core::Assessment& newest) {
    if (newest.version == 1) return;
    for (auto& version : past_.assessments.versions(newest.number)) {
      if (version.version == newest.version) continue;
      auto result = source_.judged(std::move(version));
      report_.assessments.push_back(shown(result));
    }
  }
  records::ReportAssessment shown(const JudgedAssessment& result) const {
    const auto& a = result.assessment;
    return {.assessment = a,
            .judgement = result.judgement,
            .day = date_word(a.day),
            .workplace_name = source_.workplace_name(a.workplace),
            .agent_name = {result.agent.name_zh, result.agent.name_en},
            .unit = std::string(core::symbol(result.agent.unit))};
  }

  void gaps() {
    constexpr std::size_t most_gaps = 100'000;
    const auto page = past_.gaps.between(
        {.from = from_, .to = to_ - core::Duration(1), .limit = most_gaps, .enterprise = enterprise_});
    for (const auto& [gap, enterprise] : page.gaps) {
      const auto end = std::min(gap.to.value_or(to_), to_);
      records::ReportGap shown{
          .from = source_.local_time(gap.from),
          .to = gap.to ? source_.local_time(*gap.to) : std::string(),
          .workplace = gap.workplace ? site_.workplaces[core::at(*gap.workplace)].id : std::string(),
          .device = gap.device ? site_.devices[core::at(*gap.device)].id : gap.left,
          .reason = std::string(core::name(gap.reason)),
          .kind = std::string(core::name(gap.kind)),
          .text = text_of(feed::gap_text(site_, gap)),
          .hours = core::in_seconds(end - std::max(gap.from, from_)) / seconds_an_hour};
      report_.gaps.push_back(std::move(shown));
    }
    if (page.more)
      report_.notes.push_back({fmt::format("缺测过多，只列出最近的 {} 段。", most_gaps),
                               fmt::format("There are too many gaps: only the newest {} are listed.", most_gaps)});
  }

  /// Those that stood within the period. Numbers rise with time: far below it there is none.
  void alarms() {
    constexpr std::size_t rows_a_page = 1000;
    constexpr auto longest_standing = std::chrono::days(366);
    for (std::uint64_t before = 0;;) {
      const auto page = past_.alarms.page(
          {.before = before, .limit = rows_a_page, .enterprise = enterprise_, .workplace = {}, .subject = {}});
      for (const auto& row : page.alarms) {
        const auto& a = row.alarm;
        if (a.detected_at >= to_ || (a.changed_at < from_ && a.level == core::Level::none)) continue;
        alarms_.push_back(a);
        report_.alarms.push_back(shown(a, row.place.workplace));
      }
      if (!page.next || page.alarms.empty() || page.alarms.back().alarm.detected_at < from_ - longest_standing) break;
      before = *page.next;
    }
    std::ranges::reverse(report_.alarms);
  }
  records::ReportAlarm shown(const core::Alarm& a, std::string_view workplace) const {
    const bool of_point = a.subject == core::AlarmSubject::point && a.activations > 0;
    const auto stamp = [&](std::optional<core::Timestamp> at) { return at ? source_.local_time(*at) : std::string(); };
    const auto number = [](double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; };
    records::ReportAlarm made{.id = fmt::format("{}-{}", site_.gateway_id, a.number),
                              .subject = std::string(site_.subject_id(a.subject, a.index)),
                              .workplace = std::string(workplace),
                              .agent = {},
                              .level = std::string(core::name(a.highest)),
                              .state = std::string(core::name(a.state)),
                              .unit = {},
                              .text = text_of(feed::alarm_text(site_, a))};
    if (of_point) {
      const auto& point = site_.points[a.index];
      if (point.agent) made.agent = site_.agents[core::at(*point.agent)].id;
      made.unit = core::symbol(a.basis == core::Basis::mixture ? core::Unit::one : point.unit);
      made.value = number(a.value);
      made.peak = number(a.peak);
      made.limit = number(a.limit.value);
    }
    made.detected = source_.local_time(a.detected_at);
    made.warned = stamp(a.warned_at);
    made.confirmed = stamp(a.confirmed_at);
    made.disposed = stamp(a.disposed_at);
    made.acknowledged_by = a.acknowledged_by;
    made.disposed_by = a.disposed_by;
    made.disposal = a.measure;
    return made;
  }

  void workplaces() {
    for (std::uint32_t i = 0; i < site_.workplaces.size(); ++i)
      if (site_.enterprise_of(core::WorkplaceIndex{i}).id == enterprise_) places_.insert(site_.workplaces[i].id);
    for (const auto& id : places_) {
      if (id.empty()) continue;
      records::ReportWorkplace made{
          .id = id, .name = source_.workplace_name(id), .shifts = {}, .points = {}, .agents = {}};
      const auto known = std::ranges::find(site_.workplaces, id, &core::Workplace::id);
      if (known != site_.workplaces.end()) {
        for (const auto shift : known->shifts) made.shifts.push_back(shift_word(shift));
        points(core::WorkplaceIndex{static_cast<std::uint32_t>(known - site_.workplaces.begin())}, made);
      }
      for (const auto& agent : agent_words_[id])
        if (!agent.empty()) made.agents.push_back(agent);
      report_.workplaces.push_back(std::move(made));
    }
  }
  std::string shift_word(core::ShiftIndex shift) const {
    const auto& settings = source_.settings_.shifts.at(static_cast<std::size_t>(shift));
    return fmt::format("{} {:02}:{:02}, {} h", settings.id, settings.start_minute / 60, settings.start_minute % 60,
                       settings.hours);
  }
  void points(core::WorkplaceIndex workplace, records::ReportWorkplace& made) {
    for (const auto& point : site_.points) {
      if (point.workplace != workplace || !point.agent) continue;
      const auto& agent = site_.agents[core::at(*point.agent)].id;
      made.points.push_back(fmt::format("{} ({})", point.id, agent));
      agent_words_[made.id].insert(agent);
    }
  }

  void agents() {
    std::set<std::string> words;
    for (const auto& [place, its] : agent_words_) words.insert(its.begin(), its.end());
    for (const auto& agent_word : words) {
      if (agent_word.empty()) continue;
      const auto agent = source_.agent(agent_word);
      records::ReportAgent made{.id = agent.id, .name = {agent.name_zh, agent.name_en}, .limits = {}};
      for (const auto& limit : agent.limits)
        made.limits.push_back({.kind = std::string(core::name(limit.kind)),
                               .value = limit.value,
                               .unit = std::string(core::symbol(limit.unit)),
                               .source = limit.source});
      report_.agents.push_back(std::move(made));
    }
  }

  static void sum_coverage(const records::Report& whole, records::ParkReport::Row& row) {
    double measured = 0, elapsed = 0;
    for (const auto& of : whole.coverage) {
      measured += of.measured_h;
      elapsed += of.elapsed_h;
    }
    row.coverage = elapsed > 0 ? measured / elapsed : 0;
    for (const auto& exposure : whole.exposures) row.worst_ratio = std::fmax(row.worst_ratio, exposure.figures.ratio);
    for (const auto& post : whole.posts) row.worst_ratio = std::fmax(row.worst_ratio, post.highest_ratio);
  }
  void sum_alarms(Sum& sum) const {
    std::vector<double> hours;
    for (const auto& alarm : alarms_) {
      ++sum.row.alarms;
      ++month(sum, date_word(source_.local_day(alarm.detected_at))).alarms;
      if (alarm.highest == core::Level::exceed) ++sum.row.exceed_alarms;
      if (alarm.highest == core::Level::danger) ++sum.row.danger_alarms;
      for (const bool missed : {alarm.warn_missed, alarm.confirm_missed, alarm.dispose_missed})
        sum.row.missed_targets += missed ? 1 : 0;
      if (alarm.disposed_at)
        hours.push_back(core::in_seconds(*alarm.disposed_at - alarm.detected_at) / seconds_an_hour);
    }
    if (hours.empty()) return;
    const auto middle = hours.begin() + static_cast<std::ptrdiff_t>(hours.size() / 2);
    std::ranges::nth_element(hours, middle);
    sum.row.median_dispose_h = *middle;
  }

  const RecordSource& source_;
  const core::Site& site_;
  Past& past_;
  const std::string enterprise_;
  const Days days_;
  const core::Timestamp from_, to_;
  records::Report report_;
  std::set<std::string> places_;
  std::map<std::string, std::set<std::string>> agent_words_;  ///< by workplace
  std::vector<core::Alarm> alarms_;
  std::map<std::string, core::Agent, std::less<>> agents_;  ///< by word
};

records::Report RecordSource::report(Past& past, const std::string& enterprise, Days days, const GoOn& go_on) const {
  return Report(*this, past, enterprise, days).take(go_on);
}

namespace {
void add(records::PassRate& to, const records::PassRate& part) {
  to.compliant += part.compliant;
  to.exceeds += part.exceeds;
  to.insufficient += part.insufficient;
  to.no_limit += part.no_limit;
}

/// The worst first: by what exceeds, then by alarms, then by what nobody knows.
auto rank(const records::ParkReport::Row& row) {
  return std::tuple(-static_cast<double>(row.assessments.exceeds + row.shifts.exceeds),
                    -static_cast<double>(row.danger_alarms), -static_cast<double>(row.exceed_alarms), row.coverage);
}
}  // namespace

records::ParkReport RecordSource::park(Past& past, Days days, const GoOn& go_on) const {
  records::ParkReport park;
  park.site = site_.site_id;
  park.gateway = site_.gateway_id;
  park.version = HAZGATE_VERSION;
  park.timezone = settings_.gateway.timezone;
  park.from = date_word(days.first);
  park.to = date_word(days.last);
  std::map<std::string, records::ParkReport::Month> months;
  for (const auto& enterprise : site_.enterprises) {
    auto sum = Report(*this, past, enterprise.id, days).sum(go_on);
    park.rows.push_back(std::move(sum.row));
    for (auto& [word, month] : sum.months) {
      auto& whole = months[word];
      whole.month = word;
      add(whole.assessments, month.assessments);
      add(whole.shifts, month.shifts);
      whole.alarms += month.alarms;
      whole.exceedances += month.exceedances;
    }
  }
  std::ranges::stable_sort(park.rows, {}, rank);
  for (auto& [word, month] : months) park.months.push_back(std::move(month));
  return park;
}

}  // namespace hazgate::app
