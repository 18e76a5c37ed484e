#include "drivers/simulator_frame.hpp"

#include "drivers/rtu_frame.hpp"

namespace hazgate::modbus {
namespace {

using std::chrono::milliseconds;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t mbap_size = 7;

std::optional<std::size_t> tcp_request_length(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < mbap_size + 1) return 0;
  const std::size_t length = static_cast<std::size_t>(bytes[4] << 8 | bytes[5]);
  if (bytes[2] != 0 || bytes[3] != 0 || length < 2 || length > 254) return std::nullopt;
  return bytes.size() < 6 + length ? 0 : 6 + length;
}

std::optional<std::size_t> rtu_request_length(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 2) return 0;
  std::size_t length = 4;  // functions without data
  const auto function = bytes[1];
  if (function >= 1 && function <= 6) length = 8;
  if (function == 0x16) length = 10;
  const std::size_t counted = function == 0x0F || function == 0x10 ? 6 : function == 0x17 ? 10 : 0;
  if (counted != 0) {
    if (bytes.size() <= counted) return 0;
    length = counted + 1 + bytes[counted] + 2;
    if (length > 256) return std::nullopt;
  }
  return bytes.size() < length ? 0 : length;
}

void renew_crc(Bytes& frame) {
  const auto sum = rtu_crc(std::span(frame).first(frame.size() - 2));
  frame[frame.size() - 2] = static_cast<std::uint8_t>(sum & 0xFF);
  frame[frame.size() - 1] = static_cast<std::uint8_t>(sum >> 8);
}

Bytes falsified(Fault fault, Framing framing, Bytes answer) {
  const bool rtu = framing == Framing::rtu;
  if (fault == Fault::wrong_crc) {
    auto& byte = rtu ? answer.back() : answer[2];
    byte = static_cast<std::uint8_t>(byte ^ 0x55);
    return answer;
  }
  if (fault == Fault::wrong_unit) {
    auto& unit = rtu ? answer[0] : answer[6];
    ++unit;
  }
  if (fault == Fault::wrong_transaction) {
    auto& byte = answer[1];  // RTU: the function; TCP: the low byte of the transaction id
    byte = static_cast<std::uint8_t>(byte ^ 0x07);
  }
  if (rtu) renew_crc(answer);
  return answer;
}

}  // namespace

std::optional<std::size_t> request_length(Framing framing, std::span<const std::uint8_t> bytes) {
  return framing == Framing::tcp ? tcp_request_length(bytes) : rtu_request_length(bytes);
}

std::uint8_t unit_of(Framing framing, std::span<const std::uint8_t> request) {
  return framing == Framing::tcp ? request[6] : request[0];
}

std::vector<Piece> misbehave(const FaultWindow& fault, Framing framing, Bytes answer, std::mt19937& random) {
  std::vector<Piece> pieces;
  switch (fault.fault) {
    case Fault::silence:
      break;
    case Fault::half_frame:
      answer.resize(answer.size() / 2);
      pieces.push_back({.bytes = std::move(answer)});
      break;
    case Fault::wrong_crc:
    case Fault::wrong_unit:
    case Fault::wrong_transaction:
      pieces.push_back({.bytes = falsified(fault.fault, framing, std::move(answer))});
      break;
    case Fault::late_answer:
      pieces.push_back({.after = fault.delay, .bytes = std::move(answer)});
      break;
    case Fault::garbage: {
      Bytes noise(1 + random() % 12);
      for (auto& byte : noise) byte = static_cast<std::uint8_t>(random());
      noise.insert(noise.end(), answer.begin(), answer.end());
      pieces.push_back({.bytes = std::move(noise)});
      break;
    }
    case Fault::single_bytes:
      for (std::size_t i = 0; i < answer.size(); ++i) {
        pieces.push_back({.after = milliseconds(5 * i), .bytes = {answer[i]}});
      }
      break;
    case Fault::exception:  // made by libmodbus instead of the answer
    case Fault::stuck:      // a matter of the values, not of the frame
      pieces.push_back({.bytes = std::move(answer)});
      break;
  }
  return pieces;
}

}  // namespace hazgate::modbus
