// Event: one coroutine waits, another code path of the same thread wakes it. No timer, no polling.
#pragma once

#include <array>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace hazgate::async {

namespace asio = boost::asio;

/// At most one waiter. A notify() without a waiter is remembered once. Single-threaded: all calls on one executor.
class Event {
 public:
  explicit Event(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  ~Event() {
    if (auto* const waiter = std::exchange(waiter_, nullptr)) std::destroy_at(waiter);
  }

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
    /// Ends the waiter's own life first: who is resumed may wait again before this returns.
    virtual void resume(boost::system::error_code ec, How how, const asio::any_io_executor& executor) = 0;
  };
  template <class Handler>
  struct Waiting final : Waiter {
    explicit Waiting(Handler h) : handler(std::move(h)) {}
    void resume(boost::system::error_code ec, How how, const asio::any_io_executor& executor) override {
      Handler h = std::move(handler);
      std::destroy_at(this);
      auto slot = asio::get_associated_cancellation_slot(h);
      if (slot.is_connected()) slot.clear();
      if (how == How::now) {
        std::move(h)(ec);
      } else {
        // Posted, not called: the waiter may destroy the very object whose code notifies it.
        asio::post(executor, [h = std::move(h), ec]() mutable { std::move(h)(ec); });
      }
    }
    Handler handler;
  };

  template <class Handler>
  void take(Handler handler) {
    static_assert(sizeof(Waiting<Handler>) <= sizeof room_);
    auto slot = asio::get_associated_cancellation_slot(handler);
    waiter_ = new (room_.data()) Waiting<Handler>(std::move(handler));
    if (slot.is_connected()) slot.assign([this](asio::cancellation_type) { resume(asio::error::operation_aborted); });
  }
  void wake(How how) {
    if (waiter_ != nullptr) {
      resume({}, how);
    } else {
      set_ = true;
    }
  }
  void resume(boost::system::error_code ec, How how = How::later) {
    if (auto* const waiter = std::exchange(waiter_, nullptr)) waiter->resume(ec, how, executor_);
  }

  asio::any_io_executor executor_;
  alignas(std::max_align_t) std::array<std::byte, 32> room_;  ///< of the waiter: very many come and go
  Waiter* waiter_ = nullptr;
  bool set_ = false;
};

}  // namespace hazgate::async
