// A late answer is never taken for that of a newer request: the bookkeeping, told as stories.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <thread>

#include "drivers/rtu_frame.hpp"
#include "drivers/rtu_line.hpp"
#include "drivers/rtu_unanswered.hpp"
#include "drivers/simulator_responder.hpp"

namespace hazgate::modbus {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using Heard = Unanswered::Heard;

constexpr Request one_register{.unit = 1, .function = Function::read_holding, .address = 0, .count = 1};
constexpr Request ten_registers{.unit = 1, .function = Function::read_holding, .address = 4, .count = 10};
const Clock::time_point t0{1h};

Bytes registers(Function function, std::size_t count) {
  Bytes pdu(2 + 2 * count);
  pdu[0] = static_cast<std::uint8_t>(function);
  pdu[1] = static_cast<std::uint8_t>(2 * count);
  return pdu;
}
Bytes refusal(Function function) { return {static_cast<std::uint8_t>(static_cast<int>(function) | 0x80), 2}; }

TEST(RtuUnanswered, TakesTheAnswerOfTheOnlyRequest) {
  Unanswered unit;
  unit.asked(one_register, t0);
  EXPECT_EQ(unit.heard(registers(Function::read_holding, 1)), Heard::newest);
  EXPECT_TRUE(unit.may_ask(one_register));
}

TEST(RtuUnanswered, DoesNotAskAgainWhatIsStillOwedBecauseTheAnswersWouldLookAlike) {
  Unanswered unit;
  unit.asked(one_register, t0);
  EXPECT_FALSE(unit.may_ask(one_register));
  // Another address, the same length: an answer carries no address.
  EXPECT_FALSE(unit.may_ask({.unit = 1, .address = 99, .count = 1}));
  EXPECT_TRUE(unit.may_ask(ten_registers));
}

TEST(RtuUnanswered, ProbesADeviceOfOneRegisterByTheOtherFunctionAndAcceptsItsRefusal) {
  Unanswered unit;
  unit.asked(one_register, t0);
  const auto probe = unit.probe_for(one_register);
  ASSERT_TRUE(probe);
  EXPECT_EQ(probe->function, Function::read_input);
  unit.probed(*probe, t0);
  EXPECT_EQ(unit.heard(registers(Function::read_holding, 1)), Heard::late);
  EXPECT_EQ(unit.heard(refusal(Function::read_input)), Heard::newest);
  EXPECT_TRUE(unit.may_ask(one_register));
}

TEST(RtuUnanswered, ProbesALongReadByAShortOneThatTheDeviceSurelyKnows) {
  Unanswered unit;
  unit.asked(ten_registers, t0);
  const auto probe = unit.probe_for(ten_registers);
  ASSERT_TRUE(probe);
  EXPECT_EQ(*probe, (Request{.unit = 1, .function = Function::read_holding, .address = 4, .count = 1}));
}

TEST(RtuUnanswered, DoesNotTakeARefusalForTheProbesWhenTheOlderRequestCouldHaveBeenRefused) {
  Unanswered unit;
  unit.asked(ten_registers, t0);
  unit.probed({.unit = 1, .function = Function::read_holding, .address = 4, .count = 1}, t0);
  EXPECT_EQ(unit.heard(refusal(Function::read_holding)), Heard::late);
  EXPECT_FALSE(unit.empty());
}

TEST(RtuUnanswered, AnAnswerOnlyTheProbeCanHaveCausedSettlesEverythingBeforeIt) {
  Unanswered unit;
  unit.asked(one_register, t0);  // its answer was lost on the way
  unit.probed(*unit.probe_for(one_register), t0);
  EXPECT_EQ(unit.heard(registers(Function::read_input, 1)), Heard::newest);
  EXPECT_TRUE(unit.empty());
}

TEST(RtuUnanswered, ALateProbeAnswerSettlesOnlyWhatCameBeforeIt) {
  Unanswered unit;
  unit.asked(one_register, t0);
  const auto first = *unit.probe_for(one_register);
  unit.probed(first, t0);
  const auto second = *unit.probe_for(one_register);
  unit.probed(second, t0);
  EXPECT_NE(first, second);
  EXPECT_EQ(unit.heard(registers(first.function, first.count)), Heard::late);
  EXPECT_TRUE(unit.may_ask(one_register));
  EXPECT_FALSE(unit.may_ask(second));
}

TEST(RtuUnanswered, LeavesAUnitThatIgnoresThreeProbesAloneForPatience) {
  Unanswered unit;
  unit.asked(one_register, t0);
  for (int i = 0; i < 3; ++i) unit.probed(*unit.probe_for(one_register), t0 + 1s);
  EXPECT_FALSE(unit.probe_for(one_register));
  unit.forgive(t0 + 6s, 5s);
  EXPECT_FALSE(unit.may_ask(one_register));
  unit.forgive(t0 + 6s + 1ms, 5s);
  EXPECT_TRUE(unit.may_ask(one_register));
}

TEST(RtuUnanswered, NeverOwesWithoutEndWhoeverAsks) {
  Unanswered unit;
  std::uint16_t count = 1;
  while (unit.may_ask({.unit = 1, .count = count}) && count < 200) unit.asked({.unit = 1, .count = count++}, t0);
  EXPECT_LT(count, 20);
}

TEST(RtuUnanswered, ProbesStayInsideTheAddressSpace) {
  Unanswered unit;
  const Request last{.unit = 1, .function = Function::read_holding, .address = 65535, .count = 1};
  unit.asked(last, t0);
  unit.probed(*unit.probe_for(last), t0);
  const auto probe = unit.probe_for(last);
  ASSERT_TRUE(probe);
  EXPECT_LE(probe->address + probe->count, 65536);
}

TEST(RtuUnanswered, AWriteIsSettledByItsEchoAndARepeatedWriteIsProbedFirst) {
  const Request horn{.unit = 1, .function = Function::write_coil, .address = 3, .count = 1, .value = 1};
  Unanswered unit;
  unit.asked(horn, t0);
  EXPECT_FALSE(unit.may_ask(horn));
  EXPECT_EQ(unit.probe_for(horn)->function, Function::read_coils);
  EXPECT_EQ(unit.heard(Bytes{5, 0, 3, 0, 0}), Heard::foreign);
  EXPECT_EQ(unit.heard(Bytes{5, 0, 3, 0xFF, 0}), Heard::newest);
}

/// A device of one register that says nothing to its first questions and answers every one after these. It holds 630.
class LateRiser {
 public:
  LateRiser(Descriptor line, int asleep) : line_(std::move(line)), thread_([this, asleep] { serve(asleep); }) {}
  ~LateRiser() { thread_.join(); }

 private:
  void serve(int asleep) {
    std::array<std::uint8_t, 8> question;
    while (::recv(line_.get(), question.data(), question.size(), MSG_WAITALL) == 8) {
      if (asleep-- > 0) continue;
      const auto answer = device_.reply(question, [this](Table table, std::uint16_t, std::uint16_t) {
        modbus_mapping_t mapping{};
        mapping.nb_registers = table == Table::holding ? 1 : 0;
        mapping.tab_registers = &value_;
        return mapping;
      });
      ::send(line_.get(), answer.data(), answer.size(), MSG_NOSIGNAL);
    }
  }
  std::uint16_t value_ = 630;
  Descriptor line_;
  Responder device_{Framing::rtu};
  std::thread thread_;
};

TEST(RtuLine, AUnitThatWakesUpIsReadByTheFirstPollItAnswersWhicheverProbeIsItsTurn) {
  for (const int asleep : {1, 2, 3}) {
    SCOPED_TRACE(asleep);
    int ends[2];
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    LateRiser device(Descriptor(ends[1]), asleep);
    RtuLine line(20ms);
    ASSERT_FALSE(line.adopt(ends[0]));
    for (int i = 0; i < asleep; ++i)
      EXPECT_EQ(line.transact(one_register, Clock::now() + 50ms), modbus_errc::no_answer);
    EXPECT_FALSE(line.transact(one_register, Clock::now() + 2s));
    EXPECT_EQ(line.words()[0], 630);
    line.close();
  }
}

// Frames of device manuals, CRC as on the wire.
TEST(RtuFrame, ChecksTheCrcOfPublishedFrames) {
  EXPECT_TRUE(rtu_crc_holds(Bytes{0x01, 0x03, 0x02, 0x02, 0x76, 0x38, 0xC2}));
  EXPECT_TRUE(rtu_crc_holds(Bytes{0x01, 0x03, 0x04, 0x00, 0x00, 0x00, 0x42, 0x7A, 0x02}));
  EXPECT_FALSE(rtu_crc_holds(Bytes{0x01, 0x03, 0x00, 0x04, 0x00, 0x02, 0x65, 0xCB}));  // printed wrongly by its maker
  EXPECT_FALSE(rtu_crc_holds(Bytes{0xFF, 0xFF}));
}

TEST(RtuFrame, TellsTheLengthOfAnAnswerFromItsStart) {
  EXPECT_EQ(rtu_answer_length(Bytes{1, 3, 2}), 7U);
  EXPECT_EQ(rtu_answer_length(Bytes{1, 0x83, 2}), 5U);
  EXPECT_EQ(rtu_answer_length(Bytes{1, 6, 0}), 8U);
  EXPECT_EQ(rtu_answer_length(Bytes{1, 0x2B, 0}), std::nullopt);
  EXPECT_EQ(rtu_answer_length(Bytes{1, 3}), std::nullopt);
}

}  // namespace
}  // namespace hazgate::modbus
