#include "app/account_desk.hpp"

#include <fmt/format.h>
#include <sodium.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <utility>

#include "app/account_answers.hpp"
#include "app/password.hpp"
#include "app/secret_file.hpp"
#include "app/wall_clock.hpp"

namespace hazgate::app {

using storage::AccountOutcome;
using web::Refusal;

namespace {

constexpr auto noted_every = std::chrono::minutes(10);  // a session's use

storage::TokenHash hash_of(std::string_view token) {
  storage::TokenHash hash{};
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(hash.data()),
                     reinterpret_cast<const unsigned char*>(token.data()), token.size());
  return hash;
}

/// 256 bits that nobody guesses, as text that a cookie and a header take.
std::string random_token() {
  std::array<unsigned char, 32> random{};
  randombytes_buf(random.data(), random.size());
  std::array<char, sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING)> text{};
  sodium_bin2base64(text.data(), text.size(), random.data(), random.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  return text.data();
}

bool same_secret(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

Refusal locked(std::chrono::seconds wait) {
  return {.status = 429,
          .code = "locked",
          .zh = fmt::format("登录失败次数过多，请在 {} 秒后再试", wait.count()),
          .en = fmt::format("too many failures; try again in {} s", wait.count()),
          .retry_after_s = static_cast<unsigned>(wait.count())};
}
Refusal wrong_password() {
  return {.status = 401, .code = "wrong_password", .zh = "用户名或密码不正确", .en = "user or password is wrong"};
}
Refusal wrong_token() {
  return {.status = 403,
          .code = "wrong_token",
          .zh = "一次性口令不正确或已使用",
          .en = "the one-time token is wrong, or was used already"};
}
}  // namespace

AccountDesk::AccountDesk(const core::Site& site, std::filesystem::path data_dir)
    : site_(site), data_dir_(std::move(data_dir)) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
}

storage::Accounts& AccountDesk::accounts() {
  if (!accounts_) accounts_ = std::make_unique<storage::Accounts>(storage::Accounts::file_in(data_dir_));
  return *accounts_;
}

AccountDesk::Remembered AccountDesk::read() {
  Remembered now;
  seen_counter_ = accounts().change_counter();
  for (auto& user : accounts().users()) now.users.emplace(user.name, user);
  for (const auto& session : accounts().sessions())
    now.sessions.emplace(session.token_hash, Known{session.user, session.created_at, session.expires_at, session.csrf});
  return now;
}

void AccountDesk::take(Remembered now) {
  for (const auto& [hash, session] : sessions_) {
    const auto user = now.users.find(session.user);
    if (session.unsaved && user != now.users.end() && user->second.changed_at <= session.created_at)
      now.sessions.try_emplace(hash, session);
  }
  for (const auto& hash : ended_) now.sessions.erase(hash);
  sessions_ = std::move(now.sessions);
  users_ = std::move(now.users);
  trouble_.clear();
  const bool has_admin = std::ranges::any_of(
      users_, [](const auto& u) { return u.second.role == core::Role::admin && !u.second.disabled; });
  if (has_admin) {
    token_.clear();
    std::error_code ignored;
    std::filesystem::remove(one_time_token_file(), ignored);
  }
  if (!has_admin && token_.empty()) make_token();
}

void AccountDesk::make_token() {
  token_ = random_token();
  try {
    write_secret(one_time_token_file(), token_ + "\n");
    spdlog::warn("users state=none one_time_token={}", one_time_token_file().string());
  } catch (const std::exception& e) {
    spdlog::error("users state=none reason=\"{}\"", e.what());
  }
}

void AccountDesk::open() {
  try {
    take(read());
    for (const auto& session : accounts().sessions()) guard_.trust(session.user, session.address);
  } catch (const std::exception& e) {
    trouble_ = e.what();
    spdlog::error("users state=failing reason=\"{}\"", trouble_);
  }
}

std::optional<web::Viewer> AccountDesk::viewer_of(const std::string& name) const {
  const auto user = users_.find(name);
  if (user == users_.end() || user->second.disabled) return std::nullopt;
  const auto& enterprise = user->second.enterprise;
  const bool known = std::ranges::find(site_.enterprises, enterprise, &core::Enterprise::id) != site_.enterprises.end();
  // Whose enterprise left the configuration sees nothing; he must not see everything.
  if (user->second.role == core::Role::enterprise && !known) return std::nullopt;
  return web::Viewer{.user = name, .role = user->second.role, .enterprise = enterprise, .address = {}};
}

std::optional<web::Session> AccountDesk::session(std::string_view token) {
  if (token.empty()) return std::nullopt;
  const auto hash = hash_of(token);
  const auto found = sessions_.find(hash);
  const auto now = system_now();
  if (found == sessions_.end() || found->second.expires_at <= now) return std::nullopt;
  // A clock that was set back must not make a day a year.
  if (found->second.expires_at > now + session_lives + noted_every) return std::nullopt;
  auto viewer = viewer_of(found->second.user);
  if (!viewer) return std::nullopt;
  auto& known = found->second;
  const auto lives_to = std::min<core::Timestamp>(now + session_lives, known.created_at + session_ends);
  if (lives_to - known.expires_at >= noted_every) {
    known.expires_at = lives_to;
    in_use_.insert(hash);
  }
  return web::Session{.viewer = std::move(*viewer), .csrf = known.csrf, .expires_at = known.expires_at};
}

void AccountDesk::end_oldest(const std::string& user) {
  auto all = accounts().sessions();
  std::erase_if(all, [&](const auto& session) { return session.user != user; });
  for (std::size_t i = 0; i + most_sessions_a_user <= all.size(); ++i) accounts().end_session(all[i].token_hash);
}

AccountDesk::NewSession AccountDesk::begin_session(const storage::User& user, const std::string& address) {
  const auto now = system_now();
  NewSession begun{.token = random_token(), .session = {}};
  begun.session = {.token_hash = hash_of(begun.token),
                   .user = user.name,
                   .created_at = now,
                   .expires_at = now + session_lives,
                   .seen_at = now,
                   .address = address,
                   .csrf = random_token()};
  try {
    accounts().together([&] {
      static_cast<void>(accounts().remove_expired(now));
      end_oldest(user.name);
      begun.refused = accounts().add_session(begun.session, user.password) != AccountOutcome::done;
      if (!begun.refused) note(user.name, address, "sign_in", "");
    });
  } catch (const storage::StoreError& e) {
    if (!e.worth_retry()) throw;
    begun.unsaved = true;  // a full disk keeps nobody from seeing what happens
  }
  return begun;
}

void AccountDesk::note(const std::string& user, const std::string& address, std::string action, std::string detail) {
  accounts().audit(
      {.at = system_now(), .user = user, .address = address, .action = std::move(action), .detail = std::move(detail)});
}

/// On the island; none: done. Of two who come with the token at once one is the first.
std::optional<Refusal> AccountDesk::add_first(const web::SignIn& who) {
  if (const auto trouble = password_trouble(who.password, who.user))
    return of_field("password", trouble->zh, trouble->en);
  const auto hash = hash_password(who.password);
  std::optional<Refusal> refused;
  accounts().together([&] {
    for (const auto& user : accounts().users())
      if (user.role == core::Role::admin && !user.disabled) refused = wrong_token();
    if (refused) return;
    const auto now = system_now();
    const auto added = accounts().add_user({.name = who.user,
                                            .role = core::Role::admin,
                                            .enterprise = {},
                                            .password = hash,
                                            .disabled = false,
                                            .created_at = now,
                                            .changed_at = now,
                                            .last_sign_in_at = {}});
    if (added != AccountOutcome::done) refused = outcome(added).error();
    if (!refused) note(who.user, who.address, "set_up", "first administrator, by the one-time token");
  });
  return refused;
}

/// On the island: Argon2 takes its time.
boost::system::result<AccountDesk::NewSession, Refusal> AccountDesk::prove(const web::SignIn& who, bool first) {
  if (first)
    if (auto refused = add_first(who)) return std::move(*refused);
  const auto user = accounts().user(who.user);
  const bool right = verify_password(who.password, user && !user->disabled ? user->password : std::string());
  if (right) {
    auto begun = begin_session(*user, who.address);
    if (!begun.refused) return begun;  // else his password has changed meanwhile
  }
  try {
    note(storage::is_user_name(who.user) ? who.user : "?", who.address, "sign_in_failed", "");
  } catch (const storage::StoreError& e) {
    if (!e.worth_retry()) throw;
  }
  return wrong_password();
}

web::Later<boost::system::result<web::SignedIn, Refusal>> AccountDesk::sign_in(web::SignIn who) {
  if (waiting_ >= most_waiting) co_return too_busy();
  const bool first = !who.token.empty();
  // A token of 256 bits is not guessed: whoever tries holds up himself, and no administrator elsewhere.
  const std::string guarded = first ? "\x01 one-time token " + who.address : who.user;
  if (const auto wait = guard_.begin(guarded, who.address, std::chrono::steady_clock::now()); wait.count() > 0)
    co_return locked(wait);
  if (first && (token_.empty() || !same_secret(who.token, token_))) co_return wrong_token();
  std::optional<boost::system::result<NewSession, Refusal>> proved;
  std::optional<Remembered> now;
  try {
    now = co_await at_file([&]() -> std::optional<Remembered> {
      proved = prove(who, first);
      if (proved->has_error()) return std::nullopt;
      try {
        return read();
      } catch (const storage::StoreError&) {
        return std::nullopt;
      }
    });
  } catch (const storage::StoreError& e) {
    co_return accounts_trouble(e.what());
  }
  if (proved->has_error()) co_return proved->error();
  guard_.succeeded(guarded, who.address, std::chrono::steady_clock::now());
  auto& begun = **proved;
  if (now) take(std::move(*now));
  sessions_.insert_or_assign(
      begun.session.token_hash,
      Known{begun.session.user, begun.session.created_at, begun.session.expires_at, begun.session.csrf, begun.unsaved});
  auto session = this->session(begun.token);
  if (!session)
    co_return Refusal{.status = 403,
                      .code = "no_enterprise",
                      .zh = "您的企业已不在本园区的配置中，请联系管理员",
                      .en = "your enterprise is no longer in the configuration; ask the administrator"};
  co_return web::SignedIn{.token = std::move(begun.token), .session = std::move(*session)};
}

web::Later<web::Answer> AccountDesk::change(std::function<web::Answer()> work) {
  if (waiting_ >= most_waiting) co_return too_busy();
  std::optional<Remembered> now;
  std::optional<web::Answer> done;
  try {
    now = co_await at_file([&] {
      accounts().together([&] { done = work(); });
      return read();
    });
  } catch (const storage::StoreError& e) {
    co_return accounts_trouble(e.what());
  }
  take(std::move(*now));
  co_return std::move(*done);
}

/// Gone in memory at once; what the file does not take now it is told again, and until then the session stays ended.
web::Later<void> AccountDesk::sign_out(web::Viewer viewer, std::string token) {
  const auto hash = hash_of(token);
  if (sessions_.erase(hash) == 0) co_return;
  ended_.insert(hash);
  std::function<web::Answer()> work = [this, hash, viewer] {
    accounts().end_session(hash);
    note(viewer.user, viewer.address, "sign_out", "");
    return done_answer();
  };
  const auto told = co_await change(std::move(work));
  if (told) ended_.erase(hash);
}

web::Later<void> AccountDesk::sign_out_everywhere(web::Viewer viewer) {
  for (const auto& [hash, session] : sessions_)
    if (session.user == viewer.user) ended_.insert(hash);
  std::erase_if(sessions_, [&](const auto& s) { return s.second.user == viewer.user; });
  std::function<web::Answer()> work = [this, viewer] {
    accounts().end_sessions(viewer.user);
    note(viewer.user, viewer.address, "sign_out_everywhere", "");
    return done_answer();
  };
  static_cast<void>(co_await change(std::move(work)));
}

web::Later<web::Answer> AccountDesk::change_password(web::Viewer viewer, std::string old_password,
                                                     std::string new_password) {
  if (const auto trouble = password_trouble(new_password, viewer.user))
    co_return of_field("new", trouble->zh, trouble->en);
  if (waiting_ >= most_waiting) co_return too_busy();
  const auto now = std::chrono::steady_clock::now();
  if (const auto wait = guard_.begin(viewer.user, viewer.address, now); wait.count() > 0) co_return locked(wait);
  std::function<web::Answer()> work = [this, viewer, old_password, new_password]() -> web::Answer {
    const auto user = accounts().user(viewer.user);
    if (!user || !verify_password(old_password, user->password)) {
      note(viewer.user, viewer.address, "change_password_failed", "");
      return of_field("old", "原密码不正确", "the old password is wrong");
    }
    note(viewer.user, viewer.address, "change_password", "");
    return outcome(accounts().set_password(viewer.user, hash_password(new_password), system_now()));
  };
  auto answer = co_await change(std::move(work));
  if (answer) guard_.succeeded(viewer.user, viewer.address, now);
  co_return answer;
}

/// On the island; none: nothing is new.
std::optional<AccountDesk::Remembered> AccountDesk::look(const std::set<storage::TokenHash>& in_use,
                                                         const std::set<storage::TokenHash>& ended, bool all) {
  const auto now = system_now();
  std::size_t gone = 0;
  if (!in_use.empty() || !ended.empty() || all) {
    accounts().together([&] {
      for (const auto& hash : ended) static_cast<void>(accounts().end_session(hash));
      for (const auto& hash : in_use)
        if (const auto session = accounts().session(hash))
          static_cast<void>(accounts().touch(
              hash, now, std::min<core::Timestamp>(now + session_lives, session->created_at + session_ends)));
      gone = accounts().remove_expired(now);
    });
  }
  if (gone == 0 && !all && accounts().change_counter() == seen_counter_) return std::nullopt;
  return read();
}

web::Later<void> AccountDesk::follow() {
  async::asio::steady_timer timer(co_await async::asio::this_coro::executor);
  for (unsigned second = 0;; ++second) {
    timer.expires_after(std::chrono::seconds(1));
    co_await timer.async_wait(async::asio::use_awaitable);
    const auto in_use = std::exchange(in_use_, {}), ended = ended_;
    const bool all = second % 600 == 0 || !trouble_.empty();
    std::string why;
    try {
      auto now = co_await at_file([&, this] { return look(in_use, ended, all); });
      for (const auto& hash : ended) ended_.erase(hash);
      if (now) take(std::move(*now));
    } catch (const boost::system::system_error&) {  // it is cancelled
      throw;
    } catch (const std::exception& e) {
      why = e.what();
    }
    if (!why.empty() && trouble_ != why) spdlog::error("users state=failing reason=\"{}\"", why);
    if (trouble_ != why) trouble_ = why;
  }
}

}  // namespace hazgate::app
