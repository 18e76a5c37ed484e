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

std::optional<std::size_t> find_column(const CsvTable& table, const std::string& word, const std::string& key,
                                       TomlReader& play) {
  const auto at = table.column(word);
  if (!at) {
    const auto file = fs::path(table.file).filename().string();
    play.problem(key, fmt::format("{} is not a column of {}{}", in_quotes(word), file, hint(word, table.columns)));
  }
  return at;
}

}  // namespace

std::optional<double> seconds_of_recording(std::string_view text) {
  if (const auto number = number_from(text)) return number;
  return moment(text);
}

Recordings::Recordings(fs::path folder, Problems& problems) : folder_(std::move(folder)), problems_(problems) {}

const CsvTable* Recordings::table(const std::string& key, TomlReader& play) {
  const auto file = play.text(key);
  if (!file) return nullptr;
  auto [found, fresh] = tables_.try_emplace(*file);
  if (!fresh) return found->second ? &*found->second : nullptr;
  Problems of_file;
  const auto text = read_text(folder_ / *file, of_file);
  if (!text) {
    const auto why = of_file.empty() ? std::string("cannot be read") : of_file.front().text;
    play.problem(key, fmt::format("{}: {}", in_quotes((folder_ / *file).string()), why));
    return nullptr;
  }
  found->second = parse_csv(*text, (folder_ / *file).string(), problems_);
  return &*found->second;
}

std::optional<Recordings::Rows> Recordings::rows(TomlReader& play) {
  Rows rows;
  if (play.require("file")) rows.table = table("file", play);
  const auto time = play.text("time");
  const auto interval = play.duration("interval", {milliseconds(1), std::chrono::hours(24 * 366)});
  if (play.has("time") == play.has("interval")) {
    play.problem(R"(needs either time = "<column>" or interval = "<duration>")");
    return std::nullopt;
  }
  if (rows.table == nullptr || (!time && !interval)) return std::nullopt;
  if (interval) rows.interval = std::chrono::duration<double>(*interval).count();
  if (time) {
    rows.time = find_column(*rows.table, *time, "time", play);
    if (!rows.time) return std::nullopt;
  }
  return rows;
}

/// False after the first row that cannot be played.
bool Recordings::take(const Rows& rows, std::size_t index, std::size_t column, Series& series) {
  const auto& table = *rows.table;
  const auto& row = table.rows[index];
  const auto& text = row.fields[column];
  const auto complain = [&](std::string what) {
    problems_.push_back({table.file, row.line, 1, std::move(what)});
    return false;
  };
  const auto value = number_from(text);
  if (!value && !is_missing(text))
    return complain(fmt::format("{} is not a number ({})", in_quotes(text), table.columns[column]));
  auto at = std::optional(static_cast<double>(index) * rows.interval);
  if (rows.time) at = seconds_of_recording(row.fields[*rows.time]);
  if (!at) return complain(fmt::format("{} is neither seconds nor a date and time", in_quotes(row.fields[*rows.time])));
  if (!series.seconds.empty() && *at < series.seconds.back())
    return complain("goes back in time; sort the recording first");
  series.seconds.push_back(*at);
  series.values.push_back(value.value_or(std::nan("")));
  return true;
}

/// Empty where nothing can be played; what is wrong with a row is reported then.
std::optional<Series> Recordings::series(const Rows& rows, std::size_t column) {
  Series series;
  for (std::size_t i = 0; i < rows.table->rows.size(); ++i) {
    if (!take(rows, i, column, series)) return std::nullopt;
  }
  if (std::ranges::all_of(series.values, [](double value) { return std::isnan(value); })) return Series{};
  const double first = series.seconds.front();
  for (auto& second : series.seconds) second -= first;
  return series;
}

std::optional<Series> Recordings::read(TomlReader& play) {
  const auto place = rows(play);
  const auto column = play.require("column") ? play.text("column") : std::nullopt;
  if (!place || !column) return std::nullopt;
  const auto found = find_column(*place->table, *column, "column", play);
  if (!found) return std::nullopt;
  auto read = series(*place, *found);
  if (!read || !read->values.empty()) return read;
  play.problem("column", fmt::format("{} holds no value", in_quotes(*column)));
  return std::nullopt;
}

std::vector<CompoundSeries> Recordings::read_compounds(TomlReader& play) {
  const auto place = rows(play);
  const auto* list = table("compounds", play);
  if (!place || list == nullptr) return {};
  const auto column = find_column(*list, "column", "compounds", play),
             cas = find_column(*list, "cas", "compounds", play);
  if (!column || !cas) return {};
  std::vector<CompoundSeries> all;
  for (const auto& row : list->rows) {
    if (row.fields[*cas].empty()) continue;
    const auto found = place->table->column(row.fields[*column]);
    if (!found) {
      problems_.push_back({list->file, row.line, 1,
                           fmt::format("{} is not a column of {}{}", in_quotes(row.fields[*column]), place->table->file,
                                       hint(row.fields[*column], place->table->columns))});
      continue;
    }
    auto read = series(*place, *found);
    if (!read) return {};
    if (!read->values.empty()) all.push_back({row.fields[*cas], std::move(*read)});
  }
  return all;
}

}  // namespace hazgate::settings
