// What the gateway sees of itself: its broker, store, clock and outputs, for how long they have been in trouble, and
// what is overdue.
// Pure: facts and time in, alarm inputs out.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/alarm_input.hpp"
#include "core/duty.hpp"

namespace hazgate::app {

class SystemWatch {
 public:
  explicit SystemWatch(std::size_t outputs) : outputs_(outputs) {}

  struct Facts {
    std::optional<std::string> broker;  ///< why there is no connection; none where there is one, or none is wanted
    std::optional<std::string> store;   ///< why it fails
    std::optional<std::string> clock;   ///< why it is not to be trusted
    std::optional<core::OverdueDuties> duties;  ///< none: not known yet, and what stands goes on to stand
  };
  /// An alarm of that part stands since before the start: it ends when the part is found well.
  void stands(core::GatewayPart part) { parts_[static_cast<std::size_t>(part)].told = true; }
  void output_stands(std::size_t output) { outputs_[output].told = true; }

  /// About once a second: what has lasted long enough to be told, and what is over. A broker may be away for 30 s, a
  /// clock without its source for 10 min; a store that fails and what is overdue are told at once, this again with each
  /// that is overdue besides.
  std::vector<core::AlarmInput> look(const Facts& facts, core::Timestamp now);
  /// The n-th attempt running at an output has failed, or (why empty) one was confirmed by its read-back. Told from the
  /// second on: one lost telegram is none.
  std::optional<core::AlarmInput> on_output(std::size_t output, const std::string& why, core::Timestamp now);

 private:
  struct Watched {
    std::optional<core::Timestamp> since;
    int failures = 0;
    std::size_t count = 0;  ///< as told: what is overdue
    bool told = false;
  };
  std::optional<core::AlarmInput> on_duties(const core::OverdueDuties& overdue, core::Timestamp now);
  static std::optional<core::AlarmInput> follow(Watched& part, core::ConditionInput condition, core::Duration patience,
                                                bool trouble, core::Timestamp now);
  std::array<Watched, core::gateway_parts> parts_;
  std::vector<Watched> outputs_;
};

/// Does the kernel hold the clock for synchronised? "" where it does, or where it cannot be asked.
std::string clock_trouble();

}  // namespace hazgate::app
