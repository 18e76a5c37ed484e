#include "async/called_back.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>
#include <thread>

namespace hazgate::async {
namespace {

namespace asio = boost::asio;
using Done = std::function<void(std::string)>;

struct CallingBack : ::testing::Test {
  asio::io_context io;
  Done done;
  std::string heard;

  asio::awaitable<void> wait() {
    try {
      auto keep = [this](Done given) { done = std::move(given); };
      heard = co_await called_back<std::string>(keep);
    } catch (const std::exception& e) {
      heard = std::string("<") + e.what() + ">";
    }
  }
  void begin() {
    asio::co_spawn(io, wait(), [](const std::exception_ptr&) {});
    io.poll();
  }
};

TEST_F(CallingBack, ResumesOnceWithTheFirstValue) {
  begin();
  done("one");
  done("two");
  EXPECT_EQ(heard, "") << "by the loop, not within the call";
  io.run();
  EXPECT_EQ(heard, "one");
}

// A clock that still holds its copy must not hold up the end of the gateway.
TEST_F(CallingBack, ACopyThatWasCalledKeepsNoLoopAlive) {
  begin();
  auto other = done;
  done("one");
  io.run();
  EXPECT_TRUE(io.stopped());
  EXPECT_EQ(heard, "one");
  other("late");
  io.restart();
  EXPECT_EQ(io.poll(), 0U);
}

TEST_F(CallingBack, ALoopThatWaitsForAnAnswerDoesNotRunDry) {
  begin();
  EXPECT_FALSE(io.stopped());
  std::thread other([this] { done("from another thread"); });
  io.run();
  other.join();
  EXPECT_EQ(heard, "from another thread");
}

TEST_F(CallingBack, WhoIsForgottenHearsThatNobodyAnswered) {
  begin();
  auto copy = done;
  done = nullptr;
  io.poll();
  EXPECT_EQ(heard, "");
  copy = nullptr;
  io.run();
  EXPECT_EQ(heard, "<nobody answered>");
}

TEST_F(CallingBack, HearsWhatItsBeginningThrows) {
  auto ask = [this]() -> asio::awaitable<void> {
    try {
      auto fail = [](Done) { throw std::runtime_error("cannot begin"); };
      heard = co_await called_back<std::string>(fail);
    } catch (const std::runtime_error& e) {
      heard = e.what();
    }
  };
  asio::co_spawn(io, ask(), [](const std::exception_ptr&) {});
  io.run();
  EXPECT_EQ(heard, "cannot begin");
}

TEST(CalledBackAtTheEnd, ALoopThatGoesTakesWhoWaitsInItAlong) {
  bool resumed = false;
  {
    asio::io_context io;
    asio::steady_timer never(io, asio::steady_timer::time_point::max());
    auto wait = [&]() -> asio::awaitable<void> {
      auto keep = [&](std::function<void(int)> done) { never.async_wait([done](auto) { done(1); }); };
      co_await called_back<int>(keep);
      resumed = true;
    };
    asio::co_spawn(io, wait(), [](const std::exception_ptr&) {});
    io.poll();
  }
  EXPECT_FALSE(resumed);
}

}  // namespace
}  // namespace hazgate::async
