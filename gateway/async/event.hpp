// Event: one coroutine waits, another code path of the same thread wakes it. No timer, no polling.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <optional>
#include <utility>

namespace hazgate::async {

namespace asio = boost::asio;

/// At most one waiter. A notify() without a waiter is remembered once. Single-threaded: all calls on one executor.
class Event {
 public:
  explicit Event(asio::any_io_executor executor) : executor_(std::move(executor)) {}
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  /// Returns when notified; throws operation_aborted when the waiting task is cancelled.
  asio::awaitable<void> wait() {
    if (std::exchange(set_, false)) co_return;
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(boost::system::error_code)>(
        [this](Handler handler) {
          auto slot = asio::get_associated_cancellation_slot(handler);
          handler_.emplace(std::move(handler));
          if (slot.is_connected()) {
            slot.assign([this](asio::cancellation_type) { resume(asio::error::operation_aborted); });
          }
        },
        asio::use_awaitable);
  }

  void notify() {
    if (handler_) {
      resume({});
    } else {
      set_ = true;
    }
  }
  /// Forgets a notify() that nobody has waited for.
  void reset() { set_ = false; }
  bool has_waiter() const { return handler_.has_value(); }

 private:
  using Handler = asio::async_result<asio::use_awaitable_t<>, void(boost::system::error_code)>::handler_type;

  void resume(boost::system::error_code ec) {
    if (!handler_) return;
    auto slot = asio::get_associated_cancellation_slot(*handler_);
    if (slot.is_connected()) slot.clear();
    // Posted, not called: the waiter may destroy the very object whose code notifies it.
    asio::post(executor_, [handler = std::move(*handler_), ec]() mutable { std::move(handler)(ec); });
    handler_.reset();
  }

  asio::any_io_executor executor_;
  std::optional<Handler> handler_;
  bool set_ = false;
};

}  // namespace hazgate::async
