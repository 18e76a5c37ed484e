#include "app/pdf.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace hazgate::app {

namespace {

/// A file without a name, in memory: what a pipe would need two threads for.
class MemoryFile {
 public:
  explicit MemoryFile(const char* name) : fd_(memfd_create(name, MFD_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "memfd_create");
  }
  ~MemoryFile() { close(fd_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  int fd() const { return fd_; }

  void write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const auto done = ::write(fd_, bytes.data(), bytes.size());
      if (done < 0 && errno == EINTR) continue;
      if (done < 0) throw std::system_error(errno, std::generic_category(), "write");
      bytes.remove_prefix(static_cast<std::size_t>(done));
    }
    lseek(fd_, 0, SEEK_SET);
  }
  std::string bytes(std::size_t most) const {
    std::string all;
    std::array<char, 1U << 16U> piece{};
    while (all.size() < most) {
      const auto count = pread(fd_, piece.data(), piece.size(), static_cast<off_t>(all.size()));
      if (count <= 0) break;
      all.append(piece.data(), static_cast<std::size_t>(count));
    }
    return all;
  }

 private:
  int fd_;
};

/// The program with these three files, no others and no secret of ours in its environment, in a group of its own.
class Child {
 public:
  Child(const MemoryFile& in, const MemoryFile& out, const MemoryFile& err) {
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    int target = 0;
    for (const auto* file : {&in, &out, &err}) posix_spawn_file_actions_adddup2(&files, file->fd(), target++);
    posix_spawn_file_actions_addclosefrom_np(&files, target);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none, usual;
    sigemptyset(&none);
    sigfillset(&usual);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::array<std::string, 5> words{"weasyprint", "--encoding", "utf-8", "-", "-"};
    std::array<char*, 6> arguments{};
    for (std::size_t i = 0; i < words.size(); ++i) arguments.at(i) = words.at(i).data();
    std::array<std::string, 3> settings{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent"};
    std::array<char*, 4> environment{};
    for (std::size_t i = 0; i < settings.size(); ++i) environment.at(i) = settings.at(i).data();
    error_ = posix_spawnp(&pid_, "weasyprint", &files, &attributes, arguments.data(), environment.data());
    if (error_ == 0) step_back();
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Child() {
    if (error_ != 0 || ended_) return;
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int error() const { return error_; }
  /// Its exit status; none while it runs. -1 where a signal ended it.
  std::optional<int> status() {
    int raw = 0;
    const auto got = waitpid(pid_, &raw, WNOHANG);
    if (got == 0) return std::nullopt;
    ended_ = true;
    return got > 0 && WIFEXITED(raw) ? WEXITSTATUS(raw) : -1;
  }

 private:
  /// Measuring goes before printing: it gets what time is left, and where memory ends it ends first.
  void step_back() const {
    constexpr int politeness = 15;
    setpriority(PRIO_PROCESS, static_cast<id_t>(pid_), politeness);
    std::ofstream("/proc/" + std::to_string(pid_) + "/oom_score_adj") << 1000;
  }

  pid_t pid_ = 0;
  int error_ = 0;
  bool ended_ = false;
};

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

}  // namespace

boost::system::result<std::string, NoPdf> pdf_of(const std::string& html, std::chrono::seconds longest,
                                                 const std::function<void()>& go_on) {
  constexpr std::size_t most_pdf = 256U << 20U, most_words = 64U << 10U;
  constexpr auto between_looks = std::chrono::milliseconds(20);
  const MemoryFile in("report.html"), out("report.pdf"), err("weasyprint.log");
  in.write(html);
  Child child(in, out, err);
  if (child.error() == ENOENT) return NoPdf{.absent = true, .why = "WeasyPrint is not installed"};
  if (child.error() != 0) return NoPdf{.why = std::generic_category().message(child.error())};
  const auto deadline = std::chrono::steady_clock::now() + longest;
  std::optional<int> status;
  while (!(status = child.status())) {
    go_on();
    if (std::chrono::steady_clock::now() > deadline)
      return NoPdf{.why =
                       fmt::format("WeasyPrint had not finished after {} s; take a shorter period", longest.count())};
    std::this_thread::sleep_for(between_looks);
  }
  auto bytes = out.bytes(most_pdf);
  if (*status == 127) return NoPdf{.absent = true, .why = "WeasyPrint is not installed"};
  if (*status != 0 || !bytes.starts_with("%PDF-"))
    return NoPdf{.why = fmt::format("WeasyPrint failed: {}", last_line(err.bytes(most_words)))};
  return bytes;
}

}  // namespace hazgate::app
