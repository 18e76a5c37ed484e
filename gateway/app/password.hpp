// Passwords: how they are kept, proved, and which are too easily guessed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "feed/alarm_text.hpp"

namespace hazgate::app {

/// Argon2id with a salt of its own, as libsodium writes it: OWASP's setting of 19 MiB and two passes, which a box of 40
/// MiB has room for. It takes tens of milliseconds: not on a loop that others wait for. Throws std::runtime_error when
/// there is no memory.
std::string hash_password(std::string_view password);

/// `hash`: empty where there is no such user. That takes as long as for one who is there, and is false: the time tells
/// nobody which names exist. Throws std::runtime_error when there is no memory.
bool verify_password(std::string_view password, const std::string& hash);

/// Why it cannot be the new password of `user`, or none. 10 to 256 bytes of UTF-8, not his name, nothing that is tried
/// first.
std::optional<feed::Phrase> password_trouble(std::string_view password, std::string_view user);

}  // namespace hazgate::app
