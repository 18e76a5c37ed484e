#include "async/event.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "async/task_group.hpp"

namespace hazgate::async {
namespace {

struct Waiting : ::testing::Test {
  asio::io_context io;
  TaskGroup group{io};
  Event event{io.get_executor()};
  int woken = 0;

  asio::awaitable<void> wait_for(int times) {
    for (int i = 0; i < times; ++i) {
      co_await event.wait();
      ++woken;
    }
  }
  void run_ready() {
    io.restart();
    while (io.poll() > 0) {
    }
  }
};

TEST_F(Waiting, IsOverWithTheNotifyAndNotBefore) {
  group.start("waiter", wait_for(2));
  run_ready();
  EXPECT_EQ(woken, 0);
  EXPECT_TRUE(event.has_waiter());
  event.notify();
  EXPECT_EQ(woken, 0) << "resumed by the loop, not inside notify()";
  run_ready();
  EXPECT_EQ(woken, 1);
}

TEST_F(Waiting, RemembersOneNotifyWithoutAWaiter) {
  event.notify();
  event.notify();
  group.start("waiter", wait_for(2));
  run_ready();
  EXPECT_EQ(woken, 1);
}

TEST_F(Waiting, ForgetsARememberedNotifyWhenReset) {
  event.notify();
  event.reset();
  group.start("waiter", wait_for(1));
  run_ready();
  EXPECT_EQ(woken, 0);
}

TEST_F(Waiting, EndsWhenItsTaskIsCancelled) {
  group.start("waiter", wait_for(1));
  run_ready();
  group.stop("enough");
  run_ready();
  EXPECT_TRUE(group.empty());
  EXPECT_FALSE(event.has_waiter());
  EXPECT_EQ(group.failure(), nullptr);
  EXPECT_EQ(woken, 0);
}

TEST_F(Waiting, SurvivesACancelRightAfterTheNotify) {
  group.start("waiter", wait_for(1));
  run_ready();
  event.notify();
  group.stop("enough");
  run_ready();
  EXPECT_TRUE(group.empty());
}

}  // namespace
}  // namespace hazgate::async
