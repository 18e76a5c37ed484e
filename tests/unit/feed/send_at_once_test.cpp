#include "feed/send_at_once.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace hazgate::feed {
namespace send_at_once_test {

using boost::asio::ip::tcp;

struct Connection {
  boost::asio::io_context io;
  tcp::acceptor broker;
  tcp::socket client{io};
  explicit Connection(const tcp::endpoint& end) : broker(io, end) { client.connect(broker.local_endpoint()); }
  std::uint16_t port() const { return broker.local_endpoint().port(); }
  bool at_once() const {
    tcp::no_delay option;
    client.get_option(option);
    return option.value();
  }
};

TEST(SendAtOnce, FindsTheConnectionsToThatPortAndNoOther) {
  Connection wanted({boost::asio::ip::address_v4::loopback(), 0}), other({boost::asio::ip::address_v4::loopback(), 0}),
      newer({boost::asio::ip::address_v6::loopback(), 0});
  send_at_once(wanted.port());
  EXPECT_TRUE(wanted.at_once());
  EXPECT_FALSE(other.at_once());
  send_at_once(newer.port());
  EXPECT_TRUE(newer.at_once());
}

TEST(SendAtOnce, ThePortIsTheUrlsOrTheUsualOne) {
  EXPECT_EQ(port_of("mqtt://broker:18830"), 18830);
  EXPECT_EQ(port_of("mqtts://[::1]:18831"), 18831);
  EXPECT_EQ(port_of("mqtt://broker"), 1883);
  EXPECT_EQ(port_of("mqtts://broker"), 8883);
  EXPECT_EQ(port_of("mqtts://[fe80::1]"), 8883);
}

}  // namespace send_at_once_test
}  // namespace hazgate::feed
