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
  EXPECT_EQ(next(*quick), "snapshot for root");
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
  std::vector<std::shared_ptr<Seat>> all;
  for (std::size_t i = 0; i < Live::most_seats; ++i) all.push_back(sit("operator"));
  EXPECT_EQ(sit("operator"), nullptr);
  EXPECT_EQ(live.watchers(), Live::most_seats);
  all.pop_back();
  EXPECT_NE(sit("enterprise"), nullptr);
  all.clear();
  EXPECT_FALSE(live.is_watched(""));
  EXPECT_FALSE(live.is_watched("acme"));
}

}  // namespace
}  // namespace hazgate::web
