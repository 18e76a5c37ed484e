#include "async/task_group.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>

namespace hazgate::async {
namespace {

asio::awaitable<void> forever() {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  co_await timer.async_wait(asio::use_awaitable);
}
asio::awaitable<void> fails(std::string why) {
  throw std::runtime_error(why);
  co_return;
}
asio::awaitable<void> fails_with_a_number() {
  throw 7;
  co_return;
}
asio::awaitable<void> returns() { co_return; }

TEST(TaskGroup, TheFirstFailureStopsAllAndIsKeptAsTheReason) {
  asio::io_context io;
  TaskGroup group(io);
  bool emptied = false;
  group.on_empty = [&] { emptied = true; };
  group.start("bus", forever());
  group.start("web", fails("port taken"));
  group.start("store", fails("a later one"));
  io.run();
  EXPECT_TRUE(emptied);
  EXPECT_TRUE(group.empty());
  EXPECT_EQ(group.reason(), "web: port taken");
  EXPECT_NE(group.failure(), nullptr);
}

TEST(TaskGroup, AStopEndsAllWithoutBeingAFailure) {
  asio::io_context io;
  TaskGroup group(io);
  for (int i = 0; i < 100; ++i) group.start("bus", forever());
  io.poll();
  group.stop("signal");
  group.stop("a second signal");
  io.run();
  EXPECT_TRUE(group.empty());
  EXPECT_EQ(group.reason(), "signal");
  EXPECT_EQ(group.failure(), nullptr);
}

TEST(TaskGroup, ATaskThatReturnsJustLeaves) {
  asio::io_context io;
  TaskGroup group(io);
  group.start("short", returns());
  group.start("long", forever());
  io.poll();
  EXPECT_FALSE(group.stopping());
  EXPECT_FALSE(group.empty());
  group.stop("end");
  io.run();
  EXPECT_TRUE(group.empty());
}

TEST(TaskGroup, KeepsAFailureThatIsNoException) {
  asio::io_context io;
  TaskGroup group(io);
  group.start("odd", fails_with_a_number());
  io.run();
  EXPECT_EQ(group.reason(), "odd failed");
  EXPECT_NE(group.failure(), nullptr);
}

TEST(TaskGroup, StartsNothingOnceStopping) {
  asio::io_context io;
  TaskGroup group(io);
  group.stop("signal");
  group.start("late", forever());
  EXPECT_TRUE(group.empty());
}

}  // namespace
}  // namespace hazgate::async
