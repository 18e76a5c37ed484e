#include "app/reload.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <thread>
#include <vector>

#include "app/key_file.hpp"
#include "app/mqtt_options.hpp"
#include "app/web_desk.hpp"
#include "settings/load.hpp"

namespace hazgate::app {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

namespace {

constexpr auto longest_wait = std::chrono::seconds(60);
constexpr const char* outcome_name = "reload.outcome";
constexpr std::string_view taken_over = "taken over";

/// The process that holds the store's lock, and the configuration that it reads.
struct Running {
  pid_t pid = 0;
  fs::path config;
};
/// None where nobody holds it. Throws where this user may not look.
std::optional<Running> gateway_on(const fs::path& data_dir) {
  const auto name = data_dir / "hazgate.sqlite.lock";
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == EACCES)
    throw std::runtime_error(name.string() + ": may not be read; run this as the user who runs the gateway");
  if (descriptor < 0) return {};
  const bool free = ::flock(descriptor, LOCK_SH | LOCK_NB) == 0;
  ::close(descriptor);
  Running running;
  std::string config;
  std::ifstream in(name);
  in >> running.pid >> std::ws;
  std::getline(in, config);
  running.config = config;
  return free || running.pid <= 1 ? std::nullopt : std::optional(running);
}

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What has changed and holds until the gateway is started anew, with the reason.
std::vector<std::string> changes_that_wait(const settings::GatewaySettings& running,
                                           const settings::GatewaySettings& next) {
  std::vector<std::string> waiting;
  const auto add = [&](bool changed, const char* key, const char* why) {
    if (changed) waiting.push_back(fmt::format("{} cannot change while the gateway runs: {}", key, why));
  };
  add(running.id != next.id, "gateway.id", "numbers, topics and chains go by it; stop the gateway and start it again");
  add(running.site != next.site, "gateway.site", "topics and chains go by it; stop the gateway and start it again");
  add(running.data_dir != next.data_dir, "gateway.data_dir",
      "the store would be another one; stop the gateway and start it again");
  return waiting;
}

}  // namespace

std::string reasons_against(const settings::Settings& running,
                            const boost::system::result<settings::Settings, settings::Problems>& read,
                            std::string_view store_state) {
  std::string why;
  if (read.has_error()) {
    for (const auto& problem : read.error()) why += settings::to_string(problem) + "\n";
  } else {
    for (const auto& change : changes_that_wait(running.gateway, read->gateway)) why += change + "\n";
    try {
      if (read->mqtt) feed::MqttFeed::check(mqtt_options(*read));
      if (read->http) {
        static_cast<void>(page_folder());
        web::Server::check(server_options(*read->http), !running.http || running.http->port != read->http->port);
      }
      load_or_make_keys(read->gateway.data_dir);
    } catch (const std::exception& e) {
      why += std::string(e.what()) + "\n";
    }
  }
  if (store_state.starts_with("failing"))
    why += fmt::format("the store is {}, and what waits in memory would be lost; mend that first\n", store_state);
  return why;
}

void tell_outcome(const fs::path& data_dir, const std::string& text) {
  const auto file = data_dir / outcome_name, whole = data_dir / "reload.outcome.new";
  std::error_code ignored;
  std::ofstream(whole) << text;
  fs::rename(whole, file, ignored);
}

int ask_for_reload(const fs::path& config, std::ostream& out, std::ostream& errors) {
  const auto loaded = settings::load(config);
  if (loaded.has_error()) {
    for (const auto& problem : loaded.error()) errors << settings::to_string(problem) << '\n';
    return 2;
  }
  const auto& data_dir = loaded->gateway.data_dir;
  const auto running = gateway_on(data_dir);
  if (!running) {
    errors << fmt::format(
        "hazgate: no gateway runs on {}; start it with `hazgate run --config {}`, or, if one runs on another data_dir, "
        "stop that one first\n",
        fs::absolute(data_dir).string(), config.string());
    return 1;
  }
  std::error_code other;
  if (!running->config.empty() && !fs::equivalent(running->config, config, other)) {
    errors << fmt::format("hazgate: the gateway on {} reads {}; change that file, or start it anew with this one\n",
                          fs::absolute(data_dir).string(), running->config.string());
    return 1;
  }
  const auto pid = running->pid;
  const auto file = data_dir / outcome_name;
  std::error_code ignored;
  fs::remove(file, ignored);
  if (::kill(pid, SIGHUP) != 0) {
    errors << fmt::format("hazgate: process {} cannot be told; run this as the user who runs the gateway\n", pid);
    return 1;
  }
  const auto until = steady_clock::now() + longest_wait;
  auto told = steady_clock::now() + std::chrono::seconds(2);
  while (!fs::exists(file, ignored)) {
    if (steady_clock::now() > until) {
      errors << fmt::format("hazgate: no word from process {} within 60 s; see its log\n", pid);
      return 1;
    }
    if (steady_clock::now() > told) {
      errors << "waiting for the gateway …\n";
      told += std::chrono::seconds(10);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  const auto text = text_of(file);
  const bool good = text.starts_with(taken_over);
  (good ? out : errors) << text;
  return good ? 0 : 1;
}

}  // namespace hazgate::app
