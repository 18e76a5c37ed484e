#include "app/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/stream_parser.hpp>
#include <cmath>
#include <set>

#include "app/time_text.hpp"
#include "core/evaluation.hpp"
#include "core/exposure_meter.hpp"
#include "feed/json_text.hpp"
#include "settings/words.hpp"

namespace hazgate::app {

namespace {

namespace json = boost::json;
using core::Flag;

[[noreturn]] void bad(std::string_view path, const std::string& what) {
  throw BadInput(fmt::format("{}: {}", path, what));
}

/// One object of the input: what is read is known, what is left over is a mistake.
class Fields {
 public:
  Fields(const json::value& value, std::string path) : path_(std::move(path)) {
    if (!value.is_object()) bad(path_, "is not an object; expected {…}");
    object_ = &value.get_object();
  }
  std::string at(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  }
  const json::value* find(std::string_view key) {
    known_.emplace_back(key);
    return object_->if_contains(key);
  }
  bool has(std::string_view key) const { return object_->contains(key); }
  std::optional<double> number(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_number()) bad(at(key), "is not a number");
    const auto number = value->to_number<double>();
    if (!std::isfinite(number)) bad(at(key), "is not a finite number");
    return number;
  }
  double required(std::string_view key) {
    const auto value = number(key);
    if (!value) bad(at(key), "is missing; expected a number");
    return *value;
  }
  bool yes_no(std::string_view key, bool otherwise) {
    const auto* value = find(key);
    if (value == nullptr) return otherwise;
    if (!value->is_bool()) bad(at(key), "is not true or false");
    return value->get_bool();
  }
  std::string text(std::string_view key, std::string_view otherwise = {}) {
    const auto* value = find(key);
    if (value == nullptr) return std::string(otherwise);
    if (!value->is_string()) bad(at(key), "is not a string");
    return std::string(value->get_string());
  }
  const json::array* list(std::string_view key) {
    const auto* value = find(key);
    if (value == nullptr) return nullptr;
    if (!value->is_array() || value->get_array().empty()) bad(at(key), "is not a list with something in it");
    return &value->get_array();
  }
  void finish() const {
    for (const auto& [key, value] : *object_) {
      if (std::ranges::find(known_, key) != known_.end()) continue;
      bad(at(key), fmt::format("is not known{}", settings::hint(key, known_)));
    }
  }

 private:
  std::string path_;
  const json::object* object_ = nullptr;
  std::vector<std::string> known_;
};

core::Agent agent_of(Fields& fields, const settings::LimitTable& limits, std::optional<double> sio2) {
  auto word = fields.text("agent");
  if (word.empty())
    bad(fields.at("agent"), "is missing; expected cas:<no>, gbz:<no>, dust:<no>:total|respirable or noise");
  auto named = limits.agent(word);
  if (named.has_error()) bad(fields.at("agent"), named.error().why);
  if (!sio2) return *named;
  if (!word.starts_with("dust:")) bad(fields.at("sio2_percent"), "belongs to a dust");
  const auto row = core::silica_row(*sio2);
  const bool asbestos = named->name_zh.find("石棉") != std::string::npos;
  if (!row || asbestos) return *named;
  // Any listed dust but asbestos with 10 % free SiO2 or more.                      GBZ 2.1-2019 Table 2, footnote
  const auto fraction = word.substr(word.rfind(':') + 1);
  auto silica = limits.agent(fmt::format("dust:{}:{}", *row, fraction));
  if (silica.has_error()) bad(fields.at("sio2_percent"), silica.error().why);
  return *silica;
}

std::vector<core::Segment> read_segments(const json::array& list, std::string_view key) {
  std::vector<core::Segment> segments;
  segments.reserve(list.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields fields(list[i], fmt::format("{}[{}]", key, i));
    core::Segment segment{.minutes = fields.required("minutes"), .value = fields.number("value")};
    if (!(segment.minutes > 0)) bad(fields.at("minutes"), "is not above 0");
    if (fields.yes_no("below_loq", false)) segment.flag = Flag::below_loq;
    segment.exposed = fields.yes_no("exposed", true);
    if (segment.flag == Flag::below_loq && !segment.value)
      bad(fields.at("value"), "is missing; below_loq needs the limit");
    fields.finish();
    segments.push_back(segment);
  }
  return segments;
}

struct TimedReading {
  core::Timestamp at;
  std::optional<double> value;
  Flag flag = Flag::normal;
};

core::Timestamp time_field(Fields& fields, std::string_view key) {
  const auto text = fields.text(key);
  const auto at = time_from(text);
  if (!at)
    bad(fields.at(key), fmt::format("\"{}\" is no time; expected RFC 3339 such as 2026-11-23T08:00:00+08:00", text));
  return *at;
}

std::vector<TimedReading> read_readings(const json::array& list, core::Timestamp start, core::Timestamp end) {
  std::vector<TimedReading> readings;
  readings.reserve(list.size());
  auto last = start;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields fields(list[i], fmt::format("readings[{}]", i));
    TimedReading reading{.at = time_field(fields, "t"), .value = fields.number("value")};
    const auto letter = fields.text("flag", "N");
    const auto flag = letter.size() == 1 ? core::flag_from(letter[0]) : std::nullopt;
    if (!flag) bad(fields.at("flag"), fmt::format("\"{}\" is no flag; expected one of N T D B C M F S L", letter));
    reading.flag = *flag;
    if (core::judges_alarms(*flag) && !reading.value)
      bad(fields.at("value"), fmt::format("is missing; flag {} needs it", letter));
    fields.finish();
    if (reading.at < last) bad(fields.at("t"), "goes back in time, or lies before shift_start; sort the readings");
    if (reading.at > end) bad(fields.at("t"), "lies after the shift; see hours_per_day");
    last = reading.at;
    readings.push_back(reading);
  }
  return readings;
}

core::Duration usual_distance(const std::vector<TimedReading>& readings) {
  std::vector<core::Duration> distances;
  for (std::size_t i = 1; i < readings.size(); ++i) distances.push_back(readings[i].at - readings[i - 1].at);
  if (distances.empty()) return std::chrono::minutes(1);
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::ranges::nth_element(distances, middle);
  return *middle;
}

/// A reading covers the time since the one before it, at most three periods; the rest is a gap.
std::vector<core::Segment> as_segments(const std::vector<TimedReading>& readings, core::Timestamp start,
                                       core::Timestamp end, core::Duration period) {
  std::vector<core::Segment> segments;
  const auto minutes = [](core::Duration d) { return std::chrono::duration<double, std::ratio<60>>(d).count(); };
  auto known = start;
  for (const auto& reading : readings) {
    const auto covers = known == start && reading.at - start > 3 * period ? period : 3 * period;
    const auto from = std::max(known, reading.at - covers);
    if (from > known) segments.push_back({.minutes = minutes(from - known)});
    if (reading.at > from)
      segments.push_back({.minutes = minutes(reading.at - from), .value = reading.value, .flag = reading.flag});
    known = reading.at;
  }
  if (end > known) segments.push_back({.minutes = minutes(end - known)});
  return segments;
}

core::Evaluation by_readings(Fields& fields, const core::Agent& agent, const core::Schedule& schedule,
                             const json::array& list) {
  if (!fields.has("shift_start")) bad("shift_start", "is missing; readings need it");
  const auto start = time_field(fields, "shift_start");
  const auto length = std::chrono::duration<double, std::ratio<3600>>(schedule.hours_per_day);
  const auto end = start + std::chrono::duration_cast<core::Duration>(length);
  const auto readings = read_readings(list, start, end);
  auto period = usual_distance(readings);
  if (const auto stated = fields.number("period_s")) {
    if (!(*stated > 0)) bad("period_s", "is not above 0");
    period = std::chrono::duration_cast<core::Duration>(std::chrono::duration<double>(*stated));
  }
  fields.finish();
  return core::evaluate_day(agent, schedule, as_segments(readings, start, end, period), true);
}

core::Evaluation by_days(const core::Agent& agent, const core::Schedule& schedule, const json::array& list) {
  std::vector<core::Day> days;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields day(list[i], fmt::format("days[{}]", i));
    days.push_back({day.required("hours"), day.required("value")});
    if (!(days.back().hours > 0) || days.back().hours > 24) bad(day.at("hours"), "is not above 0 and at most 24");
    day.finish();
  }
  if (days.size() > 7) bad("days", "a week has at most 7");
  return core::evaluate_week(agent, schedule, days);
}

core::Evaluation by_mixture(const json::array& list, const settings::LimitTable& limits) {
  std::vector<core::MixturePart> parts;
  for (std::size_t i = 0; i < list.size(); ++i) {
    Fields part(list[i], fmt::format("mixture[{}]", i));
    parts.push_back({agent_of(part, limits, {}), part.number("twa"), part.number("stel_max")});
    part.finish();
  }
  return core::evaluate_mixture(parts);
}

void write_limit(feed::JsonWriter& out, const core::Agent& agent) {
  if (agent.limits.empty()) return;
  out.open("limit");
  using core::LimitKind;
  for (const auto& [kind, key] : {std::pair{LimitKind::mac, "mac"},
                                  {LimitKind::pc_twa, "pc_twa"},
                                  {LimitKind::pc_stel, "pc_stel"},
                                  {LimitKind::lex_8h, "lex_8h"}}) {
    if (const auto* limit = agent.limit(kind)) out.number(key, limit->value);
  }
  out.text("unit", core::symbol(agent.unit)).text("source", agent.limits.front().source).close();
}

struct Shown {
  std::string_view key;
  std::optional<double> value;
  std::optional<double> limit;  ///< that it is rounded by
};

/// Rounded once, half to even, to one decimal more than the limit has.                GBZ 331-2024 G.1.2, GB/T 8170
void write_reported(feed::JsonWriter& out, const std::vector<Shown>& figures, std::optional<double> below) {
  const bool any = below || std::ranges::any_of(figures, [](const Shown& f) { return f.value && f.limit; });
  if (!any) return;
  out.open("reported");
  if (below) out.text("twa", fmt::format("<{}", *below));
  bool disagrees = false;
  for (const auto& figure : figures) {
    if (!figure.value || !figure.limit) continue;
    const double rounded = core::round_half_even(*figure.value, core::reported_decimals(*figure.limit));
    out.number(figure.key, rounded);
    disagrees |= core::exceeds(rounded, *figure.limit) != core::exceeds(*figure.value, *figure.limit);
  }
  if (disagrees) out.text("note", "judged unrounded: the rounded figure alone would be judged otherwise");
  out.close();
}

void write_time(feed::JsonWriter& out, const core::TimeShares& t) {
  out.open("time").number("measured_minutes", t.measured / 60).number("below_loq_minutes", t.below_loq / 60);
  out.number("over_range_minutes", t.over_range / 60).number("calibrating_minutes", t.calibrating / 60);
  out.number("maintenance_minutes", t.maintenance / 60).number("fault_minutes", t.fault / 60);
  out.number("link_lost_minutes", t.link_lost / 60).number("stopped_minutes", t.stopped / 60);
  out.number("missing_minutes", t.missing / 60).close();
}

std::string written(const core::Agent& agent, const core::Evaluation& e) {
  feed::JsonWriter out;
  out.open();
  if (!agent.id.empty()) out.text("agent", agent.id);
  write_limit(out, agent);
  const auto put = [&](std::string_view key, std::optional<double> value) {
    if (value && std::isfinite(*value)) out.number(key, *value);
  };
  put("twa", e.twa);
  put("twa_at_least", e.twa_at_least);
  if (e.rule) out.text("twa_rule", core::name(*e.rule));
  put("pc_twa_adjusted", e.pc_twa_adjusted);
  put("reduction_factor", e.reduction_factor);
  put("stel_max", e.stel_max);
  put("max", e.max);
  if (e.episodes) {
    out.open("episodes").count("count", e.episodes->count).number("longest_minutes", e.episodes->longest_minutes);
    put("closest_minutes", e.episodes->closest_minutes);
    out.close();
  }
  put("laeq", e.laeq);
  put("lex_8h", e.lex_8h);
  put("lex_40h", e.lex_40h);
  put("mixture_index", e.mixture_index);
  put("mixture_index_twa", e.mixture_index_twa);
  put("mixture_index_stel", e.mixture_index_stel);
  put("ratio", e.ratio);
  if (e.exposure_class) out.text("class", core::name(*e.exposure_class));
  put("coverage", e.coverage);
  if (e.at_least) out.yes_no("at_least", true);
  if (e.coverage) write_time(out, e.time);
  out.open_list("breaches");
  for (const auto breach :
       {core::Breach::mac, core::Breach::pc_twa, core::Breach::pc_stel, core::Breach::pe_3x, core::Breach::pe_5x,
        core::Breach::lex_8h, core::Breach::lex_40h, core::Breach::mixture, core::Breach::peak}) {
    if (e.breaches.has(breach)) out.text({}, core::name(breach));
  }
  out.close_list().text("verdict", core::name(e.verdict));
  const auto limit = [&](core::LimitKind kind) {
    const auto* l = agent.limit(kind);
    return l == nullptr ? std::nullopt : std::optional(l->value);
  };
  using core::LimitKind;
  write_reported(out,
                 {{"twa", e.twa, limit(LimitKind::pc_twa)},
                  {"stel_max", e.stel_max, limit(LimitKind::pc_stel)},
                  {"max", e.max, limit(LimitKind::mac)},
                  {"lex_8h", e.lex_8h, limit(LimitKind::lex_8h)},
                  {"lex_40h", e.lex_40h, limit(LimitKind::lex_8h)}},
                 e.below);
  out.close();
  return out.take();
}

json::value parsed(std::string_view text) {
  if (text.size() > most_input) bad("input", fmt::format("is larger than {} MiB", most_input >> 20U));
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) bad("input", "is empty; expected one JSON object");
  json::stream_parser parser;
  boost::system::error_code error;
  const auto read = parser.write_some(text.data(), text.size(), error);
  const bool rest = !error && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos;
  const bool ends_early = !error && !parser.done();
  if (error || ends_early || rest) {
    const auto lines = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(read), '\n') + 1;
    bad(fmt::format("input, byte {} (line {})", read, lines), rest    ? "something follows the object"
                                                              : error ? "is not JSON: " + error.message()
                                                                      : "ends within the JSON");
  }
  return parser.release();
}

}  // namespace

std::string evaluate(std::string_view text, const settings::LimitTable& limits) {
  const auto value = parsed(text);
  Fields fields(value, value.is_object() ? "" : "input");
  core::Schedule schedule;
  schedule.hours_per_day = fields.number("hours_per_day").value_or(8);
  schedule.days_per_week = fields.number("days_per_week").value_or(5);
  schedule.adjust = fields.yes_no("adjust", false);
  if (!(schedule.hours_per_day > 0) || schedule.hours_per_day > 24)
    bad("hours_per_day", "is not above 0 and at most 24");
  const bool whole = schedule.days_per_week == std::floor(schedule.days_per_week);
  if (!(schedule.days_per_week >= 1) || schedule.days_per_week > 7 || !whole)
    bad("days_per_week", "is not one of 1 to 7");
  const auto sio2 = fields.number("sio2_percent");
  if (sio2 && (*sio2 < 0 || *sio2 > 100)) bad("sio2_percent", "is not between 0 and 100");
  const auto* segments = fields.list("segments");
  const auto* readings = fields.list("readings");
  const auto* mixture = fields.list("mixture");
  const auto* days = fields.list("days");
  const auto given = (segments != nullptr) + (readings != nullptr) + (mixture != nullptr) + (days != nullptr);
  if (given != 1) bad("input", "expected one of segments, readings, mixture or days");
  if (mixture != nullptr) {
    fields.finish();
    return written({}, by_mixture(*mixture, limits));
  }
  const auto agent = agent_of(fields, limits, sio2);
  if (readings != nullptr) return written(agent, by_readings(fields, agent, schedule, *readings));
  fields.finish();
  if (days != nullptr) return written(agent, by_days(agent, schedule, *days));
  const auto parts = read_segments(*segments, "segments");
  double minutes = 0;
  for (const auto& part : parts) minutes += part.minutes;
  if (minutes > 24 * 60 * (1 + 1e-9)) bad("segments", fmt::format("sum up to {} minutes; a day has 1440", minutes));
  return written(agent, core::evaluate_day(agent, schedule, parts));
}

}  // namespace hazgate::app
