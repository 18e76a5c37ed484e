#include "async/socket_watch.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>

namespace hazgate::async {
namespace socket_watch_test {

using namespace std::chrono_literals;

/// One end of a pair of sockets, watched; the other end is the peer.
struct End final : SocketWatch::Watched {
  explicit End(SocketWatch& w) : watch(w) {
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    EXPECT_FALSE(watch.add(ends[0], *this));
  }
  ~End() {
    remove();
    for (const int fd : ends) close(fd);
  }
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  void on_readable() override {
    ++told;
    if (on_told) on_told();
  }
  void peer_says(char what) { EXPECT_EQ(::send(ends[1], &what, 1, MSG_NOSIGNAL), 1); }
  void peer_goes() { ::shutdown(ends[1], SHUT_WR); }
  /// -1 where nothing is there, 0 at the end.
  ssize_t take() {
    char byte = 0;
    return ::recv(ends[0], &byte, 1, 0);
  }
  void remove() {
    if (std::exchange(removed, true)) return;
    watch.remove(ends[0], *this);
  }

  SocketWatch& watch;
  int ends[2] = {-1, -1};
  int told = 0;
  bool removed = false;
  std::function<void()> on_told;
};

struct SocketWatchOf : ::testing::Test {
  asio::io_context io{1};
  SocketWatch& watch = asio::use_service<SocketWatch>(io);

  /// What is ready now and nothing else.
  void run_ready() {
    io.restart();
    io.run_for(20ms);
  }
};

TEST_F(SocketWatchOf, TellsTheOneWhosePeerSaidSomethingAsLongAsItIsUnread) {
  End quiet(watch), spoken(watch);
  spoken.on_told = [&] {
    if (spoken.told < 3) return;
    EXPECT_EQ(spoken.take(), 1);
  };
  spoken.peer_says('a');
  run_ready();
  EXPECT_EQ(spoken.told, 3);
  EXPECT_EQ(quiet.told, 0);
}

TEST_F(SocketWatchOf, TellsOfAnEnd) {
  End end(watch);
  end.on_told = [&] {
    EXPECT_EQ(end.take(), 0);
    end.remove();
  };
  end.peer_goes();
  run_ready();
  EXPECT_EQ(end.told, 1);
}

TEST_F(SocketWatchOf, OneThatIsRemovedByItsNeighbourIsNotToldAnyMore) {
  End one(watch), other(watch);
  one.on_told = [&] {
    EXPECT_EQ(one.take(), 1);
    other.remove();
  };
  other.on_told = [&] {
    EXPECT_EQ(other.take(), 1);
    one.remove();
  };
  one.peer_says('a');
  other.peer_says('b');
  run_ready();
  EXPECT_EQ(one.told + other.told, 1);
}

TEST_F(SocketWatchOf, KeepsTheLoopAtWorkWhileSomethingIsWatchedAndNoLonger) {
  {
    End end(watch);
    io.run_for(1ms);
    EXPECT_FALSE(io.stopped());
  }
  io.restart();
  io.run_for(10s);
  EXPECT_TRUE(io.stopped());
  // And what is watched after that is told again.
  End later(watch);
  later.on_told = [&] { EXPECT_EQ(later.take(), 1); };
  later.peer_says('a');
  run_ready();
  EXPECT_EQ(later.told, 1);
}

}  // namespace socket_watch_test
}  // namespace hazgate::async
