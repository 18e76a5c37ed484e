// Promises of the page: 2,000 overviews a second of a site with 500 points while 200 browsers watch and polls stay on
// time; an alarm at a browser at most 100 ms beyond its commit; at most 200 KiB of page.
// Beside them: a bare loop that answers every request with the same bytes, the same gateway without any browser, and
// the MQTT subscriber to the same alarms. web_bench [seconds] [flips]
#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <future>
#include <random>
#include <thread>

#include "support/mosquitto.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/gateway_process.hpp"
#include "tests/bench/modbus_server.hpp"
#include "tests/bench/mqtt_client.hpp"

namespace {
using namespace hazgate;
namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int devices = 50, asking = 8, watching = 200, users = 10;
constexpr double wanted_rate = 2000;
constexpr auto patience = seconds(5);

double ms(steady_clock::duration d) { return std::chrono::duration<double, std::milli>(d).count(); }
[[noreturn]] void give_up(const std::string& why) { throw std::runtime_error("web_bench: " + why); }

/// One connection that is kept, and one request after the other.
class Client {
 public:
  explicit Client(std::uint16_t port) { socket_.connect({asio::ip::make_address("127.0.0.1"), port}); }
  /// Head and body.
  std::string ask(const std::string& request) {
    asio::write(socket_, asio::buffer(request));
    const auto head = asio::read_until(socket_, asio::dynamic_buffer(heard_), "\r\n\r\n");
    const auto at = heard_.find("Content-Length: ");
    const auto length = at == std::string::npos || at > head ? 0 : std::stoul(heard_.substr(at + 16));
    if (heard_.size() < head + length)
      asio::read(socket_, asio::dynamic_buffer(heard_), asio::transfer_exactly(head + length - heard_.size()));
    auto answer = heard_.substr(0, head + length);
    heard_.erase(0, head + length);
    return answer;
  }

 private:
  asio::io_context io_;
  tcp::socket socket_{io_};
  std::string heard_;
};

/// The least that an answer costs: read to the end of the head, write what is always the same.
class BareServer {
 public:
  explicit BareServer(std::size_t body)
      : answer_(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body, std::string(body, 'x'))) {
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~BareServer() {
    io_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::awaitable<void> accept() {
    for (;;) asio::co_spawn(io_, answer(co_await acceptor_.async_accept(asio::use_awaitable)), asio::detached);
  }
  asio::awaitable<void> answer(tcp::socket socket) {
    std::string heard;
    for (;;) {
      const auto head =
          co_await asio::async_read_until(socket, asio::dynamic_buffer(heard), "\r\n\r\n", asio::use_awaitable);
      heard.erase(0, head);
      co_await asio::async_write(socket, asio::buffer(answer_), asio::use_awaitable);
    }
  }
  std::string answer_;
  asio::io_context io_;
  tcp::acceptor acceptor_{io_, {asio::ip::make_address("127.0.0.1"), 0}};
  std::thread thread_;
};

/// Requests a second of `asking` connections over `time`; at most `rate` (0: as many as go).
double load(std::uint16_t port, const std::string& request, milliseconds time, double rate) {
  std::atomic<std::uint64_t> answered{0};
  const auto begun = steady_clock::now();
  std::vector<std::future<void>> all;
  for (int i = 0; i < asking; ++i)
    all.push_back(std::async(std::launch::async, [&] {
      Client client(port);
      for (std::uint64_t n = 0; steady_clock::now() - begun < time; ++n) {
        if (rate > 0)
          std::this_thread::sleep_until(begun +
                                        std::chrono::duration_cast<steady_clock::duration>(
                                            std::chrono::duration<double>(static_cast<double>(n) * asking / rate)));
        if (!client.ask(request).starts_with("HTTP/1.1 200")) give_up("a request was not answered");
        ++answered;
      }
    }));
  for (auto& one : all) one.get();
  return static_cast<double>(answered) / std::chrono::duration<double>(steady_clock::now() - begun).count();
}

/// The gateway with its page, an administrator, and his cookie.
class Site {
 public:
  explicit Site(bench::ModbusServer& server) : server_(server) {
    auto text = bench::write_site(folder_, {.modbus_port = server.port(),
                                            .mqtt_port = broker_.port(),
                                            .load = {.devices = devices},
                                            .watched_device = true});
    std::ofstream(text, std::ios::app) << fmt::format("\n[http]\nlisten = \"127.0.0.1:{}\"\n", port_);
    alarms_.subscribe("hazgate/1/bench/works/+/alarm/#", true);
    gateway_ = std::make_unique<bench::GatewayProcess>(folder_, text);
  }
  /// The administrator, and who else watches: one user has twenty seats.
  void sign_in() {
    std::string token;
    std::ifstream(folder_.path() / "data/one-time-token") >> token;
    enter("/api/v1/setup", fmt::format(R"({{"token":"{}","user":"bench","password":"{}"}})", token, password));
    for (int i = 0; i < users; ++i) {
      post("/api/v1/users", fmt::format(R"({{"name":"user-{}","role":"operator","password":"{}"}})", i, password));
      enter("/api/v1/session", fmt::format(R"({{"user":"user-{}","password":"{}"}})", i, password));
    }
  }
  std::string get(const std::string& path) const {
    return fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nCookie: {}\r\n\r\n", path, cookies_.front());
  }
  std::uint16_t port() const { return port_; }
  const std::vector<std::string>& cookies() const { return cookies_; }
  bench::MqttClient& alarms() { return alarms_; }
  bench::ModbusServer& server() { return server_; }
  bench::GatewayProcess& gateway() { return *gateway_; }

 private:
  bench::ModbusServer& server_;
  test::Mosquitto broker_;
  test::TemporaryFolder folder_;
  const std::uint16_t port_ = test::free_port();
  bench::MqttClient alarms_{broker_.port(), "bench-alarms"};
  std::unique_ptr<bench::GatewayProcess> gateway_;
  static constexpr auto password = "a long pass-phrase";
  std::string post(const std::string& path, const std::string& body) {
    const auto session =
        cookies_.empty() ? "" : fmt::format("Cookie: {}\r\nX-CSRF-Token: {}\r\n", cookies_.front(), csrf_);
    const auto answer = Client(port_).ask(
        fmt::format("POST {} HTTP/1.1\r\nHost: x\r\n{}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{}",
                    path, session, body.size(), body));
    if (!answer.starts_with("HTTP/1.1 20")) give_up(path + ": " + answer);
    return answer;
  }
  void enter(const std::string& path, const std::string& body) {
    const auto answer = post(path, body);
    const auto cookie = answer.find("Set-Cookie: ") + 12, csrf = answer.find("\"csrf\":\"") + 8;
    if (cookies_.empty()) csrf_ = answer.substr(csrf, answer.find('"', csrf) - csrf);
    cookies_.push_back(answer.substr(cookie, answer.find(';', cookie) - cookie));
  }
  std::vector<std::string> cookies_;  ///< the administrator's first
  std::string csrf_;                  ///< his
};

/// Browsers that watch; the first of them notes when a frame with an alarm came.
class Browsers {
 public:
  Browsers(std::uint16_t port, const std::vector<std::string>& cookies) {
    for (int i = 0; i < watching; ++i) {
      auto& socket = sockets_.emplace_back(io_);
      socket.next_layer().connect({asio::ip::make_address("127.0.0.1"), port});
      socket.set_option(beast::websocket::stream_base::decorator([&](beast::websocket::request_type& request) {
        request.set("Origin", "http://x");
        request.set("Cookie", cookies[1 + static_cast<std::size_t>(i) % users]);
      }));
      socket.handshake("x", "/api/v1/live");
      asio::co_spawn(io_, hear(socket, i == 0), asio::detached);
    }
    thread_ = std::thread([this] { io_.run(); });
  }
  ~Browsers() {
    io_.stop();
    thread_.join();
  }
  std::optional<steady_clock::time_point> next_alarm() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return !alarms_.empty(); })) return std::nullopt;
    const auto at = alarms_.front();
    alarms_.pop_front();
    return at;
  }
  std::uint64_t frames() const { return frames_; }

 private:
  using Socket = beast::websocket::stream<tcp::socket>;
  asio::awaitable<void> hear(Socket& socket, bool notes) {
    beast::flat_buffer buffer;
    for (;;) {
      co_await socket.async_read(buffer, asio::use_awaitable);
      ++frames_;
      if (notes && beast::buffers_to_string(buffer.data()).find("\"alarms\":[{") != std::string::npos) {
        std::lock_guard lock(mutex_);
        alarms_.push_back(steady_clock::now());
        changed_.notify_one();
      }
      buffer.clear();
    }
  }
  asio::io_context io_;
  std::deque<Socket> sockets_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<steady_clock::time_point> alarms_;
  std::atomic<std::uint64_t> frames_{0};
  std::thread thread_;
};

double page_kib(std::uint16_t port) {
  double sum = 0;
  const std::filesystem::path folder = std::filesystem::path(HAZGATE_PROGRAM).parent_path() / "page";
  Client client(port);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto path = "/" + entry.path().lexically_relative(folder).generic_string();
    if (!entry.is_regular_file() || path == "/openapi.json" || path.ends_with(".txt")) continue;
    const auto answer = client.ask(fmt::format("GET {} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n", path));
    if (!answer.starts_with("HTTP/1.1 200")) give_up("no " + path);
    sum += static_cast<double>(answer.size() - answer.find("\r\n\r\n") - 4);
  }
  return sum / 1024;
}

/// The gateway by itself: what its polls are late anyway.
double quiet_lateness(bench::ModbusServer& server, seconds time) {
  Site site(server);
  std::this_thread::sleep_for(time);
  site.gateway().stop();
  return site.gateway().figure("lateness_p99_ms");
}

int run(int time, int flips) {
  bench::ModbusServer server;  // first: it forks
  server.state().wobble = 17;
  for (auto& word : server.state().registers) word = 20;
  server.state().watched = bench::watched_low;
  const auto quiet = quiet_lateness(server, seconds(time));

  Site site(server);
  site.sign_in();
  std::this_thread::sleep_for(seconds(2));
  const auto overview = site.get("/api/v1/overview");
  const auto bytes = Client(site.port()).ask(overview).size();
  const double weight = page_kib(site.port());
  bench::Series raw{"a bare loop with as many bytes", "requests/s"}, ours{"overviews, 500 points", "requests/s"};
  {
    const BareServer bare(bytes);
    for (int i = 0; i < 3; ++i) {
      raw.figures.push_back(load(bare.port(), overview, seconds(2), 0));
      ours.figures.push_back(load(site.port(), overview, seconds(2), 0));
    }
  }
  Browsers browsers(site.port(), site.cookies());
  // The alarm of the lower level stands from the beginning.
  if (!site.alarms().next(patience) || !browsers.next_alarm()) give_up("no alarm of the lower level");
  auto others = std::async(std::launch::async, [&] { load(site.port(), overview, seconds(time), wanted_rate); });
  // From the answer that carries the change: the commit is in it, so that behind the commit it is less.
  bench::Series to_browser{"register to alarm at a browser, all", "ms"},
      to_subscriber{"register to alarm at an MQTT subscriber, all", "ms"};
  std::mt19937 random(11);
  for (int i = 0; i < flips; ++i) {
    server.state().watched = i % 2 == 0 ? bench::watched_high : bench::watched_low;
    const auto mqtt = site.alarms().next(patience);
    const auto browser = browsers.next_alarm();
    if (!mqtt || !browser)
      give_up(
          fmt::format("no alarm at the {} after change {} of the register", mqtt ? "browser" : "subscriber", i + 1));
    const std::chrono::nanoseconds sent(server.state().sent_at_ns);
    to_browser.figures.push_back(ms(browser->time_since_epoch() - sent));
    to_subscriber.figures.push_back(ms(mqtt->at.time_since_epoch() - sent));
    std::this_thread::sleep_for(milliseconds(std::uniform_int_distribution(20, 120)(random)));
  }
  others.get();
  const auto memory = bench::Meter(site.gateway().pid()).memory();
  site.gateway().stop();

  bench::Table table("web");
  table.promise(ours, raw, {.bound = bench::Target::Bound::at_least, .value = wanted_rate});
  table.promise(
      {"lateness of polls p99: 200 browsers, 2,000 overviews/s", "ms", {site.gateway().figure("lateness_p99_ms")}},
      {"the same without any browser", "ms", {quiet}}, {.value = quiet + 20});
  table.promise(
      {"register to alarm at a browser, commit included, p99", "ms", {bench::percentile(to_browser.figures, 0.99)}},
      {"the same to an MQTT subscriber", "ms", {bench::percentile(to_subscriber.figures, 0.99)}}, {.value = 100});
  table.promise({"page, packed", "KiB", {weight}}, {}, {.value = 200});
  table.row(to_browser);
  table.row(to_subscriber);
  table.row({"resident, 200 browsers", "MiB", {memory.resident}});
  table.row({"frames to browsers", "", {static_cast<double>(browsers.frames())}});
  table.row({"polls skipped", "", {site.gateway().figure("skipped_polls")}});
  return table.kept() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const int time = std::max(4, argc > 1 ? std::atoi(argv[1]) : 15),
            flips = std::max(2, argc > 2 ? std::atoi(argv[2]) : 100);
  return bench::guarded([=] { return run(time, flips); });
}
