// Island: a thread of its own for a library that blocks. on() is the one crossing.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string>
#include <thread>
#include <type_traits>

namespace hazgate::async {

namespace asio = boost::asio;

/// Work posted here runs on the island's thread, in order. The destructor finishes what was posted, then joins.
class Island {
 public:
  explicit Island(const std::string& name);
  ~Island();
  Island(const Island&) = delete;
  Island& operator=(const Island&) = delete;

  asio::io_context& context() { return context_; }
  template <class Work>
  void post(Work&& work) {
    asio::post(context_, std::forward<Work>(work));
  }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_;
  std::jthread thread_;
};

/// Runs `work` on the island and resumes the caller on its own executor with the result; an exception crosses too.
/// Work that was handed over is awaited, also by a task that is cancelled meanwhile: that ends where it waits next.
template <class Work>
asio::awaitable<std::invoke_result_t<Work>> on(Island& island, Work work) {
  // It has a name: what is made within a co_await, g++ 12 destroys twice.
  auto there = [work = std::move(work)]() mutable -> asio::awaitable<std::invoke_result_t<Work>> { co_return work(); };
  // Without a slot: Asio would hand a cancellation to the island's thread by a raw pointer into what may be gone by
  // then.
  auto awaited = asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable);
  co_return co_await asio::co_spawn(island.context(), std::move(there), std::move(awaited));
}

}  // namespace hazgate::async
