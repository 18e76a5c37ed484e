// A socket, plain or in TLS, behind one type: what Beast makes of a stream is made once. It takes minutes to compile.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/role.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "web/api.hpp"

namespace hazgate::web {

namespace asio = boost::asio;
using boost::system::error_code;

class Stream {
 public:
  using executor_type = asio::any_io_executor;
  using Done = std::function<void(error_code, std::size_t)>;
  explicit Stream(asio::ip::tcp::socket& socket) : socket_(socket) {}
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  executor_type get_executor() { return socket_.get_executor(); }
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    asio::mutable_buffer first;
    for (auto at = asio::buffer_sequence_begin(buffers); first.size() == 0 && at != asio::buffer_sequence_end(buffers);)
      first = *at++;
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, asio::mutable_buffer into) { read(into, done(std::move(handler))); }, token, first);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    std::vector<asio::const_buffer> all(asio::buffer_sequence_begin(buffers), asio::buffer_sequence_end(buffers));
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, std::vector<asio::const_buffer> from) {
          write(std::move(from), done(std::move(handler)));
        },
        token, std::move(all));
  }
  virtual Later<bool> open() = 0;   ///< false where the other side does not speak it
  virtual Later<void> close() = 0;  ///< its last words

 protected:
  virtual void read(asio::mutable_buffer into, Done done) = 0;
  virtual void write(std::vector<asio::const_buffer> from, Done done) = 0;
  asio::ip::tcp::socket& socket_;

 private:
  template <class Handler>
  Done done(Handler handler) {
    auto waiting = std::make_shared<Handler>(std::move(handler));
    return [waiting, executor = asio::get_associated_executor(*waiting, get_executor())](error_code error,
                                                                                         std::size_t bytes) {
      asio::dispatch(executor, [waiting, error, bytes] { std::move (*waiting)(error, bytes); });
    };
  }
};

// What a WebSocket ends its stream with: whoever owns the connection closes it.
template <class Handler>
void async_teardown(boost::beast::role_type, Stream& stream, Handler&& handler) {
  asio::post(stream.get_executor(), [handler = std::forward<Handler>(handler)]() mutable { handler(error_code()); });
}
inline void beast_close_socket(Stream&) {}

/// The socket, and the context of TLS, outlive it.
std::unique_ptr<Stream> plain_stream(asio::ip::tcp::socket& socket);
std::unique_ptr<Stream> tls_stream(asio::ip::tcp::socket& socket, asio::ssl::context& context);

/// TLS 1.2 and newer with this certificate chain and key, PEM. Throws std::runtime_error that names the setting.
asio::ssl::context tls_with(const std::filesystem::path& cert, const std::filesystem::path& key);

}  // namespace hazgate::web
