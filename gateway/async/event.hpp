// Event: one coroutine waits, another code path of the same thread wakes it. No timer, no polling.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <utility>

namespace hazgate::async {

namespace asio = boost::asio;

/// At most one waiter. A notify() without a waiter is remembered once. Single-threaded: all calls on one executor.
class Event {
 public:
  explicit Event(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// A remembered notify(), if there is one. With next() this is wait() without a coroutine frame of its own, for paths
  /// that run a hundred thousand times a second: `if (!event.consume()) co_await event.next();`
  bool consume() { return std::exchange(set_, false); }
  auto next() {
    return asio::async_initiate<const asio::deferred_t, void(boost::system::error_code)>(
        [this](auto handler) { take(std::move(handler)); }, asio::deferred);
  }
  /// Returns when notified; throws operation_aborted when the waiting task is cancelled.
  asio::awaitable<void> wait() {
    if (!consume()) co_await next();
  }

  void notify() { wake(How::later); }
  /// Resumes the waiter inside this very call: cheaper, and only for callers that nothing the waiter does can hurt.
  void notify_now() { wake(How::now); }
  /// Forgets a notify() that nobody has waited for.
  void reset() { set_ = false; }
  bool has_waiter() const { return waiter_ != nullptr; }

 private:
  enum class How { now, later };
  struct Waiter {
    virtual ~Waiter() = default;
    virtual void resume(boost::system::error_code ec, How how, const asio::any_io_executor& executor) = 0;
  };
  template <class Handler>
  struct Waiting final : Waiter {
    explicit Waiting(Handler h) : handler(std::move(h)) {}
    void resume(boost::system::error_code ec, How how, const asio::any_io_executor& executor) override {
      auto slot = asio::get_associated_cancellation_slot(handler);
      if (slot.is_connected()) slot.clear();
      if (how == How::now) {
        std::move(handler)(ec);
      } else {
        // Posted, not called: the waiter may destroy the very object whose code notifies it.
        asio::post(executor, [h = std::move(handler), ec]() mutable { std::move(h)(ec); });
      }
    }
    Handler handler;
  };

  template <class Handler>
  void take(Handler handler) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    waiter_ = std::make_unique<Waiting<Handler>>(std::move(handler));
    if (slot.is_connected()) slot.assign([this](asio::cancellation_type) { resume(asio::error::operation_aborted); });
  }
  void wake(How how) {
    if (waiter_) {
      resume({}, how);
    } else {
      set_ = true;
    }
  }
  void resume(boost::system::error_code ec, How how = How::later) {
    // Taken out first: the waiter may wait again before this returns.
    if (const auto waiter = std::move(waiter_)) waiter->resume(ec, how, executor_);
  }

  asio::any_io_executor executor_;
  std::unique_ptr<Waiter> waiter_;
  bool set_ = false;
};

}  // namespace hazgate::async
