// A real mosquitto of one's own on a free loopback port, and subscribers that keep what they hear.
#pragma once

#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace hazgate::test {

class Mosquitto {
 public:
  /// `extra` ends the configuration as it stands; options of the listener may be among it.
  explicit Mosquitto(std::string extra = "");
  /// Of a configuration that stands in a file; it listens on `port`, perhaps among others.
  Mosquitto(std::filesystem::path configuration, std::uint16_t port);

  void start();                                ///< listening when it returns; the same port each time
  void kill();                                 ///< SIGKILL
  void terminate();                            ///< SIGTERM, and waits: what it persists is on disk then
  void reload() { process_->signal(SIGHUP); }  ///< permissions and passwords
  void freeze() { process_->signal(SIGSTOP); }
  void thaw() { process_->signal(SIGCONT); }

  std::uint16_t port() const { return port_; }
  std::string url() const { return "mqtt://127.0.0.1:" + std::to_string(port_); }
  std::string log() const { return log_ + (process_ ? process_->output() : ""); }
  const TemporaryFolder& folder() const { return folder_; }

 private:
  TemporaryFolder folder_;
  std::filesystem::path configuration_;
  std::uint16_t port_;
  std::string log_;  ///< of the runs before
  std::unique_ptr<Process> process_;
};

/// What mosquitto_sub prints of one message with -F '%r %t %p'.
struct Heard {
  bool retained = false;
  std::string topic, payload;
};

class Subscriber {
 public:
  /// Subscribed when the constructor returns. With a `session` name the broker keeps what it misses (clean start off).
  Subscriber(const Mosquitto& broker, const std::string& topic, const std::string& session = "");

  std::vector<Heard> heard() const;  ///< payloads without line breaks only
  bool wait_for(std::size_t messages, std::chrono::milliseconds timeout) {
    // On a busy machine more than one line says that the subscription stands: only what is heard counts.
    return process_->wait_for_lines(messages + 1, timeout) &&
           eventually([&] { return heard().size() >= messages; }, timeout);
  }
  bool wait_for(const std::string& text, std::chrono::milliseconds timeout) {
    return process_->wait_for(text, timeout);
  }
  Process& process() { return *process_; }

 private:
  std::unique_ptr<Process> process_;
};

}  // namespace hazgate::test
