// Foreign bytes on a Modbus TCP connection: the first six choose the request and the size of the segments, the rest is
// the stream. Built with -fsanitize=fuzzer, and compiled into the unit tests that replay the corpus.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "drivers/mbap.hpp"

using namespace hazgate::modbus;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 6) return 0;
  Request request{.unit = data[0], .function = static_cast<Function>(1 + data[1] % 6), .address = data[2]};
  request.count = static_cast<std::uint16_t>(1 + (data[3] << 8 | data[4]) % max_count(request.function));
  const std::size_t segment = 1 + data[5];
  std::span<const std::uint8_t> stream(data + 6, size - 6);
  std::array<std::uint16_t, 2000> words{};
  TcpFrameReader reader;
  TcpFrame frame;
  while (!stream.empty()) {
    const auto space = reader.space();
    if (space.empty()) std::abort();
    const auto bytes = stream.first(std::min({stream.size(), segment, space.size()}));
    std::ranges::copy(bytes, space.begin());
    reader.commit(bytes.size());
    stream = stream.subspan(bytes.size());
    auto found = reader.next(frame);
    for (; found == TcpFrameReader::Found::frame; found = reader.next(frame)) {
      if (frame.pdu.size() > max_pdu_size) std::abort();
      decode_answer(request, frame.pdu, words);
    }
    if (found == TcpFrameReader::Found::broken_header) return 0;
  }
  return 0;
}
