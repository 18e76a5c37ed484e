#include "drivers/registers.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace hazgate::modbus {
namespace registers_test {

using Words = std::vector<std::uint16_t>;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Words encoded(double value, Type type, WordOrder order = WordOrder::abcd) {
  Words words(width(type));
  encode(value, type, order, words);
  return words;
}

struct Wire {
  Words words;
  Type type;
  WordOrder order;
  double value;
};
class RegistersOnTheWire : public ::testing::TestWithParam<Wire> {};

TEST_P(RegistersOnTheWire, DecodeAndEncodeAgree) {
  const Wire& wire = GetParam();
  EXPECT_EQ(decode(wire.words, wire.type, wire.order), wire.value);
  EXPECT_EQ(encoded(wire.value, wire.type, wire.order), wire.words);
}

// 40.00 = 0x4220 0x0000 is the Polytron 8000's own example; 630 that of a noise transmitter.
INSTANTIATE_TEST_SUITE_P(
    Registers, RegistersOnTheWire,
    ::testing::Values(
        Wire{{0x0276}, Type::uint16, WordOrder::abcd, 630}, Wire{{0x7602}, Type::uint16, WordOrder::badc, 630},
        Wire{{0xFFFE}, Type::int16, WordOrder::abcd, -2}, Wire{{0x4220, 0x0000}, Type::float32, WordOrder::abcd, 40},
        Wire{{0x0000, 0x4220}, Type::float32, WordOrder::cdab, 40},
        Wire{{0x2042, 0x0000}, Type::float32, WordOrder::badc, 40},
        Wire{{0x0000, 0x2042}, Type::float32, WordOrder::dcba, 40},
        Wire{{0x0001, 0x0002}, Type::uint32, WordOrder::abcd, 65538},
        Wire{{0x0002, 0x0001}, Type::uint32, WordOrder::cdab, 65538},
        Wire{{0xFFFF, 0xFFFF}, Type::int32, WordOrder::abcd, -1},
        Wire{{0x0102, 0x0304, 0x0506, 0x0700}, Type::uint64, WordOrder::abcd, 0x0102030405060700},
        Wire{{0x0700, 0x0506, 0x0304, 0x0102}, Type::uint64, WordOrder::cdab, 0x0102030405060700},
        Wire{{0x0201, 0x0403, 0x0605, 0x0007}, Type::uint64, WordOrder::badc, 0x0102030405060700},
        Wire{{0x0007, 0x0605, 0x0403, 0x0201}, Type::uint64, WordOrder::dcba, 0x0102030405060700},
        Wire{{0xFFFF, 0xFFFF, 0xFFFF, 0xFFF6}, Type::int64, WordOrder::abcd, -10},
        Wire{{0x3FF8, 0, 0, 0}, Type::float64, WordOrder::abcd, 1.5}, Wire{{1}, Type::bit, WordOrder::abcd, 1}));

TEST(Registers, SaturateAtTheRangeOfTheirType) {
  EXPECT_EQ(decode(encoded(1e9, Type::uint16), Type::uint16, WordOrder::abcd), 65535);
  EXPECT_EQ(decode(encoded(-1, Type::uint16), Type::uint16, WordOrder::abcd), 0);
  EXPECT_EQ(decode(encoded(-1e9, Type::int16), Type::int16, WordOrder::abcd), -32768);
  EXPECT_EQ(decode(encoded(1e300, Type::uint64), Type::uint64, WordOrder::abcd), 0x1p64);
  EXPECT_EQ(decode(encoded(-1e300, Type::int64), Type::int64, WordOrder::abcd), -0x1p63);
  EXPECT_EQ(decode(encoded(1e300, Type::float32), Type::float32, WordOrder::abcd), std::numeric_limits<float>::max());
  EXPECT_EQ(decode(encoded(-infinity, Type::float32), Type::float32, WordOrder::abcd), -infinity);
}

TEST(Registers, TakeTheNearestInteger) {
  EXPECT_EQ(encoded(2.6, Type::uint16), Words{3});
  EXPECT_EQ(encoded(-2.6, Type::int16), Words{0xFFFD});
}

TEST(Registers, KeepNaNInFloatsAndMakeItZeroInIntegers) {
  EXPECT_TRUE(std::isnan(decode(encoded(nan, Type::float32), Type::float32, WordOrder::abcd)));
  EXPECT_EQ(encoded(nan, Type::int64), Words(4, 0));
  EXPECT_EQ(encoded(nan, Type::bit), Words{0});
}

TEST(Registers, GiveBackEveryPatternOfFourBytesInEveryOrder) {
  std::mt19937 random(1);
  for (int i = 0; i < 20000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    const Words words{static_cast<std::uint16_t>(bits >> 16), static_cast<std::uint16_t>(bits)};
    for (const auto order : {WordOrder::abcd, WordOrder::cdab, WordOrder::badc, WordOrder::dcba}) {
      for (const auto type : {Type::uint32, Type::int32, Type::float32}) {
        const double value = decode(words, type, order);
        if (!std::isnan(value)) {
          ASSERT_EQ(encoded(value, type, order), words) << name(type) << ' ' << name(order) << ' ' << value;
        }
      }
    }
  }
}

TEST(Registers, KnowTheirNamesBothWays) {
  for (const auto* text : {"uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64", "bit"}) {
    ASSERT_TRUE(type_from(text)) << text;
    EXPECT_EQ(name(*type_from(text)), text);
  }
  for (const auto* text : {"coil", "discrete", "input", "holding"}) EXPECT_EQ(name(*table_from(text)), text);
  for (const auto* text : {"ABCD", "CDAB", "BADC", "DCBA"}) EXPECT_EQ(name(*word_order_from(text)), text);
  EXPECT_FALSE(type_from("float"));
  EXPECT_FALSE(word_order_from("abcd"));
}

}  // namespace registers_test
}  // namespace hazgate::modbus
