// What evaluate is given: one JSON object, read as it comes, so that the memory goes with the readings and not with
// their text.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/evaluation.hpp"

namespace hazgate::app {

/// Where the input is wrong and what would be right, in one line.
struct BadInput : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Throws BadInput "path: what".
[[noreturn]] void bad(std::string_view path, std::string_view what);

struct TimedReading {
  core::Timestamp at;
  double value = core::no_value;
  core::Flag flag = core::Flag::normal;
};

struct EvaluateInput {
  enum class List { none, segments, readings, mixture, days };
  struct MixtureWords {
    std::string agent;
    std::optional<double> twa, stel_max;
  };
  std::string agent;  ///< empty when not given
  std::optional<double> hours_per_day, days_per_week, sio2_percent, period_s, outdoor_ventilation_degc;
  bool adjust = false;
  std::optional<core::Timestamp> shift_start;
  List list = List::none;  ///< which of the four was given
  std::vector<core::Segment> segments;
  std::vector<TimedReading> readings;
  std::vector<MixtureWords> mixture;
  std::vector<core::Day> days;
};

/// Input beyond these is refused.
inline constexpr std::size_t most_input = 128U << 20U;
inline constexpr std::size_t most_entries = 2'000'000;

class EvaluateReader {
 public:
  EvaluateReader();
  ~EvaluateReader();
  EvaluateReader(const EvaluateReader&) = delete;
  EvaluateReader& operator=(const EvaluateReader&) = delete;

  /// The next piece of the text, cut anywhere. Throws BadInput, after which there is nothing more to be had.
  void feed(std::string_view piece);
  /// The whole of it: keys known and given once, figures finite and within what they can be. Throws BadInput.
  EvaluateInput take();

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace hazgate::app
