#include "app/secret_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace hazgate::app {

namespace fs = std::filesystem;

void write_secret(const fs::path& file, const std::string& text, unsigned mode) {
  const auto fail = [&](int why) {
    throw std::runtime_error(fmt::format("{}: cannot be written: {}", file.string(), std::strerror(why)));
  };
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
  if (descriptor < 0) fail(errno);
  const bool good = ::fchmod(descriptor, mode) == 0 &&
                    ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                    ::fsync(descriptor) == 0;
  const int why = errno;
  ::close(descriptor);
  if (!good) fail(why);
  const int folder = ::open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    ::fsync(folder);
    ::close(folder);
  }
}

std::string read_secret(const fs::path& file, const char* what) {
  if (file.empty()) return {};
  std::ifstream in(file);
  std::string secret;
  if (!std::getline(in, secret))
    throw std::runtime_error(
        fmt::format("{} {}: cannot be read; give the user hazgate runs as the right to", what, file.string()));
  if (!secret.empty() && secret.back() == '\r') secret.pop_back();
  return secret;
}

std::string text_or_file(const std::string& given, const char* what) {
  std::error_code error;
  if (given.starts_with("{") || !fs::exists(given, error)) return given;
  constexpr std::size_t most = 1U << 20U;
  std::ifstream in(given, std::ios::binary);
  std::string text(most, '\0');
  in.read(text.data(), static_cast<std::streamsize>(most));
  const auto read = static_cast<std::size_t>(in.gcount());
  if (in.bad() || read == most)
    throw std::runtime_error(fmt::format("{} {}: cannot be read, or is larger than 1 MiB", what, given));
  text.resize(read);
  return text;
}

ledger::PublicKey public_key_from(const std::string& given, const char* what) {
  auto text = text_or_file(given, what);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  if (const auto key = ledger::bytes_from_hex<ledger::PublicKey>(text)) return *key;
  throw std::runtime_error(
      fmt::format("{}: expected 64 hex digits, or a file with them (ledger.pub of the gateway)", what));
}

}  // namespace hazgate::app
