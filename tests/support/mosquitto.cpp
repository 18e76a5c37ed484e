#include "support/mosquitto.hpp"

#include <csignal>
#include <sstream>
#include <stdexcept>

// Paho 1.3.12 loses its copies of messages that it had not yet written when a client is destroyed
// (MQTTAsync_NULLPublishCommands): at most a send window for each lost connection. Not ours to free.
extern "C" const char* __lsan_default_suppressions() { return "leak:libpaho-mqtt3as\n"; }

namespace hazgate::test {

using std::chrono::milliseconds;

Mosquitto::Mosquitto(std::string extra) : port_(free_port()) {
  // mosquitto would drop to its own user, who may not write in our folder.
  configuration_ = folder_.write(
      "mosquitto.conf", "user root\nlog_dest stderr\nlog_type all\nallow_anonymous true\npersistence_location " +
                            folder_.path().string() + "/\nlistener " + std::to_string(port_) + " 127.0.0.1\n" + extra +
                            "\n");
  start();
}

Mosquitto::Mosquitto(std::filesystem::path configuration, std::uint16_t port)
    : configuration_(std::move(configuration)), port_(port) {
  start();
}

void Mosquitto::start() {
  log_ = log();
  process_ = std::make_unique<Process>(std::vector<std::string>{"mosquitto", "-c", configuration_.string()});
  if (!eventually([this] { return listening(port_); }, milliseconds(5000))) {
    throw std::runtime_error("mosquitto does not listen: " + process_->output());
  }
}

void Mosquitto::kill() {
  process_->signal(SIGKILL);
  process_->wait(milliseconds(5000));
}

void Mosquitto::terminate() {
  process_->signal(SIGTERM);
  if (!process_->wait(milliseconds(5000))) throw std::runtime_error("mosquitto does not end");
}

Subscriber::Subscriber(const Mosquitto& broker, const std::string& topic, const std::string& session) {
  std::vector<std::string> argv{
      "mosquitto_sub", "-V", "5",       "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "-q", "1", "-t",
      topic,           "-F", "%r %t %p"};
  if (!session.empty()) argv.insert(argv.end(), {"-c", "-i", session, "-x", "3600"});
  // A line of its own tells that the subscription stands: everything after it is heard.
  std::string ready = "ready/" + std::to_string(reinterpret_cast<std::uintptr_t>(this));
  argv.insert(argv.end(), {"-t", ready});
  process_ = std::make_unique<Process>(argv);
  bool there = eventually(
      [&] {
        Process poke({"mosquitto_pub", "-h", "127.0.0.1", "-p", std::to_string(broker.port()), "-t", ready, "-m", "x"});
        poke.wait(milliseconds(2000));
        return process_->wait_for(ready, milliseconds(50));
      },
      milliseconds(5000));
  if (!there) throw std::runtime_error("mosquitto_sub hears nothing: " + process_->output());
}

std::vector<Heard> Subscriber::heard() const {
  std::vector<Heard> all;
  std::istringstream lines(process_->output());
  for (std::string line; std::getline(lines, line);) {
    auto space = line.find(' ', 2);
    if (line.size() < 3 || space == std::string::npos) continue;
    Heard one{line[0] == '1', line.substr(2, space - 2), line.substr(space + 1)};
    if (!one.topic.starts_with("ready/")) all.push_back(std::move(one));
  }
  return all;
}

}  // namespace hazgate::test
