#include "web/live.hpp"

#include <gtest/gtest.h>

#include "unit/web/fake_api.hpp"

namespace hazgate::web {
namespace {

class LiveTest : public testing::Test, public FakeApi {
 protected:
  std::shared_ptr<Seat> sit(const std::string& token) {
    return live.join(io.get_executor(), sessions.at(token).viewer);
  }
  static std::string next(Seat& seat) {
    const auto frame = seat.take();
    return frame ? *frame : "-";
  }
  boost::asio::io_context io;
  Live live{api};
};

/// It counts the snapshots that are made.
class SnapshotTest : public LiveTest {
 protected:
  SnapshotTest() {
    api.snapshot = [this](const Viewer& viewer) {
      return bytes("snapshot " + std::to_string(++made) + " for " + viewer.enterprise);
    };
  }
  int made = 0;
};

TEST_F(LiveTest, BeginsWithASnapshotAndGoesOnWithWhatIsItsOwn) {
  const auto li = sit("operator"), anna = sit("enterprise");
  live.publish("", bytes("before the snapshot, and in it"));
  EXPECT_EQ(next(*li), "snapshot for li");
  EXPECT_EQ(next(*li), "-");
  EXPECT_EQ(next(*anna), "snapshot for anna");
  live.publish("", bytes("all"));
  live.publish("acme", bytes("acme"));
  live.publish("other", bytes("other"));
  EXPECT_EQ(next(*li), "all");
  EXPECT_EQ(next(*li), "-");
  EXPECT_EQ(next(*anna), "acme");
  EXPECT_EQ(next(*anna), "-");
}

TEST_F(LiveTest, ASlowBrowserLosesItsQueueAndBeginsAgainAndNobodyElseDoes) {
  const auto slow = sit("operator"), quick = sit("admin");
  EXPECT_EQ(next(*slow), "snapshot for li");
  EXPECT_EQ(next(*quick), "snapshot for li") << "who sees the same shares it";
  for (std::size_t i = 0; i <= Seat::most_frames; ++i) {
    live.publish("", bytes(std::to_string(i)));
    EXPECT_EQ(next(*quick), std::to_string(i));
  }
  EXPECT_EQ(next(*slow), "snapshot for li");
  EXPECT_EQ(next(*slow), "-");
  live.publish("", bytes("after"));
  EXPECT_EQ(next(*slow), "after");
  EXPECT_EQ(live.begun_again(), 1U);
}

TEST_F(LiveTest, AQueueIsBoundedByItsBytesToo) {
  const auto seat = sit("operator");
  next(*seat);
  for (int i = 0; i < 5; ++i) live.publish("", bytes(std::string(1U << 20U, 'x')));
  EXPECT_EQ(next(*seat), "snapshot for li");
}

TEST_F(LiveTest, ASeatThatIsLeftIsFree) {
  Live small(api, {.seats = 3, .seats_of_a_user = 3});
  const auto take = [&](const char* token) { return small.join(io.get_executor(), sessions.at(token).viewer); };
  std::vector<std::shared_ptr<Seat>> all{take("operator"), take("operator"), take("admin")};
  EXPECT_EQ(take("enterprise"), nullptr);
  EXPECT_EQ(small.watchers(), 3U);
  all.pop_back();
  EXPECT_NE(take("enterprise"), nullptr);
  EXPECT_TRUE(small.is_watched(""));
  EXPECT_FALSE(small.is_watched("acme"));
  all.clear();
  EXPECT_FALSE(small.is_watched(""));
  EXPECT_EQ(small.watchers(), 0U);
}

TEST_F(LiveTest, OneUserTakesTwentySeatsAndLeavesTheOthersToOthers) {
  std::vector<std::shared_ptr<Seat>> all;
  for (int i = 0; i < 20; ++i) all.push_back(sit("enterprise"));
  EXPECT_NE(all.back(), nullptr);
  EXPECT_EQ(sit("enterprise"), nullptr);
  EXPECT_NE(sit("operator"), nullptr);
  all.pop_back();
  EXPECT_NE(sit("enterprise"), nullptr);
}

TEST_F(LiveTest, ASeatMayBeLeftAfterTheEnd) {
  auto live_too = std::make_unique<Live>(api);
  auto seat = live_too->join(io.get_executor(), sessions.at("operator").viewer);
  live_too.reset();
  EXPECT_EQ(seat.use_count(), 1);
  seat.reset();
}

TEST_F(SnapshotTest, IsMadeOnceForAllWhoSeeTheSameUntilTheNextFrame) {
  std::vector<std::shared_ptr<Seat>> seats;
  for (const auto* token : {"operator", "admin", "operator", "enterprise", "enterprise"}) seats.push_back(sit(token));
  EXPECT_EQ(next(*seats[0]), "snapshot 1 for ");
  EXPECT_EQ(next(*seats[1]), "snapshot 1 for ");
  EXPECT_EQ(next(*seats[3]), "snapshot 2 for acme");
  live.publish("", bytes("all"));
  EXPECT_EQ(next(*seats[2]), "snapshot 3 for ");
  EXPECT_EQ(next(*seats[4]), "snapshot 2 for acme") << "nothing new there";
}

// While nobody watches no frame is made, and the next to come would miss what changed.
TEST_F(SnapshotTest, IsNotKeptForWhoComesAfterAllHaveLeft) {
  auto seat = sit("enterprise");
  EXPECT_EQ(next(*seat), "snapshot 1 for acme");
  seat.reset();
  EXPECT_EQ(next(*sit("enterprise")), "snapshot 2 for acme");
}

TEST_F(SnapshotTest, ThatCannotBeMadeIsTriedAgain) {
  const auto seat = sit("operator");
  const auto make = std::exchange(api.snapshot, [](const Viewer&) -> Bytes { throw std::runtime_error("a bug"); });
  EXPECT_THROW(seat->take(), std::runtime_error);
  api.snapshot = make;
  EXPECT_EQ(next(*seat), "snapshot 1 for ");
}

}  // namespace
}  // namespace hazgate::web
