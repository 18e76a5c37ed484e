// The server over real sockets, in a loop of its own, with what a stranger may send.
#include "web/server.hpp"

#include <gmock/gmock.h>

#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <charconv>
#include <deque>
#include <fstream>
#include <mutex>
#include <thread>

#include "support/process.hpp"
#include "unit/web/fake_api.hpp"

namespace hazgate::web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::HasSubstr;
using testing::StartsWith;

class WebServerTest : public testing::Test, public FakeApi {
 protected:
  ~WebServerTest() override {
    asio::post(io, [this] { group.stop("the test is over"); });
    thread.join();
  }

  void start(Server::Bounds bounds = {}, ServerOptions options = {}) {
    options.port = 0;
    server.emplace(io, options, routes, live, api, bounds);
    server->on_trouble = [this](const std::string& why) {
      if (why == "a bug") ++bugs;
    };
    server->start(group);
    beat();
    group.on_empty = [this] { heart.cancel(); };
    thread = std::thread([this] { io.run(); });
  }
  /// How late the loop comes to what is due every 5 ms.
  void beat() {
    due = steady_clock::now() + milliseconds(5);
    heart.expires_at(due);
    heart.async_wait([this](auto error) {
      if (error || group.stopping()) return;  // one that had expired already hears of no cancel()
      {
        const std::lock_guard lock(late_mutex);
        late_ms.push_back(std::chrono::duration<double, std::milli>(steady_clock::now() - due).count());
      }
      beat();
    });
  }
  /// p99 of that so far, of half a second at least: a hiccup of the machine is none of the loop's.
  double late_p99_ms() {
    const auto beats = [this] {
      const std::lock_guard lock(late_mutex);
      return late_ms;
    };
    EXPECT_TRUE(hazgate::test::eventually([&] { return beats().size() >= 100; }, milliseconds(5000)));
    auto all = beats();
    std::ranges::sort(all);
    return all[all.size() * 99 / 100];
  }
  /// Every address of 127.0.0.0/8 is this machine's, and a household of its own.
  tcp::socket connect(const char* from = "127.0.0.1") {
    tcp::socket socket(client, tcp::v4());
    socket.bind({asio::ip::make_address(from), 0});
    socket.connect({asio::ip::make_address("127.0.0.1"), server->port()});
    return socket;
  }
  /// They say nothing, and the server has them.
  std::vector<tcp::socket> silent(int number, const char* from = "127.0.0.1") {
    std::vector<tcp::socket> sockets;
    const auto before = server->counters().connections;
    for (int i = 0; i < number; ++i) sockets.push_back(connect(from));
    EXPECT_TRUE(hazgate::test::eventually(
        [&] { return server->counters().connections == before + static_cast<std::uint64_t>(number); },
        milliseconds(3000)));
    return sockets;
  }
  /// What the server says until it closes or says nothing more for a while.
  static std::string listen(tcp::socket& socket, milliseconds patience = milliseconds(3000)) {
    std::string heard;
    const auto until = steady_clock::now() + patience;
    socket.non_blocking(true);
    while (steady_clock::now() < until) {
      std::array<char, 4096> piece{};
      boost::system::error_code error;
      const auto n = socket.read_some(asio::buffer(piece), error);
      heard.append(piece.data(), n);
      if (error && error != asio::error::would_block) return heard + "<closed>";
      if (!heard.empty() && error == asio::error::would_block && complete(heard)) return heard;
    }
    return heard;
  }
  /// Head and body of an answer with its length.
  static bool complete(const std::string& text) {
    const auto head = text.find("\r\n\r\n");
    if (head == std::string::npos) return false;
    const auto length = text.find("Content-Length: ");
    const auto body = length == std::string::npos || length > head ? 0 : std::stoul(text.substr(length + 16));
    return text.size() >= head + 4 + body;
  }
  static std::string ask(tcp::socket& socket, const std::string& request) {
    socket.non_blocking(false);
    boost::system::error_code closed;
    asio::write(socket, asio::buffer(request), closed);
    return listen(socket);
  }
  std::string ask(const std::string& request) {
    auto socket = connect();
    return ask(socket, request);
  }
  std::string get(const std::string& target, const std::string& cookie = "hazgate=operator") {
    return ask("GET " + target + " HTTP/1.1\r\nHost: x\r\nCookie: " + cookie + "\r\n\r\n");
  }

  asio::io_context io, client;
  async::TaskGroup group{io};
  Live live{api};
  std::optional<Server> server;
  asio::steady_timer heart{io};
  steady_clock::time_point due;
  std::mutex late_mutex;
  std::vector<double> late_ms;
  std::atomic<int> bugs{0};  ///< that the server has told
  std::thread thread;
};

TEST_F(WebServerTest, AnswersOneRequestAfterTheOtherOnOneConnection) {
  start();
  auto socket = connect();
  for (int i = 0; i < 3; ++i) {
    asio::write(
        socket,
        asio::buffer(std::string("GET /api/v1/overview HTTP/1.1\r\nHost: x\r\nCookie: hazgate=operator\r\n\r\n")));
    const auto answer = listen(socket);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(answer, testing::EndsWith("overview of li"));
  }
  const std::string two =
      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  asio::write(socket, asio::buffer(two));
  EXPECT_TRUE(hazgate::test::eventually([&] { return server->counters().requests == 5; }, milliseconds(3000)));
}

TEST_F(WebServerTest, EveryAnswerForbidsWhatABrowserMustNotDo) {
  start();
  for (const auto* target : {"/healthz", "/api/v1/overview", "/api/v1/nothing", "/nothing"}) {
    const auto answer = get(target);
    EXPECT_THAT(answer, HasSubstr("Content-Security-Policy: default-src 'none'; script-src 'self'")) << target;
    EXPECT_THAT(answer, HasSubstr("X-Content-Type-Options: nosniff")) << target;
    EXPECT_THAT(answer, HasSubstr("X-Frame-Options: DENY")) << target;
    EXPECT_THAT(answer, HasSubstr("Cache-Control: ")) << target;
    EXPECT_THAT(answer, testing::Not(HasSubstr("Server:"))) << target;
  }
}

TEST_F(WebServerTest, WhatIsNoRequestIsRefusedWithTheReason) {
  start();
  const std::string host = "Host: x\r\n";
  EXPECT_THAT(ask("GARBAGE\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask(std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15)), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET / HTTP/1.1\r\n" + host + "X: " + std::string(20000, 'a') + "\r\n\r\n"),
              StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(ask("POST /api/v1/session HTTP/1.1\r\n" + host +
                  "Content-Type: application/json\r\nContent-Length: 999999\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(ask("GET /../../etc/passwd HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET /%ff%fe HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET /a%00b HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("BREW /pot HTTP/1.1\r\n" + host + "\r\n"), StartsWith("HTTP/1.1 501"));
  EXPECT_THAT(ask("POST /api/v1/session HTTP/1.1\r\n" + host +
                  "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\nzz\r\n"),
              StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200")) << "and it goes on";
}

TEST_F(WebServerTest, ARequestThatCouldBeReadInTwoWaysIsNotReadAtAll) {
  start();
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"), StartsWith("HTTP/1.1 400"));
  EXPECT_THAT(ask("GET /healthz HTTP/1.0\r\n\r\n"), StartsWith("HTTP/1.0 200"));
  auto socket = connect();
  EXPECT_THAT(ask(socket, "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n"),
              StartsWith("HTTP/1.1 501"));
  EXPECT_EQ(ask(socket, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"), "<closed>");
}

TEST_F(WebServerTest, WhoWaitsToBeToldSendsHisBodyThen) {
  start();
  auto socket = connect();
  const std::string body = R"({"user":"li","password":"right"})";
  EXPECT_THAT(ask(socket,
                  "POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                  "Expect: 100-continue\r\nContent-Length: " +
                      std::to_string(body.size()) + "\r\n\r\n"),
              StartsWith("HTTP/1.1 100 Continue\r\n"));
  EXPECT_THAT(ask(socket, body), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask("GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n"), StartsWith("HTTP/1.1 417"));
}

class UploadTest : public WebServerTest {
 protected:
  /// A request of the operator, or of somebody else, up to its body. `length`: the field that says where it ends.
  static std::string head(const std::string& target, const std::string& length,
                          const std::string& cookie = "hazgate=operator") {
    return "POST " + target + " HTTP/1.1\r\nHost: x\r\nCookie: " + cookie +
           "\r\nX-CSRF-Token: csrf\r\nContent-Type: application/octet-stream\r\n" + length + "\r\n\r\n";
  }
  static std::string long_as(std::size_t bytes) { return "Content-Length: " + std::to_string(bytes); }
  static std::string chunk(const std::string& bytes) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), bytes.size(), 16).ptr;
    return std::string(digits.begin(), end) + "\r\n" + bytes + "\r\n";
  }
  /// One that has begun and waits for its body.
  tcp::socket begun(std::size_t bytes) {
    auto socket = connect();
    EXPECT_THAT(ask(socket, head(attach, long_as(bytes) + "\r\nExpect: 100-continue")),
                StartsWith("HTTP/1.1 100 Continue\r\n"));
    return socket;
  }
  static constexpr std::size_t KiB = 1U << 10U, MiB = 1U << 20U;
  static constexpr auto attach = "/api/v1/attachments?file=report.pdf";
  static constexpr auto chunked = "Transfer-Encoding: chunked";
};

TEST_F(UploadTest, AFileIsTakenFromWhoHasSignedInWhereOneIsExpected) {
  start();
  for (const auto* target : {attach, "/api/v1/assessments/import?file=a.csv"}) {
    const auto answer = ask(head(target, long_as(10 * MiB)) + std::string(10 * MiB, 'x'));
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200")) << target;
    EXPECT_THAT(answer, HasSubstr("|10485760|")) << target;
  }
  const auto in_pieces = chunk(std::string(40 * KiB, 'x'));
  EXPECT_THAT(ask(head(attach, chunked) + in_pieces + in_pieces + "0\r\n\r\n"), HasSubstr("|81920|"));
  EXPECT_EQ(server->counters().refused, 0U);
}

/// Only heads are sent: an answer comes before anything of the body.
TEST_F(UploadTest, WhatIsTooLargeIsRefusedBeforeItIsRead) {
  start();
  struct Case {
    const char *target, *cookie;
    std::size_t bytes;
  };
  for (const auto& [target, cookie, bytes] :
       {Case{"/api/v1/assessments", "hazgate=operator", 64 * KiB + 1}, Case{attach, "hazgate=operator", 16 * MiB + 1},
        Case{attach, "hazgate=nobody", 64 * KiB + 1}, Case{attach, "", 10 * MiB},
        Case{"/api/v1/assessments/import?file=a.csv", "", 10 * MiB},
        Case{"/api/v1/attachments/", "hazgate=operator", 64 * KiB + 1}}) {
    for (const auto* expects : {"", "\r\nExpect: 100-continue"}) {
      const auto answer = ask(head(target, long_as(bytes) + expects, cookie));
      EXPECT_THAT(answer, StartsWith("HTTP/1.1 413")) << target << " " << cookie << " " << bytes;
      EXPECT_THAT(answer, HasSubstr("body_too_large")) << target;
    }
  }
  EXPECT_THAT(ask(head("/api/v1/assessments", long_as(64 * KiB)) + std::string(64 * KiB, ' ')),
              StartsWith("HTTP/1.1 415"))
      << "as much as may be is read";
  EXPECT_THAT(ask(head(attach, long_as(4), "hazgate=nobody") + "%PDF"), StartsWith("HTTP/1.1 401"));
}

TEST_F(UploadTest, WhatComesInPiecesIsCountedAsItComes) {
  start({.upload_bytes = 256 * KiB});
  const auto piece = chunk(std::string(60 * KiB, 'x'));
  const std::string beyond = "2000\r\n";  // the size of the next one is too much already
  const auto too_large = StartsWith("HTTP/1.1 413");
  EXPECT_THAT(ask(head("/api/v1/assessments", chunked) + piece + beyond), too_large);
  EXPECT_THAT(ask(head(attach, chunked, "") + piece + beyond), too_large);
  EXPECT_THAT(ask(head(attach, chunked) + piece + piece + piece + piece + "10000\r\n"), too_large);
  EXPECT_THAT(ask(head(attach, chunked) + "ffffffffffffffff\r\n"), StartsWith("HTTP/1.1 4"));
  EXPECT_THAT(ask(head(attach, chunked) + piece + piece + piece + piece + "0\r\n\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(UploadTest, FourFilesComeInAtOnce) {
  start();
  const std::string body(1000, 'x');
  std::deque<tcp::socket> coming;
  for (int i = 0; i < 4; ++i) coming.push_back(begun(body.size()));
  const auto fifth = ask(head(attach, long_as(body.size())) + body);
  EXPECT_THAT(fifth, StartsWith("HTTP/1.1 503"));
  EXPECT_THAT(fifth, HasSubstr("Retry-After: 5\r\n"));
  EXPECT_THAT(get("/api/v1/overview"), StartsWith("HTTP/1.1 200")) << "nobody else waits for them";
  EXPECT_THAT(ask(coming.front(), body), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(head(attach, long_as(body.size())) + body), StartsWith("HTTP/1.1 200")) << "one has come in";
  coming.push_back(begun(body.size()));
  coming[1].close();
  EXPECT_TRUE(hazgate::test::eventually(
      [&] { return ask(head(attach, long_as(4)) + "%PDF").starts_with("HTTP/1.1 200"); }, milliseconds(3000)))
      << "one was broken off";
}

TEST_F(UploadTest, AFileHasMoreTimeThanAnotherRequestAndNotForEver) {
  start({.request = milliseconds(500), .upload = milliseconds(2500)});
  auto slow = begun(4), never = begun(4);
  std::this_thread::sleep_for(milliseconds(1200));
  EXPECT_THAT(ask(slow, "%PDF"), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(listen(never), "<closed>");
}

TEST_F(WebServerTest, AReportHasOnePolicyAndThatItsOwn) {
  start();
  const auto policies = [](const std::string& answer) {
    std::size_t number = 0;
    for (auto at = answer.find("Content-Security-Policy:"); at != std::string::npos;
         at = answer.find("Content-Security-Policy:", at + 1))
      ++number;
    return number;
  };
  for (const auto& [target, is_report] : {std::pair{"/api/v1/reports/acme", true},
                                          {"/api/v1/reports/acme?format=pdf", false},
                                          {"/api/v1/assessments", false},
                                          {"/healthz", false}}) {
    const auto answer = get(target);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200")) << target;
    EXPECT_EQ(policies(answer), 1U) << target;
    EXPECT_EQ(answer.find("unsafe-inline") != std::string::npos, is_report) << target;
    EXPECT_EQ(answer.find("script-src") != std::string::npos, !is_report) << target;
  }
}

TEST_F(WebServerTest, ThePackedFormHasATagOfItsOwnAndEitherIsKnownAgain) {
  start();
  const auto points = [this](const std::string& fields) {
    return ask("GET /api/v1/points HTTP/1.1\r\nHost: x\r\nCookie: hazgate=operator\r\n" + fields + "\r\n");
  };
  EXPECT_THAT(points(""), HasSubstr("ETag: \"e1\"\r\n"));
  EXPECT_THAT(points("Accept-Encoding: gzip\r\n"), HasSubstr("ETag: \"e1-gz\"\r\n"));
  for (const std::string tag : {"\"e1\"", "\"e1-gz\""}) {
    const auto again = points("Accept-Encoding: gzip\r\nIf-None-Match: " + tag + "\r\n");
    EXPECT_THAT(again, StartsWith("HTTP/1.1 304"));
    EXPECT_THAT(again, HasSubstr("ETag: " + tag + "\r\n"));
  }
  EXPECT_THAT(points("If-None-Match: \"e2-gz\"\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(WebServerTest, ABugInsideEndsItsConnectionAndIsTold) {
  const auto known = api.session;
  api.session = [known](std::string_view token) {
    if (token == "broken") throw std::runtime_error("a bug");
    return known(token);
  };
  start();
  EXPECT_EQ(get("/api/v1/overview", "hazgate=broken"), "<closed>");
  EXPECT_TRUE(hazgate::test::eventually([&] { return bugs == 1; }, milliseconds(3000)));
  EXPECT_THAT(get("/api/v1/overview"), StartsWith("HTTP/1.1 200"));
}

TEST_F(WebServerTest, WhoSendsByteByByteIsCutOffAndHoldsNobodyUp) {
  start({.request = milliseconds(600)});
  auto slow = connect();
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
  const auto begun = steady_clock::now();
  boost::system::error_code error;
  for (std::size_t i = 0; i < request.size() && !error; ++i) {
    asio::write(slow, asio::buffer(request.substr(i, 1)), error);
    EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
    std::this_thread::sleep_until(begun + milliseconds(50) * static_cast<int>(i));
  }
  EXPECT_THAT(listen(slow), testing::EndsWith("<closed>"));
  EXPECT_LT(steady_clock::now() - begun, milliseconds(2500));
}

TEST_F(WebServerTest, AThousandIdleSocketsMakeRoomForWhoAsks) {
  start({.connections = 200});
  std::vector<tcp::socket> idle;
  for (int i = 0; i < 1000; ++i) idle.push_back(connect());
  EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_TRUE(hazgate::test::eventually([&] { return server->connections() <= 200; }, milliseconds(3000)));
  EXPECT_GE(server->counters().crowded_out, 700U);
  for (int i = 0; i < 300; ++i) EXPECT_THAT(get("/healthz"), StartsWith("HTTP/1.1 200"));
  EXPECT_LT(late_p99_ms(), 20) << "the loop was on time";
}

constexpr auto healthz = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

TEST_F(WebServerTest, SilentSocketsOfOneAddressCrowdOutEachOtherAndNobodyElse) {
  start({.connections = 20, .strangers_of_a_household = 8});
  auto other = std::move(silent(1, "127.0.0.2").front());
  const auto many = silent(100);
  EXPECT_EQ(server->counters().crowded_out, 92U);
  EXPECT_THAT(ask(other, healthz), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(ask(healthz), StartsWith("HTTP/1.1 200")) << "the newest of them has a place too";
}

TEST_F(WebServerTest, WhoHasASessionIsTheLastToMakeRoom) {
  start({.connections = 4});
  auto known = connect();
  const std::string overview = "GET /api/v1/overview HTTP/1.1\r\nHost: x\r\nCookie: hazgate=operator\r\n\r\n";
  EXPECT_THAT(ask(known, overview), StartsWith("HTTP/1.1 200"));
  const auto many = silent(20);
  EXPECT_GE(server->counters().crowded_out, 17U);
  EXPECT_THAT(ask(known, overview), StartsWith("HTTP/1.1 200"));
}

TEST_F(WebServerTest, AnIdleConnectionIsClosedInTheEnd) {
  start({.idle = milliseconds(300)});
  auto socket = connect();
  EXPECT_EQ(listen(socket), "<closed>");
}

TEST_F(WebServerTest, StrangersHaveABurstAndWhoIsSignedInHasNot) {
  start();
  int refused = 0;
  auto socket = connect();
  for (int i = 0; i < 600; ++i) {
    asio::write(socket, asio::buffer(std::string("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")));
    if (listen(socket).starts_with("HTTP/1.1 429")) ++refused;
    socket.non_blocking(false);
  }
  EXPECT_GT(refused, 50);
  EXPECT_THAT(get("/api/v1/overview"), StartsWith("HTTP/1.1 200"));
}

using WebSocket = beast::websocket::stream<tcp::socket>;
std::string hear(WebSocket& socket) {
  beast::flat_buffer buffer;
  boost::system::error_code error;
  socket.read(buffer, error);
  return error ? "<" + error.message() + ">" : beast::buffers_to_string(buffer.data());
}

class WatchingTest : public WebServerTest {
 protected:
  /// The answer's status; 101 where it watches.
  unsigned watch(WebSocket& socket, const std::string& origin, const std::string& token) {
    socket.next_layer() = connect();
    socket.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
      request.set("Origin", origin);
      request.set("Cookie", "hazgate=" + token);
    }));
    beast::websocket::response_type answer;
    boost::system::error_code error;
    socket.handshake(answer, "x", "/api/v1/live", error);
    return answer.result_int();
  }
  void publish(const std::string& frame) {
    asio::post(io, [this, frame] { live.publish("", bytes(frame)); });
  }
};

TEST_F(WatchingTest, ABrowserGetsASnapshotAndThenWhatIsNew) {
  start();
  WebSocket socket(client);
  ASSERT_EQ(watch(socket, "http://x", "operator"), 101U);
  EXPECT_EQ(hear(socket), "snapshot for li");
  publish("one");
  publish("two");
  EXPECT_EQ(hear(socket), "one");
  EXPECT_EQ(hear(socket), "two");
}

TEST_F(WatchingTest, AnotherSitesPageIsRefused) {
  start();
  WebSocket foreign(client), nobody(client), regulator(client);
  EXPECT_EQ(watch(foreign, "http://evil.example", "operator"), 403U);
  EXPECT_EQ(watch(nobody, "http://x", "none"), 401U);
  EXPECT_EQ(watch(regulator, "http://x", "regulator"), 403U);
}

TEST_F(WatchingTest, WhoIsSignedOutSeesNothingMore) {
  start();
  WebSocket socket(client);
  ASSERT_EQ(watch(socket, "http://x", "operator"), 101U);
  EXPECT_EQ(hear(socket), "snapshot for li");
  asio::post(io, [this] { sessions.erase("operator"); });
  publish("secret");
  EXPECT_THAT(hear(socket), StartsWith("<"));
  EXPECT_EQ(socket.reason().code, 4401);
}

TEST_F(WatchingTest, ABrowserThatReadsNothingHoldsNobodyUpAndBeginsAgain) {
  start();
  WebSocket slow(client), quick(client);
  ASSERT_EQ(watch(slow, "http://x", "operator"), 101U);
  ASSERT_EQ(watch(quick, "http://x", "admin"), 101U);
  hear(quick);
  const std::string large(200'000, 'x');
  for (int i = 0; i < 300; ++i) {
    publish(large);
    ASSERT_EQ(hear(quick).size(), large.size());
  }
  std::string last;
  std::size_t frames = 0;
  for (publish("the end"); last != "the end" && !last.starts_with("<"); ++frames) {
    last = hear(slow);
    if (last == "snapshot for li" && frames > 0) break;
  }
  EXPECT_EQ(last, "snapshot for li") << "what it missed is in there";
  EXPECT_LT(frames, 200U);
  EXPECT_LT(late_p99_ms(), 50);
}

TEST_F(WatchingTest, EndsWhereItsSnapshotCannotBeMade) {
  api.snapshot = [](const Viewer&) -> Bytes { throw std::runtime_error("a bug"); };
  start();
  WebSocket socket(client);
  ASSERT_EQ(watch(socket, "http://x", "operator"), 101U);
  EXPECT_THAT(hear(socket), StartsWith("<"));
  EXPECT_TRUE(hazgate::test::eventually([&] { return server->connections() == 0; }, milliseconds(3000)));
  EXPECT_EQ(bugs, 1);
}

TEST_F(WatchingTest, OneUserHasNoMoreSeatsThanHisOwn) {
  start();
  std::deque<WebSocket> sockets;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(watch(sockets.emplace_back(client), "http://x", "enterprise"), 101U);
  EXPECT_EQ(watch(sockets.emplace_back(client), "http://x", "enterprise"), 503U);
  EXPECT_EQ(watch(sockets.emplace_back(client), "http://x", "operator"), 101U);
}

TEST_F(WatchingTest, GoesAwayWithTheServer) {
  start();
  WebSocket socket(client);
  ASSERT_EQ(watch(socket, "http://x", "operator"), 101U);
  hear(socket);
  asio::post(io, [this] { group.stop("now"); });
  EXPECT_THAT(hear(socket), StartsWith("<"));
}

class TlsTest : public WebServerTest {
 protected:
  void start_tls(Server::Bounds bounds = {}) {
    const hazgate::test::TemporaryFolder folder;
    const auto key = (folder.path() / "key.pem").string(), cert = (folder.path() / "cert.pem").string();
    hazgate::test::Process openssl({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                                    "-keyout", key, "-out", cert});
    ASSERT_EQ(openssl.wait(std::chrono::seconds(20)), 0) << openssl.output();
    start(bounds, {.cert = cert, .key = key});
  }
  boost::system::error_code shake_hands() {
    boost::system::error_code error;
    stream.next_layer() = connect();
    stream.handshake(asio::ssl::stream_base::client, error);
    return error;
  }
  asio::ssl::context tls{asio::ssl::context::tls_client};
  asio::ssl::stream<tcp::socket> stream{client, tls};
};

TEST_F(TlsTest, SilentBeginningsMakeRoomForWhoSpeaks) {
  start_tls({.connections = 4});
  const auto many = silent(20);
  EXPECT_FALSE(shake_hands());
  EXPECT_GE(server->counters().crowded_out, 17U);
}

TEST_F(TlsTest, AHouseholdThatBeginsTooOftenIsTurnedAway) {
  start_tls({.handshakes_per_second = 0.001, .handshakes_burst = 3});
  const auto some = silent(2);
  EXPECT_FALSE(shake_hands());
  auto late = connect();
  EXPECT_EQ(listen(late), "<closed>");
  auto other = connect("127.0.0.2");
  EXPECT_EQ(listen(other, milliseconds(100)), "") << "it may begin";
}

TEST_F(TlsTest, SpeaksTlsWhereItHasACertificate) {
  start_tls();
  ASSERT_FALSE(shake_hands());
  asio::write(stream, asio::buffer(std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")));
  std::string heard(4096, '\0');
  boost::system::error_code error;
  heard.resize(asio::read(stream, asio::buffer(heard), asio::transfer_at_least(40), error));
  EXPECT_THAT(heard, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(heard, HasSubstr("Strict-Transport-Security"));
  EXPECT_EQ(ask("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").find("HTTP/1.1"), std::string::npos) << "plain";
}

TEST_F(WebServerTest, SaysWhyItCannotListen) {
  start();
  asio::io_context other;
  EXPECT_THAT([&] { Server(other, {.port = server->port()}, routes, live, api); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("listen")));
  EXPECT_THAT([&] { Server(other, {.port = 0, .cert = "/nonexistent", .key = "/nonexistent"}, routes, live, api); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("cert")));
}

}  // namespace
}  // namespace hazgate::web
