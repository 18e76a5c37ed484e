// Task group: named coroutines that stop together and keep the first cause.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <list>
#include <string>

namespace hazgate::async {

namespace asio = boost::asio;

/// The first task that ends by an exception, or stop(), cancels all the others and is kept as the reason.
/// A task that returns normally just leaves the group. Single-threaded.
class TaskGroup {
 public:
  explicit TaskGroup(asio::io_context& io) : io_(io) {}
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void start(std::string name, asio::awaitable<void> task);
  void stop(std::string reason);
  bool stopping() const { return !reason_.empty(); }
  bool empty() const { return tasks_.empty(); }
  const std::string& reason() const { return reason_; }
  /// Set when a task failed; null after an ordinary stop().
  std::exception_ptr failure() const { return failure_; }
  /// Called once, when stopping and the last task has ended.
  std::function<void()> on_empty;

 private:
  struct Task {
    std::string name;
    asio::cancellation_signal signal;
  };
  void ended(std::list<Task>::iterator task, std::exception_ptr error);

  asio::io_context& io_;
  std::list<Task> tasks_;
  std::string reason_;
  std::exception_ptr failure_;
};

}  // namespace hazgate::async
