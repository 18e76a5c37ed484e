// Pure: Modbus TCP frames. Bytes in, frames out; no resynchronisation exists in a stream without marks, so a bad
// header means: reconnect.                                     MODBUS Messaging on TCP/IP Implementation
// Guide 1.0b, 3.1
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "drivers/pdu.hpp"

namespace hazgate::modbus {

inline constexpr std::size_t mbap_header_size = 7;  ///< transaction, protocol, length, unit
inline constexpr std::size_t max_tcp_frame = mbap_header_size + max_pdu_size;
inline constexpr std::size_t tcp_request_size = mbap_header_size + request_pdu_size;

/// A whole request frame into `out` (at least tcp_request_size bytes); returns the bytes written.
std::size_t encode_tcp_request(std::uint16_t transaction, const Request& request, std::span<std::uint8_t> out);

struct TcpFrame {
  std::uint16_t transaction = 0;
  std::uint8_t unit = 0;
  std::span<const std::uint8_t> pdu;  ///< valid until the reader's next space()
};

/// Cuts a stream into frames. Holds at most `capacity` bytes whatever the peer sends.
class TcpFrameReader {
 public:
  enum class Found { nothing, frame, broken_header };

  /// Where the next bytes go; never empty as long as next() was called until it found nothing.
  std::span<std::uint8_t> space();
  void commit(std::size_t bytes) { end_ += bytes; }
  Found next(TcpFrame& frame);
  /// Part of a frame is waiting for its rest.
  bool partial() const { return begin_ != end_; }
  void clear() { begin_ = end_ = 0; }

 private:
  static constexpr std::size_t capacity = 2 * max_tcp_frame;
  std::array<std::uint8_t, capacity> bytes_{};
  std::size_t begin_ = 0, end_ = 0;
};

}  // namespace hazgate::modbus
