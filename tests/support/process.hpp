// A child process under test: started, listened to, stopped; never left behind.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace hazgate::test {

class Process {
 public:
  /// Starts argv[0] (looked up in PATH). Standard output and error are kept together, in order.
  explicit Process(std::vector<std::string> argv, std::vector<std::string> environment = {});
  ~Process();  ///< SIGKILL if still running
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number);
  /// To its standard input; false when it is not read any more.
  bool write(const std::string& text);
  void close_input();
  /// Exit code, or 128 + signal; empty when it is still running after `timeout`.
  std::optional<int> wait(std::chrono::milliseconds timeout);
  /// What it has used, once it has ended.
  struct Usage {
    double cpu_seconds = 0;
    long peak_resident_kib = 0;  ///< never less than what this process held when it started the other (fork)
  };
  Usage usage() const { return usage_; }
  /// Everything printed so far.
  std::string output() const;
  /// True as soon as the output contains `text`.
  bool wait_for(const std::string& text, std::chrono::milliseconds timeout);
  /// Nothing more will be printed.
  void wait_for_end(std::chrono::milliseconds timeout);
  /// True as soon as the output contains at least `count` lines.
  bool wait_for_lines(std::size_t count, std::chrono::milliseconds timeout);

 private:
  void read_output();

  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  std::optional<int> status_;
  Usage usage_;
  mutable std::mutex mutex_;
  std::condition_variable grown_;
  std::string output_;
  bool ended_ = false;
  std::thread reader_;
};

/// A program that ran to its end.
struct Answer {
  int code = -1;  ///< -1: it had to be killed
  std::string text;
  std::ptrdiff_t lines = 0;
  Process::Usage usage;
};
/// `feed` writes to its standard input, which is closed then. A program that stops reading is no failure of ours.
Answer answer_of(std::vector<std::string> argv, const std::function<void(Process&)>& feed = {},
                 std::chrono::milliseconds timeout = std::chrono::seconds(60));

/// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(const std::filesystem::path& under = std::filesystem::temp_directory_path());
  ~TemporaryFolder();
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& text) const;

 private:
  std::filesystem::path path_;
};

/// A TCP port that was free a moment ago.
std::uint16_t free_port();
/// Polls `condition` every 5 ms; for integration tests that wait for another process.
bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds timeout);
/// True when a TCP connection to 127.0.0.1:port can be made.
bool listening(std::uint16_t port);

}  // namespace hazgate::test
