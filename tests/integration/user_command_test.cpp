// `hazgate user` as people meet it: at a terminal, in a pipe, beside a gateway that has the file open, and on a file
// that is not as it should be.
#include <SQLiteCpp/SQLiteCpp.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "app/password.hpp"
#include "storage/accounts.hpp"
#include "support/account_folder.hpp"

namespace hazgate::test {
namespace {

namespace fs = std::filesystem;
using storage::Accounts;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* secret = "correct horse battery";

/// A program whose standard input, output and error are a terminal.
class AtTerminal {
 public:
  explicit AtTerminal(std::vector<std::string> argv) : terminal_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    ::grantpt(terminal_);
    ::unlockpt(terminal_);
    other_end_ = ::open(::ptsname(terminal_), O_RDWR | O_NOCTTY | O_CLOEXEC);  // kept: its modes outlive the program
    std::vector<char*> arguments;
    for (auto& a : argv) arguments.push_back(a.data());
    arguments.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setsid();
      ::ioctl(other_end_, TIOCSCTTY, 0);
      for (int i = 0; i < 3; ++i) ::dup2(other_end_, i);
      ::execv(arguments[0], arguments.data());
      ::_exit(127);
    }
  }
  ~AtTerminal() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    end();
    ::close(other_end_);
    ::close(terminal_);
  }
  /// False when it has not come within 30 s.
  bool sees(const std::string& text) {
    pollfd ready{.fd = terminal_, .events = POLLIN, .revents = 0};
    char buffer[4096];
    while (screen.find(text) == std::string::npos) {
      if (::poll(&ready, 1, 30'000) <= 0) return false;
      const auto n = ::read(terminal_, buffer, sizeof buffer);
      if (n <= 0) return false;
      screen.append(buffer, static_cast<std::size_t>(n));
    }
    return true;
  }
  void types(const std::string& text) { EXPECT_EQ(::write(terminal_, text.data(), text.size()), ssize_t(text.size())); }
  bool echoes() const {
    termios modes{};
    ::tcgetattr(other_end_, &modes);
    return (modes.c_lflag & ECHO) != 0;
  }
  /// Exit code, or 128 + signal.
  int end() {
    int status = 0;
    if (pid_ > 0 && ::waitpid(pid_, &status, 0) == pid_)
      code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    pid_ = -1;
    return code_;
  }
  std::string screen;

 private:
  int terminal_, other_end_ = -1, code_ = -1;
  pid_t pid_ = -1;
};

struct UserProgram : testing::Test, AccountFolder {
  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {HAZGATE_PROGRAM, "user"});
    arguments.insert(arguments.end(), {"--config", config.string()});
    return arguments;
  }
  Answer add(const std::string& name, const std::string& role = "admin") const {
    return answer_of(command({"add", name, "--role", role}),
                     [](Process& process) { process.write(std::string(secret) + "\n"); });
  }
};

TEST_F(UserProgram, AsksAtATerminalTwiceWithoutEcho) {
  AtTerminal person(command({"add", "anna", "--role", "admin"}));
  ASSERT_TRUE(person.sees("New password of anna")) << person.screen;
  EXPECT_FALSE(person.echoes());
  person.types(std::string(secret) + "\n");
  ASSERT_TRUE(person.sees("Once more: ")) << person.screen;
  person.types(std::string(secret) + "\n");
  ASSERT_TRUE(person.sees("anna may sign in as admin")) << person.screen;
  EXPECT_EQ(person.end(), 0);
  EXPECT_TRUE(person.echoes()) << "the terminal is as it was";
  EXPECT_THAT(person.screen, Not(HasSubstr("horse")));
  ASSERT_TRUE(Accounts(accounts).user("anna"));
  EXPECT_TRUE(app::verify_password(secret, Accounts(accounts).user("anna")->password));
}

TEST_F(UserProgram, TakesNoPasswordThatIsTypedInTwoWays) {
  AtTerminal person(command({"add", "anna", "--role", "admin"}));
  ASSERT_TRUE(person.sees("New password of anna")) << person.screen;
  person.types(std::string(secret) + "\n");
  ASSERT_TRUE(person.sees("Once more: ")) << person.screen;
  person.types(std::string(secret) + "?\n");
  ASSERT_TRUE(person.sees("not the same; nothing was changed")) << person.screen;
  EXPECT_EQ(person.end(), 2);
  EXPECT_TRUE(Accounts(accounts).users().empty());
}

TEST_F(UserProgram, InterruptedAtThePromptLeavesTheTerminalAsItWas) {
  AtTerminal person(command({"add", "anna", "--role", "admin"}));
  ASSERT_TRUE(person.sees("New password of anna")) << person.screen;
  person.types("half a pass\x03");
  EXPECT_EQ(person.end(), 128 + SIGINT);
  EXPECT_TRUE(person.echoes());
}

TEST_F(UserProgram, ReadsAPasswordFromAPipeAndPrintsItNowhere) {
  const auto answer = add("anna");
  EXPECT_EQ(answer.code, 0) << answer.text;
  EXPECT_THAT(answer.text, Not(HasSubstr("horse")));
  const auto nothing = answer_of(command({"passwd", "anna"}));
  EXPECT_EQ(nothing.code, 2);
  EXPECT_THAT(nothing.text, HasSubstr("no password was given"));
  ASSERT_TRUE(Accounts(accounts).user("anna"));
  EXPECT_TRUE(app::verify_password(secret, Accounts(accounts).user("anna")->password));
}

TEST_F(UserProgram, HelpsWithAnExample) {
  for (const auto& words :
       {std::vector<std::string>{HAZGATE_PROGRAM, "user", "--help"}, {HAZGATE_PROGRAM, "user", "add", "--help"}}) {
    const auto answer = answer_of(words);
    EXPECT_EQ(answer.code, 0);
    EXPECT_THAT(answer.text, AllOf(HasSubstr("Example: hazgate user add anna --role admin"), HasSubstr("Exit codes:")));
  }
  EXPECT_EQ(answer_of({HAZGATE_PROGRAM, "user"}).code, 2);
  EXPECT_EQ(answer_of({HAZGATE_PROGRAM, "user", "add", "anna"}).code, 2);
}

TEST_F(UserProgram, WorksWhileAnotherProcessWritesAndIsSeenByIt) {
  ASSERT_EQ(add("anna").code, 0);
  Accounts gateway(accounts);
  const auto before = gateway.change_counter();
  std::atomic<bool> enough = false;
  std::thread writer([&] {
    Accounts server(accounts);
    while (!enough) {
      app::verify_password(secret, "");  // as at each sign-in: nobody writes without a breath between
      server.audit({.at = {}, .user = "anna", .action = "sign_in_failed"});
    }
  });
  for (const char* name : {"b", "c", "d"}) {
    const auto answer = add(name, "operator");
    EXPECT_EQ(answer.code, 0) << answer.text;
  }
  enough = true;
  writer.join();
  EXPECT_NE(gateway.change_counter(), before);
  EXPECT_EQ(gateway.users().size(), 4u);
}

TEST_F(UserProgram, RefusesTheFileOfANewerHazgate) {
  ASSERT_EQ(add("anna").code, 0);
  SQLite::Database(accounts.string(), SQLite::OPEN_READWRITE).exec("PRAGMA user_version=99");
  const auto answer = answer_of(command({"list"}));
  EXPECT_EQ(answer.code, 2);
  EXPECT_THAT(answer.text, AllOf(HasSubstr("schema 99"), HasSubstr("install that version of hazgate again")));
}

TEST_F(UserProgram, RefusesADamagedFileAndLeavesItWhereItIs) {
  ASSERT_EQ(add("anna").code, 0);
  std::ofstream(accounts, std::ios::binary) << std::string(8192, 'x');
  const auto answer = add("bert");
  EXPECT_EQ(answer.code, 2);
  EXPECT_EQ(answer.lines, 1) << answer.text;
  EXPECT_THAT(answer.text, AllOf(HasSubstr(accounts.string()), HasSubstr("move that file"), HasSubstr("do not delete"),
                                 HasSubstr("hazgate user add")));
  EXPECT_EQ(fs::file_size(accounts), 8192u);
  fs::rename(accounts, accounts.string() + ".aside");
  EXPECT_EQ(add("bert").code, 0) << "what it told is enough";
}

}  // namespace
}  // namespace hazgate::test
