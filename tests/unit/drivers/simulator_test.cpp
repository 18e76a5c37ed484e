// The simulator: its registers, its framing and its faults, without a socket but libmodbus' own pair.
#include "drivers/simulator.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>

#include <filesystem>
#include <system_error>

#include "drivers/rtu_frame.hpp"
#include "drivers/simulator_device.hpp"
#include "drivers/simulator_frame.hpp"
#include "drivers/simulator_pty.hpp"
#include "drivers/simulator_responder.hpp"
#include "support/process.hpp"

namespace hazgate::modbus {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr Channel at_seven{.table = Table::holding, .address = 7, .type = Type::uint16};

Bytes with_crc(Bytes frame) {
  const auto sum = rtu_crc(frame);
  frame.push_back(static_cast<std::uint8_t>(sum & 0xFF));
  frame.push_back(static_cast<std::uint8_t>(sum >> 8));
  return frame;
}

TEST(SimulatedTrack, HoldsEachValueUntilTheNextAndBeginsAgainAtTheEnd) {
  const Track track{.channel = at_seven, .seconds = {0, 1, 3}, .values = {10, 20, 30}};
  EXPECT_EQ(value_at(track, 0.99), 10);
  EXPECT_EQ(value_at(track, 2.9), 20);
  EXPECT_EQ(value_at(track, 4.9), 30);  // the last one lasts as long as the step before it
  EXPECT_EQ(value_at(track, 5.0), 10);
  EXPECT_EQ(value_at(track, 1e9 + 1), value_at(track, std::fmod(1e9 + 1, 5)));
}

TEST(SimulatedTrack, StandsAtItsFirstValueUntilItBegins) {
  const Track track{.channel = at_seven, .from = 100, .seconds = {0, 1}, .values = {10, 20}};
  EXPECT_EQ(value_at(track, 99), 10);
  EXPECT_EQ(value_at(track, 100.5), 10);
  EXPECT_EQ(value_at(track, 101), 20);
  EXPECT_EQ(value_at(track, 102), 10);
}

TEST(SimulatedTrack, LeavesTheRegisterAloneWhereNothingWasRecorded) {
  const double nothing = std::nan("");
  SimulatedRegisters registers({.tracks = {{.channel = at_seven, .seconds = {0, 1, 2}, .values = {5, nothing, 7}}}});
  const auto shown = [&](double seconds) {
    return registers.mapping_at(seconds, Table::holding, 7, 1).tab_registers[0];
  };
  EXPECT_EQ(shown(0), 5);
  EXPECT_EQ(shown(1), 5);
  EXPECT_EQ(shown(2), 7);
}

class SimulatedReply : public testing::Test {
 protected:
  Bytes ask(Bytes request, double seconds = 0) {
    return responder.reply(with_crc(std::move(request)), [&](Table table, std::uint16_t address, std::uint16_t count) {
      return registers.mapping_at(seconds, table, address, count);
    });
  }
  SimulatedRegisters registers{
      {.id = "d",
       .unit = 1,
       .tracks = {{.channel = at_seven, .scale = 0.1, .offset = 1, .seconds = {0, 1}, .values = {64, 65}}},
       .constants = {{{.table = Table::holding, .address = 8}, 0x1234},
                     {{.table = Table::holding, .address = 65534, .type = Type::uint32}, 0x00010002},
                     {{.table = Table::holding, .address = 20, .type = Type::bit, .mask = 0x0004}, 1},
                     {{.table = Table::coil, .address = 3, .type = Type::bit}, 0}},
       .heartbeat = Channel{.table = Table::input, .address = 5}}};
  Responder responder{Framing::rtu};
};

TEST_F(SimulatedReply, ShowsTheRecordedValueAsTheRawNumberOfTheInstrument) {
  EXPECT_EQ(ask({1, 3, 0, 7, 0, 2}), with_crc({1, 3, 4, 630 >> 8, 630 & 0xFF, 0x12, 0x34}));
  EXPECT_EQ(ask({1, 3, 0, 7, 0, 1}, 1.5), with_crc({1, 3, 2, 640 >> 8, 640 & 0xFF}));
}

TEST_F(SimulatedReply, RefusesRegistersThatNoChannelCovers) {
  EXPECT_EQ(ask({1, 3, 0, 8, 0, 2}), with_crc({1, 0x83, 2}));
  EXPECT_EQ(ask({1, 4, 0, 7, 0, 1}), with_crc({1, 0x84, 2}));
  EXPECT_EQ(ask({1, 3, 0xFF, 0xFF, 0, 2}), with_crc({1, 0x83, 2}));
}

TEST_F(SimulatedReply, ReachesTheLastRegisterAndSetsSingleBits) {
  EXPECT_EQ(ask({1, 3, 0xFF, 0xFE, 0, 2}), with_crc({1, 3, 4, 0, 1, 0, 2}));
  EXPECT_EQ(ask({1, 3, 0, 20, 0, 1}), with_crc({1, 3, 2, 0, 4}));
}

TEST_F(SimulatedReply, KeepsWhatIsWritten) {
  EXPECT_EQ(ask({1, 5, 0, 3, 0xFF, 0}), with_crc({1, 5, 0, 3, 0xFF, 0}));
  EXPECT_EQ(ask({1, 1, 0, 3, 0, 1}), with_crc({1, 1, 1, 1}));
  EXPECT_EQ(ask({1, 6, 0, 8, 0x55, 0x66}), with_crc({1, 6, 0, 8, 0x55, 0x66}));
  EXPECT_EQ(ask({1, 3, 0, 8, 0, 1}), with_crc({1, 3, 2, 0x55, 0x66}));
}

TEST_F(SimulatedReply, MovesTheHeartbeatOnceASecond) {
  EXPECT_EQ(ask({1, 4, 0, 5, 0, 1}, 41.9), with_crc({1, 4, 2, 0, 41}));
  EXPECT_EQ(ask({1, 4, 0, 5, 0, 1}, 65536 + 3), with_crc({1, 4, 2, 0, 3}));
}

TEST_F(SimulatedReply, SurvivesForeignBytesAndAnswersTheNextRequest) {
  const auto nothing = [](Table, std::uint16_t, std::uint16_t) { return modbus_mapping_t{}; };
  EXPECT_THAT(responder.reply(Bytes{1, 3, 0, 7, 0, 1, 0, 0}, nothing), IsEmpty());  // CRC
  EXPECT_THAT(responder.reply(Bytes{1, 16, 0, 7, 0, 1}, nothing), IsEmpty());       // cut short
  EXPECT_THAT(responder.reply(Bytes(200, 0xFF), nothing), IsEmpty());
  EXPECT_EQ(ask({1, 3, 0, 8, 0, 1}), with_crc({1, 3, 2, 0x12, 0x34}));
}

TEST_F(SimulatedReply, TheExceptionFaultIsLibmodbusOwn) {
  EXPECT_EQ(responder.refuse(with_crc({9, 3, 0, 7, 0, 1})), with_crc({9, 0x83, 4}));
}

TEST(RequestLength, WaitsForTheWholeRequestAndGivesUpOnWhatIsNone) {
  EXPECT_EQ(request_length(Framing::rtu, Bytes{1}), 0U);
  EXPECT_EQ(request_length(Framing::rtu, Bytes(7, 3)), 0U);
  EXPECT_EQ(request_length(Framing::rtu, Bytes(9, 3)), 8U);
  EXPECT_EQ(request_length(Framing::rtu, Bytes{1, 16, 0, 0, 0, 1, 2, 0, 0, 0, 0}), 11U);
  EXPECT_EQ(request_length(Framing::rtu, Bytes{1, 16, 0, 0, 0, 1, 255}), std::nullopt);
  EXPECT_EQ(request_length(Framing::tcp, Bytes{0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0}), 0U);
  EXPECT_EQ(request_length(Framing::tcp, Bytes{0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1, 9}), 12U);
  EXPECT_EQ(request_length(Framing::tcp, Bytes{0, 1, 0, 9, 0, 6, 1, 3}), std::nullopt);
  EXPECT_EQ(request_length(Framing::tcp, Bytes{0, 1, 0, 0, 0xFF, 6, 1, 3}), std::nullopt);
}

TEST(Misbehave, MakesOfEachAnswerWhatItsNameSays) {
  std::mt19937 random(1);
  const auto answer = with_crc({1, 3, 2, 0, 9});
  const auto sent = [&](Fault fault) {
    return misbehave({.fault = fault, .delay = 70ms}, Framing::rtu, answer, random);
  };
  EXPECT_THAT(sent(Fault::silence), IsEmpty());
  EXPECT_THAT(sent(Fault::half_frame), ElementsAre(Piece{0ms, {1, 3, 2}}));
  EXPECT_FALSE(rtu_crc_holds(sent(Fault::wrong_crc).front().bytes));
  EXPECT_THAT(sent(Fault::wrong_unit), ElementsAre(Piece{0ms, with_crc({2, 3, 2, 0, 9})}));
  EXPECT_THAT(sent(Fault::wrong_transaction), ElementsAre(Piece{0ms, with_crc({1, 4, 2, 0, 9})}));
  EXPECT_THAT(sent(Fault::late_answer), ElementsAre(Piece{70ms, answer}));
  EXPECT_GT(sent(Fault::garbage).front().bytes.size(), answer.size());
  const auto single = sent(Fault::single_bytes);
  ASSERT_EQ(single.size(), answer.size());
  EXPECT_EQ(single.back(), (Piece{30ms, {answer.back()}}));
}

TEST(Misbehave, FalsifiesTheHeaderOfATcpAnswer) {
  std::mt19937 random(1);
  const Bytes answer{0, 7, 0, 0, 0, 5, 1, 3, 2, 0, 9};
  const auto sent = [&](Fault fault) {
    return misbehave({.fault = fault}, Framing::tcp, answer, random).front().bytes;
  };
  EXPECT_EQ(sent(Fault::wrong_transaction)[1], 0);
  EXPECT_NE(sent(Fault::wrong_crc)[2], 0);
  EXPECT_EQ(sent(Fault::wrong_unit)[6], 2);
}

TEST(FaultName, ReadsBackWhatItPrints) {
  for (int i = 0; i <= static_cast<int>(Fault::single_bytes); ++i) {
    EXPECT_EQ(fault_from(name(static_cast<Fault>(i))), static_cast<Fault>(i));
  }
  EXPECT_EQ(fault_from("half_frame"), std::nullopt);
}

TEST(PseudoTerminal, ReplacesAStaleLinkMakesItsFolderAndTidiesUp) {
  test::TemporaryFolder folder;
  const auto path = folder.path() / "a" / "b" / "tty";
  std::filesystem::create_directories(path.parent_path());
  std::filesystem::create_symlink("/nowhere", path);
  {
    PseudoTerminal terminal(path);
    EXPECT_TRUE(std::filesystem::is_character_file(path));
  }
  EXPECT_FALSE(std::filesystem::is_symlink(std::filesystem::symlink_status(path)));
}

TEST(PseudoTerminal, NeverReplacesAFile) {
  test::TemporaryFolder folder;
  const auto path = folder.write("tty", "precious");
  try {
    PseudoTerminal terminal(path);
    FAIL() << "replaced";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find(path.string()), std::string::npos);
  }
  EXPECT_TRUE(std::filesystem::is_regular_file(path));
}

TEST(Simulator, NamesTheAddressThatItCannotListenOn) {
  const auto port = test::free_port();
  const std::vector<SimulatedBus> bus{{"a", SimulatedBus::TcpListener{"127.0.0.1", port}, {}}};
  Simulator first(bus, 1);
  try {
    Simulator second(bus, 1);
    FAIL() << "two listeners on one port";
  } catch (const std::system_error& error) {
    EXPECT_NE(std::string(error.what()).find("127.0.0.1:" + std::to_string(port)), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace hazgate::modbus
