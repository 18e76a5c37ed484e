#include "drivers/tcp_link.hpp"

#include <gmock/gmock.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "async/task_group.hpp"

namespace hazgate::modbus {
namespace tcp_link_test {

using asio::ip::tcp;
using Bytes = std::vector<std::uint8_t>;
using Words = std::vector<std::uint16_t>;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr Request one_register{.unit = 9, .address = 7};

struct Asked {
  Words words = Words(4, 0xEEEE);
  std::optional<boost::system::error_code> result;
};

/// The link under test and, in the same thread, the peer it talks to. Time passes only where a test says so: a
/// deadline is an hour away until pass_deadlines().
struct TcpLinkTo : ::testing::Test {
  asio::io_context io;
  tcp::acceptor acceptor{io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  tcp::socket peer{io};
  std::unique_ptr<Link> link;
  async::TaskGroup group{io};

  void make(std::size_t max_in_flight = 1) {
    link = make_tcp_link(io, {.port = acceptor.local_endpoint().port(), .max_in_flight = max_in_flight});
    group.start("link", link->run());
  }
  void open(std::size_t max_in_flight = 1) {
    make(max_in_flight);
    ASSERT_TRUE(run_until([&] { return link->is_open(); }));
    peer = acceptor.accept();
  }
  void TearDown() override {
    group.stop("end");
    EXPECT_TRUE(run_until([&] { return group.empty(); }));
  }
  bool run_until(const std::function<bool()>& done) {
    const auto end = Clock::now() + 5s;
    while (!done() && Clock::now() < end) {
      io.restart();
      io.run_one_for(50ms);
    }
    return done();
  }
  void run_ready() {
    io.restart();
    io.poll();
  }

  static asio::awaitable<void> ask_task(Link& link, Request request, std::shared_ptr<Asked> asked) {
    asked->result = co_await link.transact(request, asked->words, Clock::now() + 1h);
  }
  std::shared_ptr<Asked> ask(Request request = one_register) {
    auto asked = std::make_shared<Asked>();
    group.start("asker", ask_task(*link, request, asked));
    run_ready();
    return asked;
  }
  boost::system::error_code result(const std::shared_ptr<Asked>& asked) {
    EXPECT_TRUE(run_until([&] { return asked->result.has_value(); }));
    return asked->result.value_or(make_error_code(boost::system::errc::timed_out));
  }
  bool waiting(const std::shared_ptr<Asked>& asked) {
    run_ready();
    return !asked->result;
  }
  void pass_deadlines() { link->sweep(Clock::now() + 2h); }

  Bytes received() {
    Bytes bytes(12);
    asio::read(peer, asio::buffer(bytes));
    return bytes;
  }
  void send(const Bytes& bytes) { asio::write(peer, asio::buffer(bytes)); }
  /// The answer to a request as received, with one register.
  static Bytes answer(const Bytes& request, std::uint8_t value) {
    return {request[0], request[1], 0, 0, 0, 5, request[6], request[7], 2, 0, value};
  }
  bool counted(std::uint64_t LinkCounters::*counter, std::uint64_t count) {
    return run_until([&] { return link->counters().*counter == count; });
  }
  bool renewed() {
    if (!run_until([&] { return link->counters().opened == 2; })) return false;
    peer = acceptor.accept();
    return true;
  }
};

TEST_F(TcpLinkTo, APeerThatAnswersBringsTheRegister) {
  open();
  auto asked = ask();
  const Bytes request = received();
  EXPECT_THAT(Bytes(request.begin() + 2, request.end()), ElementsAre(0, 0, 0, 6, 9, 3, 0, 7, 0, 1));
  send(answer(request, 42));
  EXPECT_FALSE(result(asked));
  EXPECT_EQ(asked->words[0], 42);
  EXPECT_EQ(link->trouble(), "");
}

TEST_F(TcpLinkTo, AnExceptionIsHandedOn) {
  open();
  auto asked = ask();
  const Bytes request = received();
  send({request[0], request[1], 0, 0, 0, 3, 9, 0x83, 6});
  EXPECT_EQ(result(asked), modbus_errc::device_busy);
  EXPECT_EQ(link->counters().exceptions, 1u);
}

TEST_F(TcpLinkTo, ALateAnswerIsNeverTakenForTheNextRequest) {
  open();
  auto first = ask();
  const Bytes first_request = received();
  pass_deadlines();
  EXPECT_EQ(result(first), modbus_errc::no_answer);
  auto second = ask();
  const Bytes second_request = received();
  send(answer(first_request, 1));
  ASSERT_TRUE(counted(&LinkCounters::foreign, 1));
  EXPECT_TRUE(waiting(second));
  send(answer(second_request, 2));
  EXPECT_FALSE(result(second));
  EXPECT_EQ(second->words[0], 2);
}

TEST_F(TcpLinkTo, AForeignTransactionUnitFunctionOrLengthIsDroppedAndCounted) {
  open();
  auto asked = ask();
  const Bytes request = received();
  Bytes foreign_transaction = answer(request, 1), foreign_unit = foreign_transaction,
        foreign_function = foreign_transaction;
  foreign_transaction[1] ^= 1;
  foreign_unit[6] = 10;
  foreign_function[7] = 4;
  send(foreign_transaction);
  send(foreign_unit);
  send(foreign_function);
  send({request[0], request[1], 0, 0, 0, 7, 9, 3, 4, 0, 1, 0, 1});
  send({request[0], request[1], 0, 0, 0, 2, 9, 3});
  ASSERT_TRUE(counted(&LinkCounters::foreign, 5));
  EXPECT_TRUE(waiting(asked));
  EXPECT_EQ(asked->words[0], 0xEEEE);
  send(answer(request, 42));
  EXPECT_FALSE(result(asked));
  EXPECT_EQ(asked->words[0], 42);
}

TEST_F(TcpLinkTo, AnAnswerInSingleBytesIsOneAnswer) {
  open();
  auto asked = ask();
  for (const auto byte : answer(received(), 42)) {
    EXPECT_TRUE(waiting(asked));
    send({byte});
  }
  EXPECT_FALSE(result(asked));
  EXPECT_EQ(asked->words[0], 42);
}

TEST_F(TcpLinkTo, SeveralRequestsAreUnderWayAndAnswersMayComeInAnyOrderInOneSegment) {
  open(3);
  std::vector<std::shared_ptr<Asked>> asked;
  std::vector<Bytes> requests;
  for (std::uint8_t unit = 1; unit <= 3; ++unit) {
    asked.push_back(ask({.unit = unit}));
    requests.push_back(received());
  }
  Bytes both = answer(requests[2], 3);
  const Bytes first = answer(requests[0], 1);
  both.insert(both.end(), first.begin(), first.end());
  send(both);
  EXPECT_FALSE(result(asked[0]));
  EXPECT_FALSE(result(asked[2]));
  EXPECT_EQ(asked[0]->words[0], 1);
  EXPECT_EQ(asked[2]->words[0], 3);
  EXPECT_TRUE(waiting(asked[1])) << "the silent unit holds up nobody but itself";
  pass_deadlines();
  EXPECT_EQ(result(asked[1]), modbus_errc::no_answer);
}

TEST_F(TcpLinkTo, HalfAFrameAtTheDeadlineGetsANewConnectionAndTheNeighboursDoNotNotice) {
  open(2);
  auto warm = ask();
  send(answer(received(), 1));
  EXPECT_FALSE(result(warm));
  auto bad = ask();
  const Bytes request = received();
  send({request[0], request[1], 0, 0, 0});
  run_ready();
  pass_deadlines();
  EXPECT_EQ(result(bad), modbus_errc::no_answer);
  auto neighbour = ask({.unit = 2});
  ASSERT_TRUE(renewed());
  send(answer(received(), 5));
  EXPECT_FALSE(result(neighbour));
  EXPECT_EQ(neighbour->words[0], 5);
}

TEST_F(TcpLinkTo, ABrokenHeaderGetsANewConnectionAtOnceAndTheRequestIsSentAgain) {
  open();
  auto warm = ask();
  send(answer(received(), 1));
  EXPECT_FALSE(result(warm));
  auto asked = ask();
  received();
  send({'H', 'T', 'T', 'P', '/', '1', '.', '1'});
  ASSERT_TRUE(renewed());
  EXPECT_EQ(link->counters().broken, 1u);
  send(answer(received(), 6));
  EXPECT_FALSE(result(asked));
  EXPECT_EQ(asked->words[0], 6);
}

TEST_F(TcpLinkTo, ThreeTimeoutsRunningGetANewConnection) {
  open();
  auto warm = ask();
  send(answer(received(), 1));
  EXPECT_FALSE(result(warm));
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(link->counters().opened, 1u);
    auto asked = ask();
    pass_deadlines();
    EXPECT_EQ(result(asked), modbus_errc::no_answer);
  }
  EXPECT_TRUE(renewed());
  EXPECT_EQ(link->counters().timeouts, 3u);
}

TEST_F(TcpLinkTo, AConnectionThatWeRenewIsNotLostAndTheNextRequestWaitsForIt) {
  open();
  for (int i = 0; i < 3; ++i) {
    auto silent = ask();
    pass_deadlines();
    EXPECT_EQ(result(silent), modbus_errc::no_answer);
  }
  EXPECT_TRUE(link->is_open());
  EXPECT_EQ(link->trouble(), "");
  auto good = ask({.unit = 4});
  ASSERT_TRUE(waiting(good));
  ASSERT_TRUE(renewed());
  send(answer(received(), 7));
  EXPECT_FALSE(result(good));
  EXPECT_EQ(good->words[0], 7);
}

TEST_F(TcpLinkTo, AnAnswerInBetweenKeepsTheConnection) {
  open();
  for (int i = 0; i < 6; ++i) {
    auto asked = ask();
    const Bytes request = received();
    if (i % 3 == 2) {
      send(answer(request, 1));
      EXPECT_FALSE(result(asked));
    } else {
      pass_deadlines();
      EXPECT_EQ(result(asked), modbus_errc::no_answer);
    }
  }
  EXPECT_EQ(link->counters().opened, 1u);
}

TEST_F(TcpLinkTo, APeerThatGoesEndsWhatIsUnderWayAndIsCalledAgain) {
  open();
  auto asked = ask();
  received();
  peer.close();
  EXPECT_EQ(result(asked), modbus_errc::not_connected);
  EXPECT_FALSE(link->is_open());
  EXPECT_EQ(link->trouble(), "End of file");
  EXPECT_EQ(result(ask()), modbus_errc::not_connected) << "at once, not at its deadline";
  ASSERT_TRUE(renewed());
  asked = ask();
  send(answer(received(), 8));
  EXPECT_FALSE(result(asked));
}

TEST_F(TcpLinkTo, NobodyListeningSaysSo) {
  const auto port = acceptor.local_endpoint().port();
  acceptor.close();
  link = make_tcp_link(io, {.port = port});
  group.start("link", link->run());
  ASSERT_TRUE(run_until([&] { return !link->trouble().empty(); }));
  EXPECT_THAT(link->trouble(), HasSubstr("refused"));
  EXPECT_EQ(result(ask()), modbus_errc::not_connected);
}

TEST_F(TcpLinkTo, AnotherPeerIsFoundByItsName) {
  link = make_tcp_link(io, {.host = "localhost", .port = acceptor.local_endpoint().port()});
  group.start("link", link->run());
  EXPECT_TRUE(run_until([&] { return link->is_open(); }));
}

TEST_F(TcpLinkTo, ACancelledRequestLeavesItsPlaceToTheNext) {
  open();
  {
    async::TaskGroup short_lived(io);
    auto asked = std::make_shared<Asked>();
    short_lived.start("asker", ask_task(*link, one_register, asked));
    run_ready();
    short_lived.stop("changed my mind");
    ASSERT_TRUE(run_until([&] { return short_lived.empty(); }));
    EXPECT_FALSE(asked->result);
  }
  const Bytes cancelled = received();
  auto asked = ask();
  send(answer(cancelled, 1));
  ASSERT_TRUE(counted(&LinkCounters::foreign, 1));
  send(answer(received(), 2));
  EXPECT_FALSE(result(asked));
  EXPECT_EQ(asked->words[0], 2);
}

}  // namespace tcp_link_test
}  // namespace hazgate::modbus
