#include "app/sign_in_guard.hpp"

#include <gtest/gtest.h>

#include <string>

namespace hazgate::app {
namespace {
using std::chrono::minutes;
using std::chrono::seconds;

const std::string home = "192.0.2.1", elsewhere = "198.51.100.7";

/// A new address each, as a hired swarm has them.
std::string bot(int number) { return "10." + std::to_string(number / 250) + "." + std::to_string(number % 250) + ".1"; }

struct Guarded : testing::Test {
  SignInGuard guard;
  SignInGuard::Time now{std::chrono::hours(1)};

  /// Zero: let through, and wrong.
  seconds guess(const std::string& user, const std::string& address) { return guard.begin(user, address, now); }
  /// Waits as long as it is told to.
  void guess_patiently(const std::string& user, const std::string& address, int times) {
    for (int i = 0; i < times; ++i) {
      const auto wait = guess(user, address);
      if (wait == seconds(0)) continue;
      now += wait;
      ASSERT_EQ(guess(user, address), seconds(0)) << "what it was told is enough";
    }
  }
  void sign_in(const std::string& user, const std::string& address) {
    ASSERT_EQ(guess(user, address), seconds(0));
    guard.succeeded(user, address, now);
  }
};

TEST_F(Guarded, FiveFailuresCostNothingAndThenEachCostsTwiceTheTimeUpTo300Seconds) {
  for (int i = 0; i < 5; ++i) EXPECT_EQ(guess("anna", home), seconds(0)) << i;
  for (const int wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300}) {
    EXPECT_EQ(guess("anna", home), seconds(wait));
    now += seconds(wait);
    EXPECT_EQ(guess("anna", home), seconds(0));
  }
}

TEST_F(Guarded, WhatIsTriedWithinTheWaitingIsRefusedAndMakesItNoLonger) {
  guess_patiently("anna", home, 8);
  const auto wait = guess("anna", home);
  EXPECT_EQ(wait, seconds(8));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(guess("anna", home), wait);
  now += wait - std::chrono::milliseconds(1);
  EXPECT_EQ(guess("anna", home), seconds(1)) << "a part of a second is waited as a whole one";
  now += std::chrono::milliseconds(1);
  EXPECT_EQ(guess("anna", home), seconds(0));
}

TEST_F(Guarded, OfManyAttemptsAtOnceNoneSlipsThrough) {
  int through = 0;
  for (int i = 0; i < 1000; ++i) through += guess("anna", home) == seconds(0) ? 1 : 0;
  EXPECT_EQ(through, 5);
}

TEST_F(Guarded, ASwarmIsHeldUpByTheName) {
  int through = 0;
  for (int i = 0; i < 1000; ++i) through += guess("anna", bot(i)) == seconds(0) ? 1 : 0;
  EXPECT_EQ(through, 5);
  EXPECT_EQ(guess("bert", home), seconds(0)) << "nobody else is";
}

TEST_F(Guarded, OneWhoTriesManyNamesIsHeldUpByHisAddress) {
  int through = 0;
  for (int i = 0; i < 1000; ++i) through += guess("name" + std::to_string(i), elsewhere) == seconds(0) ? 1 : 0;
  EXPECT_EQ(through, 5);
  EXPECT_EQ(guess("name0", home), seconds(0)) << "no other address is";
}

TEST_F(Guarded, OneWhoHas64BitsOfAddressesHasOne) {
  int through = 0;
  for (int i = 0; i < 100; ++i) {
    const auto address = "2001:db8:1:2::" + std::to_string(i);
    through += guess("name" + std::to_string(i), address) == seconds(0) ? 1 : 0;
  }
  EXPECT_EQ(through, 5);
  EXPECT_EQ(guess("x", "2001:db8:1:3::1"), seconds(0));
  guess_patiently("y", "::ffff:" + elsewhere, 5);
  EXPECT_GT(guess("z", elsewhere), seconds(0)) << "IPv4 within IPv6 is that IPv4";
  EXPECT_EQ(guess("z", "::ffff:" + home), seconds(0));
}

TEST_F(Guarded, ASuccessForgets) {
  guess_patiently("anna", home, 9);
  now += minutes(6);
  sign_in("anna", home);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(guess("anna", home), seconds(0)) << i;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(guess("bert", home), seconds(0)) << "nor does the address remember it: " << i;
}

TEST_F(Guarded, ASuccessLeavesTheAddressWhatItTriedOnOthersAndNoLongerWaiting) {
  for (int i = 0; i < 4; ++i) guess("name" + std::to_string(i), home);
  guess_patiently("anna", home, 4);
  now += guess("anna", home);
  sign_in("anna", home);
  EXPECT_EQ(guess("bert", home), seconds(0)) << "four are no reason to wait";
  EXPECT_EQ(guess("carl", home), seconds(1)) << "five are";
}

TEST_F(Guarded, FifteenQuietMinutesBehindTheWaitingForget) {
  guess_patiently("anna", home, 20);
  now += seconds(300) + minutes(15) - seconds(1);
  EXPECT_EQ(guess("anna", home), seconds(0));
  EXPECT_EQ(guess("anna", home), seconds(300)) << "a second is missing";
  now += seconds(300) + minutes(15);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(guess("anna", home), seconds(0)) << i;
}

TEST_F(Guarded, AnAccountOfHisOwnDoesNotWipeTheSlateBetweenGuessesAtOthers) {
  int guesses = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 4; ++i)
      guesses += guess("name" + std::to_string(4 * round + i), elsewhere) == seconds(0) ? 1 : 0;
    if (guess("mallory", elsewhere) == seconds(0)) guard.succeeded("mallory", elsewhere, now);
  }
  EXPECT_LE(guesses, 5);
}

TEST_F(Guarded, NorDoFailuresOnHisOwnNameThatHisAddressWasNotCharged) {
  sign_in("mallory", elsewhere);
  int guesses = 0;
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 4; ++i) guess("mallory", elsewhere);
    if (guess("mallory", elsewhere) == seconds(0)) guard.succeeded("mallory", elsewhere, now);
    guesses += guess("name" + std::to_string(round), elsewhere) == seconds(0) ? 1 : 0;
  }
  EXPECT_EQ(guesses, 5);
}

TEST_F(Guarded, WhoeverTriesANameElsewhereDoesNotShutOutItsUserWhereHeSignsIn) {
  sign_in("anna", home);
  guess_patiently("anna", elsewhere, 20);
  EXPECT_EQ(guess("anna", elsewhere), seconds(300));
  sign_in("anna", home);
}

TEST_F(Guarded, WhoeverTriesOtherNamesFromAnAddressDoesNotShutOutWhoSignsInThere) {
  sign_in("anna", home);
  for (int i = 0; i < 5; ++i) guess("name" + std::to_string(i), home);
  EXPECT_GT(guess("bert", home), seconds(0));
  sign_in("anna", home);
}

TEST_F(Guarded, AUserWhoIsUnderAttackWaitsAtMost300SecondsAtAnAddressThatIsNewToHim) {
  guess_patiently("anna", elsewhere, 50);
  EXPECT_LE(guess("anna", home), seconds(300));
  now += seconds(300);
  sign_in("anna", home);
}

TEST_F(Guarded, WhereHeSignsInHeIsGuessedAtNoMoreOftenThanElsewhere) {
  sign_in("anna", home);
  int through = 0;
  for (int i = 0; i < 1000; ++i) through += guess("anna", home) == seconds(0) ? 1 : 0;
  EXPECT_EQ(through, 5);
  now += seconds(1);
  sign_in("anna", home);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(guess("anna", home), seconds(0)) << "a success forgets here, too: " << i;
}

TEST_F(Guarded, WhoHadASessionBeforeARestartIsAtHomeThere) {
  guard.trust("anna", home);
  guess_patiently("anna", elsewhere, 20);
  sign_in("anna", home);
}

TEST_F(Guarded, IsHomeAtTheTenAddressesOfHisNewestSuccesses) {
  for (int i = 0; i <= 10; ++i) sign_in("anna", bot(i));
  for (int i = 0; i < 3; ++i) sign_in("anna", bot(1));
  sign_in("anna", bot(11));
  guess_patiently("anna", elsewhere, 20);
  for (const int gone : {0, 2}) EXPECT_GT(guess("anna", bot(gone)), seconds(0)) << gone;
  for (const int there : {1, 3, 10, 11}) EXPECT_EQ(guess("anna", bot(there)), seconds(0)) << there;
}

TEST_F(Guarded, InventedNamesNeverFreeALockedOne) {
  guess_patiently("anna", elsewhere, 12);
  ASSERT_EQ(guess("anna", home), seconds(128));
  for (int i = 0; i < 20'000; ++i) guess("invented" + std::to_string(i), bot(i));
  EXPECT_LE(guard.size(), SignInGuard::most_failures + SignInGuard::most_trusted);
  EXPECT_EQ(guess("anna", home), seconds(128));
}

TEST_F(Guarded, NorDoNamesThatAreLockedThemselves) {
  guess_patiently("anna", elsewhere, 12);
  for (int i = 0; i < 4'000; ++i) {
    const auto name = "invented" + std::to_string(i);
    for (int j = 0; j < 5; ++j) guess(name, bot(i));
  }
  EXPECT_LE(guard.size(), SignInGuard::most_failures + SignInGuard::most_trusted);
  EXPECT_EQ(guess("anna", home), seconds(128));
  int through = 0;
  for (int i = 0; i < 1000; ++i) through += guess("late" + std::to_string(i), bot(5'000 + i)) == seconds(0) ? 1 : 0;
  EXPECT_LE(through, 5) << "who does not fit is not let through uncounted";
  now += seconds(300) + minutes(15);
  EXPECT_EQ(guess("late", bot(9'000)), seconds(0));
}

TEST_F(Guarded, UnderPressureTheFewestFailuresAreForgottenFirst) {
  for (int i = 0; i < 4; ++i) guess("anna", bot(i));
  now += seconds(1);
  for (int i = 10; i < 6'000; ++i) guess("invented" + std::to_string(i), bot(i));
  EXPECT_EQ(guess("anna", home), seconds(0));
  EXPECT_EQ(guess("anna", home), seconds(1)) << "it was the fifth";
}

TEST_F(Guarded, IsBoundedAlsoInWhoIsAtHomeWhere) {
  for (int i = 0; i < 3'000; ++i) sign_in("user" + std::to_string(i), bot(i));
  EXPECT_EQ(guard.size(), SignInGuard::most_trusted) << "and nothing is left of what was right";
  EXPECT_EQ(SignInGuard::most_failures + SignInGuard::most_trusted, 10'000u);
}

TEST_F(Guarded, IsNotLedAstrayByLongNames) {
  const std::string beginning(64, 'a');
  for (int i = 0; i < 5; ++i) guess(beginning + std::to_string(i), bot(i));
  EXPECT_GT(guess(beginning, home), seconds(0)) << "no user has such a name; they are one";
  for (int i = 0; i < 5; ++i) guess("name" + std::to_string(i), beginning + std::to_string(i));
  EXPECT_GT(guess("name", beginning), seconds(0)) << "nor is that an address";
}

}  // namespace
}  // namespace hazgate::app
