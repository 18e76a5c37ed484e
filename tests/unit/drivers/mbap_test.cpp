#include "drivers/mbap.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "tests/fuzz/mbap_fuzz.cpp"  // the very door that is fuzzed

namespace hazgate::modbus {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Found = TcpFrameReader::Found;
using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

void feed(TcpFrameReader& reader, const Bytes& bytes) {
  const auto space = reader.space();
  ASSERT_GE(space.size(), bytes.size());
  std::ranges::copy(bytes, space.begin());
  reader.commit(bytes.size());
}

const Bytes answer{0x12, 0x34, 0, 0, 0, 5, 9, 3, 2, 0x02, 0x76};

TEST(Mbap, ARequestIsTwelveBytes) {
  Bytes frame(tcp_request_size);
  EXPECT_EQ(encode_tcp_request(0x1234, {.unit = 9, .address = 1, .count = 2}, frame), 12u);
  EXPECT_THAT(frame, ElementsAre(0x12, 0x34, 0, 0, 0, 6, 9, 3, 0, 1, 0, 2));
}

TEST(Mbap, AFrameIsFoundAsSoonAsItsLastByteIsThere) {
  TcpFrameReader reader;
  TcpFrame frame;
  for (std::size_t i = 0; i + 1 < answer.size(); ++i) {
    feed(reader, {answer[i]});
    ASSERT_EQ(reader.next(frame), Found::nothing) << i;
    ASSERT_TRUE(reader.partial());
  }
  feed(reader, {answer.back()});
  ASSERT_EQ(reader.next(frame), Found::frame);
  EXPECT_EQ(frame.transaction, 0x1234);
  EXPECT_EQ(frame.unit, 9);
  EXPECT_THAT(frame.pdu, ElementsAre(3, 2, 0x02, 0x76));
  EXPECT_FALSE(reader.partial());
}

TEST(Mbap, TwoFramesInOneSegmentAreTwo) {
  TcpFrameReader reader;
  Bytes both = answer;
  both.insert(both.end(), answer.begin(), answer.end());
  both[answer.size()] = 0x99;
  feed(reader, both);
  TcpFrame frame;
  ASSERT_EQ(reader.next(frame), Found::frame);
  EXPECT_EQ(frame.transaction, 0x1234);
  ASSERT_EQ(reader.next(frame), Found::frame);
  EXPECT_EQ(frame.transaction, 0x9934);
  EXPECT_EQ(reader.next(frame), Found::nothing);
}

TEST(Mbap, AWrongProtocolOrAnImpossibleLengthIsBroken) {
  for (const Bytes& header : {Bytes{0, 1, 0, 1}, Bytes{0, 1, 1, 0}, Bytes{0, 1, 0, 0, 0, 1}, Bytes{0, 1, 0, 0, 0, 0},
                              Bytes{0, 1, 0, 0, 0, 255}, Bytes{0, 1, 0, 0, 1, 0}}) {
    TcpFrameReader reader;
    TcpFrame frame;
    feed(reader, header);
    EXPECT_EQ(reader.next(frame), Found::broken_header) << ::testing::PrintToString(header);
  }
}

TEST(Mbap, ThereIsAlwaysSpaceForTheRestOfTheLongestFrame) {
  TcpFrameReader reader;
  TcpFrame frame;
  Bytes longest(max_tcp_frame, 7);
  std::ranges::copy(Bytes{0, 1, 0, 0, 0, 254}, longest.begin());
  for (int round = 0; round < 5; ++round) {
    feed(reader, Bytes(longest.begin(), longest.end() - 1));
    ASSERT_EQ(reader.next(frame), Found::nothing);
    feed(reader, Bytes{longest.back(), 0, 1, 0});  // and the beginning of another
    ASSERT_EQ(reader.next(frame), Found::frame);
    ASSERT_EQ(frame.pdu.size(), max_pdu_size);
    ASSERT_EQ(reader.next(frame), Found::nothing);
    reader.clear();
  }
}

TEST(Mbap, TheCorpusOfHostileBytesDoesNoHarm) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SOURCE_DIR "/tests/fuzz/corpus/mbap")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const Bytes bytes((std::istreambuf_iterator<char>(file)), {});
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    ++files;
  }
  EXPECT_GE(files, 5u);
}

}  // namespace
}  // namespace hazgate::modbus
