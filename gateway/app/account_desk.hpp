// Who is signed in, and how one comes in: sessions are looked up in memory by the loop, and all that takes time (the
// file, Argon2) happens on a thread of its own.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "app/sign_in_guard.hpp"
#include "async/island.hpp"
#include "core/site.hpp"
#include "storage/accounts.hpp"
#include "web/api.hpp"

namespace hazgate::app {

class AccountDesk {
 public:
  /// `site` must outlive this. A file that cannot be used is no reason not to watch people: nobody can sign in then,
  /// and is told why.
  AccountDesk(const core::Site& site, std::filesystem::path data_dir);

  /// Reads the file for the first time; before the loop runs.
  void open();
  /// Nobody may sign in yet: the one-time token makes the first administrator. It lies in one_time_token_file().
  bool setup_needed() const { return !token_.empty(); }
  const std::string& one_time_token() const { return token_; }
  std::filesystem::path one_time_token_file() const { return data_dir_ / "one-time-token"; }
  /// Why the file of accounts cannot be used; empty where it can.
  const std::string& trouble() const { return trouble_; }

  std::optional<web::Session> session(std::string_view token);
  web::Later<boost::system::result<web::SignedIn, web::Refusal>> sign_in(web::SignIn who);
  web::Later<void> sign_out(web::Viewer viewer, std::string token);
  web::Later<void> sign_out_everywhere(web::Viewer viewer);
  web::Later<web::Answer> change_password(web::Viewer viewer, std::string old_password, std::string new_password);

  web::Later<web::Answer> users(web::Viewer viewer);
  web::Later<web::Answer> add_user(web::Viewer viewer, std::string form);
  web::Later<web::Answer> change_user(web::Viewer viewer, std::string name, std::string form);
  web::Later<web::Answer> set_password(web::Viewer viewer, std::string name, std::string password);
  web::Later<web::Answer> end_sessions(web::Viewer viewer, std::string name);
  web::Later<web::Answer> audit_page(web::Viewer viewer, std::uint64_t before, std::size_t limit);
  /// What somebody did elsewhere goes on record here, too.
  void record(const web::Viewer& viewer, std::string action, std::string detail);

  /// A task, until it is cancelled: what `hazgate user` did meanwhile, sessions that ended, and those that are in use.
  web::Later<void> follow();
  std::size_t sessions() const { return sessions_.size(); }

  static constexpr auto session_lives = std::chrono::hours(24);  ///< from its last use
  static constexpr auto session_ends = std::chrono::days(30);    ///< at the latest
  static constexpr std::size_t most_waiting = 8, most_records_waiting = 256, most_sessions_a_user = 20;

 private:
  struct Known {
    std::string user;
    core::Timestamp created_at, expires_at;
    std::string csrf;
    bool unsaved = false;  ///< the disk did not take it: it lives as long as this run
  };
  /// What is remembered of the file.
  struct Remembered {
    std::map<storage::TokenHash, Known> sessions;
    std::map<std::string, storage::User, std::less<>> users;
  };
  struct NewSession {
    std::string token;
    storage::Session session;
    bool unsaved = false;
    bool refused = false;  ///< his password has changed since it was proved
  };
  storage::Accounts& accounts();
  Remembered read();
  void take(Remembered now);
  void make_token();
  template <class Work>
  web::Later<std::invoke_result_t<Work>> at_file(Work work);
  /// Changes the file on its thread, and what is remembered with it.
  web::Later<web::Answer> change(std::function<web::Answer()> work);
  web::Answer outcome(storage::AccountOutcome outcome) const;
  std::optional<web::Viewer> viewer_of(const std::string& user) const;
  boost::system::result<NewSession, web::Refusal> prove(const web::SignIn& who, bool first);
  std::optional<web::Refusal> add_first(const web::SignIn& who);
  void end_oldest(const std::string& user);
  NewSession begin_session(const storage::User& user, const std::string& address);
  std::optional<Remembered> look(const std::set<storage::TokenHash>& in_use, const std::set<storage::TokenHash>& ended,
                                 bool all);
  void note(const std::string& user, const std::string& address, std::string action, std::string detail);

  const core::Site& site_;
  const std::filesystem::path data_dir_;
  std::unique_ptr<storage::Accounts> accounts_;  ///< on the island
  std::int64_t seen_counter_ = 0;                ///< alike
  std::map<storage::TokenHash, Known> sessions_;
  std::map<std::string, storage::User, std::less<>> users_;
  std::set<storage::TokenHash> in_use_;  ///< to be noted in the file
  std::set<storage::TokenHash> ended_;   ///< until the file knows
  std::atomic<std::size_t> records_waiting_{0};
  std::string token_, trouble_;
  SignInGuard guard_;
  std::size_t waiting_ = 0;
  async::Island island_{"accounts"};  ///< last: its thread ends before the rest goes
};

template <class Work>
web::Later<std::invoke_result_t<Work>> AccountDesk::at_file(Work work) {
  struct Waiting {
    explicit Waiting(std::size_t& count) : count_(count) { ++count_; }
    ~Waiting() { --count_; }
    std::size_t& count_;
  } const waiting(waiting_);
  co_return co_await async::on(island_, std::move(work));
}

}  // namespace hazgate::app
