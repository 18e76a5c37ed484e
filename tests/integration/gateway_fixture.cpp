#include "integration/gateway_fixture.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace hazgate::test {

namespace fs = std::filesystem;
using std::chrono::seconds;

SiteOnThisMachine::SiteOnThisMachine() {
  const fs::path source = fs::path(SOURCE_DIR) / "config";
  const fs::path own = folder.path() / "config";
  fs::create_directories(own / "profiles");
  fs::create_directories(folder.path() / "recordings");
  fs::create_symlink(source / "limits", own / "limits");
  fs::create_symlink(source / "voc116.csv", own / "voc116.csv");
  for (const auto& entry : fs::directory_iterator(source / "profiles")) {
    fs::create_symlink(entry.path(), own / "profiles" / entry.path().filename());
  }
  recordings_ = folder.path() / "recordings";
  config_ =
      fmt::format("[gateway]\nid = \"gw\"\nsite = \"park\"\ndata_dir = \"{}\"\n", (folder.path() / "data").string());
}

SiteOnThisMachine& SiteOnThisMachine::config(const std::string& text) {
  std::string line = text;
  for (auto at = line.find("{broker}"); at != std::string::npos; at = line.find("{broker}")) {
    line.replace(at, 8, std::to_string(broker.port()));
  }
  config_ += line + "\n";
  folder.write("config/gateway.toml", config_);
  return *this;
}

SiteOnThisMachine& SiteOnThisMachine::profile(const std::string& name, const std::string& text) {
  folder.write(
      "config/profiles/" + name + ".toml",
      fmt::format("profile = \"{}\"\nmaker = \"test\"\nmodel = \"{}\"\nmanual = \"test\"\n{}", name, name, text));
  return *this;
}

SiteOnThisMachine& SiteOnThisMachine::simulation(const std::string& text) {
  simulation_ += text + "\n";
  folder.write("recordings/simulation.toml", simulation_);
  return *this;
}

SiteOnThisMachine& SiteOnThisMachine::page(std::uint16_t port) {
  http_port_ = port;
  return config(fmt::format("[http]\nlisten = \"127.0.0.1:{}\"", port));
}

SiteOnThisMachine& SiteOnThisMachine::demonstration(const Changes& changes) {
  const fs::path source = fs::path(SOURCE_DIR) / "config";
  std::ifstream in(source / "gateway.toml");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  http_port_ = free_port();
  Changes all{{"data_dir = \"data\"", fmt::format("data_dir = \"{}\"", (folder.path() / "data").string())},
              {"path = \"data/hall-b.tty\"", fmt::format("path = \"{}\"", (folder.path() / "hall-b.tty").string())},
              {"mqtt://127.0.0.1:18830", broker.url()},
              {"listen = \"127.0.0.1:18080\"", fmt::format("listen = \"127.0.0.1:{}\"", http_port_)}};
  for (const auto* port : {"15020", "15021", "15022"})
    all.emplace_back(fmt::format("port = {}", port), fmt::format("port = {}", free_port()));
  all.insert(all.end(), changes.begin(), changes.end());
  for (const auto& [what, instead] : all) {
    auto at = text.find(what);
    if (at == std::string::npos) throw std::runtime_error("not in config/gateway.toml: " + what);
    for (; at != std::string::npos; at = text.find(what, at + instead.size())) text.replace(at, what.size(), instead);
  }
  config_.clear();
  fs::create_symlink(source / "advice.toml", folder.path() / "config/advice.toml");
  recordings_ = fs::path(SOURCE_DIR) / "tests/data";
  return config(text);
}

SiteOnThisMachine& SiteOnThisMachine::ramp() {
  std::string csv = "elapsed_s,value\n";
  for (int i = 0; i < 6000; ++i) csv += fmt::format("{:.1f},{}\n", i * 0.1, i);
  folder.write("recordings/ramp.csv", csv);
  return *this;
}

void SiteOnThisMachine::start_simulator() {
  if (recordings_ == folder.path() / "recordings" && simulation_.empty()) simulation("");
  simulator = std::make_unique<Process>(std::vector<std::string>{
      HAZGATE_PROGRAM, "simulate", "--config", config_file().string(), "--data", recordings_.string()});
  if (!simulator->wait_for("simulating", seconds(10))) throw std::runtime_error("simulator: " + simulator->output());
}

void SiteOnThisMachine::start_gateway(const std::vector<std::string>& more) {
  std::vector<std::string> argv{HAZGATE_PROGRAM,        "run",       "--config",
                                config_file().string(), "--summary", (folder.path() / "summary.txt").string()};
  argv.insert(argv.end(), more.begin(), more.end());
  gateway = std::make_unique<Process>(argv);
  if (!gateway->wait_for("gateway=gw", seconds(20))) throw std::runtime_error("gateway: " + gateway->output());
}

int SiteOnThisMachine::stop_gateway() {
  gateway->signal(SIGTERM);
  return gateway->wait(seconds(20)).value_or(-1);
}

std::map<std::string, double> SiteOnThisMachine::summary() const {
  std::map<std::string, double> out;
  std::ifstream in(folder.path() / "summary.txt");
  for (std::string line; std::getline(in, line);) {
    const auto equals = line.find('=');
    if (equals != std::string::npos) out[line.substr(0, equals)] = std::stod(line.substr(equals + 1));
  }
  return out;
}

namespace {
/// "2026-11-23T20:00:00.000Z" to seconds since 1970.
double seconds_of(const std::string& text) {
  std::tm tm{};
  double fraction = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%lfZ", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min,
                  &fraction) != 6) {
    throw std::runtime_error("not a time: " + text);
  }
  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  return static_cast<double>(timegm(&tm)) + fraction;
}
}  // namespace

std::map<std::string, std::vector<SeenReading>> readings_of(const std::vector<Heard>& heard) {
  std::map<std::string, std::vector<SeenReading>> out;
  for (const auto& message : heard) {
    if (!message.topic.ends_with("/readings")) continue;
    const auto parsed = boost::json::parse(message.payload).as_object();
    for (const auto& item : parsed.at("readings").as_array()) {
      const auto& reading = item.as_object();
      SeenReading seen{.time = seconds_of(std::string(reading.at("t").as_string())),
                       .flag = reading.at("flag").as_string().front()};
      seen.has_value = !reading.at("value").is_null();
      if (seen.has_value) seen.value = reading.at("value").to_number<double>();
      out[std::string(reading.at("point").as_string())].push_back(seen);
    }
  }
  return out;
}

std::vector<boost::json::object> alarms_of(const std::vector<Heard>& heard) {
  std::vector<boost::json::object> out;
  for (const auto& message : heard) {
    if (message.topic.find("/alarm/") == std::string::npos || message.payload.empty()) continue;
    out.push_back(boost::json::parse(message.payload).as_object());
  }
  return out;
}

std::string sequence_faults(const std::vector<Heard>& heard, std::uint64_t first) {
  std::map<std::string, std::uint64_t> next;
  std::string faults;
  for (const auto& message : heard) {
    std::string stream = message.topic;
    const auto alarm = stream.find("/alarm/");
    if (alarm != std::string::npos)
      stream = stream.substr(0, stream.rfind('/', alarm - 1)) + "/alarm";
    else if (!stream.ends_with("/readings"))
      continue;
    if (message.payload.empty() || message.retained) continue;
    const auto seq = boost::json::parse(message.payload).as_object().at("seq").to_number<std::uint64_t>();
    auto [place, fresh] = next.try_emplace(stream, first == from_the_first_seen ? seq : first);
    if (seq > place->second) faults += fmt::format("{}: {} came where {} was due; ", stream, seq, place->second);
    if (seq >= place->second) place->second = seq + 1;
  }
  return faults;
}

}  // namespace hazgate::test
