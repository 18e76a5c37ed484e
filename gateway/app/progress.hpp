// A word now and then on standard error from whatever takes longer than two seconds.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <iostream>
#include <string>
#include <utility>

namespace hazgate::app {

class Progress {
 public:
  explicit Progress(std::string what) : what_(std::move(what)) {}
  ~Progress() {
    if (told_) std::cerr << '\r' << count_ << ' ' << what_ << '\n';
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void step() {
    if (++count_ % 1024 != 0) return;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + (terminal_ ? std::chrono::milliseconds(200) : std::chrono::seconds(5));
    told_ = true;
    std::cerr << (terminal_ ? "\r" : "") << count_ << ' ' << what_ << (terminal_ ? "" : " …\n") << std::flush;
  }

 private:
  const std::string what_;
  const bool terminal_ = ::isatty(STDERR_FILENO) == 1;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + std::chrono::seconds(2);
  std::uint64_t count_ = 0;
  bool told_ = false;
};

}  // namespace hazgate::app
