#include "storage/chunk_codec.hpp"

#include <gmock/gmock.h>

#include <bit>
#include <functional>
#include <limits>
#include <random>

namespace hazgate::storage {
namespace {
using core::Doubt;
using core::Flag;

std::vector<std::uint64_t> bits_of(std::span<const double> values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

SampleColumn column_of(std::vector<double> values) {
  SampleColumn column;
  for (const double value : values) column.add({value, Flag::normal});
  return column;
}

/// Comes back to the bit; gives the number of bytes.
std::size_t expect_round_trip(const SampleColumn& column, Scale hint = {}) {
  Packer packer;
  const auto blob = encode_column(column, hint, packer);
  const auto back = column_from(blob, column.values.size());
  EXPECT_TRUE(back) << column.values.size();
  if (!back) return 0;
  EXPECT_EQ(bits_of(back->values), bits_of(column.values));
  EXPECT_EQ(back->flags, column.flags);
  EXPECT_EQ(back->doubts, column.doubts);
  return blob.size();
}

TEST(ChunkCodec, LosesNoBitOfAValue) {
  const auto most = std::numeric_limits<double>::max();
  const auto infinite = std::numeric_limits<double>::infinity();
  const auto odd_nan = std::bit_cast<double>(0x7ff8'0000'dead'beefULL),
             other = std::bit_cast<double>(0xfff0'0000'0000'0001ULL);
  expect_round_trip(column_of({}));
  expect_round_trip(column_of({0.1}));
  expect_round_trip(column_of({core::no_value, core::no_value}));
  expect_round_trip(
      column_of({0.0, -0.0, 1, -1, 1e-310, infinite, -infinite, odd_nan, other, most, -most, core::no_value}));
  expect_round_trip(column_of({most, 0.5, core::no_value, 0.25, 0.125}));
  expect_round_trip(column_of({1, core::no_value}), {core::no_value, 0});
  expect_round_trip(column_of({1, 2}), {0, infinite});
}

std::vector<double> noisy(std::size_t count, const std::function<double(int)>& of) {
  std::mt19937 random(1);
  std::normal_distribution<> noise(5000, 20);
  std::vector<double> values;
  while (values.size() < count) values.push_back(of(static_cast<int>(noise(random))));
  return values;
}

TEST(ChunkCodec, TakesFewBytesForWhatAnInstrumentTells) {
  constexpr std::size_t hour = 3600;
  const auto bytes = [&](const std::function<double(int)>& of, Scale hint = {}) {
    return static_cast<double>(expect_round_trip(column_of(noisy(hour, of)), hint)) / hour;
  };
  EXPECT_LT(bytes([](int raw) { return raw / 100.0; }), 1.3) << "decimals as they are read";
  EXPECT_LT(bytes([](int raw) { return raw * 0.1; }, {0.1, 0}), 1.3) << "times a scale: 52.300000000000004";
  EXPECT_LT(bytes([](int raw) { return raw * 0.1 + -40; }, {0.1, -40}), 1.3);
  EXPECT_LT(bytes([](int raw) { return raw * (0.01 * 78.11 / 24.05); }, {0.01 * 78.11 / 24.05, 0}), 1.3);
  EXPECT_LT(bytes([](int raw) { return static_cast<double>(static_cast<float>(raw) / 7); }), 4);
  EXPECT_LT(bytes([](int raw) { return (static_cast<float>(raw) / 7) * 3.2478; }, {3.2478, 0}), 4);
  EXPECT_LT(bytes([](int) { return 42.0; }), 0.02);
}

TEST(ChunkCodec, KeepsFlagsAndDoubts) {
  std::mt19937 random(2);
  const Flag flags[] = {Flag::normal, Flag::over_range, Flag::device_fault, Flag::link_lost, Flag::below_loq};
  for (const std::size_t count : {1U, 2U, 3U, 117U, 3600U}) {
    SampleColumn column;
    while (column.values.size() < count) {
      const bool lost = random() % 3 == 0;
      column.add({lost ? core::no_value : 0.01 * static_cast<double>(random() % 500), flags[random() % 5],
                  lost ? Doubt::no_answer : Doubt::none});
    }
    expect_round_trip(column);
  }
}

TEST(ChunkCodec, OfRandomBitsIsLossless) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 200; ++i) {
    SampleColumn column;
    for (std::size_t many = random() % 200; column.values.size() < many;) {
      const bool any = random() % 2 == 0;
      column.add({any ? std::bit_cast<double>(random()) : static_cast<double>(random() % 100) / 100, Flag::normal});
    }
    expect_round_trip(column, {static_cast<double>(random() % 7) / 10, static_cast<double>(random() % 3)});
  }
}

Moments example_moments(std::size_t frames) {
  Moments moments;
  std::mt19937 random(4);
  std::int64_t id = 7, at = -5;
  for (std::size_t i = 0; i < frames; ++i) {
    moments.ids.push_back(id += 1 + static_cast<std::int64_t>(random() % 1000));
    moments.times.push_back(at += static_cast<std::int64_t>(random() % 2'000'000) - 10'000);
    moments.counts.push_back(random() % 50 == 0 ? 0 : 116);
    if (random() % 3 == 0) moments.heartbeats.emplace_back(static_cast<std::uint32_t>(i), static_cast<double>(i));
  }
  return moments;
}

TEST(ChunkCodec, KeepsWhenFramesCameAndTheirHeartbeats) {
  Packer packer;
  for (const std::size_t frames : {0U, 1U, 2U, 3600U}) {
    const auto moments = example_moments(frames);
    const auto back = moments_from(encode_moments(moments, packer), frames);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->ids, moments.ids);
    EXPECT_EQ(back->times, moments.times);
    EXPECT_EQ(back->counts, moments.counts);
    EXPECT_EQ(back->heartbeats, moments.heartbeats);
  }
}

TEST(ChunkCodec, RefusesAnotherNumberOfFrames) {
  Packer packer;
  const auto moments = encode_moments(example_moments(20), packer);
  const auto column = encode_column(column_of(std::vector<double>(20, 1.5)), {}, packer);
  for (const std::size_t frames : {0U, 1U, 19U, 21U, 1U << 30U}) {
    EXPECT_FALSE(moments_from(moments, frames)) << frames;
    EXPECT_FALSE(column_from(column, frames)) << frames;
  }
}

/// Bytes that something else has written, or a bad disk.
TEST(ChunkCodec, TakesAnyBytesWithoutHarm) {
  Packer packer;
  std::mt19937 random(5);
  SampleColumn column;
  for (int i = 0; i < 60; ++i)
    column.add({i % 7 == 0 ? core::no_value : 0.1 * i, i % 9 == 0 ? Flag::link_lost : Flag::normal});
  const auto good = {encode_column(column, {}, packer), encode_moments(example_moments(60), packer)};
  for (const auto& blob : good) {
    const auto inside = unpacked(blob, 1U << 20U);
    ASSERT_TRUE(inside);
    for (int i = 0; i < 20'000; ++i) {
      // Half of them behind the compression, whose checks would keep most away.
      auto bytes = i % 2 == 0 ? blob : *inside;
      if (i % 2 == 1) bytes.insert(bytes.begin(), std::byte{0});
      for (auto changes = 1 + random() % 4; changes > 0; --changes)
        bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      if (random() % 4 == 0) bytes.resize(random() % bytes.size());
      const auto samples = column_from(bytes, 60);
      EXPECT_EQ(samples ? samples->values.size() : 60U, 60U);
      const auto when = moments_from(bytes, 60);
      EXPECT_EQ(when ? when->ids.size() : 60U, 60U);
    }
  }
}

}  // namespace
}  // namespace hazgate::storage
