// How every benchmark measures and prints: CPU and wall time of repeated runs, least, median and greatest side by side;
// a table for people, one JSON line a row for programs.
#pragma once

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hazgate::bench {

/// User and system time of this process so far, all threads, seconds.
inline double cpu_seconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Cost {
  double wall = 0, cpu = 0;  ///< seconds
};

inline Cost measure(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  work();
  return {.wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
          .cpu = cpu_seconds() - cpu};
}

/// The body of main(): children are stopped and folders removed also when something throws.
template <class Body>
int guarded(Body body) {
  try {
    return body();
  } catch (const std::exception& e) {
    fmt::print(stderr, "{}\n", e.what());
    return 1;
  }
}

struct Spread {
  double min = 0, median = 0, max = 0;
};

inline Spread spread(std::vector<double> figures) {
  if (figures.empty()) return {};
  std::sort(figures.begin(), figures.end());
  return {.min = figures.front(), .median = figures[figures.size() / 2], .max = figures.back()};
}

/// The least figure that the share `q` of them does not exceed.
inline double percentile(std::vector<double> figures, double q) {
  if (figures.empty()) return 0;
  std::sort(figures.begin(), figures.end());
  return figures[static_cast<std::size_t>(std::ceil(q * static_cast<double>(figures.size()))) - 1];
}

/// Figures under way of one thing that is measured again and again.
struct Series {
  std::string name, unit;
  std::vector<double> figures{};
};

/// What was promised: of the median itself, or of its ratio to the median of the raw limit.
struct Target {
  enum class Of { figure, ratio } of = Of::figure;
  enum class Bound { at_most, at_least } bound = Bound::at_most;
  double value = 0;
};

class Table {
 public:
  explicit Table(std::string bench) : bench_(std::move(bench)) {
    fmt::print("{}\n{:<62}{:<12}{:>11}{:>11}{:>11}{:>6}\n", bench_, "", "unit", "min", "median", "max", "runs");
  }
  void row(const Series& series) {
    const Spread s = spread(series.figures);
    fmt::print("{:<62}{:<12}{:>11.5g}{:>11.5g}{:>11.5g}{:>6}\n", series.name, series.unit, s.min, s.median, s.max,
               series.figures.size());
    json_ += fmt::format(R"({{"bench":"{}","case":"{}","unit":"{}","min":{},"median":{},"max":{},"runs":{}}})"
                         "\n",
                         bench_, series.name, series.unit, s.min, s.median, s.max, series.figures.size());
  }
  /// A promise beside its raw limit, measured in the same run; the raw series gets a row of its own. Without figures
  /// there is no raw limit.
  void promise(const Series& series, const Series& raw, Target target) {
    row(series);
    if (!raw.figures.empty()) row(raw);
    const Spread s = spread(series.figures), limit = spread(raw.figures);
    const double ratio = raw.figures.empty() ? 1 : s.median / limit.median;
    const double judged = target.of == Target::Of::ratio ? ratio : s.median;
    const bool at_most = target.bound == Target::Bound::at_most;
    const bool kept = at_most ? judged <= target.value : judged >= target.value;
    kept_ = kept_ && kept;
    const auto wanted = fmt::format("{}{} {}", target.of == Target::Of::ratio ? "ratio " : "",
                                    at_most ? "<=" : ">=", fmt::format("{:.7g}", target.value));
    promises_ +=
        fmt::format("= {:<62}{:<10}{:>10.4g}{:>10.4g}{:>10.4g}{:>10.4g}{:>9.3g}  {:<13} {}\n", series.name, series.unit,
                    s.min, s.median, s.max, limit.median, ratio, wanted, kept ? "kept" : "MISSED");
    json_ += fmt::format(
        R"({{"bench":"{}","promise":"{}","unit":"{}","min":{},"median":{},"max":{},"raw":{},"ratio":{},"target":"{}","kept":{}}})"
        "\n",
        bench_, series.name, series.unit, s.min, s.median, s.max, limit.median, ratio, wanted, kept);
  }
  bool kept() const { return kept_; }  ///< every promise
  ~Table() {
    if (!promises_.empty()) fmt::print("{}\n{}", promise_head(), promises_);
    fmt::print("{}", json_);
  }
  static std::string promise_head() {
    return fmt::format("  {:<62}{:<10}{:>10}{:>10}{:>10}{:>10}{:>9}  {:<13}", "promise", "unit", "min", "median", "max",
                       "raw limit", "ratio", "target");
  }
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

 private:
  std::string bench_, json_, promises_;
  bool kept_ = true;
};

}  // namespace hazgate::bench
