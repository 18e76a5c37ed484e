// Waiting for what comes by a callback, from whatever thread.
#pragma once

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <utility>

namespace hazgate::async {

/// Calls `start(done)`, and resumes on its own executor with the value that `done(value)` was given, once.
template <class Value, class Start>
boost::asio::awaitable<Value> called_back(Start start) {
  namespace asio = boost::asio;
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Value)>(
      [](auto handler, Start begin) {
        auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
        // Until it is called the executor has work: its context does not run dry meanwhile.
        auto executor =
            asio::prefer(asio::get_associated_executor(*waiting), asio::execution::outstanding_work.tracked);
        begin([waiting, executor](Value value) {
          asio::post(executor,
                     [waiting, value = std::move(value)]() mutable { std::move (*waiting)(std::move(value)); });
        });
      },
      asio::use_awaitable, std::move(start));
}

}  // namespace hazgate::async
