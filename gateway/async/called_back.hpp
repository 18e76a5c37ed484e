// Waiting for what comes by a callback, from whatever thread.
#pragma once

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

namespace hazgate::async {

/// Whoever was to answer has let go of his `done` without a word.
struct Unanswered : std::runtime_error {
  Unanswered() : std::runtime_error("nobody answered") {}
};

/// The one who waits. He is resumed once, and nothing of him is kept after that, however long a copy of `done` lives.
template <class Value, class Handler>
class CalledBack {
 public:
  explicit CalledBack(Handler handler)
      : waiting_(std::move(handler)),
        executor_(boost::asio::prefer(boost::asio::get_associated_executor(*waiting_),
                                      boost::asio::execution::outstanding_work.tracked)) {}
  ~CalledBack() { resume(std::make_exception_ptr(Unanswered()), std::nullopt); }
  CalledBack(const CalledBack&) = delete;
  CalledBack& operator=(const CalledBack&) = delete;

  void resume(std::exception_ptr error, std::optional<Value> value) {
    if (called_.exchange(true)) return;
    const auto executor = std::exchange(executor_, std::nullopt);
    auto handler = std::exchange(waiting_, std::nullopt);
    boost::asio::post(*executor,
                      [waiting = std::move(*handler), error = std::move(error), value = std::move(value)]() mutable {
                        std::move(waiting)(std::move(error), std::move(value));
                      });
  }

 private:
  std::atomic<bool> called_{false};
  std::optional<Handler> waiting_;
  /// Until he is called the executor has work: its context does not run dry meanwhile.
  using Executor =
      std::decay_t<decltype(boost::asio::prefer(boost::asio::get_associated_executor(std::declval<Handler&>()),
                                                boost::asio::execution::outstanding_work.tracked))>;
  std::optional<Executor> executor_;
};

/// Calls `start(done)`, and resumes on its own executor with the value that `done(value)` was given first; a later call
/// does nothing. Throws what `start` throws, and Unanswered when the last copy of `done` goes without a call.
template <class Value, class Start>
boost::asio::awaitable<Value> called_back(Start start) {
  namespace asio = boost::asio;
  // It has a name: what is made within a co_await, g++ 12 destroys twice.
  auto begin = [](auto handler, Start* from) {
    auto waiting = std::make_shared<CalledBack<Value, decltype(handler)>>(std::move(handler));
    try {
      (*from)([waiting](Value value) { waiting->resume(nullptr, std::move(value)); });
    } catch (...) {  // he hears of it as of an answer: whoever waits is no longer here to throw it to
      waiting->resume(std::current_exception(), std::nullopt);
    }
  };
  auto answer =
      co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr, std::optional<Value>)>(
          begin, asio::use_awaitable, &start);
  co_return std::move(*answer);
}

}  // namespace hazgate::async
