#include "app/password.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>

#include "feed/json_text.hpp"

namespace hazgate::app {

namespace {
constexpr std::size_t shortest_password = 10, longest_password = 256;
constexpr unsigned long long hash_passes = 2;
constexpr std::size_t hash_memory = std::size_t{19} << 20U;
/// Of random bytes that nobody has kept, with the same passes and memory.
constexpr const char* nobodys_hash =
    "$argon2id$v=19$m=19456,t=2,p=1$gNdJkYTzwHs3P5X/C4DDyg$COPtz6JQ/jyCklSbIa84i1M/2VNljk28CPv7vBUtg7E";

/// What is tried first, of 10 bytes or more; in lower case.
constexpr std::array<std::string_view, 50> commonplace{
    "0123456789",   "01234567890",  "0987654321",   "1029384756",   "1122334455",   "112233445566",  "123123123123",
    "123321123321", "1234512345",   "12345678900",  "1234567890",   "12345678901",  "1234567890a",   "1234567890q",
    "1234567891",   "12345678910",  "123456789a",   "123456789q",   "123456abcdef", "1234qwerasdf",  "147258369a",
    "1q2w3e4r5t",   "1q2w3e4r5t6y", "1qaz2wsx3edc", "1qazxsw23edc", "5201314520",   "9876543210",    "a123456789",
    "abc1234567",   "abcd123456",   "abcdefghij",   "admin12345",   "admin123456",  "administrator", "asdfghjkl;",
    "changeme123",  "iloveyou1314", "letmein123",   "p@ssw0rd123",  "passw0rd123",  "password12",    "password123",
    "password1234", "q1w2e3r4t5",   "qq123456789",  "qwer123456",   "qwerty12345",  "qwertyuiop",    "welcome123",
    "woaini1314520"};

void start_sodium_once() {
  static const int started = sodium_init();
  if (started < 0) throw std::runtime_error("libsodium does not start: no random source");
}

[[noreturn]] void no_memory() { throw std::runtime_error("no memory to hash a password: it takes 19 MiB"); }

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

bool is_text(std::string_view bytes) {
  std::string cleaned;
  feed::append_utf8(cleaned, bytes);
  return cleaned == bytes;
}

bool of_few_characters(std::string text) {
  std::ranges::sort(text);
  return std::unique(text.begin(), text.end()) - text.begin() <= 2;
}
}  // namespace

std::string hash_password(std::string_view password) {
  start_sodium_once();
  std::array<char, crypto_pwhash_STRBYTES> hash{};
  if (crypto_pwhash_str_alg(hash.data(), password.data(), password.size(), hash_passes, hash_memory,
                            crypto_pwhash_ALG_ARGON2ID13) != 0)
    no_memory();
  return hash.data();
}

bool verify_password(std::string_view password, const std::string& hash) {
  start_sodium_once();
  if (password.size() > longest_password) return false;  // whoever's: nobody has one
  errno = 0;
  const bool right =
      crypto_pwhash_str_verify(hash.empty() ? nobodys_hash : hash.c_str(), password.data(), password.size()) == 0;
  if (!right && errno == ENOMEM) no_memory();
  return right && !hash.empty();
}

std::optional<feed::Phrase> password_trouble(std::string_view password, std::string_view user) {
  if (password.size() < shortest_password)
    return feed::Phrase{
        "密码太短：至少 10 个字节（例如三四个不相关的词）",
        "the password is too short: at least 10 bytes, as three or four words that do not belong together"};
  if (password.size() > longest_password)
    return feed::Phrase{"密码太长：最多 256 个字节", "the password is longer than 256 bytes"};
  if (!is_text(password)) return feed::Phrase{"密码不是有效的 UTF-8 文本", "the password is no valid UTF-8"};
  const auto lower = in_lower_case(password);
  if (lower == user) return feed::Phrase{"密码不能与用户名相同", "the password is the name of the user"};
  if (std::ranges::find(commonplace, lower) != commonplace.end() || of_few_characters(lower))
    return feed::Phrase{"密码太常见，最先被人试到；请换一个",
                        "the password is one of those that are tried first; take another"};
  return std::nullopt;
}

}  // namespace hazgate::app
