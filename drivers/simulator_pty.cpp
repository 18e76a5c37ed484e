#include "drivers/simulator_pty.hpp"

#include <fcntl.h>
#include <termios.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace hazgate::modbus {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const char* what, int error = errno) {
  throw std::system_error(error, std::generic_category(), path.string() + ": " + what);
}

void link_to(const fs::path& path, const std::string& terminal) {
  std::error_code error;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), error);
  if (error) fail(path.parent_path(), "cannot make the folder", error.value());
  const auto there = fs::symlink_status(path, error);
  if (fs::is_symlink(there)) {
    fs::remove(path, error);
  } else if (fs::exists(there)) {
    fail(path, "exists and is not a link; a simulated line does not replace it", EEXIST);
  }
  fs::create_symlink(terminal, path, error);
  if (error) fail(path, "cannot make the link", error.value());
}

}  // namespace

PseudoTerminal::PseudoTerminal(fs::path path) : path_(std::move(path)) {
  master_ = Descriptor(::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC));
  if (master_.get() < 0) fail(path_, "no pseudo-terminal");
  std::array<char, 128> name{};
  if (::grantpt(master_.get()) != 0 || ::unlockpt(master_.get()) != 0 ||
      ::ptsname_r(master_.get(), name.data(), name.size()) != 0) {
    fail(path_, "pseudo-terminal");
  }
  terminal_ = name.data();
  kept_open_ = Descriptor(::open(terminal_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC));
  termios raw{};
  if (kept_open_.get() < 0 || ::tcgetattr(kept_open_.get(), &raw) != 0) fail(path_, "pseudo-terminal");
  ::cfmakeraw(&raw);
  if (::tcsetattr(kept_open_.get(), TCSANOW, &raw) != 0) fail(path_, "raw mode");
  link_to(path_, terminal_);
}

PseudoTerminal::~PseudoTerminal() {
  std::error_code error;
  if (fs::read_symlink(path_, error) == terminal_) fs::remove(path_, error);
}

}  // namespace hazgate::modbus
