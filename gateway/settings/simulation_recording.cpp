#include "settings/simulation_recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "settings/words.hpp"

namespace hazgate::settings {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

std::optional<double> number_from(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// How the sources write "nothing was measured".
bool is_missing(std::string_view text) { return text.empty() || text == "NAN" || text == "NaN" || text == "NA"; }

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  const auto* first = text.data() + at;
  const auto [end, error] = std::from_chars(first, first + count, value);
  if (error != std::errc{} || end != first + count || value < 0) return std::nullopt;
  return value;
}

std::optional<double> moment(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() != 16 && text.size() != 19) return std::nullopt;
  const std::array<std::pair<std::size_t, char>, 3> marks{{{4, '-'}, {7, '-'}, {13, ':'}}};
  for (const auto& [at, mark] : marks) {
    if (text[at] != mark) return std::nullopt;
  }
  if (text[10] != ' ' && text[10] != 'T') return std::nullopt;
  if (text.size() == 19 && text[16] != ':') return std::nullopt;
  const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
  const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2);
  const auto second = text.size() == 19 ? digits(text, 17, 2) : std::optional(0);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch();
  return std::chrono::duration<double>(days).count() + *hour * 3600.0 + *minute * 60.0 + *second;
}

void at_line(Problems& problems, const CsvTable& table, const CsvRow& row, std::string text) {
  problems.push_back({table.file, row.line, 1, std::move(text)});
}

/// Where times and values stand; without a time column row n is n intervals late.
struct Columns {
  std::size_t value = 0;
  std::optional<std::size_t> time;
  double interval = 0;
};

/// False after the first row that cannot be played.
bool take(const CsvTable& table, const Columns& columns, std::size_t index, Series& series, Problems& problems) {
  const auto& row = table.rows[index];
  const auto& text = row.fields[columns.value];
  const auto value = number_from(text);
  if (!value) {
    if (!is_missing(text)) {
      at_line(problems, table, row,
              fmt::format("{} is not a number ({})", in_quotes(text), table.columns[columns.value]));
    }
    return is_missing(text);
  }
  auto at = std::optional(static_cast<double>(index) * columns.interval);
  if (columns.time) at = seconds_of_recording(row.fields[*columns.time]);
  if (!at) {
    at_line(problems, table, row,
            fmt::format("{} is neither seconds nor a date and time", in_quotes(row.fields[*columns.time])));
    return false;
  }
  if (!series.seconds.empty() && *at < series.seconds.back()) {
    at_line(problems, table, row, "goes back in time; sort the recording first");
    return false;
  }
  series.seconds.push_back(*at);
  series.values.push_back(*value);
  return true;
}

}  // namespace

std::optional<double> seconds_of_recording(std::string_view text) {
  if (const auto number = number_from(text)) return number;
  return moment(text);
}

Recordings::Recordings(fs::path folder, Problems& problems) : folder_(std::move(folder)), problems_(problems) {}

const CsvTable* Recordings::table(const std::string& file, TomlReader& play) {
  auto [found, fresh] = tables_.try_emplace(file);
  if (!fresh) return found->second ? &*found->second : nullptr;
  Problems of_file;
  const auto text = read_text(folder_ / file, of_file);
  if (!text) {
    const auto why = of_file.empty() ? std::string("cannot be read") : of_file.front().text;
    play.problem("file", fmt::format("{}: {}", in_quotes((folder_ / file).string()), why));
    return nullptr;
  }
  found->second = parse_csv(*text, (folder_ / file).string(), problems_);
  return &*found->second;
}

std::optional<Series> Recordings::read(TomlReader& play) {
  bool complete = play.require("file");
  complete = play.require("column") && complete;  // both are reported
  const auto file = play.text("file"), column = play.text("column"), time = play.text("time");
  const auto interval = play.duration("interval", {milliseconds(1), std::chrono::hours(24 * 366)});
  if (play.has("time") == play.has("interval")) {
    play.problem(R"(needs either time = "<column>" or interval = "<duration>")");
    return std::nullopt;
  }
  if (!complete || !file || !column) return std::nullopt;
  const auto* csv = table(*file, play);
  if (csv == nullptr) return std::nullopt;
  const auto find = [&](const char* key, const std::string& word) {
    const auto at = csv->column(word);
    if (!at)
      play.problem(key, fmt::format("{} is not a column of {}{}", in_quotes(word), *file, hint(word, csv->columns)));
    return at;
  };
  Columns columns;
  const auto value_at = find("column", *column);
  if (time) columns.time = find("time", *time);
  if (!value_at || (time && !columns.time) || (!time && !interval)) return std::nullopt;
  columns.value = *value_at;
  if (interval) columns.interval = std::chrono::duration<double>(*interval).count();
  Series series;
  for (std::size_t i = 0; i < csv->rows.size(); ++i) {
    if (!take(*csv, columns, i, series, problems_)) return std::nullopt;
  }
  if (series.values.empty()) {
    play.problem("column", fmt::format("{} of {} holds no value", in_quotes(*column), *file));
    return std::nullopt;
  }
  const double first = series.seconds.front();
  for (auto& second : series.seconds) second -= first;
  return series;
}

}  // namespace hazgate::settings
