#include "async/island.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <future>
#include <stdexcept>
#include <string>

#include "async/task_group.hpp"

namespace hazgate::async {
namespace {

TEST(Island, WorkRunsThereAndItsResultComesBackHere) {
  asio::io_context io;
  Island island("a-name-longer-than-fifteen-letters");
  const auto here = std::this_thread::get_id();
  std::thread::id there, back;
  int result = 0;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        result = co_await on(island, [&] {
          there = std::this_thread::get_id();
          return 42;
        });
        back = std::this_thread::get_id();
      },
      asio::detached);
  io.run();
  EXPECT_EQ(result, 42);
  EXPECT_NE(there, here);
  EXPECT_EQ(back, here);
}

TEST(Island, AnExceptionCrossesToo) {
  asio::io_context io;
  Island island("island");
  std::string caught;
  asio::co_spawn(
      io,
      [&]() -> asio::awaitable<void> {
        try {
          co_await on(island, []() -> int { throw std::runtime_error("disk gone"); });
        } catch (const std::runtime_error& e) {
          caught = e.what();
        }
      },
      asio::detached);
  io.run();
  EXPECT_EQ(caught, "disk gone");
}

TEST(Island, AStopWaitsForTheWorkUnderWayAndEndsTheTaskAfterIt) {
  asio::io_context io;
  Island island("island");
  TaskGroup group(io);
  std::promise<void> begun, may_end;
  std::string got;
  bool went_on = false;
  auto task = [&]() -> asio::awaitable<void> {
    auto work = [&] {
      begun.set_value();
      may_end.get_future().wait();
      return std::string("what the work gave");
    };
    got = co_await on(island, work);
    asio::steady_timer for_ever(io, asio::steady_timer::time_point::max());
    co_await for_ever.async_wait(asio::use_awaitable);
    went_on = true;
  };
  group.start("task", task());
  io.poll();
  begun.get_future().wait();
  group.stop("signal");
  io.poll();
  EXPECT_FALSE(group.empty());
  may_end.set_value();
  io.run();
  EXPECT_TRUE(group.empty());
  EXPECT_EQ(got, "what the work gave");
  EXPECT_FALSE(went_on);
}

TEST(Island, FinishesInOrderWhatWasPostedBeforeItEnds) {
  std::string order;
  {
    Island island("island");
    for (char c = 'a'; c <= 'z'; ++c) island.post([&order, c] { order += c; });
  }
  EXPECT_EQ(order, "abcdefghijklmnopqrstuvwxyz");
}

}  // namespace
}  // namespace hazgate::async
