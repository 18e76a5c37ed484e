#include "app/key_file.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>

#include "app/secret_file.hpp"

namespace hazgate::app {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view mark = "hazgate ed25519 seed ";

[[noreturn]] void fail(const fs::path& file, const std::string& what) {
  throw std::runtime_error(fmt::format("{}: {}", file.string(), what));
}

ledger::SigningKey read_key(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) == 0 && (status.st_mode & 077) != 0)
    fail(file, "others may read or change this secret; chmod 600 it, and think about who has seen it");
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line)) fail(file, "cannot be read; give the user hazgate runs as the right to");
  const auto seed = line.starts_with(mark)
                        ? ledger::bytes_from_hex<ledger::Seed>(std::string_view(line).substr(mark.size()))
                        : std::nullopt;
  if (!seed)
    fail(file,
         "is no ledger key; bring back the right file, or move this one away: a new key is made, and the ledger "
         "records that nothing vouches for it");
  return ledger::SigningKey(*seed);
}

void write_key(const fs::path& file, const ledger::SigningKey& key) {
  write_secret(file, fmt::format("{}{}\n", mark, ledger::hex(key.seed())), 0600);
}

void write_public(const fs::path& data_dir, const ledger::SigningKey& key) {
  const auto file = data_dir / "ledger.pub";
  const auto text = ledger::hex(key.public_key()) + "\n";
  std::ifstream in(file);
  std::string there;
  if (std::getline(in, there) && there + "\n" == text) return;
  write_secret(file, text, 0644);
}

}  // namespace

LedgerKeys load_or_make_keys(const fs::path& data_dir) {
  const auto file = data_dir / "ledger.key", next = data_dir / "ledger.key.new", old = data_dir / "ledger.key.old";
  fs::create_directories(data_dir);
  // A rotation was cut short between its two steps.
  if (!fs::exists(file) && fs::exists(next)) fs::rename(next, file);
  if (!fs::exists(file)) write_key(file, ledger::SigningKey::make());
  LedgerKeys keys{.current = read_key(file), .previous = {}};
  write_public(data_dir, keys.current);
  if (fs::exists(old)) keys.previous = read_key(old);
  return keys;
}

ledger::SigningKey rotate_key(const fs::path& data_dir) {
  const auto file = data_dir / "ledger.key", next = data_dir / "ledger.key.new", old = data_dir / "ledger.key.old";
  if (!fs::exists(file)) fail(file, "there is no key yet; the first `hazgate run` makes it");
  if (fs::exists(old))
    fail(old, "a rotation waits for the gateway: start it, or `hazgate reload`, before the next one");
  read_key(file);
  auto key = ledger::SigningKey::make();
  write_key(next, key);
  fs::rename(file, old);
  fs::rename(next, file);
  write_public(data_dir, key);
  return key;
}

void forget_previous_key(const fs::path& data_dir) {
  const auto old = data_dir / "ledger.key.old";
  if (!fs::exists(old)) return;
  write_secret(old, std::string(mark.size() + 65, '0'), 0600);
  fs::remove(old);
}

}  // namespace hazgate::app
