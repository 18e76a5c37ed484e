// Bounded queue: a capacity and what happens at it, both named where the queue is made.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

namespace hazgate::async {

enum class Overflow {
  refuse,      ///< push() says no and the producer must slow down: nothing is lost
  drop_oldest  ///< the oldest goes and is counted: only for what can be asked again
};

/// Not thread-safe: one owner. Memory is bounded by `capacity` items.
template <class T>
class BoundedQueue {
 public:
  BoundedQueue(std::size_t capacity, Overflow policy) : capacity_(capacity), policy_(policy) {}

  /// false only when full under Overflow::refuse; then `item` is untouched.
  bool push(T&& item) {
    if (items_.size() >= capacity_) {
      if (policy_ == Overflow::refuse) return false;
      items_.pop_front();
      ++dropped_;
    }
    items_.push_back(std::move(item));
    return true;
  }
  std::optional<T> pop() {
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    return item;
  }
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  bool full() const { return items_.size() >= capacity_; }
  std::uint64_t dropped() const { return dropped_; }

 private:
  std::deque<T> items_;
  std::size_t capacity_;
  Overflow policy_;
  std::uint64_t dropped_ = 0;
};

}  // namespace hazgate::async
