#include "web/stream.hpp"

#include <fmt/format.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hazgate::web {

namespace ssl = asio::ssl;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;

namespace {

class Plain final : public Stream {
 public:
  using Stream::Stream;
  Later<bool> open() override { co_return true; }
  Later<void> close() override { co_return; }

 private:
  void read(asio::mutable_buffer into, Done done) override { socket_.async_read_some(into, std::move(done)); }
  void write(std::vector<asio::const_buffer> from, Done done) override {
    socket_.async_write_some(from, std::move(done));
  }
};

class Tls final : public Stream {
 public:
  Tls(tcp::socket& socket, ssl::context& context) : Stream(socket), stream_(socket, context) {}
  Later<bool> open() override {
    error_code error;
    co_await stream_.async_handshake(ssl::stream_base::server, redirect_error(use_awaitable, error));
    co_return !error;
  }
  Later<void> close() override {
    error_code error;
    co_await stream_.async_shutdown(redirect_error(use_awaitable, error));
  }

 private:
  void read(asio::mutable_buffer into, Done done) override { stream_.async_read_some(into, std::move(done)); }
  void write(std::vector<asio::const_buffer> from, Done done) override {
    stream_.async_write_some(from, std::move(done));
  }
  ssl::stream<tcp::socket&> stream_;
};

}  // namespace

std::unique_ptr<Stream> plain_stream(tcp::socket& socket) { return std::make_unique<Plain>(socket); }
std::unique_ptr<Stream> tls_stream(tcp::socket& socket, ssl::context& context) {
  return std::make_unique<Tls>(socket, context);
}

ssl::context tls_with(const std::filesystem::path& cert, const std::filesystem::path& key) {
  ssl::context tls(ssl::context::tls_server);
  tls.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1 | ssl::context::single_dh_use);
  error_code error;
  // A key behind a password must not ask for it at a terminal while nothing is polled.
  tls.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); });
  tls.use_certificate_chain_file(cert.string(), error);
  if (error)
    throw std::runtime_error(fmt::format("[http] cert: {} cannot be used: {}", cert.string(), error.message()));
  tls.use_private_key_file(key.string(), ssl::context::pem, error);
  if (error) throw std::runtime_error(fmt::format("[http] key: {} cannot be used: {}", key.string(), error.message()));
  return tls;
}

}  // namespace hazgate::web
