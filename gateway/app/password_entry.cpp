#include "app/password_entry.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iostream>
#include <stdexcept>

#include "app/secret_file.hpp"

namespace hazgate::app {

namespace fs = std::filesystem;

namespace {
/// More than any password may have: what is behind it is not kept.
constexpr std::size_t longest_given = 1024;

volatile std::sig_atomic_t ended_by = 0;
void note_signal(int number) { ended_by = number; }

/// A program that is ended while the terminal is silent would leave it so. The signals that end one come only while it
/// waits for input: between two looks at ended_by none is lost.
class SilentTerminal {
 public:
  SilentTerminal() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) throw std::runtime_error("the terminal does not answer");
    ended_by = 0;
    sigset_t blocked;
    sigemptyset(&blocked);
    for (const int end : ends) sigaddset(&blocked, end);
    ::sigprocmask(SIG_BLOCK, &blocked, &unblocked_);
    struct sigaction note {};
    note.sa_handler = note_signal;
    for (std::size_t i = 0; i < ends.size(); ++i) ::sigaction(ends[i], &note, &actions_[i]);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ICANON | ECHONL;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    for (std::size_t i = 0; i < ends.size(); ++i) ::sigaction(ends[i], &actions_[i], nullptr);
    if (ended_by != 0) ::raise(ended_by);
    ::sigprocmask(SIG_SETMASK, &unblocked_, nullptr);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  const sigset_t* while_waiting() const { return &unblocked_; }

 private:
  static constexpr std::array ends{SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
  termios before_{};
  sigset_t unblocked_{};
  std::array<struct sigaction, ends.size()> actions_{};
};

/// Past std::cin, which would keep what is behind the line in a buffer. `signals`: as of ppoll.
std::string read_password_line(const sigset_t* signals) {
  std::string line;
  char c = 0;
  bool any = false;
  for (;; any = true) {
    pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
    if (::ppoll(&input, 1, nullptr, signals) != 1 || ::read(STDIN_FILENO, &c, 1) != 1 || c == '\n') break;
    if (line.size() < longest_given) line += c;
  }
  if (c != '\n' && !any) throw std::runtime_error("no password was given; nothing was changed");
  if (ended_by != 0) throw std::runtime_error("interrupted; nothing was changed");
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

std::string ask_twice(const std::string& user) {
  const SilentTerminal silent;
  std::cerr << fmt::format("New password of {} (10 bytes at least): ", user) << std::flush;
  auto password = read_password_line(silent.while_waiting());
  std::cerr << "Once more: " << std::flush;
  if (read_password_line(silent.while_waiting()) != password)
    throw std::runtime_error("the two passwords are not the same; nothing was changed");
  return password;
}
}  // namespace

std::string enter_password(const fs::path& file, const std::string& user) {
  if (!file.empty()) {
    struct stat status {};
    if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 077U) != 0)
      throw std::runtime_error(
          fmt::format("--password-file {}: others may read or change it; chmod 600 it, and think about who has seen it",
                      file.string()));
    return read_secret(file, "--password-file");
  }
  return ::isatty(STDIN_FILENO) == 1 ? ask_twice(user) : read_password_line(nullptr);
}

}  // namespace hazgate::app
