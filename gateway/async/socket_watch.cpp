#include "async/socket_watch.hpp"

#include <algorithm>
#include <boost/system/system_error.hpp>
#include <cerrno>

namespace hazgate::async {
namespace {

boost::system::error_code last_error() { return {errno, boost::system::system_category()}; }

int make_set() {
  const int set = epoll_create1(EPOLL_CLOEXEC);
  if (set < 0) throw boost::system::system_error(last_error(), "epoll_create1");
  return set;
}

}  // namespace

SocketWatch::SocketWatch(asio::io_context& io) : service(io), set_(io, make_set()) {}

void SocketWatch::shutdown() {
  boost::system::error_code ignored;
  set_.close(ignored);
}

/// Level-triggered: what one call leaves in a socket, and a peer's end, is told again.
boost::system::error_code SocketWatch::add(int socket, Watched& watched) {
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &watched}};
  if (epoll_ctl(set_.native_handle(), EPOLL_CTL_ADD, socket, &event) != 0) return last_error();
  ++watched_;
  wait();
  return {};
}

void SocketWatch::remove(int socket, Watched& watched) {
  epoll_ctl(set_.native_handle(), EPOLL_CTL_DEL, socket, nullptr);
  for (auto& event : untold_)
    if (event.data.ptr == &watched) event.data.ptr = nullptr;
  if (--watched_ > 0) return;
  boost::system::error_code ignored;
  set_.cancel(ignored);
}

void SocketWatch::wait() {
  if (waiting_ || watched_ == 0) return;
  waiting_ = true;
  set_.async_wait(asio::posix::descriptor_base::wait_read, [this](boost::system::error_code error) {
    waiting_ = false;
    for (int i = 0; !error && i < most_rounds && tell_some(); ++i) {
    }
    wait();
  });
}

/// False when nothing more is waiting.
bool SocketWatch::tell_some() {
  const int found = epoll_wait(set_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
  untold_ = std::span(events_).first(static_cast<std::size_t>(std::max(found, 0)));
  while (!untold_.empty()) {
    auto* const watched = static_cast<Watched*>(untold_.front().data.ptr);
    untold_ = untold_.subspan(1);
    if (watched != nullptr) watched->on_readable();
  }
  return found == static_cast<int>(events_.size());
}

}  // namespace hazgate::async
