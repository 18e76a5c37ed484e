#include "drivers/simulator_line.hpp"

#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace hazgate::modbus {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_waiting = 1024;  ///< pieces of answers per client

Descriptor listen_on(const std::string& host, std::uint16_t port) {
  const auto where = host + ":" + std::to_string(port);
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  if (const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found); error != 0) {
    throw std::system_error(EADDRNOTAVAIL, std::generic_category(), where + ": " + ::gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(found, ::freeaddrinfo);
  Descriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (socket.get() < 0 || ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(socket.get(), found->ai_addr, found->ai_addrlen) != 0 || ::listen(socket.get(), 1024) != 0) {
    throw std::system_error(errno, std::generic_category(), where + ": cannot listen");
  }
  return socket;
}

}  // namespace

SimulatedLine::SimulatedLine(const SimulatedBus& bus, double speed, AtomicCounters& counters)
    : framing_(std::holds_alternative<SimulatedBus::TcpListener>(bus.end) ? Framing::tcp : Framing::rtu),
      speed_(speed),
      counters_(counters),
      responder_(framing_),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_.get() < 0) throw std::system_error(errno, std::generic_category(), bus.id + ": eventfd");
  if (const auto* tcp = std::get_if<SimulatedBus::TcpListener>(&bus.end)) listener_ = listen_on(tcp->host, tcp->port);
  if (const auto* server = std::get_if<SerialServer>(&bus.end)) listener_ = listen_on(server->host, server->port);
  if (const auto* port = std::get_if<SerialPort>(&bus.end)) {
    terminal_ = std::make_unique<PseudoTerminal>(port->path);
    clients_.push_back(std::make_unique<Client>());
    clients_.back()->fd = terminal_->descriptor();
  }
  for (const auto& device : bus.devices) {
    devices_.try_emplace(device.unit, Device{SimulatedRegisters(device), device.faults, {}});
  }
}

SimulatedLine::~SimulatedLine() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  // An eventfd holds 2^64 - 2 of them: this cannot fail.
  [[maybe_unused]] const auto written = ::write(wake_.get(), &one, sizeof one);
  thread_.join();
}

void SimulatedLine::start(Clock::time_point start) {
  start_ = start;
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "simulated bus");
    run();
  });
}

void SimulatedLine::run() {
  std::vector<pollfd> waits;
  for (;;) {
    const bool accepting = Clock::now() >= accept_again_;
    waits.assign({{wake_.get(), POLLIN, 0}, {accepting ? listener_.get() : -1, POLLIN, 0}});
    for (const auto& client : clients_) waits.push_back({client->fd, POLLIN, 0});
    if (::poll(waits.data(), waits.size(), wait_ms()) < 0 && errno != EINTR) return;
    if (waits[0].revents != 0) return;
    for (std::size_t i = 2; i < waits.size(); ++i) {
      if (waits[i].revents != 0) read_from(*clients_[i - 2]);
    }
    if (waits[1].revents != 0) accept_clients();
    const auto now = Clock::now();
    for (auto& client : clients_) send_due(*client, now);
    std::erase_if(clients_, [](const auto& client) { return client->gone; });
  }
}

int SimulatedLine::wait_ms() const {
  const auto now = Clock::now();
  auto until = now + std::chrono::minutes(1);
  for (const auto& client : clients_) {
    if (!client->out.empty()) until = std::min(until, client->out.front().at);
  }
  if (accept_again_ > now) until = std::min(until, accept_again_);
  return static_cast<int>(std::chrono::ceil<milliseconds>(std::max(until, now) - now).count());
}

void SimulatedLine::accept_clients() {
  for (;;) {
    Descriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (socket.get() < 0) {
      // Out of descriptors the listener stays readable: come back later instead of spinning.
      if (errno == EMFILE || errno == ENFILE) accept_again_ = Clock::now() + milliseconds(200);
      return;
    }
    clients_.push_back(std::make_unique<Client>());
    clients_.back()->fd = socket.get();
    clients_.back()->socket = std::move(socket);
  }
}

void SimulatedLine::read_from(Client& client) {
  std::array<std::uint8_t, 512> bytes;
  const auto got = ::read(client.fd, bytes.data(), bytes.size());
  if (got <= 0) {
    client.gone = client.socket.get() >= 0 && (got == 0 || (errno != EAGAIN && errno != EINTR));
    return;
  }
  const auto now = Clock::now();
  // On a serial line a pause ends a frame, whole or not.
  if (framing_ == Framing::rtu && now - client.last_byte > milliseconds(50)) client.in.clear();
  client.last_byte = now;
  client.in.insert(client.in.end(), bytes.begin(), bytes.begin() + got);
  std::size_t done = 0;
  while (done < client.in.size()) {
    const auto rest = std::span<const std::uint8_t>(client.in).subspan(done);
    const auto length = request_length(framing_, rest);
    if (!length) {
      client.gone = framing_ == Framing::tcp;
      done = client.in.size();
      break;
    }
    if (*length == 0) break;
    answer(client, rest.first(*length));
    done += *length;
  }
  client.in.erase(client.in.begin(), client.in.begin() + static_cast<std::ptrdiff_t>(done));
}

void SimulatedLine::answer(Client& client, std::span<const std::uint8_t> request) {
  const auto found = devices_.find(unit_of(framing_, request));
  if (found == devices_.end()) return;  // nobody there: silence, as on a real line
  auto& device = found->second;
  ++counters_.requests;
  const auto now = Clock::now();
  const auto* fault = active(device, now);
  if (fault != nullptr) ++counters_.faults;
  if (fault != nullptr && fault->fault == Fault::silence) return;
  const auto seconds = device_seconds(fault, now);
  auto reply = fault != nullptr && fault->fault == Fault::exception
                   ? responder_.refuse(request)
                   : responder_.reply(request, [&](Table table, std::uint16_t address, std::uint16_t count) {
                       return device.registers.mapping_at(seconds, table, address, count);
                     });
  if (reply.empty()) return;
  std::vector<Piece> pieces;
  if (fault != nullptr) {
    pieces = misbehave(*fault, framing_, std::move(reply), random_);
  } else {
    pieces.push_back({.bytes = std::move(reply)});
  }
  send_later(client, device, std::move(pieces), now);
}

void SimulatedLine::send_later(Client& client, Device& device, std::vector<Piece> pieces, Clock::time_point now) {
  if (client.out.size() + pieces.size() > most_waiting) return;
  const auto base = std::max(now, device.last_due);
  for (auto& piece : pieces) {
    const auto at = std::max(now + piece.after, base);
    device.last_due = std::max(device.last_due, at);
    const auto place =
        std::upper_bound(client.out.begin(), client.out.end(), at, [](auto t, const Due& due) { return t < due.at; });
    client.out.insert(place, {at, std::move(piece.bytes)});
  }
  ++counters_.answers;
}

void SimulatedLine::send_due(Client& client, Clock::time_point now) {
  auto due = client.out.begin();
  for (; due != client.out.end() && due->at <= now; ++due) {
    const auto sent = client.socket.get() >= 0
                          ? ::send(client.fd, due->bytes.data(), due->bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT)
                          : ::write(client.fd, due->bytes.data(), due->bytes.size());
    // A terminal that nobody reads fills up, and further answers are lost as on a cable; a socket is given up.
    if (sent < 0 && client.socket.get() >= 0) client.gone = true;
  }
  client.out.erase(client.out.begin(), due);
}

const FaultWindow* SimulatedLine::active(const Device& device, Clock::time_point now) const {
  const auto since = now - start_;
  for (const auto& window : device.faults) {
    if (since >= window.from && (!window.duration || since < window.from + *window.duration)) return &window;
  }
  return nullptr;
}

double SimulatedLine::device_seconds(const FaultWindow* fault, Clock::time_point now) const {
  const auto until = fault != nullptr && fault->fault == Fault::stuck ? start_ + fault->from : now;
  return std::chrono::duration<double>(until - start_).count() * speed_;
}

}  // namespace hazgate::modbus
