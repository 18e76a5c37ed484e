#include "settings/duty_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>
#include <tuple>
#include <utility>

#include "settings/csv.hpp"
#include "settings/toml_document.hpp"
#include "settings/words.hpp"

namespace hazgate::settings {

namespace {

constexpr std::string_view duties_file = "limits/duties.csv";
constexpr int longest_months = 120;

const std::vector<std::string> duty_columns{"kind", "agent", "when", "months", "source", "confidence", "remark"};
const std::vector<std::string> whole_agents{"*", "none", "noise", "noise:peak"};
const std::vector<std::string> agent_beginnings{"cas:", "gbz:", "dust:", "wbgt:"};

std::optional<CsvTable> open_duties(const std::vector<std::filesystem::path>& folders, Problems& problems) {
  for (const auto& folder : folders) {
    const auto path = folder / duties_file;
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    const auto text = read_text(path, problems);
    return text ? std::optional(parse_csv(*text, path.string(), problems)) : std::nullopt;
  }
  std::string where;
  for (const auto& folder : folders) where += (where.empty() ? "" : " or ") + folder.string();
  problems.push_back({std::string{duties_file}, 0, 0, "no such file in " + where});
  return {};
}

bool has_duty_columns(const CsvTable& csv, Problems& problems) {
  const auto before = problems.size();
  for (const auto& column : duty_columns)
    if (!csv.column(column)) problems.push_back({csv.file, 1, 1, fmt::format("the column {} is missing", column)});
  for (const auto& column : csv.columns)
    if (std::ranges::find(duty_columns, column) == duty_columns.end())
      problems.push_back(
          {csv.file, 1, 1, fmt::format("{} is not a column{}", in_quotes(column), hint(column, duty_columns))});
  return problems.size() == before;
}

std::vector<std::string> agents_of(std::string_view list) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= list.size();) {
    const auto end = std::min(list.find(';', from), list.size());
    parts.emplace_back(list.substr(from, end - from));
    from = end + 1;
  }
  return parts;
}

/// Whether a whole id exists is the limit table's business; its beginning is enough to find a slip.
std::string agent_trouble(std::string_view agent) {
  const auto star = agent.find('*');
  if (star != std::string_view::npos && star + 1 != agent.size()) return "has a * that is not its end";
  const auto of_kind = [&](std::string_view kind) { return agent.starts_with(kind) && agent != kind; };
  const bool whole = std::ranges::find(whole_agents, agent) != whole_agents.end();
  if (whole || std::ranges::any_of(agent_beginnings, of_kind)) return {};
  auto known = whole_agents;
  for (const auto& kind : agent_beginnings) known.push_back(kind + "*");
  const auto near = nearest(agent, known);
  if (!near.empty()) return fmt::format("is not known; did you mean \"{}\"?", near);
  return fmt::format("is not known; expected an agent's id or {}", fmt::join(known, ", "));
}

template <class Enum, std::size_t Size>
std::optional<double> place_of(std::string_view word, const std::array<Enum, Size>& all) {
  const auto found = std::ranges::find_if(all, [&](Enum one) { return name(one) == word; });
  return found == all.end() ? std::nullopt : std::optional(static_cast<double>(*found));
}

template <class Enum, std::size_t Size>
std::vector<std::string> words_of(const std::array<Enum, Size>& all) {
  std::vector<std::string> words(Size);
  std::ranges::transform(all, words.begin(), [](Enum one) { return std::string{name(one)}; });
  return words;
}

using core::ExposureClass;
using core::Grade;
constexpr std::array classes{ExposureClass::class_0, ExposureClass::class_1, ExposureClass::class_2,
                             ExposureClass::class_3, ExposureClass::class_4};
constexpr std::array grades{Grade::none,    Grade::grade_0, Grade::grade_1, Grade::grade_2,
                            Grade::grade_3, Grade::grade_4, Grade::grade_5};

template <class Number>
std::optional<Number> number_from(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

}  // namespace

/// One row; what is wrong with it is told with its line.
class DutyTable::Reader {
 public:
  Reader(const CsvTable& csv, Problems& problems) : csv_{csv}, problems_{problems} {}

  /// Empty when a field is wrong.
  std::optional<Row> row(const CsvRow& fields) {
    fields_ = &fields;
    const auto before = problems_.size();
    Row row{read_agents(), read_when(), true, {read_kind(), 0, read_source(), read_confidence()}};
    row.required = text("months") != "none";
    if (row.required) row.rule.months = read_months();
    for (const auto& agent : row.agents)
      if (!taken_.emplace(row.rule.kind, agent, text("when")).second)
        wrong("agent", fmt::format("{} has such a row already, which is used instead", in_quotes(agent)));
    return problems_.size() == before ? std::optional(row) : std::nullopt;
  }

 private:
  const std::string& text(std::string_view column) const { return fields_->fields[*csv_.column(column)]; }
  void wrong(std::string_view column, const std::string& why) {
    problems_.push_back({csv_.file, fields_->line, 1, fmt::format("{}: {}", column, why)});
  }

  std::vector<std::string> read_agents() {
    auto agents = agents_of(text("agent"));
    for (const auto& agent : agents)
      if (const auto trouble = agent_trouble(agent); !trouble.empty())
        wrong("agent", fmt::format("{} {}", in_quotes(agent), trouble));
    return agents;
  }

  core::DutyKind read_kind() {
    const auto found =
        std::ranges::find_if(core::all_duty_kinds, [&](auto kind) { return core::name(kind) == text("kind"); });
    if (found != core::all_duty_kinds.end()) return *found;
    const auto words = words_of(core::all_duty_kinds);
    wrong("kind", fmt::format("{} is not a kind of duty{}", in_quotes(text("kind")), hint(text("kind"), words)));
    return {};
  }

  int read_months() {
    const auto months = number_from<int>(text("months"));
    if (months && *months >= 1 && *months <= longest_months) return *months;
    wrong("months", fmt::format("{} is not a whole number of months from 1 to {}, nor none", in_quotes(text("months")),
                                longest_months));
    return 0;
  }

  std::string read_source() {
    if (text("source").find_first_not_of(" \t\r\n") == std::string::npos) wrong("source", "is empty");
    return text("source");
  }

  char read_confidence() {
    const auto& word = text("confidence");
    if (word == "A" || word == "B" || word == "C") return word[0];
    wrong("confidence", fmt::format("{} is not a mark; expected A, B, C", in_quotes(word)));
    return 'C';
  }

  When read_when();
  std::optional<Comparison> read_comparison(std::string_view word);
  std::optional<double> read_bound(Figure figure, std::string_view word);

  const CsvTable& csv_;
  Problems& problems_;
  const CsvRow* fields_ = nullptr;
  std::set<std::tuple<core::DutyKind, std::string, std::string>> taken_;
};

DutyTable::When DutyTable::Reader::read_when() {
  static const std::vector<std::string> figures{"class", "lex", "grade"};
  static const std::array known{Figure::exposure_class, Figure::lex_8h, Figure::grade};
  const std::string_view all = text("when");
  if (all.empty()) return {};
  const auto sign = std::min(all.find_first_of("<=>"), all.size());
  const auto bound = std::min(all.find_first_not_of("<=>", sign), all.size());
  const auto word = all.substr(0, sign);
  const auto found = std::ranges::find(figures, word);
  if (found == figures.end()) {
    wrong("when", fmt::format("{} is not a figure{}", in_quotes(word), hint(word, figures)));
    return {};
  }
  const auto figure = known.at(static_cast<std::size_t>(found - figures.begin()));
  const auto comparison = read_comparison(all.substr(sign, bound - sign));
  if (!comparison) return {};
  return {figure, *comparison, read_bound(figure, all.substr(bound)).value_or(0)};
}

std::optional<DutyTable::Comparison> DutyTable::Reader::read_comparison(std::string_view word) {
  static const std::vector<std::string> signs{"<", "<=", "=", ">=", ">"};
  const auto found = std::ranges::find(signs, word);
  if (found != signs.end()) return static_cast<Comparison>(found - signs.begin());
  wrong("when", fmt::format("{} is not a comparison; expected {}", in_quotes(word), fmt::join(signs, ", ")));
  return {};
}

std::optional<double> DutyTable::Reader::read_bound(Figure figure, std::string_view word) {
  if (figure == Figure::lex_8h) {
    const auto level = number_from<double>(word);
    if (level && std::isfinite(*level)) return level;
    wrong("when", fmt::format("{} is not a level in dB(A)", in_quotes(word)));
    return {};
  }
  const bool by_class = figure == Figure::exposure_class;
  if (const auto place = by_class ? place_of(word, classes) : place_of(word, grades)) return place;
  wrong("when", fmt::format("{} is not a {}; expected {}", in_quotes(word), by_class ? "class" : "grade",
                            fmt::join(by_class ? words_of(classes) : words_of(grades), ", ")));
  return {};
}

bool DutyTable::When::fits(const DutyCondition& condition) const {
  std::optional<double> known;
  if (figure == Figure::always) return true;
  if (figure == Figure::lex_8h) known = condition.lex_8h;
  if (figure == Figure::exposure_class && condition.exposure_class)
    known = static_cast<double>(*condition.exposure_class);
  if (figure == Figure::grade && condition.grade) known = static_cast<double>(*condition.grade);
  if (!known || std::isnan(*known)) return false;
  const bool above = core::exceeds(*known, bound), below = core::exceeds(bound, *known);
  switch (comparison) {
    case Comparison::less:
      return below;
    case Comparison::at_most:
      return !above;
    case Comparison::equal:
      return !above && !below;
    case Comparison::at_least:
      return !below;
    case Comparison::greater:
      return above;
  }
  return false;
}

bool DutyTable::Row::names(std::string_view agent) const {
  return std::ranges::any_of(agents, [&](std::string_view word) {
    return word.ends_with('*') ? agent.starts_with(word.substr(0, word.size() - 1)) : agent == word;
  });
}

DutyTable DutyTable::read(const std::vector<std::filesystem::path>& folders, Problems& problems) {
  DutyTable table;
  const auto csv = open_duties(folders, problems);
  if (!csv || !has_duty_columns(*csv, problems)) return table;
  Reader reader{*csv, problems};
  for (const CsvRow& fields : csv->rows)
    if (auto row = reader.row(fields)) table.rows_.push_back(std::move(*row));
  return table;
}

std::optional<core::DutyRule> DutyTable::rule(core::DutyKind kind, std::string_view agent,
                                              const DutyCondition& condition) const {
  const auto fits = [&](const Row& row) {
    return row.rule.kind == kind && row.names(agent) && row.when.fits(condition);
  };
  const auto row = std::ranges::find_if(rows_, fits);
  if (row == rows_.end() || !row->required) return {};
  return row->rule;
}

}  // namespace hazgate::settings
