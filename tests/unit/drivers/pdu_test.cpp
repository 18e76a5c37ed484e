#include "drivers/pdu.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace hazgate::modbus {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Words = std::vector<std::uint16_t>;
using ::testing::ElementsAre;

Bytes encoded(const Request& request) {
  Bytes bytes(request_pdu_size);
  bytes.resize(encode_request(request, bytes));
  return bytes;
}

struct Answer {
  boost::system::error_code error;
  Words words;
};
Answer decoded(const Request& request, const Bytes& pdu) {
  Answer answer{.error = {}, .words = Words(request.count, 0xEEEE)};
  answer.error = decode_answer(request, pdu, answer.words);
  return answer;
}

constexpr Request two_registers{.unit = 1, .function = Function::read_holding, .address = 0x0102, .count = 2};
constexpr Request ten_coils{.unit = 1, .function = Function::read_coils, .address = 5, .count = 10};
constexpr Request set_coil{.unit = 1, .function = Function::write_coil, .address = 3, .value = 1};
constexpr Request set_register{.unit = 1, .function = Function::write_register, .address = 3, .value = 0x1234};

TEST(Pdu, RequestsAreAsTheStandardPrintsThem) {
  EXPECT_THAT(encoded(two_registers), ElementsAre(3, 1, 2, 0, 2));
  EXPECT_THAT(encoded(set_coil), ElementsAre(5, 0, 3, 0xFF, 0));
  EXPECT_THAT(encoded(set_register), ElementsAre(6, 0, 3, 0x12, 0x34));
}

TEST(Pdu, RegistersComeInHostOrderAndBitsFromTheLowestUp) {
  EXPECT_THAT(decoded(two_registers, {3, 4, 0x12, 0x34, 0xAB, 0xCD}).words, ElementsAre(0x1234, 0xABCD));
  EXPECT_THAT(decoded(ten_coils, {1, 2, 0b00000101, 0b10}).words, ElementsAre(1, 0, 1, 0, 0, 0, 0, 0, 0, 1));
}

TEST(Pdu, AnExceptionIsTheDevicesOwnWord) {
  EXPECT_EQ(decoded(two_registers, {0x83, 2}).error, modbus_errc::illegal_address);
  EXPECT_EQ(decoded(two_registers, {0x83, 0x77}).error, modbus_errc::unknown_exception);
  EXPECT_TRUE(is_exception(decoded(two_registers, {0x83, 0x77}).error));
  EXPECT_FALSE(is_exception(modbus_errc::no_answer));
}

TEST(Pdu, WhatIsNotOfThisRequestIsForeignAndLeavesTheWordsAlone) {
  for (const Bytes& pdu : {Bytes{4, 4, 1, 2, 3, 4}, Bytes{0x84, 2}, Bytes{0x83, 2, 0}, Bytes{3, 2, 1, 2},
                           Bytes{3, 4, 1, 2, 3}, Bytes{3, 4, 1, 2, 3, 4, 5}, Bytes{3, 6, 1, 2, 3, 4}}) {
    const Answer answer = decoded(two_registers, pdu);
    EXPECT_EQ(answer.error, modbus_errc::foreign_answer) << ::testing::PrintToString(pdu);
    EXPECT_THAT(answer.words, ElementsAre(0xEEEE, 0xEEEE));
  }
  EXPECT_EQ(decoded(two_registers, {3}).error, modbus_errc::broken_frame);
  EXPECT_EQ(decoded(two_registers, {}).error, modbus_errc::broken_frame);
}

TEST(Pdu, AWriteIsAnsweredByItsOwnEchoOnly) {
  EXPECT_FALSE(decoded(set_coil, {5, 0, 3, 0xFF, 0}).error);
  EXPECT_FALSE(decoded(set_register, {6, 0, 3, 0x12, 0x34}).error);
  EXPECT_EQ(decoded(set_coil, {5, 0, 3, 0, 0}).error, modbus_errc::foreign_answer);
  EXPECT_EQ(decoded(set_register, {6, 0, 4, 0x12, 0x34}).error, modbus_errc::foreign_answer);
}

TEST(ModbusError, EachKindHasItsRecovery) {
  EXPECT_EQ(recovery_for(modbus_errc::illegal_address), Recovery::split_request);
  EXPECT_EQ(recovery_for(modbus_errc::device_busy), Recovery::retry);
  EXPECT_EQ(recovery_for(modbus_errc::no_answer), Recovery::retry);
  EXPECT_EQ(recovery_for(modbus_errc::device_failure), Recovery::back_off);
  EXPECT_EQ(recovery_for(modbus_errc::not_connected), Recovery::reopen);
  EXPECT_EQ(recovery_for(make_error_code(boost::system::errc::io_error)), Recovery::reopen);
}

}  // namespace
}  // namespace hazgate::modbus
