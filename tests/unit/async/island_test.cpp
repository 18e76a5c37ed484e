#include "async/island.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <string>

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
