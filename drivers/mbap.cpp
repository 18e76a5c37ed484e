#include "drivers/mbap.hpp"

#include <algorithm>

namespace hazgate::modbus {
namespace {

std::uint16_t word_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

}  // namespace

std::size_t encode_tcp_request(std::uint16_t transaction, const Request& request, std::span<std::uint8_t> out) {
  const std::size_t pdu = encode_request(request, out.subspan(mbap_header_size));
  out[0] = static_cast<std::uint8_t>(transaction >> 8);
  out[1] = static_cast<std::uint8_t>(transaction & 0xFF);
  out[2] = out[3] = out[4] = 0;
  out[5] = static_cast<std::uint8_t>(pdu + 1);
  out[6] = request.unit;
  return mbap_header_size + pdu;
}

std::span<std::uint8_t> TcpFrameReader::space() {
  if (begin_ == end_) {
    clear();
  } else if (begin_ > 0) {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(begin_), bytes_.begin() + static_cast<std::ptrdiff_t>(end_),
              bytes_.begin());
    end_ -= begin_;
    begin_ = 0;
  }
  return std::span(bytes_).subspan(end_);
}

TcpFrameReader::Found TcpFrameReader::next(TcpFrame& frame) {
  const auto bytes = std::span<const std::uint8_t>(bytes_).subspan(begin_, end_ - begin_);
  if (bytes.size() >= 4 && word_at(bytes, 2) != 0) return Found::broken_header;
  if (bytes.size() < 6) return Found::nothing;
  const std::size_t length = word_at(bytes, 4);  // unit and PDU
  if (length < 2 || length > 1 + max_pdu_size) return Found::broken_header;
  const std::size_t size = 6 + length;
  if (bytes.size() < size) return Found::nothing;
  frame = {.transaction = word_at(bytes, 0), .unit = bytes[6], .pdu = bytes.subspan(7, size - 7)};
  begin_ += size;
  return Found::frame;
}

}  // namespace hazgate::modbus
