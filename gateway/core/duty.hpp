// What has to be done again, and when: tests of the air, calibration of instruments, surveillance of health.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hazgate::core {

enum class DutyKind : std::uint8_t { test, calibration, surveillance };
inline constexpr std::array all_duty_kinds{DutyKind::test, DutyKind::calibration, DutyKind::surveillance};
std::string_view name(DutyKind kind);  ///< "test", "calibration", "surveillance"

struct DutyRule {
  DutyKind kind{};
  int months = 12;        ///< the longest that may pass between one and the next
  std::string source;     ///< standard or regulation, and its clause
  char confidence = 'C';  ///< 'A' read in its text, 'B' in a transcription, 'C' own knowledge: check before relying
  friend bool operator==(const DutyRule&, const DutyRule&) = default;
};

/// The same day so many months later, or the last one of a month that has no such day. Days are local dates, counted
/// since 1970-01-01, of the years -32767 to 32767.
std::int32_t months_later(std::int32_t day, int months);

enum class DutyState : std::uint8_t { never_done, due, overdue };
std::string_view name(DutyState state);  ///< "never_done", "due", "overdue"

struct DutyStatus {
  DutyState state = DutyState::never_done;
  std::optional<std::int32_t> due_day;  ///< the last day on which it is in time; empty when never done
  std::int32_t days = 0;                ///< until that day, 0 on it; past it when overdue
  friend bool operator==(const DutyStatus&, const DutyStatus&) = default;
};
DutyStatus duty_status(const DutyRule& rule, std::optional<std::int32_t> last_done, std::int32_t today);

/// Of many duties those that are overdue.
struct OverdueDuties {
  std::size_t count = 0;
  std::string longest;  ///< in words, the one that is longest overdue; "" where none is
};

}  // namespace hazgate::core
