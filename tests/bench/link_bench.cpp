// Promise: 1,000 Modbus TCP links on one thread, saturated, cost at most 1.5 times the CPU per request of a bare epoll
// loop that sends the same frames to the same server. link_bench [requests a run]
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdlib>
#include <memory>

#include "drivers/tcp_link.hpp"
#include "tests/bench/bare_epoll.hpp"
#include "tests/bench/bench.hpp"
#include "tests/bench/modbus_server.hpp"

namespace {
using namespace hazgate;
namespace asio = boost::asio;

constexpr std::size_t links = 1000;
constexpr std::uint16_t registers = 10;
constexpr int runs = 7;

const modbus::Request request{.unit = 1, .function = modbus::Function::read_holding, .address = 0, .count = registers};

/// All links open, each with one request under way at any moment; swept every 50 ms as in the gateway.
class Product {
 public:
  explicit Product(std::uint16_t port);
  /// CPU in µs a request over the next `requests`.
  double run(std::uint64_t requests);

 private:
  asio::awaitable<void> ask(modbus::Link& link);
  asio::awaitable<void> sweep();
  asio::io_context io_{1};
  std::vector<std::unique_ptr<modbus::Link>> links_;
  std::uint64_t wanted_ = 0, done_ = 0, failed_ = 0;
};

Product::Product(std::uint16_t port) {
  for (std::size_t i = 0; i < links; ++i) {
    links_.push_back(modbus::make_tcp_link(io_, {.host = "127.0.0.1", .port = port}));
    asio::co_spawn(io_, links_.back()->run(), asio::detached);
  }
  asio::co_spawn(io_, sweep(), asio::detached);
  const auto all_open = [this] { return std::ranges::all_of(links_, [](const auto& l) { return l->is_open(); }); };
  while (!all_open()) io_.run_one_for(std::chrono::milliseconds(100));
}

asio::awaitable<void> Product::sweep() {
  asio::steady_timer timer(io_);
  for (;;) {
    timer.expires_after(std::chrono::milliseconds(50));
    co_await timer.async_wait(asio::use_awaitable);
    for (auto& link : links_) link->sweep(modbus::Clock::now());
  }
}

asio::awaitable<void> Product::ask(modbus::Link& link) {
  std::array<std::uint16_t, registers> words{};
  while (wanted_ > 0) {
    --wanted_;
    const auto error = co_await link.transact(request, words, modbus::Clock::now() + std::chrono::seconds(1));
    if (error) ++failed_;
    ++done_;
  }
}

double Product::run(std::uint64_t requests) {
  wanted_ = requests;
  done_ = 0;
  for (auto& link : links_) asio::co_spawn(io_, ask(*link), asio::detached);
  const auto cost = bench::measure([&] {
    while (done_ < requests) io_.run_one();
  });
  if (failed_ > 0) throw std::runtime_error(fmt::format("link_bench: {} requests failed", failed_));
  return 1e6 * cost.cpu / static_cast<double>(requests);
}

int compare(std::uint64_t requests) {
  bench::ModbusServer server;
  bench::BareEpoll bare(server.port(), links, request);
  Product product(server.port());
  bench::Series ours{fmt::format("TcpLink, {} links on one thread", links), "us/request"};
  bench::Series raw{"bare epoll loop", "us/request"};
  product.run(requests / 10);  // both warm
  bare.run(requests / 10);
  for (int i = 0; i < runs; ++i) {
    ours.figures.push_back(product.run(requests));
    raw.figures.push_back(1e6 * bench::measure([&] { bare.run(requests); }).cpu / static_cast<double>(requests));
  }
  bench::Table table("link");
  table.promise(ours, raw, {.of = bench::Target::Of::ratio, .value = 1.5});
  return table.kept() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t requests = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 300'000;
  return bench::guarded([=] { return compare(requests); });
}
