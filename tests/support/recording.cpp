#include "support/recording.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>

namespace hazgate::test {

namespace {

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) out.push_back(cell);
  return out;
}

double seconds(const Recording& recording, const Row& row, std::size_t number) {
  if (recording.time.empty()) return recording.every * static_cast<double>(number);
  const auto& text = row.at(recording.time);
  if (text.find(':') == std::string::npos) return figure(row, recording.time);
  return static_cast<double>(iso(text).time_since_epoch().count());
}

}  // namespace

std::vector<Row> rows(const std::string& file) { return table(SOURCE_DIR "/tests/data/" + file); }

std::vector<Row> table(const std::filesystem::path& file) {
  std::ifstream in(file);
  EXPECT_TRUE(in) << file;
  std::string line;
  std::getline(in, line);
  const auto head = cells(line);
  std::vector<Row> out;
  while (std::getline(in, line)) {
    const auto fields = cells(line);
    Row row;
    for (std::size_t i = 0; i < head.size(); ++i) row[head[i]] = i < fields.size() ? fields[i] : "";
    out.push_back(std::move(row));
  }
  return out;
}

double figure(const Row& row, const std::string& column) {
  const auto& text = row.at(column);
  return text.empty() ? std::numeric_limits<double>::quiet_NaN() : std::stod(text);
}

std::chrono::sys_seconds iso(const std::string& text) {
  using namespace std::chrono;
  int y = 0, month = 0, d = 0, hour = 0, minute = 0, second = 0;
  EXPECT_GE(std::sscanf(text.c_str(), "%d-%d-%d%*[T ]%d:%d:%d", &y, &month, &d, &hour, &minute, &second), 5) << text;
  return sys_days(year(y) / month / d) + hours(hour) + minutes(minute) + std::chrono::seconds(second);
}

std::vector<Shown> asked(const Recording& recording, std::int64_t period) {
  std::vector<std::pair<double, double>> taken;
  for (const auto& row : rows(recording.file)) {
    if (!recording.device.empty() && row.at("device") != recording.device) continue;
    taken.emplace_back(seconds(recording, row, taken.size()), figure(row, recording.column));
  }
  std::vector<Shown> answers;
  if (taken.empty()) return answers;
  const double begin = taken.front().first;
  const auto last = static_cast<std::int64_t>(std::floor(taken.back().first - begin));
  std::size_t newest = 0;
  for (std::int64_t t = 0; t <= last; t += period) {
    while (newest + 1 < taken.size() && taken[newest + 1].first - begin <= static_cast<double>(t)) ++newest;
    const double age = static_cast<double>(t) - (taken[newest].first - begin);
    if (age <= static_cast<double>(3 * period)) answers.push_back({t, taken[newest].second});
  }
  return answers;
}

}  // namespace hazgate::test
