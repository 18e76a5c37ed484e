#include "tests/bench/modbus_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <new>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace hazgate::bench {
namespace {

constexpr std::size_t request_size = 12;
constexpr std::size_t most_registers = 125;

struct Connection {
  int fd = -1;
  std::array<std::uint8_t, 64 * request_size> in{};
  std::size_t filled = 0;
  std::int64_t asked_at_ns = 0;
};

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

void put16(std::uint8_t* to, std::size_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 8U);
  to[1] = static_cast<std::uint8_t>(value);
}

class Loop {
 public:
  Loop(int listener, ServerState& state) : listener_(listener), state_(state), epoll_(epoll_create1(0)) {
    add(listener_);
  }
  [[noreturn]] void run();

 private:
  void add(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }
  void accept_one();
  void serve(Connection& connection);
  void watch(Connection& connection);
  std::size_t answer(const std::uint8_t* request, std::uint8_t* out);
  std::uint16_t word(std::uint8_t unit, std::size_t address);

  int listener_;
  ServerState& state_;
  int epoll_;
  std::uint16_t watched_sent_ = 0;
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
};

void Loop::accept_one() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (fd < 0) return;
  const int yes = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  connections_[fd] = std::make_unique<Connection>(Connection{.fd = fd});
  add(fd);
}

std::uint16_t Loop::word(std::uint8_t unit, std::size_t address) {
  if (unit == watched_unit && address == 0) {
    const std::uint16_t value = state_.watched;
    if (value == watched_sent_) return value;
    watched_sent_ = value;
    state_.sent_at_ns = std::chrono::steady_clock::now().time_since_epoch().count();
    ++state_.changes_sent;
    return value;
  }
  const auto& registers = state_.registers;
  const std::uint64_t moved = (state_.answers + 7 * address) % state_.wobble;
  return static_cast<std::uint16_t>(registers[address % registers.size()] + moved);
}

/// Header and unit go back as they came, then function, byte count and words. 0 for what is no read of registers.
std::size_t Loop::answer(const std::uint8_t* request, std::uint8_t* out) {
  const std::size_t address = request[8] * 256U + request[9], count = request[10] * 256U + request[11];
  if ((request[7] != 3 && request[7] != 4) || count == 0 || count > most_registers) return 0;
  std::copy(request, request + 8, out);
  put16(out + 4, 3 + 2 * count);
  out[8] = static_cast<std::uint8_t>(2 * count);
  for (std::size_t i = 0; i < count; ++i) put16(out + 9 + 2 * i, word(request[6], address + i));
  state_.answers.store(state_.answers + 1, std::memory_order_relaxed);
  return 9 + 2 * count;
}

void Loop::watch(Connection& connection) {
  const std::int64_t period = state_.period_ns;
  if (period == 0) return;
  const std::int64_t now = std::chrono::steady_clock::now().time_since_epoch().count();
  const auto before = std::exchange(connection.asked_at_ns, now);
  if (before == 0) return;
  const auto step = static_cast<std::size_t>(std::abs(now - before - period) / 100'000);
  ++state_.unsteady[std::min(step, state_.unsteady.size() - 1)];
}

void Loop::serve(Connection& connection) {
  auto& in = connection.in;
  const ssize_t got = recv(connection.fd, in.data() + connection.filled, in.size() - connection.filled, 0);
  if (got < 0 && errno == EAGAIN) return;
  bool good = got > 0;
  if (good) connection.filled += static_cast<std::size_t>(got);
  std::size_t done = 0;
  while (good && connection.filled - done >= request_size) {
    const auto unit = in[done + 6];
    std::array<std::uint8_t, 9 + 2 * most_registers> out{};
    std::size_t size = unit == silent_unit ? 0 : answer(in.data() + done, out.data());
    if (unit == half_unit) {
      size /= 2;
    } else if (size > 0) {
      watch(connection);
    }
    good = unit == silent_unit ||
           (size > 0 && send(connection.fd, out.data(), size, MSG_NOSIGNAL) == static_cast<ssize_t>(size));
    done += request_size;
  }
  if (!good) {
    const int fd = connection.fd;
    close(fd);
    connections_.erase(fd);
    return;
  }
  std::copy(in.begin() + static_cast<std::ptrdiff_t>(done), in.begin() + static_cast<std::ptrdiff_t>(connection.filled),
            in.begin());
  connection.filled -= done;
}

void Loop::run() {
  std::array<epoll_event, 512> events{};
  for (;;) {
    const int ready = epoll_wait(epoll_, events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener_) {
        accept_one();
      } else if (const auto found = connections_.find(fd); found != connections_.end()) {
        serve(*found->second);
      }
    }
  }
}

int listen_on_loopback(std::uint16_t& port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (fd < 0 || bind(fd, generic, size) != 0 || listen(fd, 4096) != 0) fail("listening on 127.0.0.1");
  getsockname(fd, generic, &size);
  port = ntohs(address.sin_port);
  return fd;
}

/// A descriptor a device: thousands, where 1,024 are usual.
void allow_many_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

ModbusServer::ModbusServer() {
  allow_many_descriptors();
  void* memory = mmap(nullptr, sizeof(ServerState), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) fail("shared memory");
  state_ = new (memory) ServerState;
  const int listener = listen_on_loopback(port_);
  pid_ = fork();
  if (pid_ < 0) fail("fork");
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // a bench that dies leaves no server behind
    try {
      Loop(listener, *state_).run();
    } catch (...) {
      _exit(1);
    }
  }
  close(listener);
}

double ModbusServer::unsteady_p99_ms() const {
  std::uint64_t all = 0, seen = 0;
  for (const auto& count : state_->unsteady) all += count;
  for (std::size_t step = 0; step < state_->unsteady.size(); ++step) {
    seen += state_->unsteady[step];
    if (100 * seen >= 99 * all) return 0.1 * static_cast<double>(step + 1);
  }
  return 0;
}

ModbusServer::~ModbusServer() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  munmap(state_, sizeof(ServerState));
}

}  // namespace hazgate::bench
