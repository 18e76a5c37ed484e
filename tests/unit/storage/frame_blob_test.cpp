// The bytes of a frame. What one version has written, every later one reads: the bytes stand here as they lie on disk.
#include "storage/frame_blob.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <random>

namespace hazgate::storage {
namespace {

using core::Doubt;
using core::Flag;
using Samples = std::vector<core::Sample>;

std::vector<std::byte> encoded(const Samples& samples, std::optional<double> heartbeat = {}) {
  std::vector<std::byte> blob(3, std::byte{0xFF});  // of another frame before
  encode_frame(samples, heartbeat, blob);
  return blob;
}

std::vector<std::byte> from_hex(const std::string& hex) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  return bytes;
}

std::string bits(double value) { return std::to_string(std::bit_cast<std::uint64_t>(value)); }

/// Everything of a sample, NaN by its bits.
std::string told(const core::Sample& s) {
  return std::string{static_cast<char>(s.flag)} + ":" + std::string(core::name(s.doubt)) + ":" + bits(s.value) + " ";
}

/// "refused" for bytes that no frame has.
std::string told(std::span<const std::byte> blob, std::size_t most = 8) {
  const auto view = FrameView::parse(blob, most);
  if (!view) return "refused";
  std::string text;
  if (view->heartbeat()) text += "heart " + bits(*view->heartbeat()) + " ";
  for (std::size_t i = 0; i < view->size(); ++i) text += told((*view)[i]);
  return text;
}

const std::string one = "000000000000f03f", two = "0000000000000040", nan = "000000000000f87f";

TEST(FrameBlob, ReadsForEverWhatWasWrittenBeforeDoubtsWereKept) {
  EXPECT_EQ(told(from_hex("4e" + one + two)), "N:none:" + bits(1) + " N:none:" + bits(2) + " ");
  EXPECT_EQ(told(from_hex("004e42" + one + nan)), "N:none:" + bits(1) + " B:none:" + bits(core::no_value) + " ");
  EXPECT_EQ(told(from_hex("00")), "");
}

TEST(FrameBlob, CostsNoByteMoreThanBeforeWhereNothingIsInDoubt) {
  EXPECT_EQ(encoded({{1, Flag::normal}, {2, Flag::normal}}), from_hex("4e" + one + two));
  EXPECT_EQ(encoded({{1, Flag::normal}, {2, Flag::over_range}}), from_hex("004e54" + one + two));
  EXPECT_EQ(encoded({}), from_hex("00"));
}

TEST(FrameBlob, KeepsADoubtOfTheWholePollInTwoBytesAndOthersInOneEach) {
  const core::Sample lost{core::no_value, Flag::link_lost, Doubt::no_answer};
  EXPECT_EQ(encoded({lost, lost}), from_hex("010942" + nan + nan));
  EXPECT_EQ(encoded({{1, Flag::normal}, {2, Flag::device_fault, Doubt::stuck}}), from_hex("02004e440005" + one + two));
  EXPECT_EQ(encoded({{1, Flag::device_fault, Doubt::rate}, {2, Flag::device_fault, Doubt::below_range}}),
            from_hex("02440401" + one + two));
}

TEST(FrameBlob, KeepsAHeartbeatBeforeAllElse) {
  const core::Sample stopped{2, Flag::device_fault, Doubt::heartbeat};
  EXPECT_EQ(encoded({{1, Flag::normal}}, 2), from_hex("03" + two + "4e" + one));
  EXPECT_EQ(told(encoded({stopped}, 1)), "heart " + bits(1) + " " + told(stopped));
  EXPECT_EQ(told(encoded({{1, Flag::normal}, stopped}, core::no_value)),
            "heart " + bits(core::no_value) + " " + told({1, Flag::normal}) + told(stopped));
}

/// Flags and doubts alike or not.
Samples random_samples(std::mt19937& random) {
  const std::array flags{Flag::normal, Flag::device_fault, Flag::link_lost, Flag::stopped};
  const auto any = [&] {
    return core::Sample{.value = std::bit_cast<double>(std::uint64_t{random()} << 32U | random()),
                        .flag = flags[random() % flags.size()],
                        .doubt = static_cast<Doubt>(random() % static_cast<unsigned>(Doubt::disagreement))};
  };
  Samples samples(random() % 5);
  std::ranges::generate(samples, any);
  const auto first = any();
  const bool same_flag = random() % 2 == 0, same_doubt = random() % 2 == 0;
  for (auto& sample : samples) {
    if (same_flag) sample.flag = first.flag;
    if (same_doubt) sample.doubt = first.doubt;
  }
  return samples;
}

TEST(FrameBlob, BringsEverySampleBackAsItWas) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 2000; ++trial) {
    const auto samples = random_samples(random);
    std::string expected;
    for (const auto& sample : samples) expected += told(sample);
    EXPECT_EQ(told(encoded(samples)), expected);
  }
}

TEST(FrameBlob, RefusesWhatNoFrameHas) {
  for (const std::string hex : {"", "01", "0109", "02", "0209", "0109424e", "03", "0300", "034e"})
    EXPECT_EQ(told(from_hex(hex)), "refused");
  EXPECT_EQ(told(from_hex("010e42" + nan)), "refused") << "a disagreement is of two instruments, never of one sample";
  EXPECT_EQ(told(from_hex("01ff42" + nan)), "refused") << "no such doubt";
  EXPECT_EQ(told(from_hex("02004e44000f" + one + two)), "refused") << "nor here";
  EXPECT_EQ(told(from_hex("0109020042440909" + one + two)), "refused") << "one of all, and one each";
  EXPECT_EQ(told(from_hex("010942" + nan + nan), 1), "refused") << "more values than the device has points";
  EXPECT_EQ(told(from_hex("010942" + nan + "00")), "refused") << "half a value";
  EXPECT_EQ(told(from_hex("03" + two)), "refused") << "a heartbeat and nothing else";
  EXPECT_EQ(told(from_hex("03" + two + "03" + two + "4e" + one)), "refused") << "two of them";
}

TEST(FrameBlob, OfAnyBytesIsReadWithinItsBounds) {
  std::mt19937 random(6);
  int taken = 0;
  for (int trial = 0; trial < 200'000; ++trial) {
    std::vector<std::byte> bytes(random() % 40);
    for (auto& byte : bytes) byte = static_cast<std::byte>(random() % 3 == 0 ? random() : "\0\1\2\3NDB"[random() % 7]);
    taken += told(bytes) != "refused" ? 1 : 0;
  }
  EXPECT_GT(taken, 1000) << "what is refused at the door tests nothing behind it";
}

}  // namespace
}  // namespace hazgate::storage
