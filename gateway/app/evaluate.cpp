#include "app/evaluate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/evaluation.hpp"
#include "feed/json_text.hpp"
#include "feed/payload.hpp"

namespace hazgate::app {

namespace {

using core::Agent;
using core::LimitKind;
using List = EvaluateInput::List;

bool is_heat(const Agent& agent) { return agent.limit(LimitKind::wbgt) != nullptr; }

Agent known_agent(const std::string& word, std::string_view path, const settings::LimitTable& limits) {
  if (word.empty())
    bad(path, "is missing; expected cas:<number>, gbz:<no>, dust:<no>:total|respirable, noise or wbgt:<rate>:<class>");
  auto named = limits.agent(word);
  if (named.has_error()) bad(path, named.error().why);
  return *named;
}

/// Any listed dust but asbestos with 10 % free SiO2 or more is judged as silica.     GBZ 2.1-2019 Table 2, footnote
Agent dust_by_content(const Agent& dust, double sio2_percent, const settings::LimitTable& limits) {
  auto silica = limits.dust_by_content(dust.id, sio2_percent);
  if (silica.has_error()) bad("sio2_percent", silica.error().why);
  if (silica->id == dust.id) return dust;
  for (auto& limit : silica->limits) limit.source += fmt::format(", for free SiO2 of {} %", sio2_percent);
  return *silica;
}

Agent agent_of(const EvaluateInput& input, const settings::LimitTable& limits) {
  auto agent = known_agent(input.agent, "agent", limits);
  if (input.outdoor_ventilation_degc) {
    if (!is_heat(agent)) bad("outdoor_ventilation_degc", "belongs to heat; remove it");
    agent = settings::in_climate(std::move(agent), *input.outdoor_ventilation_degc);
  }
  return input.sio2_percent ? dust_by_content(agent, *input.sio2_percent, limits) : agent;
}

/// Beyond these a figure is a slip of the unit or of the pen, and sums would overflow. `path`: called for its words.
template <class Path>
void check_value(const Agent& agent, std::optional<double> value, Path path) {
  constexpr double most_mg_per_m3 = 1e9;
  if (!value || std::isnan(*value)) return;
  if (is_heat(agent)) {
    if (*value < -50 || *value > 100) bad(path(), fmt::format("{} is no WBGT; expected -50 to 100 degC", *value));
    return;
  }
  const bool level = agent.unit == core::Unit::db_a;
  if (level && (*value < -50 || *value > 250))
    bad(path(), fmt::format("{} is no level; expected -50 to 250 dB", *value));
  if (!level && (*value < 0 || *value > most_mg_per_m3))
    bad(path(), fmt::format("{} is no concentration; expected 0 to 1e9 mg/m3", *value));
}

core::Schedule schedule_of(const EvaluateInput& input) {
  return {
      .hours_per_day = input.hours_per_day, .days_per_week = input.days_per_week.value_or(5), .adjust = input.adjust};
}

std::string shown(core::Timestamp at) {
  std::string text;
  feed::append_time(text, at);
  return text;
}

void check_times(const EvaluateInput& input, core::Timestamp start, core::Timestamp end) {
  const auto& readings = input.readings;
  const auto path = [](std::size_t i) { return fmt::format("readings[{}].t", i); };
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const auto at = readings[i].at;
    if (i > 0 && at < readings[i - 1].at)
      bad(path(i), fmt::format("{} goes back behind readings[{}] at {}; sort the readings by time", shown(at), i - 1,
                               shown(readings[i - 1].at)));
    if (i > 0 && at == readings[i - 1].at)
      bad(path(i), fmt::format("{} is the time of readings[{}] already; remove one of the two", shown(at), i - 1));
    if (at < start || at > end)
      bad(path(i), fmt::format("{} lies outside of the shift, {} to {}; see shift_start and hours_per_day", shown(at),
                               shown(start), shown(end)));
  }
}

/// The median; nothing for fewer than two times.
core::Duration usual_distance(const std::vector<TimedReading>& readings) {
  std::vector<core::Duration> distances;
  distances.reserve(readings.size());
  for (std::size_t i = 1; i < readings.size(); ++i) {
    if (readings[i].at > readings[i - 1].at) distances.push_back(readings[i].at - readings[i - 1].at);
  }
  if (distances.empty()) return core::Duration{0};
  const auto middle = distances.begin() + static_cast<std::ptrdiff_t>((distances.size() - 1) / 2);
  std::ranges::nth_element(distances, middle);
  return *middle;
}

/// A reading covers the time since the one before it, at most three periods, and the first one the time since the
/// shift began, or else one period; the rest is a gap.
std::vector<core::Segment> as_segments(const std::vector<TimedReading>& readings, core::Timestamp start,
                                       core::Timestamp end, core::Duration period) {
  std::vector<core::Segment> segments;
  segments.reserve(readings.size() + 16);
  const auto minutes = [](core::Duration d) { return std::chrono::duration<double, std::ratio<60>>(d).count(); };
  auto known = start;
  for (const auto& reading : readings) {
    const bool late_start = &reading == readings.data() && reading.at - start > 3 * period;
    const auto from = std::max(known, reading.at - (late_start ? period : 3 * period));
    if (from > known) segments.push_back({.minutes = minutes(from - known)});
    const bool valued = !std::isnan(reading.value);
    segments.push_back({.minutes = minutes(reading.at - from),
                        .value = valued ? std::optional(reading.value) : std::nullopt,
                        .flag = reading.flag});
    known = reading.at;
  }
  if (end > known) segments.push_back({.minutes = minutes(end - known)});
  return segments;
}

core::Evaluation by_readings(const EvaluateInput& input, const Agent& agent) {
  if (!input.shift_start) bad("shift_start", "is missing; readings need it, in RFC 3339");
  for (std::size_t i = 0; i < input.readings.size(); ++i)
    check_value(agent, input.readings[i].value, [i] { return fmt::format("readings[{}].value", i); });
  const auto start = *input.shift_start;
  const std::chrono::duration<double, std::ratio<3600>> length(input.hours_per_day.value_or(8));
  const auto end = start + std::chrono::round<core::Duration>(length);
  check_times(input, start, end);
  const auto period = input.period_s
                          ? std::chrono::round<core::Duration>(std::chrono::duration<double>(*input.period_s))
                          : usual_distance(input.readings);
  return core::evaluate_day(agent, schedule_of(input), as_segments(input.readings, start, end, period), true);
}

core::Evaluation by_segments(const EvaluateInput& input, const Agent& agent) {
  if (input.segments.empty()) bad("segments", "is empty; expected at least one");
  double minutes = 0;
  for (std::size_t i = 0; i < input.segments.size(); ++i) {
    check_value(agent, input.segments[i].value, [i] { return fmt::format("segments[{}].value", i); });
    minutes += input.segments[i].minutes;
  }
  if (minutes > 1440 * (1 + 1e-9)) bad("segments", fmt::format("sum up to {} minutes; a day has 1440", minutes));
  return core::evaluate_day(agent, schedule_of(input), input.segments);
}

core::Evaluation by_days(const EvaluateInput& input, const Agent& agent) {
  const auto& days = input.days;
  if (days.empty() || days.size() > 7) bad("days", fmt::format("has {} entries; expected 1 to 7", days.size()));
  if (input.days_per_week && *input.days_per_week != static_cast<double>(days.size()))
    bad("days_per_week",
        fmt::format("is {}, but days has {} entries; leave it out", *input.days_per_week, days.size()));
  if (agent.limit(LimitKind::mac) != nullptr)
    bad("days", fmt::format("{} has a MAC, which no average is held against; expected segments or readings", agent.id));
  if (agent.id == "noise:peak") bad("days", "impulses are judged by the day; expected segments or readings");
  if (is_heat(agent)) bad("days", "heat is judged by the day; expected segments or readings");
  for (std::size_t i = 0; i < days.size(); ++i)
    check_value(agent, days[i].value, [i] { return fmt::format("days[{}].value", i); });
  return core::evaluate_week(agent, schedule_of(input), days);
}

core::Evaluation by_mixture(const EvaluateInput& input, const settings::LimitTable& limits) {
  if (input.mixture.empty()) bad("mixture", "is empty; expected at least one agent");
  if (input.sio2_percent) bad("sio2_percent", "belongs to one dust, not to a mixture; name the row of the silica");
  if (input.outdoor_ventilation_degc) bad("outdoor_ventilation_degc", "belongs to heat; remove it");
  std::vector<core::MixturePart> parts;
  std::set<std::string> met;
  for (std::size_t i = 0; i < input.mixture.size(); ++i) {
    const auto& words = input.mixture[i];
    const auto path = [i](std::string_view key) { return fmt::format("mixture[{}].{}", i, key); };
    parts.push_back({known_agent(words.agent, path("agent"), limits), words.twa, words.stel_max});
    const auto& agent = parts.back().agent;
    if (agent.unit != core::Unit::mg_per_m3) bad(path("agent"), fmt::format("{} adds to no mixture", words.agent));
    if (!met.insert(words.agent).second) bad(path("agent"), fmt::format("{} is there already", words.agent));
    if (!words.twa && !words.stel_max) bad(path("twa"), "is missing; expected twa, or stel_max, or both");
    check_value(agent, words.twa, [&] { return path("twa"); });
    check_value(agent, words.stel_max, [&] { return path("stel_max"); });
  }
  return core::evaluate_mixture(parts, schedule_of(input));
}

std::optional<double> limit_of(const Agent& agent, LimitKind kind) {
  const auto* limit = agent.limit(kind);
  return limit == nullptr ? std::nullopt : std::optional(limit->value);
}

void put(feed::JsonWriter& out, std::string_view key, std::optional<double> value) {
  if (value && std::isfinite(*value)) out.number(key, *value);
}

void write_limit(feed::JsonWriter& out, const Agent& agent, const core::Evaluation& e) {
  if (agent.limits.empty() && !e.impulse_limit) return;
  std::vector<std::string> sources;
  out.open("limit");
  for (const auto& [kind, key] : {std::pair{LimitKind::mac, "mac"},
                                  {LimitKind::pc_twa, "pc_twa"},
                                  {LimitKind::pc_stel, "pc_stel"},
                                  {LimitKind::lex_8h, "lex_8h"},
                                  {LimitKind::wbgt, "wbgt"}}) {
    const auto* limit = agent.limit(kind);
    if (limit == nullptr) continue;
    out.number(key, limit->value);
    if (std::ranges::find(sources, limit->source) == sources.end()) sources.push_back(limit->source);
  }
  if (e.impulse_limit) {
    out.number("peak", *e.impulse_limit);
    sources.emplace_back("GBZ 2.2-2007 Table 10");
  }
  out.text("unit", core::symbol(agent.unit)).text("source", fmt::format("{}", fmt::join(sources, "; "))).close();
}

struct Reported {
  std::string_view key;
  std::optional<double> value;
  std::optional<double> limit;   ///< as printed: what the figure is rounded by
  std::optional<double> judged;  ///< the limit it is held against, where that is another
};

std::vector<Reported> reported(const Agent& agent, const core::Evaluation& e) {
  const auto pc_twa = limit_of(agent, LimitKind::pc_twa), pc_stel = limit_of(agent, LimitKind::pc_stel);
  const auto mac = limit_of(agent, LimitKind::mac), lex = limit_of(agent, LimitKind::lex_8h);
  const auto wbgt = limit_of(agent, LimitKind::wbgt);
  const auto first = [](std::optional<double> limit, std::optional<double> other) { return limit ? limit : other; };
  const std::optional<double> itself;
  const std::optional nothing = std::numeric_limits<double>::infinity();  // shown, and held against nothing
  return {{"twa", e.twa, pc_twa, e.pc_twa_adjusted},
          {"twa_at_least", e.twa_at_least, pc_twa, e.pc_twa_adjusted},
          {"pc_twa_adjusted", e.pc_twa_adjusted, pc_twa, nothing},
          {"stel_max", e.stel_max, first(pc_stel, pc_twa), pc_stel ? itself : nothing},
          {"stel_at_least", e.stel_at_least, first(pc_stel, pc_twa), pc_stel ? itself : nothing},
          {"max", e.max, first(first(mac, pc_twa), first(first(lex, wbgt), e.impulse_limit)),
           mac || e.impulse_limit ? itself : nothing},
          {"laeq", e.laeq, lex, nothing},
          {"lex_8h", e.lex_8h, lex, e.lex_40h && !e.breaches.has(core::Breach::lex_8h) ? nothing : itself},
          {"lex_40h", e.lex_40h, lex, itself},
          {"wbgt", e.wbgt, wbgt, itself},
          {"mixture_index", e.mixture_index, 1, itself}};
}

bool rounds_across(const Reported& figure, int decimals) {
  const double held = figure.judged.value_or(*figure.limit);
  const double rounded = core::round_half_even(*figure.value, decimals);
  return core::exceeds(rounded, core::round_half_even(held, decimals)) != core::exceeds(*figure.value, held);
}

/// Rounded once, half to even, to one decimal more than the limit has; an adjusted limit keeps that one more as well.
/// GBZ 331-2024 G.1.2, G.2.2, G.4, GB/T 8170
void write_reported(feed::JsonWriter& out, const std::vector<Reported>& figures) {
  if (std::ranges::none_of(figures, [](const Reported& f) { return f.value && f.limit; })) return;
  out.open("reported");
  std::vector<std::string_view> across;
  for (const auto& figure : figures) {
    if (!figure.value || !figure.limit) continue;
    const int decimals = core::reported_decimals(*figure.limit);
    put(out, figure.key, core::round_half_even(*figure.value, decimals));
    if (rounds_across(figure, decimals)) across.push_back(figure.key);
  }
  if (!across.empty())
    out.text("note",
             fmt::format("judged unrounded: {} as rounded here would be judged otherwise", fmt::join(across, ", ")));
  out.close();
}

/// All of it below the quantification limit: that is said instead of a number.              GBZ 331-2024 G.1.1.2 b
void write_below(feed::JsonWriter& out, const Agent& agent, const core::Evaluation& e) {
  const auto text = fmt::format("<{}", *e.below);
  out.open("reported");
  if (agent.unit == core::Unit::db_a) {
    out.text("lex_8h", text);
  } else if (agent.limit(LimitKind::mac) == nullptr) {
    if (e.rule) out.text("twa", text);
    out.text("stel_max", text);
  }
  out.text("max", text).close();
}

void write_episodes(feed::JsonWriter& out, const core::Episodes& episodes) {
  out.open("episodes").count("count", episodes.count).number("longest_minutes", episodes.longest_minutes);
  put(out, "closest_minutes", episodes.closest_minutes);
  out.close();
}

void write_time(feed::JsonWriter& out, const core::TimeShares& t) {
  out.open("time").number("measured_minutes", t.measured / 60).number("below_loq_minutes", t.below_loq / 60);
  out.number("over_range_minutes", t.over_range / 60).number("calibrating_minutes", t.calibrating / 60);
  out.number("maintenance_minutes", t.maintenance / 60).number("fault_minutes", t.fault / 60);
  out.number("link_lost_minutes", t.link_lost / 60).number("stopped_minutes", t.stopped / 60);
  out.number("missing_minutes", t.missing / 60).close();
}

void write_figures(feed::JsonWriter& out, const core::Evaluation& e) {
  put(out, "twa", e.twa);
  put(out, "twa_at_least", e.twa_at_least);
  if (e.rule) out.text("twa_rule", core::name(*e.rule));
  put(out, "pc_twa_adjusted", e.pc_twa_adjusted);
  put(out, "reduction_factor", e.reduction_factor);
  put(out, "stel_max", e.stel_max);
  put(out, "stel_at_least", e.stel_at_least);
  put(out, "max", e.max);
  if (e.episodes) write_episodes(out, *e.episodes);
  put(out, "laeq", e.laeq);
  put(out, "lex_8h", e.lex_8h);
  put(out, "lex_8h_at_least", e.lex_8h_at_least);
  put(out, "lex_40h", e.lex_40h);
  put(out, "wbgt", e.wbgt);
  if (e.impulses) out.count("impulses", *e.impulses);
  put(out, "mixture_index", e.mixture_index);
  put(out, "mixture_index_twa", e.mixture_index_twa);
  put(out, "mixture_index_stel", e.mixture_index_stel);
}

void write_parts(feed::JsonWriter& out, const std::vector<core::Evaluation::PartRatio>& parts) {
  if (parts.empty()) return;
  out.open_list("parts");
  for (const auto& part : parts) {
    out.open().text("agent", part.agent);
    put(out, "ratio_twa", part.twa);
    put(out, "ratio_stel", part.stel);
    out.close();
  }
  out.close_list();
}

void write_days(feed::JsonWriter& out, const Agent& agent, const std::vector<core::Evaluation::DayFigure>& days) {
  if (days.empty()) return;
  out.open_list("days");
  for (const auto& day : days) {
    out.open().number("hours", day.hours);
    put(out, agent.unit == core::Unit::db_a ? "lex_8h" : "twa", day.figure);
    out.close();
  }
  out.close_list();
}

void write_judgement(feed::JsonWriter& out, const core::Evaluation& e) {
  put(out, "ratio", e.ratio);
  if (e.exposure_class) out.text("class", core::name(*e.exposure_class));
  put(out, "coverage", e.coverage);
  if (e.at_least) out.yes_no("at_least", true);
  if (e.time.elapsed() > 0) write_time(out, e.time);
  out.open_list("breaches");
  for (const auto breach : core::all_breaches) {
    if (e.breaches.has(breach)) out.text({}, core::name(breach));
  }
  out.close_list().text("verdict", core::name(e.verdict));
  if (!e.notes.empty()) out.text("note", fmt::format("{}", fmt::join(e.notes, "; ")));
}

std::string written(const Agent& agent, const core::Evaluation& e) {
  feed::JsonWriter out;
  out.open();
  if (!agent.id.empty()) out.text("agent", agent.id);
  write_limit(out, agent, e);
  write_figures(out, e);
  write_parts(out, e.parts);
  write_days(out, agent, e.days);
  write_judgement(out, e);
  if (e.below) {
    write_below(out, agent, e);
  } else {
    write_reported(out, reported(agent, e));
  }
  out.close();
  return out.take();
}

std::string judged(const EvaluateInput& input, const settings::LimitTable& limits) {
  if (input.list == List::none) bad("input", "expected one of segments, readings, mixture or days");
  if (input.list != List::readings && (input.shift_start || input.period_s))
    bad(input.shift_start ? "shift_start" : "period_s", "belongs to readings; remove it");
  if (input.list == List::mixture) return written({}, by_mixture(input, limits));
  const auto agent = agent_of(input, limits);
  if (input.list == List::readings) return written(agent, by_readings(input, agent));
  return written(agent, input.list == List::days ? by_days(input, agent) : by_segments(input, agent));
}

}  // namespace

std::string evaluate(std::string_view text, const settings::LimitTable& limits) {
  EvaluateReader reader;
  reader.feed(text);
  return judged(reader.take(), limits);
}

std::string evaluate(std::istream& stream, const settings::LimitTable& limits) {
  EvaluateReader reader;
  std::vector<char> block(1U << 16U);
  while (stream) {
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    reader.feed({block.data(), static_cast<std::size_t>(stream.gcount())});
  }
  return judged(reader.take(), limits);
}

}  // namespace hazgate::app
