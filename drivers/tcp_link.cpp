#include "drivers/tcp_link.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <stdexcept>
#include <vector>

#include "async/event.hpp"
#include "async/socket_watch.hpp"
#include "drivers/descriptor.hpp"
#include "drivers/mbap.hpp"

namespace hazgate::modbus {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::milliseconds;

/// Deferred: awaited directly, without a coroutine frame for each operation.
constexpr auto as_tuple = asio::as_tuple(asio::deferred);
constexpr std::size_t most_in_flight = 64;
/// So many requests running without an answer, and the connection itself is suspect.
constexpr int suspicious_timeouts = 3;
constexpr milliseconds shortest_connect_timeout{1000};

/// Pause before the n-th attempt running that brought no answer: 0 s, 0.2 s, then 1, 2, 4 … 60 s.
milliseconds pause_before(int attempt) {
  if (attempt == 0) return milliseconds(0);
  if (attempt == 1) return milliseconds(200);
  return std::min(milliseconds(1000 << std::min(attempt - 2, 6)), milliseconds(60000));
}

/// A request under way. Freed by the coroutine that waits for it; until then its transaction id is taken.
struct Pending {
  explicit Pending(asio::any_io_executor executor) : event(std::move(executor)) {}

  Request request;
  std::span<std::uint16_t> words;
  Clock::time_point deadline;
  error_code result;
  std::uint16_t transaction = 0;
  bool taken = false;  ///< by a coroutine
  bool sent = false;
  bool open = false;   ///< without a result yet
  async::Event event;  ///< last: its waiter still frees this slot when the link is torn down
};

class TcpLink final : public Link, private async::SocketWatch::Watched {
 public:
  TcpLink(asio::io_context& io, TcpLinkOptions options)
      : options_(std::move(options)),
        watch_(asio::use_service<async::SocketWatch>(io)),
        caller_(io),
        resolver_(io),
        timer_(io),
        closed_(io.get_executor()) {
    const std::size_t slots = std::clamp<std::size_t>(options_.max_in_flight, 1, most_in_flight);
    for (std::size_t i = 0; i < slots; ++i) slots_.push_back(std::make_unique<Pending>(io.get_executor()));
  }

  TcpLink(const TcpLink&) = delete;
  TcpLink& operator=(const TcpLink&) = delete;
  ~TcpLink() override { close(); }

  asio::awaitable<error_code> transact(Request request, std::span<std::uint16_t> words,
                                       Clock::time_point deadline) override;
  asio::awaitable<void> run() override;
  void sweep(Clock::time_point now) override;
  std::size_t max_in_flight() const override { return slots_.size(); }
  bool is_open() const override { return state_ == State::open || state_ == State::renewing; }
  std::string trouble() const override { return is_open() ? std::string() : trouble_; }
  const LinkCounters& counters() const override { return counters_; }

 private:
  enum class State {
    down,
    open,
    renewing  ///< closed by ourselves to get rid of a suspect stream; requests wait for the new one
  };

  Pending& free_slot();
  void send(Pending& pending);
  void finish(Pending& pending, error_code result);
  void answered(Pending& pending, error_code result);
  void finish_all(error_code result);
  asio::awaitable<error_code> open();
  asio::awaitable<error_code> resolve(std::vector<tcp::endpoint>& ends);
  void on_readable() override;
  bool take_frames();
  void settle(const TcpFrame& frame);
  void renew(const char* why);
  void on_opened();
  void lost(error_code why);
  void close();

  TcpLinkOptions options_;
  async::SocketWatch& watch_;
  asio::basic_stream_socket<tcp, asio::io_context::executor_type> caller_;  ///< until the connection stands
  Descriptor socket_;                                                       ///< of the connection; watched
  asio::ip::basic_resolver<tcp, asio::io_context::executor_type> resolver_;
  asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, asio::io_context::executor_type> timer_;
  std::vector<std::unique_ptr<Pending>> slots_;
  TcpFrameReader frames_;
  LinkCounters counters_;
  std::string trouble_;
  Clock::time_point open_deadline_ = Clock::time_point::max();
  State state_ = State::down;
  std::uint16_t last_transaction_ = 0;
  std::size_t in_flight_ = 0;
  int timeouts_running_ = 0;
  int fruitless_ = 0;    ///< connection attempts since the last answer
  async::Event closed_;  ///< last, as the events of the requests: its waiter is run()
};

Pending& TcpLink::free_slot() {
  for (auto& slot : slots_) {
    if (!slot->taken) return *slot;
  }
  throw std::logic_error("more requests at once than the link's max_in_flight");
}

asio::awaitable<error_code> TcpLink::transact(Request request, std::span<std::uint16_t> words,
                                              Clock::time_point deadline) {
  if (state_ == State::down) co_return modbus_errc::not_connected;
  Pending& mine = free_slot();
  mine.request = request;
  mine.words = words;
  mine.deadline = deadline;
  mine.transaction = ++last_transaction_;
  mine.taken = mine.open = true;
  mine.sent = false;
  ++in_flight_;
  ++counters_.requests;
  struct Release {  // also when the waiting coroutine is cancelled: `words` must not be written after that
    TcpLink& link;
    Pending& pending;
    ~Release() {
      if (pending.open) --link.in_flight_;
      pending.taken = pending.open = false;
    }
  } release{*this, mine};
  mine.event.reset();
  if (state_ == State::open) send(mine);
  if (!mine.event.consume()) co_await mine.event.next();
  co_return mine.result;
}

/// Twelve bytes that do not fit a send buffer belong to a peer that has not read for ages; half a request in the
/// stream would be the end of its framing. Either way the connection is of no use any more.
void TcpLink::send(Pending& pending) {
  std::array<std::uint8_t, tcp_request_size> frame{};
  const std::size_t size = encode_tcp_request(pending.transaction, pending.request, frame);
  const auto written = ::send(socket_.get(), frame.data(), size, MSG_NOSIGNAL);
  pending.sent = true;
  if (written != static_cast<ssize_t>(size)) renew("the peer does not take our requests");
}

void TcpLink::finish(Pending& pending, error_code result) {
  pending.result = result;
  pending.open = false;
  --in_flight_;
  pending.event.notify();
}

/// Resumes the asker within the reader, which after that touches nothing that the asker could have changed under it
/// but the frames, and those no asker changes.
void TcpLink::answered(Pending& pending, error_code result) {
  pending.result = result;
  pending.open = false;
  --in_flight_;
  pending.event.notify_now();
}

void TcpLink::finish_all(error_code result) {
  for (auto& slot : slots_) {
    if (slot->open) finish(*slot, result);
  }
}

/// An answer counts only for the request whose transaction, unit, function and length it has.
void TcpLink::settle(const TcpFrame& frame) {
  const auto found = std::ranges::find_if(slots_, [&](const auto& slot) {
    return slot->open && slot->sent && slot->transaction == frame.transaction && slot->request.unit == frame.unit;
  });
  error_code result = modbus_errc::foreign_answer;
  if (found != slots_.end()) result = decode_answer((*found)->request, frame.pdu, (*found)->words);
  if (result == modbus_errc::foreign_answer || result == modbus_errc::broken_frame) {
    ++counters_.foreign;
    return;
  }
  ++counters_.answers;
  if (result) ++counters_.exceptions;
  timeouts_running_ = fruitless_ = 0;
  answered(**found, result);
}

bool TcpLink::take_frames() {
  TcpFrame frame;
  for (;;) {
    switch (frames_.next(frame)) {
      case TcpFrameReader::Found::nothing:
        return true;
      case TcpFrameReader::Found::broken_header:
        ++counters_.broken;
        return false;
      case TcpFrameReader::Found::frame:
        settle(frame);
    }
  }
}

void TcpLink::on_readable() {
  const auto space = frames_.space();
  const auto bytes = ::recv(socket_.get(), space.data(), space.size(), 0);
  if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (bytes <= 0) {
    lost(bytes == 0 ? error_code(asio::error::eof) : error_code(errno, boost::system::system_category()));
    closed_.notify();
    return;
  }
  frames_.commit(static_cast<std::size_t>(bytes));
  if (!take_frames()) renew("a frame with a broken header");
}

void TcpLink::close() {
  error_code ignored;
  caller_.close(ignored);
  if (socket_.get() < 0) return;
  watch_.remove(socket_.get(), *this);
  socket_ = {};
}

/// Closes a stream that we no longer trust. What is under way is sent again on the next one: neighbours of a bad unit
/// shall not notice, and to read or to write the same once more does no harm.
void TcpLink::renew(const char* why) {
  if (state_ != State::open) return;
  trouble_ = why;
  state_ = State::renewing;  // not "down": units that answer must not suffer for silent ones that were asked first
  close();
  for (auto& slot : slots_) slot->sent = false;
  closed_.notify();
}

void TcpLink::sweep(Clock::time_point now) {
  if (now >= open_deadline_) {
    open_deadline_ = Clock::time_point::max();
    error_code ignored;
    resolver_.cancel();
    caller_.close(ignored);
  }
  if (in_flight_ == 0) return;
  bool suspicious = false;
  for (auto& slot : slots_) {
    if (!slot->open || now < slot->deadline) continue;
    ++counters_.timeouts;
    if (slot->sent) ++timeouts_running_;
    suspicious = timeouts_running_ >= suspicious_timeouts || frames_.partial();
    finish(*slot, modbus_errc::no_answer);
  }
  if (suspicious) renew(frames_.partial() ? "half a frame and nothing more" : "no answer to three requests running");
}

asio::awaitable<error_code> TcpLink::resolve(std::vector<tcp::endpoint>& ends) {
  error_code ec;
  const auto literal = asio::ip::make_address(options_.host, ec);
  if (!ec) {
    ends.emplace_back(literal, options_.port);
    co_return error_code{};
  }
  const auto [failed, results] =
      co_await resolver_.async_resolve(options_.host, std::to_string(options_.port), as_tuple);
  for (const auto& result : results) ends.push_back(result.endpoint());
  co_return failed;
}

asio::awaitable<error_code> TcpLink::open() {
  open_deadline_ = Clock::now() + std::max(options_.timeout, shortest_connect_timeout);
  std::vector<tcp::endpoint> ends;
  error_code ec = co_await resolve(ends);
  const auto too_late = [this] { return open_deadline_ == Clock::time_point::max(); };  // sweep() has been here
  for (const auto& end : ends) {
    if (too_late()) break;
    error_code ignored;
    caller_.close(ignored);
    const auto [failed] = co_await caller_.async_connect(end, as_tuple);
    ec = failed;
    if (!ec) break;
  }
  if (too_late()) ec = asio::error::timed_out;
  open_deadline_ = Clock::time_point::max();
  if (!ec) caller_.set_option(tcp::no_delay(true), ec);
  if (!ec) caller_.non_blocking(true, ec);
  if (ec) co_return ec;
  Descriptor connection(caller_.release(ec));
  if (!ec) ec = watch_.add(connection.get(), *this);
  if (!ec) socket_ = std::move(connection);
  co_return ec;
}

void TcpLink::on_opened() {
  closed_.reset();
  ++counters_.opened;
  state_ = State::open;
  frames_.clear();
  timeouts_running_ = 0;
  ++fruitless_;
  for (auto& slot : slots_) {
    if (slot->open && state_ == State::open) send(*slot);
  }
}

void TcpLink::lost(error_code why) {
  trouble_ = why.message();
  state_ = State::down;
  close();
  finish_all(modbus_errc::not_connected);
}

asio::awaitable<void> TcpLink::run() {
  for (;;) {
    timer_.expires_after(pause_before(state_ == State::renewing ? 0 : fruitless_));
    co_await timer_.async_wait(asio::use_awaitable);
    if (const error_code failed = co_await open()) {
      ++fruitless_;
      lost(failed);
      continue;
    }
    on_opened();
    try {
      if (!closed_.consume()) co_await closed_.next();  // without a frame of its own: a thousand links wait here
    } catch (...) {
      close();  // nobody is left who would open it again
      throw;
    }
  }
}

}  // namespace

std::unique_ptr<Link> make_tcp_link(asio::io_context& io, TcpLinkOptions options) {
  return std::make_unique<TcpLink>(io, std::move(options));
}

}  // namespace hazgate::modbus
