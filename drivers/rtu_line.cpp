#include "drivers/rtu_line.hpp"

#include <poll.h>
#include <sys/select.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "drivers/pdu.hpp"
#include "drivers/rtu_frame.hpp"

namespace hazgate::modbus {
namespace {

using boost::system::error_code;
using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

error_code last_error() { return {errno, boost::system::system_category()}; }

/// Start bit, 8 data bits, parity or second stop bit, stop bit: 11 bits are the most that a character takes.
microseconds characters(double count, int baud) {
  return microseconds(static_cast<long>(count * 11e6 / std::max(baud, 300)));
}

void set_response_timeout(modbus_t* context, Clock::duration wait) {
  const auto us = std::max<long>(duration_cast<microseconds>(wait).count(), 1000);
  modbus_set_response_timeout(context, static_cast<std::uint32_t>(us / 1'000'000),
                              static_cast<std::uint32_t>(us % 1'000'000));
}

/// A unit that is silent to everything else is left alone for so long; see rtu_unanswered.hpp.
Clock::duration patience(Clock::duration timeout) {
  return std::max<Clock::duration>(10 * timeout, std::chrono::seconds(5));
}

}  // namespace

RtuLine::RtuLine(milliseconds timeout) : timeout_(timeout) {}

error_code RtuLine::open(const SerialPort& port) {
  ModbusHandle context(modbus_new_rtu(port.path.c_str(), port.baud, static_cast<char>(port.parity), 8, port.stop_bits));
  if (!context) return last_error();
  if (modbus_connect(context.get()) != 0) return last_error();
  frame_gap_ = std::max(microseconds(1750), characters(3.5, port.baud));
  quiet_ = std::max(milliseconds(20), duration_cast<milliseconds>(2 * frame_gap_));
  return take(std::move(context));
}

error_code RtuLine::adopt(int socket) {
  // The name is never opened: the socket takes the place of the port.
  ModbusHandle context(modbus_new_rtu("socket", 9600, 'N', 8, 1));
  if (!context) {
    const auto error = last_error();
    ::close(socket);
    return error;
  }
  modbus_set_socket(context.get(), socket);
  return take(std::move(context));
}

error_code RtuLine::take(ModbusHandle context) {
  // libmodbus waits with select(), and FD_SET beyond its set aborts the process.
  if (modbus_get_socket(context.get()) >= FD_SETSIZE) return modbus_errc::descriptor_too_high;
  modbus_set_error_recovery(context.get(), MODBUS_ERROR_RECOVERY_NONE);
  // Without a byte timeout select() counts the response timeout down over the whole frame, so that neither half a frame
  // nor one that trickles in byte by byte holds the line beyond its deadline.
  modbus_set_byte_timeout(context.get(), 0, 0);
  context_ = std::move(context);
  ++counters_.opened;
  const auto error = drain(Clock::now() + timeout_);
  return error == modbus_errc::broken_frame ? error_code{} : error;
}

void RtuLine::close() { context_.reset(); }

error_code RtuLine::transact(const Request& request, Clock::time_point deadline) {
  if (!context_) return modbus_errc::not_connected;
  ++counters_.requests;
  const auto error = exchange(request, deadline);
  if (!error) ++counters_.answers;
  if (is_exception(error)) ++counters_.exceptions;
  if (error == modbus_errc::no_answer) ++counters_.timeouts;
  if (error == modbus_errc::broken_frame) ++counters_.broken;
  if (error == modbus_errc::not_connected) close();
  return error;
}

error_code RtuLine::exchange(const Request& request, Clock::time_point deadline) {
  const auto start = Clock::now();
  if (const auto error = hear_stragglers(deadline)) return error;
  auto& owed = owed_[request.unit];
  owed.forgive(start, patience(deadline - start));
  if (!owed.may_ask(request)) {
    if (const auto error = clear_the_way(request, deadline)) return error;
  }
  return ask(request, deadline);
}

/// What settles the probe clears the way, its refusal too; so does a late answer after which nothing like the request
/// is owed any more: a unit that wakes up is asked at once, not after another pause.
error_code RtuLine::clear_the_way(const Request& request, Clock::time_point deadline) {
  auto& owed = owed_[request.unit];
  const auto probe = owed.probe_for(request);
  if (!probe) return modbus_errc::no_answer;
  if (const auto error = send(*probe)) return error;
  owed.probed(*probe, Clock::now());
  for (;;) {
    const auto frame = listen(deadline);
    if (!frame) return frame.error();
    const auto heard = owed_[frame->unit()].heard(frame->pdu());
    if (frame->unit() == request.unit && heard == Unanswered::Heard::newest) return {};
    ++counters_.foreign;
    if (frame->unit() == request.unit && owed.may_ask(request)) return {};
  }
}

error_code RtuLine::ask(const Request& request, Clock::time_point deadline) {
  if (const auto error = send(request)) return error;
  owed_[request.unit].asked(request, Clock::now());
  for (;;) {
    const auto frame = listen(deadline);
    if (!frame) return frame.error();
    const auto heard = owed_[frame->unit()].heard(frame->pdu());
    if (frame->unit() == request.unit && heard == Unanswered::Heard::newest) {
      return decode_answer(request, frame->pdu(), words_);
    }
    ++counters_.foreign;
  }
}

error_code RtuLine::send(const Request& request) {
  const auto wait = last_byte_ + frame_gap_ - Clock::now();
  if (wait > Clock::duration::zero()) std::this_thread::sleep_for(wait);
  std::array<std::uint8_t, 1 + request_pdu_size> frame{request.unit};
  encode_request(request, std::span(frame).subspan(1));
  modbus_set_slave(context_.get(), request.unit);
  if (modbus_send_raw_request(context_.get(), frame.data(), static_cast<int>(frame.size())) < 0) {
    return modbus_errc::not_connected;
  }
  return {};
}

/// The next whole frame, whoever sent it. After a broken one the line has been drained.
RtuLine::result<RtuLine::Frame> RtuLine::listen(Clock::time_point deadline) {
  auto frame = receive(deadline);
  if (!frame && frame.error() == modbus_errc::broken_frame) {
    if (const auto error = drain(deadline); error == modbus_errc::not_connected) return error;
  }
  return frame;
}

/// What came since the last exchange: late answers, which settle what their units owe.
error_code RtuLine::hear_stragglers(Clock::time_point deadline) {
  while (readable(milliseconds(0))) {
    const auto frame = receive(std::min(deadline, Clock::now() + quiet_ + milliseconds(300)));
    if (frame) {
      owed_[frame->unit()].heard(frame->pdu());
      ++counters_.foreign;
      continue;
    }
    if (frame.error() == modbus_errc::not_connected) return frame.error();
    return drain(deadline);
  }
  return {};
}

RtuLine::result<RtuLine::Frame> RtuLine::receive(Clock::time_point deadline) {
  const auto left = deadline - Clock::now();
  if (left <= Clock::duration::zero()) return error_code(modbus_errc::no_answer);
  set_response_timeout(context_.get(), left);
  Frame frame;  // unit 0 never answers, so a zero first byte afterwards means that nothing came
  const int length = modbus_receive_confirmation(context_.get(), frame.bytes.data());
  last_byte_ = Clock::now();
  if (length < 0) {
    if (errno == ETIMEDOUT) {
      return error_code(frame.bytes[0] == 0 ? modbus_errc::no_answer : modbus_errc::broken_frame);
    }
    const bool garbled = errno == EMBBADCRC || errno == EMBBADDATA || errno == EMBBADEXC || errno == EMBUNKEXC;
    return error_code(garbled ? modbus_errc::broken_frame : modbus_errc::not_connected);
  }
  // Of a frame from another unit libmodbus gives the bytes, but neither length nor CRC check (it returns 0).
  const auto size = rtu_answer_length(frame.bytes);
  if (!size || *size > frame.bytes.size() || !rtu_crc_holds(std::span(frame.bytes).first(*size))) {
    return error_code(modbus_errc::broken_frame);
  }
  frame.size = *size - 2;
  return frame;
}

/// Throws away what comes until the line has been quiet. broken_frame: it was not, until the deadline.
error_code RtuLine::drain(Clock::time_point deadline) {
  std::array<std::uint8_t, 256> scrap;
  while (readable(quiet_)) {
    const auto got = ::read(modbus_get_socket(context_.get()), scrap.data(), scrap.size());
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) return modbus_errc::not_connected;
    last_byte_ = Clock::now();
    if (last_byte_ >= deadline) return modbus_errc::broken_frame;
  }
  return {};
}

bool RtuLine::readable(milliseconds wait) const {
  pollfd line{modbus_get_socket(context_.get()), POLLIN, 0};
  return ::poll(&line, 1, static_cast<int>(wait.count())) > 0;
}

}  // namespace hazgate::modbus
