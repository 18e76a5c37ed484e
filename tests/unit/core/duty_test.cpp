#include "core/duty.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>

namespace hazgate::core {
namespace duty_test {

using testing::TestWithParam;
using testing::Values;

std::int32_t day(int year, unsigned month, unsigned day_of_month) {
  using namespace std::chrono;
  const sys_days date = std::chrono::year{year} / std::chrono::month{month} / std::chrono::day{day_of_month};
  return static_cast<std::int32_t>(date.time_since_epoch().count());
}

struct DateRow {
  const char* claim;
  std::int32_t from;
  int months;
  std::int32_t to;
};
void PrintTo(const DateRow& row, std::ostream* os) { *os << row.claim; }

class MonthsLater : public TestWithParam<DateRow> {};
TEST_P(MonthsLater, IsACivilDate) { EXPECT_EQ(months_later(GetParam().from, GetParam().months), GetParam().to); }
INSTANTIATE_TEST_SUITE_P(Calendar, MonthsLater,
                         Values(DateRow{"the epoch", 0, 1, 31},
                                DateRow{"a plain year", day(2026, 3, 10), 12, day(2027, 3, 10)},
                                DateRow{"no month at all", day(2026, 3, 31), 0, day(2026, 3, 31)},
                                DateRow{"over the new year", day(2026, 11, 27), 3, day(2027, 2, 27)},
                                DateRow{"a shorter month", day(2026, 1, 31), 1, day(2026, 2, 28)},
                                DateRow{"a shorter month of a leap year", day(2028, 1, 31), 1, day(2028, 2, 29)},
                                DateRow{"31 days to 30", day(2026, 5, 31), 6, day(2026, 11, 30)},
                                DateRow{"29 February to a plain year", day(2024, 2, 29), 12, day(2025, 2, 28)},
                                DateRow{"29 February to a leap year", day(2024, 2, 29), 48, day(2028, 2, 29)},
                                DateRow{"the last day is not kept", day(2025, 2, 28), 36, day(2028, 2, 28)},
                                DateRow{"before the epoch", day(1969, 11, 30), 3, day(1970, 2, 28)}));

const DutyRule yearly{DutyKind::test, 12, "a source", 'A'};

TEST(DutyStatus, NeverDoneHasNoDay) {
  EXPECT_EQ(duty_status(yearly, {}, day(2026, 1, 1)), (DutyStatus{DutyState::never_done, {}, 0}));
}

TEST(DutyStatus, TheLastDayIsInTime) {  // GBZ 188-2025 A.6: the longest that may pass
  const auto last = day(2026, 3, 10), due = day(2027, 3, 10);
  EXPECT_EQ(duty_status(yearly, last, last), (DutyStatus{DutyState::due, due, 365}));
  EXPECT_EQ(duty_status(yearly, last, due - 1), (DutyStatus{DutyState::due, due, 1}));
  EXPECT_EQ(duty_status(yearly, last, due), (DutyStatus{DutyState::due, due, 0}));
  EXPECT_EQ(duty_status(yearly, last, due + 1), (DutyStatus{DutyState::overdue, due, 1}));
  EXPECT_EQ(duty_status(yearly, last, due + 400), (DutyStatus{DutyState::overdue, due, 400}));
}

TEST(DutyStatus, GoesByTheMonthsOfTheRule) {
  const auto last = day(2026, 1, 31);
  EXPECT_EQ(duty_status({DutyKind::test, 1, "a source", 'C'}, last, last).due_day, day(2026, 2, 28));
  EXPECT_EQ(duty_status({DutyKind::surveillance, 24, "a source", 'A'}, last, last).due_day, day(2028, 1, 31));
}

TEST(DutyNames, AreTheWordsOfTheFile) {
  EXPECT_EQ(name(DutyKind::test), "test");
  EXPECT_EQ(name(DutyKind::calibration), "calibration");
  EXPECT_EQ(name(DutyKind::surveillance), "surveillance");
  EXPECT_EQ(name(DutyState::never_done), "never_done");
  EXPECT_EQ(name(DutyState::due), "due");
  EXPECT_EQ(name(DutyState::overdue), "overdue");
}

}  // namespace duty_test
}  // namespace hazgate::core
