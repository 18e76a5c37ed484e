// Mailbox: events from any thread, handed to one loop in batches: one wake-up for whatever has gathered.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <mutex>
#include <utility>
#include <vector>

namespace hazgate::feed {

template <class Event>
class Mailbox {
 public:
  /// `wake` runs on the loop when there is something to take.
  Mailbox(boost::asio::io_context& loop, std::function<void()> wake) : loop_(&loop), wake_(std::move(wake)) {}

  void put(Event event) {
    std::lock_guard lock(mutex_);
    if (!loop_) return;
    events_.push_back(std::move(event));
    if (events_.size() == 1) boost::asio::post(*loop_, wake_);
  }
  std::vector<Event> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(events_, {});
  }
  /// What comes later is dropped: the loop is gone, a library's thread may not be.
  void close() {
    std::lock_guard lock(mutex_);
    loop_ = nullptr;
    wake_ = nullptr;
  }

 private:
  std::mutex mutex_;
  boost::asio::io_context* loop_;
  std::function<void()> wake_;
  std::vector<Event> events_;
};

}  // namespace hazgate::feed
