// In steady state a poll allocates nothing on its way from the socket to the batch: request, answer, decoding, flags,
// metrics, alarms. Counted by an operator new of this program's own, on the loop's thread alone.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "app/ingest.hpp"
#include "app/resume.hpp"
#include "drivers/poller.hpp"
#include "drivers/simulator.hpp"
#include "drivers/tcp_link.hpp"
#include "settings/load.hpp"
#include "support/process.hpp"

namespace {
thread_local std::uint64_t allocations = 0;

void* counted(std::size_t size, std::size_t alignment) {
  ++allocations;
  const auto whole = (size + alignment - 1) / alignment * alignment;
  if (void* memory = std::aligned_alloc(alignment, whole == 0 ? alignment : whole)) return memory;
  throw std::bad_alloc();
}
}  // namespace

// All of them, or the sanitizer's own would meet our free().
constexpr auto usual = alignof(std::max_align_t);
void* operator new(std::size_t size) { return counted(size, usual); }
void* operator new[](std::size_t size) { return counted(size, usual); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size, usual); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size, usual); }
void* operator new(std::size_t size, std::align_val_t to) { return counted(size, static_cast<std::size_t>(to)); }
void* operator new[](std::size_t size, std::align_val_t to) { return counted(size, static_cast<std::size_t>(to)); }
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace hazgate {
namespace {

namespace asio = boost::asio;
using std::chrono::seconds;

constexpr int devices = 20;
constexpr const char* agents[] = {"cas:7783-06-4", "cas:71-43-2", "cas:108-88-3", "none"};

/// Limits of every kind, 20 devices every 50 ms.
settings::Settings site(const test::TemporaryFolder& folder, std::uint16_t port) {
  std::string profile = "profile = \"gas\"\nmaker = \"test\"\nmodel = \"gas\"\nmanual = \"none\"\n";
  for (int i = 0; const auto* agent : agents)
    profile += fmt::format(
        "[[measure]]\nid = \"m{0}\"\nregister = \"holding {0}\"\ntype = \"uint16\"\nscale = 0.01\nunit = \"mg/m3\"\n"
        "agent = \"{1}\"\nmin = 0\nmax = 600\n",
        i++, agent);
  folder.write("profiles/gas.toml", profile);
  std::string text =
      "[gateway]\nid = \"g\"\nsite = \"s\"\n[[enterprise]]\nid = \"e\"\n[[workplace]]\nid = \"w\"\nenterprise = "
      "\"e\"\n";
  for (int i = 0; i < devices; ++i)
    text += fmt::format(
        "[[bus]]\nid = \"b{0}\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {1}\ntimeout = "
        "\"5s\"\n[[device]]\nid = \"d{0}\"\n"
        "bus = \"b{0}\"\nunit = 1\nprofile = \"gas\"\nperiod = \"50ms\"\nworkplace = \"w\"\n",
        i, port);
  for (const char* name : {"limits", "voc116.csv"})
    std::filesystem::create_symlink(std::filesystem::path(SOURCE_DIR) / "config" / name, folder.path() / name);
  auto loaded = settings::load(folder.write("gateway.toml", text));
  if (!loaded) throw std::runtime_error(loaded.error().front().text);
  return std::move(*loaded);
}

modbus::Simulator instruments(std::uint16_t port) {
  modbus::SimulatedDevice device{.id = "gas", .unit = 1};
  for (std::uint16_t i = 0; i < std::size(agents); ++i) {
    modbus::Channel channel{.table = modbus::Table::holding, .address = i, .type = modbus::Type::uint16};
    device.tracks.push_back({.channel = channel, .seconds = {0, 0.2, 0.4}, .values = {20, 25, 31}});
  }
  return {{{.id = "b", .end = modbus::SimulatedBus::TcpListener{"127.0.0.1", port}, .devices = {device}}}, 1};
}

TEST(SteadyState, APollAllocatesNothingOnItsWayFromTheSocketToTheBatch) {
  const test::TemporaryFolder folder;
  const auto port = test::free_port();
  auto settings = site(folder, port);
  const auto simulator = instruments(port);
  app::Ingest ingest(settings, app::make_monitor(settings, 0));
  core::Batch batch;
  std::uint64_t polls = 0;
  asio::io_context io{1};
  async::TaskGroup group(io);
  std::vector<std::unique_ptr<modbus::Poller>> pollers;
  for (auto& bus : settings.buses) {
    auto link = modbus::make_tcp_link(io, std::get<modbus::TcpLinkOptions>(bus.link));
    pollers.push_back(std::make_unique<modbus::Poller>(
        io, bus.id, std::move(link), std::move(bus.devices), [&](const modbus::Outcome& outcome) {
          const auto now = std::chrono::time_point_cast<core::Duration>(std::chrono::system_clock::now());
          ASSERT_FALSE(outcome.error) << outcome.error.message();
          ingest.on_outcome(outcome, now, batch);
          if (++polls % 100 == 0) batch.clear();
        }));
  }
  modbus::Ticker ticker(pollers);
  for (auto& poller : pollers) poller->start(group);
  group.start("ticker", ticker.run({}));
  io.run_for(seconds(12));  // in the first ten each device gives its first record of the shift
  const auto polls_before = polls, before = allocations;
  io.run_for(seconds(3));
  const auto counted = allocations - before;
  EXPECT_GT(polls - polls_before, 100U);
  EXPECT_EQ(counted, 0U) << "of " << polls - polls_before << " polls";
  group.stop("end");
  io.run_for(seconds(2));
}

}  // namespace
}  // namespace hazgate
