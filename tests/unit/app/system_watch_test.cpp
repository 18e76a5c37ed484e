#include "app/system_watch.hpp"

#include <gtest/gtest.h>

namespace hazgate::app {
namespace system_watch_test {

using core::AlarmSubject;
using core::Basis;
using core::GatewayPart;
using core::Level;
using std::chrono::minutes;
using std::chrono::seconds;
const core::Timestamp start{std::chrono::days(20000)};

/// "broker notice 30", or "broker none 40" when it is over: what, and the second that it stands since; by commas.
std::string in_words(const std::vector<core::AlarmInput>& inputs) {
  std::string text;
  for (const auto& input : inputs) {
    const auto& condition = std::get<core::ConditionInput>(input.what);
    const auto since = std::chrono::duration_cast<seconds>(condition.since - start).count();
    text += (text.empty() ? "" : ", ") + std::string(core::name(condition.basis)) + " " +
            std::string(core::name(condition.level)) + " " + std::to_string(since);
  }
  return text;
}

/// Looks once a second, from the second after the last look to `until`; what it was told last, and at which second.
struct Looks {
  std::string until(int second, const SystemWatch::Facts& facts) {
    std::string told;
    for (; now <= second; ++now) {
      const auto inputs = watch.look(facts, start + seconds(now));
      for (const auto& input : inputs) EXPECT_EQ(input.at, start + seconds(now));
      if (!inputs.empty()) told += std::to_string(now) + ": " + in_words(inputs) + ";";
    }
    return told;
  }
  SystemWatch watch{2};
  int now = 0;
};

TEST(SystemWatch, ABrokerMayBeAwayForHalfAMinute) {
  Looks l;
  EXPECT_EQ(l.until(9, {}), "");
  EXPECT_EQ(l.until(38, {.broker = "refused"}), "") << "29 s are not enough";
  EXPECT_EQ(l.until(39, {}), "") << "what was not told does not end";
  EXPECT_EQ(l.until(200, {.broker = "refused"}), "70: broker notice 40;") << "once, and with its beginning";
  EXPECT_EQ(l.until(210, {}), "201: broker none 201;");
  EXPECT_EQ(l.until(400, {.broker = "refused"}), "241: broker notice 211;") << "the next time is waited for anew";
}

TEST(SystemWatch, AStoreThatFailsIsToldAtOnce) {
  Looks l;
  EXPECT_EQ(l.until(5, {.store = "disk full"}), "0: store warning 0;");
  EXPECT_EQ(l.until(10, {}), "6: store none 6;");
  const auto input = l.watch.look({.store = "disk full"}, start).at(0);
  const auto& condition = std::get<core::ConditionInput>(input.what);
  EXPECT_EQ(condition.why, "disk full");
  EXPECT_EQ(condition.subject, AlarmSubject::gateway);
  EXPECT_EQ(GatewayPart{condition.index}, GatewayPart::store);
}

TEST(SystemWatch, AClockMayBeWithoutItsSourceForTenMinutes) {
  Looks l;
  EXPECT_EQ(l.until(599, {.clock = "no NTP"}), "");
  EXPECT_EQ(l.until(700, {.clock = "no NTP"}), "600: clock notice 0;");
  EXPECT_EQ(l.until(701, {}), "701: clock none 701;");
}

TEST(SystemWatch, EachPartHasItsOwnWait) {
  Looks l;
  EXPECT_EQ(l.until(19, {.broker = "refused"}), "");
  EXPECT_EQ(l.until(29, {.broker = "refused", .store = "disk full"}), "20: store warning 20;");
  EXPECT_EQ(l.until(31, {.broker = "refused"}), "30: broker notice 0, store none 30;");
}

TEST(SystemWatch, AClockThatStepsBackBeginsTheWaitAnew) {
  Looks l;
  EXPECT_EQ(l.until(29, {.broker = "refused"}), "");
  l.now = -3600;
  EXPECT_EQ(l.until(-3571, {.broker = "refused"}), "");
  EXPECT_EQ(l.until(-3570, {.broker = "refused"}), "-3570: broker notice -3600;");
  l.now = -7200;
  EXPECT_EQ(l.until(-7100, {.broker = "refused"}), "") << "it is told already";
  EXPECT_EQ(l.until(-7099, {}), "-7099: broker none -7099;");
}

TEST(SystemWatch, WhatStoodBeforeTheStartEndsWhenItIsFoundWell) {
  Looks well, ill;
  well.watch.stands(GatewayPart::broker);
  EXPECT_EQ(well.until(100, {}), "0: broker none 0;");
  ill.watch.stands(GatewayPart::broker);
  EXPECT_EQ(ill.until(100, {.broker = "refused"}), "") << "it stands already";
  EXPECT_EQ(ill.until(101, {}), "101: broker none 101;");
}

TEST(SystemWatch, WhatIsOverdueIsToldAtOnceAndAgainWithEachMore) {
  Looks l;
  EXPECT_EQ(l.until(1, {.duties = {{.count = 1, .longest = "test of noise at hall, due 2026-01-01"}}}),
            "0: duties notice 0;");
  EXPECT_EQ(l.until(2, {}), "") << "not known: it stands";
  const auto input =
      l.watch.look({.duties = {{.count = 3, .longest = "calibration of gas-1, due 2026-01-01"}}}, start + seconds(3))
          .at(0);
  const auto& condition = std::get<core::ConditionInput>(input.what);
  EXPECT_EQ(condition.value, 3);
  EXPECT_EQ(condition.why, "calibration of gas-1, due 2026-01-01");
  EXPECT_EQ(GatewayPart{condition.index}, GatewayPart::duties);
  l.now = 4;
  EXPECT_EQ(l.until(4, {.duties = {{.count = 2}}}), "") << "fewer";
  EXPECT_EQ(l.until(5, {.duties = {{}}}), "5: duties none 5;");
}

/// What an attempt at an output tells, as in_words().
std::string attempt(SystemWatch& watch, std::size_t output, const std::string& why, int second) {
  const auto input = watch.on_output(output, why, start + seconds(second));
  if (!input) return "";
  const auto& condition = std::get<core::ConditionInput>(input->what);
  EXPECT_EQ(condition.subject, AlarmSubject::output);
  EXPECT_EQ(condition.index, output);
  EXPECT_EQ(condition.why, why);
  return in_words({*input});
}

TEST(SystemWatch, AnOutputIsToldFromItsSecondFailureOnOnceUntilItIsConfirmed) {
  SystemWatch watch(2);
  EXPECT_EQ(attempt(watch, 1, "no answer", 1), "");
  EXPECT_EQ(attempt(watch, 1, "", 2), "") << "one lost telegram is none";
  EXPECT_EQ(attempt(watch, 1, "no answer", 3), "") << "counting begins anew";
  EXPECT_EQ(attempt(watch, 0, "no answer", 4), "") << "another output has its own count";
  EXPECT_EQ(attempt(watch, 1, "no answer", 5), "output warning 3") << "since the first of them";
  EXPECT_EQ(attempt(watch, 1, "reads back 0", 6), "");
  EXPECT_EQ(attempt(watch, 1, "", 7), "output none 7");
  EXPECT_EQ(attempt(watch, 1, "", 8), "");
  EXPECT_EQ(attempt(watch, 0, "no answer", 9), "output warning 4");
}

TEST(SystemWatch, AnOutputThatStoodBeforeTheStartIsNotToldAgainAndEndsWithAConfirmedWrite) {
  SystemWatch watch(2);
  watch.output_stands(1);
  EXPECT_EQ(attempt(watch, 1, "no answer", 1), "");
  EXPECT_EQ(attempt(watch, 1, "no answer", 2), "");
  EXPECT_EQ(attempt(watch, 1, "", 3), "output none 3");
}

}  // namespace system_watch_test
}  // namespace hazgate::app
