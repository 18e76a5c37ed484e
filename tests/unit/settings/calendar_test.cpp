// Shifts in the site's time zone: the odd days one by one, and whole years against a clock that is watched by the
// minute.
#include "settings/calendar.hpp"

#include <date/tz.h>
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <random>

namespace hazgate::settings {
namespace {

using namespace std::chrono_literals;
using core::ShiftIndex;
using core::ShiftWindow;
using core::Timestamp;
using std::chrono::minutes;

const std::vector<int> every_day{1, 2, 3, 4, 5, 6, 7};

Timestamp utc(const std::string& text) {
  std::istringstream in{text};
  std::chrono::sys_time<std::chrono::seconds> t;
  in >> date::parse("%F %H:%M:%S", t);
  EXPECT_TRUE(in) << text;
  return t;
}

/// "2026-11-23 00:00 to 08:00 of 2026-11-23, week of 2026-11-23", all but the dates in UTC.
std::string shown(const ShiftWindow& w) {
  const auto day = [](std::int32_t n) { return date::format("%a %F", date::sys_days{date::days{n}}); };
  return date::format("%F %R", w.begin) + " to " + date::format("%F %R", w.end) + " of " + day(w.day) + ", week of " +
         day(w.week);
}

struct OddDay {
  std::string claim, zone;
  ShiftSettings shift;
  std::string at, window;
};

void PrintTo(const OddDay& day, std::ostream* out) { *out << day.claim; }

class Calendar : public testing::TestWithParam<OddDay> {};

TEST_P(Calendar, FindsTheWindow) {
  const auto& [claim, zone, shift, at, window] = GetParam();
  EXPECT_EQ(shown(make_calendar({shift}, zone)(ShiftIndex{0}, utc(at))), window) << claim;
}

const ShiftSettings day{.id = "day"};
const ShiftSettings night{.id = "night", .start_minute = 22 * 60, .days = every_day};
const ShiftSettings all_day{.id = "all", .start_minute = 6 * 60, .hours = 24, .days = every_day};

ShiftSettings daily(int hour, int minute, double hours) {
  return {.id = "s", .start_minute = hour * 60 + minute, .hours = hours, .days = every_day};
}

INSTANTIATE_TEST_SUITE_P(
    OddDays, Calendar,
    testing::Values(
        OddDay{"the first moment is within", "Asia/Shanghai", day, "2026-11-24 00:00:00",
               "2026-11-24 00:00 to 2026-11-24 08:00 of Tue 2026-11-24, week of Mon 2026-11-23"},
        OddDay{"the moment of the end is the next one's", "Asia/Shanghai", day, "2026-11-24 08:00:00",
               "2026-11-25 00:00 to 2026-11-25 08:00 of Wed 2026-11-25, week of Mon 2026-11-23"},
        OddDay{"before it, the one to come", "Asia/Shanghai", day, "2026-11-23 23:59:59",
               "2026-11-24 00:00 to 2026-11-24 08:00 of Tue 2026-11-24, week of Mon 2026-11-23"},
        OddDay{"from Friday evening, Monday", "Asia/Shanghai", day, "2026-11-27 08:00:00",
               "2026-11-30 00:00 to 2026-11-30 08:00 of Mon 2026-11-30, week of Mon 2026-11-30"},
        OddDay{"one day a week, just missed",
               "Asia/Shanghai",
               {.id = "tue", .days = {2}},
               "2026-11-24 08:00:00",
               "2026-12-01 00:00 to 2026-12-01 08:00 of Tue 2026-12-01, week of Mon 2026-11-30"},
        OddDay{"after midnight it is still the day before's", "Asia/Shanghai", night, "2026-11-24 21:00:00",
               "2026-11-24 14:00 to 2026-11-24 22:00 of Tue 2026-11-24, week of Mon 2026-11-23"},
        OddDay{"Sunday's night belongs to the week that ends", "Asia/Shanghai", night, "2026-11-29 17:00:00",
               "2026-11-29 14:00 to 2026-11-29 22:00 of Sun 2026-11-29, week of Mon 2026-11-23"},
        OddDay{"half hours", "Asia/Kolkata", day, "2026-11-24 02:30:00",
               "2026-11-24 02:30 to 2026-11-24 10:30 of Tue 2026-11-24, week of Mon 2026-11-23"},
        OddDay{"a third of an hour", "Asia/Shanghai", daily(8, 0, 1.0 / 3), "2026-11-24 00:00:00",
               "2026-11-24 00:00 to 2026-11-24 00:20 of Tue 2026-11-24, week of Mon 2026-11-23"},
        OddDay{"Berlin, spring: a night lasts its hours, not the clock's", "Europe/Berlin", night,
               "2026-03-29 04:59:59", "2026-03-28 21:00 to 2026-03-29 05:00 of Sat 2026-03-28, week of Mon 2026-03-23"},
        OddDay{"Berlin, spring: 02:30 is left out, 03:00 is the first moment after", "Europe/Berlin", daily(2, 30, 8),
               "2026-03-29 00:00:00", "2026-03-29 01:00 to 2026-03-29 09:00 of Sun 2026-03-29, week of Mon 2026-03-23"},
        OddDay{"Berlin, spring: the day of 23 h is cut where the next begins", "Europe/Berlin", all_day,
               "2026-03-28 05:00:00", "2026-03-28 05:00 to 2026-03-29 04:00 of Sat 2026-03-28, week of Mon 2026-03-23"},
        OddDay{"Berlin, autumn: 02:30 comes twice, the first counts", "Europe/Berlin", daily(2, 30, 8),
               "2026-10-25 00:00:00", "2026-10-25 00:30 to 2026-10-25 08:30 of Sun 2026-10-25, week of Mon 2026-10-19"},
        OddDay{"Berlin, autumn: in the second 02:30 the shift is an hour old", "Europe/Berlin", daily(2, 30, 8),
               "2026-10-25 01:30:00", "2026-10-25 00:30 to 2026-10-25 08:30 of Sun 2026-10-25, week of Mon 2026-10-19"},
        OddDay{"Berlin, autumn: 24 h on the day of 25 leave one hour", "Europe/Berlin", all_day, "2026-10-25 04:30:00",
               "2026-10-25 05:00 to 2026-10-26 05:00 of Sun 2026-10-25, week of Mon 2026-10-19"},
        OddDay{"New York, spring", "America/New_York", daily(2, 0, 8), "2026-03-08 12:00:00",
               "2026-03-08 07:00 to 2026-03-08 15:00 of Sun 2026-03-08, week of Mon 2026-03-02"},
        OddDay{"New York, autumn", "America/New_York", daily(1, 30, 8), "2026-11-01 12:00:00",
               "2026-11-01 05:30 to 2026-11-01 13:30 of Sun 2026-11-01, week of Mon 2026-10-26"},
        OddDay{"begun two dates ago",
               "Europe/Berlin",
               {.id = "sat", .start_minute = 23 * 60 + 45, .hours = 24, .days = {6}},
               "2026-03-29 22:30:00",
               "2026-03-28 22:45 to 2026-03-29 22:45 of Sat 2026-03-28, week of Mon 2026-03-23"},
        OddDay{"Apia left out a Friday: it has no shift, not an empty one", "Pacific/Apia", daily(0, 0, 8),
               "2011-12-30 09:59:59", "2011-12-30 10:00 to 2011-12-30 18:00 of Sat 2011-12-31, week of Mon 2011-12-26"},
        OddDay{"before 1970", "UTC", daily(8, 0, 8), "1969-12-31 09:00:00",
               "1969-12-31 08:00 to 1969-12-31 16:00 of Wed 1969-12-31, week of Mon 1969-12-29"}));

TEST(MakeCalendar, AnswersForEachShift) {
  const auto calendar = make_calendar({day, night}, "Asia/Shanghai");
  const auto noon = utc("2026-11-24 04:00:00");
  EXPECT_EQ(calendar(ShiftIndex{0}, noon).begin, utc("2026-11-24 00:00:00"));
  EXPECT_EQ(calendar(ShiftIndex{1}, noon).begin, utc("2026-11-24 14:00:00"));
}

TEST(MakeCalendar, RefusesAZoneThatIsNotThere) {
  EXPECT_THROW(make_calendar({day}, "Mars/Olympus"), std::runtime_error);
}

TEST(UtcOffset, FollowsTheClocks) {
  EXPECT_EQ(utc_offset("Asia/Shanghai")(utc("2026-11-24 00:00:00")), 8h);
  const auto berlin = utc_offset("Europe/Berlin");
  EXPECT_EQ(berlin(utc("2026-03-29 00:59:59")), 1h);
  EXPECT_EQ(berlin(utc("2026-03-29 01:00:00")), 2h);
  EXPECT_EQ(utc_offset("America/St_Johns")(utc("2026-01-01 00:00:00")), -(3h + 30min));
}

/// What a clock on the wall of the site shows in each minute from `first` on, in minutes since 1970.
struct WallClock {
  std::int64_t first = 0;
  std::vector<std::int64_t> shows;
};

WallClock watched_for_a_year(const std::string& zone, int year) {
  const date::time_zone* place = date::locate_zone(zone);
  const date::sys_days from = date::year{year} / 1 / 1;
  WallClock clock{.first = std::chrono::duration_cast<minutes>(from.time_since_epoch()).count(), .shows = {}};
  for (auto t = std::chrono::sys_time<minutes>{from}; t < from + date::days{380}; t += 1min)
    clock.shows.push_back(std::chrono::floor<minutes>(place->to_local(t)).time_since_epoch().count());
  return clock;
}

Timestamp moment(std::int64_t minute) { return Timestamp{minutes{minute}}; }

std::int32_t floor_div(std::int64_t a, std::int64_t b) { return static_cast<std::int32_t>(a / b - (a % b < 0)); }

bool starts_at(std::int64_t local, const ShiftSettings& shift) {
  const std::int32_t date = floor_div(local, 1440);
  const int iso = (date + 3) % 7 + 1;  // 1970-01-01 was a Thursday; the years here are later
  return local - date * 1440LL == shift.start_minute && std::ranges::find(shift.days, iso) != shift.days.end();
}

/// A shift begins in the minute in which the clock shows its start, or has jumped over it, for the first time.
std::vector<ShiftWindow> windows_by_watching(const WallClock& clock, const ShiftSettings& shift) {
  std::vector<ShiftWindow> windows;
  std::int64_t reached = clock.shows.front();
  for (std::size_t i = 1; i < clock.shows.size(); ++i) {
    for (; reached < clock.shows[i]; ++reached) {
      if (!starts_at(reached + 1, shift)) continue;
      const Timestamp begin = moment(clock.first + static_cast<std::int64_t>(i));
      if (!windows.empty()) windows.back().end = std::min(windows.back().end, begin);
      const std::int32_t date = floor_div(reached + 1, 1440);
      windows.push_back({begin, begin + minutes{std::llround(shift.hours * 60)}, date, date - (date + 3) % 7});
    }
  }
  std::erase_if(windows, [](const ShiftWindow& w) { return w.begin == w.end; });
  return windows;
}

ShiftSettings random_shift(std::mt19937& random) {
  const auto up_to = [&](int n) { return std::uniform_int_distribution{1, n}(random); };
  ShiftSettings shift{.id = "s", .start_minute = up_to(1440) - 1, .hours = up_to(1440) / 60.0, .days = {}};
  if (up_to(4) == 1) shift.hours = 24;
  if (up_to(3) == 1) shift.start_minute = up_to(5 * 60) - 1;  // where clocks change
  const int days = up_to(127);
  for (const int d : every_day)
    if ((days >> (d - 1) & 1) != 0 || up_to(3) == 1) shift.days.push_back(d);
  return shift;
}

/// The window that holds `at` or the first after it, by looking through all.
void expect_as_watched(const core::Calendar& calendar, const std::vector<ShiftWindow>& watched, Timestamp at) {
  const auto expected = std::ranges::upper_bound(watched, at, {}, &ShiftWindow::end);
  if (expected == watched.end()) return;
  const ShiftWindow found = calendar(ShiftIndex{0}, at);
  ASSERT_EQ(found, *expected) << date::format("%F %T", at) << "\n " << shown(found) << "\n " << shown(*expected);
}

void compare(const std::string& zone, const ShiftSettings& shift, const WallClock& clock) {
  const auto calendar = make_calendar({shift}, zone);
  const auto watched = windows_by_watching(clock, shift);
  ASSERT_GT(watched.size(), 50u);
  for (const ShiftWindow& w : watched) {
    for (const Timestamp at : {w.begin - 1us, w.begin, w.begin + (w.end - w.begin) / 2, w.end - 1us, w.end})
      if (at >= watched.front().begin) expect_as_watched(calendar, watched, at);
  }
  for (Timestamp at = watched.front().begin; at < watched.back().end; at += 101min)
    expect_as_watched(calendar, watched, at);
}

struct Year {
  const char* zone;
  int year;
};

TEST(MakeCalendar, AgreesWithAClockThatIsWatchedForAYear) {
  std::mt19937 random{20261124};
  // Nuuk leaves out the last hour of a Saturday, Lord Howe moves by half an hour, Cairo leaves out the first hour of a
  // day, Apia left out a whole one.
  for (const Year year : {Year{"Asia/Shanghai", 2026},
                          {"Asia/Kolkata", 2026},
                          {"Europe/Berlin", 2026},
                          {"America/New_York", 2026},
                          {"Australia/Lord_Howe", 2026},
                          {"America/Nuuk", 2024},
                          {"Africa/Cairo", 2025},
                          {"Pacific/Apia", 2011},
                          {"Europe/London", 2030}}) {
    const WallClock clock = watched_for_a_year(year.zone, year.year);
    for (int i = 0; i < 12; ++i) {
      const ShiftSettings shift = random_shift(random);
      SCOPED_TRACE(fmt::format("{} {}: start minute {}, {} h, {} days", year.zone, year.year, shift.start_minute,
                               shift.hours, shift.days.size()));
      compare(year.zone, shift, clock);
      if (HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace hazgate::settings
