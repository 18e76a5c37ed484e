#include "tests/bench/bare_epoll.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace hazgate::bench {
namespace {

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("cannot connect to the bench's server");
  }
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

std::uint8_t high(unsigned value) { return static_cast<std::uint8_t>(value >> 8U); }
std::uint8_t low(unsigned value) { return static_cast<std::uint8_t>(value); }
std::uint16_t word(const std::uint8_t* bytes) { return static_cast<std::uint16_t>(bytes[0] << 8U | bytes[1]); }

}  // namespace

BareEpoll::BareEpoll(std::uint16_t port, std::size_t connections, modbus::Request request)
    : request_(request), epoll_(epoll_create1(EPOLL_CLOEXEC)), words_(request.count) {
  for (std::size_t i = 0; i < connections; ++i) {
    connections_.push_back({.fd = connect_to(port)});
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_.back().fd, &event);
  }
}

BareEpoll::~BareEpoll() {
  for (const auto& connection : connections_) close(connection.fd);
  close(epoll_);
}

void BareEpoll::ask(std::size_t number, std::uint16_t address, std::uint16_t count) {
  auto& connection = connections_[number];
  connection.count = count;
  const unsigned id = ++connection.transaction;
  const std::array<std::uint8_t, 12> frame{high(id),      low(id),      0,           0,         0, 6, request_.unit, 3,
                                           high(address), low(address), high(count), low(count)};
  if (send(connection.fd, frame.data(), frame.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(frame.size())) {
    throw std::runtime_error("the bench's server does not take a request");
  }
}

void BareEpoll::receive(std::size_t number) {
  const auto& connection = connections_[number];
  std::array<std::uint8_t, 260> in{};
  const auto got = recv(connection.fd, in.data(), in.size(), 0);
  const auto bytes = 2U * connection.count;
  words_.resize(connection.count);
  const bool ours = got == static_cast<ssize_t>(9 + bytes) && word(in.data()) == connection.transaction &&
                    in[6] == request_.unit && in[7] == 3 && in[8] == bytes;
  if (!ours) throw std::runtime_error("the bench's server gives another answer");
  for (std::size_t i = 0; i < words_.size(); ++i) words_[i] = word(in.data() + 9 + 2 * i);
}

void BareEpoll::wait(int timeout_ms, const OnAnswer& on_answer) {
  std::array<epoll_event, 128> events{};  // as many as Asio takes at once
  const int ready = epoll_wait(epoll_, events.data(), events.size(), timeout_ms);
  for (int i = 0; i < ready; ++i) {
    const auto number = events[static_cast<std::size_t>(i)].data.u64;
    receive(number);
    on_answer(number, words_);
  }
}

void BareEpoll::run(std::uint64_t requests) {
  std::uint64_t asked = 0, answered = 0;
  for (; asked < connections_.size() && asked < requests; ++asked) ask(asked);
  while (answered < requests) {
    wait(-1, [&](std::size_t number, std::span<const std::uint16_t>) {
      ++answered;
      if (asked == requests) return;
      ++asked;
      ask(number);
    });
  }
}

}  // namespace hazgate::bench
