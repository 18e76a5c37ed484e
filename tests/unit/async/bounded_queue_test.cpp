#include "async/bounded_queue.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace hazgate::async {
namespace {

TEST(BoundedQueue, RefusesAtItsCapacityAndLeavesTheItemAlone) {
  BoundedQueue<std::unique_ptr<int>> queue(1, Overflow::refuse);
  EXPECT_TRUE(queue.push(std::make_unique<int>(1)));
  EXPECT_TRUE(queue.full());
  auto second = std::make_unique<int>(2);
  EXPECT_FALSE(queue.push(std::move(second)));
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(**queue.pop(), 1);
  EXPECT_TRUE(queue.push(std::move(second)));
  EXPECT_EQ(queue.dropped(), 0u);
}

TEST(BoundedQueue, DropsTheOldestAndCountsIt) {
  BoundedQueue<int> queue(2, Overflow::drop_oldest);
  for (int i = 1; i <= 5; ++i) EXPECT_TRUE(queue.push(std::move(i)));
  EXPECT_EQ(queue.dropped(), 3u);
  EXPECT_EQ(queue.pop(), 4);
  EXPECT_EQ(queue.pop(), 5);
  EXPECT_EQ(queue.pop(), std::nullopt);
}

}  // namespace
}  // namespace hazgate::async
