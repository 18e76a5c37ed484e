#include "support/process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <random>
#include <stdexcept>

namespace hazgate::test {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {
double seconds_of(const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); }
}  // namespace

Process::Process(std::vector<std::string> argv, std::vector<std::string> environment) {
  int in[2], out[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe failed");
  std::vector<char*> arguments;
  for (auto& a : argv) arguments.push_back(a.data());
  arguments.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    dup2(out[1], 2);
    for (auto& e : environment) putenv(e.data());
    execvp(arguments[0], arguments.data());
    const char text[] = "cannot start the program\n";
    [[maybe_unused]] auto n = ::write(2, text, sizeof text - 1);
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  in_ = in[1];
  out_ = out[0];
  reader_ = std::thread([this] { read_output(); });
}

Process::~Process() {
  if (!status_) {
    kill(pid_, SIGKILL);
    wait(milliseconds(5000));
  }
  close_input();
  if (reader_.joinable()) reader_.join();
  close(out_);
}

void Process::read_output() {
  char buffer[65536];
  while (true) {
    ssize_t n = read(out_, buffer, sizeof buffer);
    std::lock_guard lock(mutex_);
    if (n <= 0) {
      ended_ = true;
      grown_.notify_all();
      return;
    }
    output_.append(buffer, static_cast<std::size_t>(n));
    grown_.notify_all();
  }
}

void Process::signal(int number) { kill(pid_, number); }

bool Process::write(const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    ssize_t n = ::write(in_, text.data() + done, text.size() - done);
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return true;
}

void Process::close_input() {
  if (in_ >= 0) close(in_);
  in_ = -1;
}

std::optional<int> Process::wait(milliseconds timeout) {
  auto until = steady_clock::now() + timeout;
  while (!status_) {
    int status = 0;
    rusage used{};
    if (wait4(pid_, &status, WNOHANG, &used) == pid_) {
      usage_ = {.cpu_seconds = seconds_of(used.ru_utime) + seconds_of(used.ru_stime),
                .peak_resident_kib = used.ru_maxrss};
      status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      break;
    }
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(milliseconds(2));
  }
  wait_for_end(milliseconds(500));  // its last words may still be in the pipe; a child of its own may hold that open
  return status_;
}

std::string Process::output() const {
  std::lock_guard lock(mutex_);
  return output_;
}

bool Process::wait_for(const std::string& text, milliseconds timeout) {
  std::unique_lock lock(mutex_);
  auto found = [&] { return output_.find(text) != std::string::npos; };
  grown_.wait_for(lock, timeout, [&] { return found() || ended_; });
  return found();
}

void Process::wait_for_end(milliseconds timeout) {
  std::unique_lock lock(mutex_);
  grown_.wait_for(lock, timeout, [&] { return ended_; });
}

bool Process::wait_for_lines(std::size_t count, milliseconds timeout) {
  std::unique_lock lock(mutex_);
  auto enough = [&] { return static_cast<std::size_t>(std::count(output_.begin(), output_.end(), '\n')) >= count; };
  grown_.wait_for(lock, timeout, [&] { return enough() || ended_; });
  return enough();
}

Answer answer_of(std::vector<std::string> argv, const std::function<void(Process&)>& feed, milliseconds timeout) {
  std::signal(SIGPIPE, SIG_IGN);
  Process process(std::move(argv));
  if (feed) feed(process);
  process.close_input();
  Answer answer{.code = process.wait(timeout).value_or(-1), .text = {}, .lines = 0, .usage = process.usage()};
  process.wait_for_end(milliseconds(5000));
  answer.text = process.output();
  answer.lines = std::count(answer.text.begin(), answer.text.end(), '\n');
  return answer;
}

TemporaryFolder::TemporaryFolder(const std::filesystem::path& under) {
  std::string name = (under / "hazgate-test-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp failed");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryFolder::write(const std::string& name, const std::string& text) const {
  auto file = path_ / name;
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
  return file;
}

// Below the range from which the system takes the local ports of connections: a broker that is killed and started
// again must find its port as it left it.
std::uint16_t free_port() {
  static std::minstd_rand random(std::random_device{}());
  for (;;) {
    const auto port = static_cast<std::uint16_t>(std::uniform_int_distribution<int>(10240, 32767)(random));
    const int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    const bool free = bind(s, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(s);
    if (free) return port;
  }
}

bool eventually(const std::function<bool()>& condition, milliseconds timeout) {
  auto until = steady_clock::now() + timeout;
  while (!condition()) {
    if (steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(milliseconds(5));
  }
  return true;
}

bool listening(std::uint16_t port) {
  int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  bool ok = connect(s, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  close(s);
  return ok;
}

}  // namespace hazgate::test
