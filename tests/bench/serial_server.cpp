#include "tests/bench/serial_server.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <deque>
#include <new>
#include <system_error>

#include "drivers/simulator_responder.hpp"

namespace hazgate::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t request_size = 8;
constexpr double bits_a_character = 10;

class Lines {
 public:
  Lines(const std::vector<std::unique_ptr<modbus::PseudoTerminal>>& terminals, Clock::duration character,
        std::atomic<std::uint64_t>& answers)
      : character_(character), answers_(answers) {
    for (const auto& terminal : terminals) {
      lines_.push_back({.fd = terminal->descriptor(), .in = {}, .out = {}});
      waits_.push_back({terminal->descriptor(), POLLIN, 0});
    }
  }
  [[noreturn]] void run() {
    for (;;) {
      const auto left = std::max<Clock::duration>(next_due() - Clock::now(), Clock::duration(0));
      const timespec wait{.tv_sec = left / std::chrono::seconds(1),
                          .tv_nsec = (left % std::chrono::seconds(1)).count()};
      ppoll(waits_.data(), waits_.size(), &wait, nullptr);
      for (std::size_t i = 0; i < lines_.size(); ++i) {
        if (waits_[i].revents != 0) read(lines_[i]);
        send_due(lines_[i]);
      }
    }
  }

 private:
  struct Character {
    Clock::time_point at;
    std::uint8_t byte;
  };
  struct Line {
    int fd;
    std::vector<std::uint8_t> in;
    std::deque<Character> out;
  };

  Clock::time_point next_due() const {
    auto next = Clock::now() + std::chrono::seconds(1);
    for (const auto& line : lines_)
      if (!line.out.empty()) next = std::min(next, line.out.front().at);
    return next;
  }
  void read(Line& line) {
    std::array<std::uint8_t, 256> bytes;
    const auto got = ::read(line.fd, bytes.data(), bytes.size());
    if (got <= 0) return;
    line.in.insert(line.in.end(), bytes.begin(), bytes.begin() + got);
    if (line.in.size() < request_size) return;
    const auto reply = device_.reply(std::span(line.in).first(request_size), [this](auto, auto, std::uint16_t count) {
      modbus_mapping_t mapping{};
      mapping.nb_registers = count;
      mapping.tab_registers = values_.data();
      return mapping;
    });
    line.in.clear();
    const auto begin = Clock::now() + wire(request_size + SerialServer::silence);
    for (std::size_t i = 0; i < reply.size(); ++i)
      line.out.push_back({begin + wire(static_cast<double>(i + 1)), reply[i]});
    ++answers_;
  }
  Clock::duration wire(double characters) const {
    return std::chrono::duration_cast<Clock::duration>(characters * std::chrono::duration<double>(character_));
  }
  static void send_due(Line& line) {
    for (const auto now = Clock::now(); !line.out.empty() && line.out.front().at <= now; line.out.pop_front())
      if (::write(line.fd, &line.out.front().byte, 1) < 0) return;
  }

  Clock::duration character_;
  std::atomic<std::uint64_t>& answers_;
  std::vector<Line> lines_;
  std::vector<pollfd> waits_;
  modbus::Responder device_{modbus::Framing::rtu};
  std::array<std::uint16_t, MODBUS_MAX_READ_REGISTERS> values_{};
};

}  // namespace

SerialServer::SerialServer(const std::filesystem::path& folder, int lines, int baud)
    : character_s_(bits_a_character / baud) {
  for (int i = 0; i < lines; ++i)
    terminals_.push_back(std::make_unique<modbus::PseudoTerminal>(folder / fmt::format("line-{}", i)));
  void* memory = mmap(nullptr, sizeof *answers_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "shared memory");
  answers_ = new (memory) std::atomic<std::uint64_t>(0);
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // a bench that dies leaves no server behind
  prctl(PR_SET_TIMERSLACK, 1);       // a character is a millisecond, and 50 us late of each would be slower bytes
  try {
    const std::chrono::duration<double> character(character_s_);
    Lines(terminals_, std::chrono::duration_cast<Clock::duration>(character), *answers_).run();
  } catch (...) {
    _exit(1);
  }
}

SerialServer::~SerialServer() {
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  munmap(answers_, sizeof *answers_);
}

double SerialServer::most_polls(int registers) const {
  const double answer = 5 + 2.0 * registers;
  return 1 / (character_s_ * (request_size + silence + answer + silence));
}

}  // namespace hazgate::bench
