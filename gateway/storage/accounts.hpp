// Who may sign in, who is signed in, and what they did: accounts.sqlite, a file of its own beside the readings. A
// backup of the measurements that is handed on carries no password, sign-in goes on when the readings' disk is full,
// and `hazgate user` writes here while the gateway runs. Tokens and passwords are made and proved elsewhere.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/reading.hpp"
#include "core/role.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

/// 1 to 64 of a-z 0-9 . _ - beginning with a letter or digit: one that the broker can know as [[mqtt.user]] too.
bool is_user_name(std::string_view name);

struct User {
  std::string name;
  core::Role role = core::Role::regulator;
  std::string enterprise;  ///< its id; empty unless the role is `enterprise`
  std::string password;    ///< its hash, as libsodium writes it; never the password
  bool disabled = false;
  core::Timestamp created_at, changed_at;  ///< changed: password, role, enterprise, disabled
  std::optional<core::Timestamp> last_sign_in_at;
};

/// What is not named stays. A role other than `enterprise` takes the enterprise away.
struct UserChange {
  std::optional<core::Role> role;
  std::optional<std::string> enterprise;
  std::optional<bool> disabled;
};

using TokenHash = std::array<std::byte, 32>;  ///< SHA-256 of the session's token

struct Session {
  TokenHash token_hash{};
  std::string user;
  core::Timestamp created_at, expires_at, seen_at;
  std::string address;  ///< where he signed in from
  std::string csrf;
};

struct AuditEntry {
  std::int64_t id = 0;  ///< given by audit(), rising
  core::Timestamp at;
  std::string user;     ///< who did it; "cli:<login name>" from the command line
  std::string address;  ///< empty from the command line
  std::string action;   ///< a word, as "sign_in", "user_add"
  std::string detail;
};

/// Anything but `done`: nothing was changed.
enum class AccountOutcome {
  done,
  name_taken,
  unknown_user,    ///< or, of add_session, one who is disabled or whose password has changed meanwhile
  last_admin,      ///< nobody who may manage users would be left
  bad_name,        ///< not is_user_name()
  bad_enterprise,  ///< none with role `enterprise`, or one with another role
};

/// One connection; one thread at a time. Other processes may read and write meanwhile: a call waits up to 2 s for them.
/// Everything throws StoreError, and then nothing of the call (of together(): of all of it) is on disk; what returned
/// is, also after a power cut.
class Accounts {
 public:
  /// Makes the file (0600) and its folder (0700) when absent, and migrates forward. Refuses a newer schema, a damaged
  /// file, and any other database, also a store of readings. Nothing is set aside or deleted.
  explicit Accounts(const std::filesystem::path& file);
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;
  /// Where it lies: accounts.sqlite in the gateway's data_dir.
  static std::filesystem::path file_in(const std::filesystem::path& data_dir);

  /// What `work` calls of this is done all at once or, when it throws, not at all; nobody else writes in between.
  void together(const std::function<void()>& work);

  AccountOutcome add_user(const User& user);
  std::optional<User> user(std::string_view name);
  /// By name.
  std::vector<User> users();
  /// `password` is a hash. Ends his sessions.
  AccountOutcome set_password(std::string_view name, std::string_view password, core::Timestamp at);
  /// Disabling him, another role or another enterprise end his sessions.
  AccountOutcome change(std::string_view name, const UserChange& change, core::Timestamp at);

  /// He has signed in: also notes it at the user. `verified`: the hash that his password was held against.
  AccountOutcome add_session(const Session& session, std::string_view verified);
  /// Also one that has expired.
  std::optional<Session> session(const TokenHash& token_hash);
  /// All that there are, also expired ones; the oldest first.
  std::vector<Session> sessions();
  /// False when there is none (any more).
  bool touch(const TokenHash& token_hash, core::Timestamp seen_at, core::Timestamp expires_at);
  bool end_session(const TokenHash& token_hash);
  /// How many were ended; so the next one.
  std::size_t end_sessions(std::string_view user);
  /// Those whose expires_at is not after `now`.
  std::size_t remove_expired(core::Timestamp now);

  /// Returns its id; `entry.id` is not read. For ever: no entry can be changed or removed.
  std::int64_t audit(const AuditEntry& entry);
  /// The newest first, those below `before` (all: none named), at most `limit`.
  std::vector<AuditEntry> audit_page(std::optional<std::int64_t> before, std::size_t limit);

  /// Another value than the last time: another connection has written, and what is remembered of users and sessions
  /// must be read again. Own writes do not change it. Cheap: no table is read.
  std::int64_t change_counter();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace hazgate::storage
