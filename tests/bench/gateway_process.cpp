#include "tests/bench/gateway_process.hpp"

#include <fmt/format.h>

#include <array>
#include <csignal>
#include <fstream>
#include <stdexcept>

#include "tests/bench/modbus_server.hpp"

namespace hazgate::bench {
namespace {

namespace fs = std::filesystem;

/// Four with a MAC (H2S, formaldehyde, chlorine, hydrogen chloride), four with a PC-STEL (benzene, toluene, xylene,
/// ammonia), two that are not judged. The server's registers wobble between 0.20 and 0.36: below every half limit.
constexpr std::array agents = {"cas:7783-06-4", "cas:50-00-0",   "cas:7782-50-5", "cas:7647-01-0", "cas:71-43-2",
                               "cas:108-88-3",  "cas:1330-20-7", "cas:7664-41-7", "none",          "none"};

const char* agent_of(const SitePlan& plan, int value) {
  if (plan.load.floats) return "none";
  return plan.all_with_mac ? agents[0] : agents[static_cast<std::size_t>(value) % agents.size()];
}

std::string profile_text(const SitePlan& plan) {
  std::string text = "profile = \"bench-gas\"\nmaker = \"bench\"\nmodel = \"gas\"\nmanual = \"none\"\n";
  const bool floats = plan.load.floats;
  for (int i = 0; i < plan.load.values_a_unit(); ++i) {
    text += fmt::format(
        "[[measure]]\nid = \"m{}\"\nregister = \"holding {}\"\ntype = \"{}\"\nunit = \"mg/m3\"\nagent = \"{}\"\n{}", i,
        floats ? 2 * i : i, floats ? "float32" : "uint16", agent_of(plan, i),
        floats ? "word_order = \"ABCD\"\n" : "scale = 0.01\nmin = 0\nmax = 600\nerror_values = [0xFFFF]\n");
  }
  return text;
}

std::string watched_profile_text() {
  return "profile = \"bench-watched\"\nmaker = \"bench\"\nmodel = \"watched\"\nmanual = \"none\"\n"
         "[[measure]]\nid = \"m0\"\nregister = \"holding 0\"\ntype = \"uint16\"\nscale = 0.01\nunit = \"mg/m3\"\n"
         "agent = \"none\"\n";
}

int unit_of(const SitePlan& plan, int number, int place) {
  if (plan.trouble && number % 10 == 0) return silent_unit;
  return plan.trouble && number % 100 == 5 ? half_unit : 1 + place;
}

std::string link_text(const SitePlan& plan, int number) {
  auto text = fmt::format("[[bus]]\nid = \"bus-{}\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\n", number,
                          plan.modbus_port);
  for (int place = 0; place < plan.load.units(); ++place)
    text += fmt::format(
        "[[device]]\nid = \"gas-{0}{1}\"\nbus = \"bus-{0}\"\nunit = {2}\nprofile = \"bench-gas\"\n"
        "period = \"{3}ms\"\nworkplace = \"hall-{4}\"\n",
        number, place == 0 ? "" : fmt::format("-{}", place), unit_of(plan, number, place), plan.load.period_ms,
        number % plan.load.workplaces());
  return text;
}

/// Raised and returned by the first sample: what is measured is the way, not a delay that somebody wanted.
std::string watched_text(const SitePlan& plan) {
  return fmt::format(
      "[[bus]]\nid = \"watched\"\ntransport = \"tcp\"\nhost = \"127.0.0.1\"\nport = {}\n"
      "[[device]]\nid = \"watched\"\nbus = \"watched\"\nunit = {}\nprofile = \"bench-watched\"\nperiod = \"100ms\"\n"
      "workplace = \"hall-0\"\n"
      "[[limit]]\npoint = \"watched.m0\"\nlevel = \"warning\"\nvalue = {}\nunit = \"mg/m3\"\n"
      "on_delay = \"0s\"\noff_delay = \"0s\"\n"
      "[[limit]]\npoint = \"watched.m0\"\nlevel = \"exceed\"\nvalue = {}\nunit = \"mg/m3\"\n"
      "on_delay = \"0s\"\noff_delay = \"0s\"\n",
      plan.modbus_port, watched_unit, watched_warning, watched_exceed);
}

}  // namespace

fs::path write_site(const test::TemporaryFolder& folder, const SitePlan& plan) {
  std::string text = fmt::format(
      "[gateway]\nid = \"bench\"\nsite = \"bench\"\ndata_dir = \"{}\"\n"
      "[mqtt]\nurl = \"mqtt://127.0.0.1:{}\"\n[[enterprise]]\nid = \"works\"\nname = \"works\"\n",
      (plan.data_dir.empty() ? folder.path() / "data" : plan.data_dir).string(), plan.mqtt_port);
  for (int i = 0; i < plan.load.workplaces(); ++i) {
    text += fmt::format("[[workplace]]\nid = \"hall-{0}\"\nname = \"hall {0}\"\nenterprise = \"works\"\n", i);
  }
  for (int i = 0; i < plan.load.devices; ++i) text += link_text(plan, i);
  if (plan.watched_device) text += watched_text(plan);
  text += plan.more;
  folder.write("profiles/bench-gas.toml", profile_text(plan));
  folder.write("profiles/bench-watched.toml", watched_profile_text());
  for (const char* name : {"limits", "voc116.csv"}) {
    fs::create_symlink(fs::path(SOURCE_DIR) / "config" / name, folder.path() / name);
  }
  return folder.write("gateway.toml", text);
}

Meter::Meter(pid_t pid) : pid_(pid) {
  if (clock_getcpuclockid(pid, &clock_) != 0) throw std::runtime_error("no CPU clock of the child process");
}

double Meter::cpu_seconds() const {
  timespec time{};
  if (clock_gettime(clock_, &time) != 0) throw std::runtime_error("the child process is gone");
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

Meter::Memory Meter::memory() const {
  Memory memory;
  std::ifstream status(fmt::format("/proc/{}/status", pid_));
  for (std::string word; status >> word;) {
    if (word == "VmRSS:") status >> memory.resident;
    if (word == "RssAnon:") status >> memory.anonymous;
  }
  return {memory.resident / 1024, memory.anonymous / 1024};
}

GatewayProcess::GatewayProcess(const test::TemporaryFolder& folder, const fs::path& config)
    : summary_(folder.path() / "summary.txt"),
      process_({HAZGATE_PROGRAM, "run", "--config", config.string(), "--summary", summary_.string()}) {
  if (process_.wait_for("gateway=bench", std::chrono::seconds(60))) return;
  throw std::runtime_error("the gateway does not start:\n" + process_.output().substr(0, 2000));
}

GatewayProcess::~GatewayProcess() { process_.signal(SIGTERM); }

void GatewayProcess::stop() {
  process_.signal(SIGTERM);
  const auto code = process_.wait(std::chrono::seconds(20));
  if (code == 0) return;
  const auto said = process_.output();
  throw std::runtime_error(fmt::format("the gateway ends with {}:\n{}", code ? std::to_string(*code) : "nothing yet",
                                       said.substr(said.size() - std::min<std::size_t>(said.size(), 1000))));
}

double GatewayProcess::figure(const std::string& name) const {
  std::ifstream in(summary_);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + "=")) return std::stod(line.substr(name.size() + 1));
  }
  throw std::runtime_error("the summary lacks " + name);
}

}  // namespace hazgate::bench
