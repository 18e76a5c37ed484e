#include "app/user_commands.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

#include "app/password.hpp"
#include "app/password_entry.hpp"
#include "settings/load.hpp"
#include "settings/words.hpp"
#include "storage/accounts.hpp"

namespace hazgate::app {

namespace {

using core::Role;
using settings::in_quotes;
using storage::AccountOutcome;
using storage::Accounts;

struct UserOptions {
  std::string config = "config/gateway.toml";
  std::string name, role, enterprise, password_file;
};

/// As it was asked, it may be right; as things stand it is not done.
struct NotDone : std::runtime_error {
  using std::runtime_error::runtime_error;
};

core::Timestamp this_moment() { return std::chrono::floor<core::Duration>(std::chrono::system_clock::now()); }

/// Of the person who signed in at this machine, also behind sudo; not what the environment says, which anybody sets.
std::string login_name() {
  std::array<char, 256> name{};
  if (::getlogin_r(name.data(), name.size()) == 0 && name[0] != '\0') return name.data();
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
    return found->pw_name;
  return fmt::format("uid {}", ::getuid());
}

void note_change(Accounts& accounts, std::string action, std::string detail) {
  accounts.audit(
      {.at = this_moment(), .user = "cli:" + login_name(), .action = std::move(action), .detail = std::move(detail)});
}

int complain_of(const std::exception& e, int code) {
  std::cerr << "hazgate user: " << e.what() << '\n';
  return code;
}

/// Exit code of `work` on the configuration and the accounts of `options`.
int with_settings(const UserOptions& options, const std::function<void(const settings::Settings&)>& work) {
  constexpr int good = 0, failed = 1, bad_input = 2;
  const auto loaded = settings::load(options.config);
  if (loaded.has_error()) {
    for (const auto& problem : loaded.error()) std::cerr << settings::to_string(problem) << '\n';
    return bad_input;
  }
  try {
    work(*loaded);
    return good;
  } catch (const storage::StoreError& e) {
    return complain_of(e, e.worth_retry() ? failed : bad_input);
  } catch (const NotDone& e) {
    return complain_of(e, failed);
  } catch (const std::runtime_error& e) {
    return complain_of(e, bad_input);
  }
}

constexpr std::string_view first_user =
    "there are no users yet; `hazgate user add NAME --role admin` makes the first one";

/// Of users that are there. Only `add` makes a file.
int with_accounts(const UserOptions& options, const std::function<void(Accounts&)>& work) {
  return with_settings(options, [&](const settings::Settings& settings) {
    const auto file = Accounts::file_in(settings.gateway.data_dir);
    std::error_code error;
    if (!std::filesystem::exists(file, error) && !error) throw std::runtime_error(std::string(first_user));
    Accounts accounts(file);
    work(accounts);
  });
}

storage::User known_user(Accounts& accounts, const std::string& name) {
  if (auto user = accounts.user(name)) return *std::move(user);
  std::vector<std::string> names;
  for (auto& user : accounts.users()) names.push_back(std::move(user.name));
  throw std::runtime_error(fmt::format("there is no user {}{}", in_quotes(name), settings::hint(name, names)));
}

void expect_done(AccountOutcome outcome, const std::string& name) {
  switch (outcome) {
    case AccountOutcome::done:
      return;
    case AccountOutcome::name_taken:
      throw std::runtime_error(
          fmt::format("there is a user {0} already; `hazgate user passwd {0}` gives a new password", name));
    case AccountOutcome::unknown_user:
      throw std::runtime_error(fmt::format("there is no user {} any more", in_quotes(name)));
    case AccountOutcome::last_admin:
      throw NotDone(
          fmt::format("{} is the only admin who can sign in, and nobody could manage users any more; make or "
                      "enable another one first: `hazgate user add NAME --role admin`",
                      name));
    case AccountOutcome::bad_name:
      throw std::runtime_error(fmt::format(
          "{} is no user name: 1 to 64 of a-z 0-9 . _ -, beginning with a letter or a digit", in_quotes(name)));
    case AccountOutcome::bad_enterprise:
      throw std::runtime_error("--enterprise and --role enterprise go together");
  }
}

Role role_of(const UserOptions& options) {
  if (const auto role = core::role_from(options.role)) return *role;
  std::vector<std::string> words;
  words.reserve(core::all_roles.size());
  for (const auto role : core::all_roles) words.emplace_back(core::name(role));
  throw std::runtime_error(
      fmt::format("--role: {} is no role{}", in_quotes(options.role), settings::hint(options.role, words)));
}

void check_enterprise(const UserOptions& options, Role role, const settings::Settings& settings) {
  std::vector<std::string> ids;
  for (const auto& enterprise : settings.site.enterprises) ids.push_back(enterprise.id);
  if (role != Role::enterprise) {
    if (!options.enterprise.empty()) throw std::runtime_error("--enterprise is used with --role enterprise only");
    return;
  }
  if (std::ranges::find(ids, options.enterprise) != ids.end()) return;
  const auto what = options.enterprise.empty()
                        ? std::string("is required with --role enterprise")
                        : fmt::format("{} is no enterprise of this configuration", in_quotes(options.enterprise));
  throw std::runtime_error(fmt::format("--enterprise: {}{}", what, settings::hint(options.enterprise, ids)));
}

/// The hash of a good one.
std::string new_password(const UserOptions& options) {
  const auto password = enter_password(options.password_file, options.name);
  if (const auto trouble = password_trouble(password, options.name)) throw std::runtime_error(trouble->en);
  return hash_password(password);
}

int add_account(const UserOptions& options) {
  return with_settings(options, [&](const settings::Settings& settings) {
    if (!storage::is_user_name(options.name)) expect_done(AccountOutcome::bad_name, options.name);
    const auto role = role_of(options);
    check_enterprise(options, role, settings);
    Accounts accounts(Accounts::file_in(settings.gateway.data_dir));
    if (accounts.user(options.name)) expect_done(AccountOutcome::name_taken, options.name);
    const auto password = new_password(options);
    const auto now = this_moment();
    accounts.together([&] {
      expect_done(accounts.add_user({.name = options.name,
                                     .role = role,
                                     .enterprise = options.enterprise,
                                     .password = password,
                                     .created_at = now,
                                     .changed_at = now}),
                  options.name);
      const auto of = options.enterprise.empty() ? std::string() : " enterprise=" + options.enterprise;
      note_change(accounts, "user_add", fmt::format("{} role={}{}", options.name, options.role, of));
    });
    std::cout << fmt::format("{} may sign in as {}\n", options.name, options.role);
  });
}

int change_password(const UserOptions& options) {
  return with_accounts(options, [&](Accounts& accounts) {
    known_user(accounts, options.name);
    const auto password = new_password(options);
    accounts.together([&] {
      expect_done(accounts.set_password(options.name, password, this_moment()), options.name);
      note_change(accounts, "user_password", options.name);
    });
    std::cout << fmt::format("{} has a new password, and is signed out everywhere\n", options.name);
  });
}

int set_disabled(const UserOptions& options, bool disabled) {
  return with_accounts(options, [&](Accounts& accounts) {
    const auto user = known_user(accounts, options.name);
    if (user.disabled != disabled) {
      accounts.together([&] {
        expect_done(accounts.change(options.name, {.disabled = disabled}, this_moment()), options.name);
        note_change(accounts, disabled ? "user_disable" : "user_enable", options.name);
      });
    }
    std::cout << options.name << (disabled ? " may not sign in, and is signed out everywhere\n" : " may sign in\n");
  });
}

std::string minute_of(std::optional<core::Timestamp> at) {
  if (!at) return "never";
  return fmt::format("{:%Y-%m-%dT%H:%MZ}", fmt::gmtime(std::chrono::floor<std::chrono::seconds>(*at)));
}

int list_users(const UserOptions& options) {
  return with_accounts(options, [&](Accounts& accounts) {
    const auto users = accounts.users();
    if (users.empty()) throw std::runtime_error(std::string(first_user));
    std::size_t name = 4, enterprise = 10;
    for (const auto& user : users) {
      name = std::max(name, user.name.size());
      enterprise = std::max(enterprise, user.enterprise.size());
    }
    using Text = std::string_view;
    const auto row = [&](Text who, Text role, Text of, Text state, Text last, Text since) {
      std::cout << fmt::format("{:{}}  {:10}  {:{}}  {:8}  {:17}  {}\n", who, name, role, of, enterprise, state, last,
                               since);
    };
    row("NAME", "ROLE", "ENTERPRISE", "STATE", "LAST SIGN-IN", "SINCE");
    for (const auto& user : users)
      row(user.name, core::name(user.role), user.enterprise.empty() ? Text("-") : user.enterprise,
          user.disabled ? "disabled" : "enabled", minute_of(user.last_sign_in_at), minute_of(user.created_at));
  });
}

CLI::App* add_command(CLI::App& user, const std::shared_ptr<UserOptions>& options, const char* word, const char* what,
                      std::function<int()>& chosen, std::function<int(const UserOptions&)> work) {
  auto* command = user.add_subcommand(word, what);
  command->add_option("--config", options->config, "configuration of the gateway")->capture_default_str();
  command->callback([options, work, &chosen] { chosen = [options, work] { return work(*options); }; });
  return command;
}

void add_password_file(CLI::App& command, UserOptions& options) {
  command.add_option("--password-file", options.password_file,
                     "its first line is the password, mode 0600 [asked for, or standard input]");
}

constexpr std::string_view user_help =
    R"(Users, their sessions and the audit are in accounts.sqlite in the data_dir: not in a backup of the store. Works while
the gateway runs, and takes effect within a second or two. A relative data_dir begins at the working directory: run it where
the gateway runs, and as its user. Passwords are asked for without echo, or read from --password-file or
standard input; they have 10 to 256 bytes. Every change stands in the audit, with the login name of who made it.
Example: hazgate user add anna --role admin --config config/gateway.toml
         hazgate user add li.wei --role enterprise --enterprise acme-coatings --password-file secret
         hazgate user disable li.wei
Exit codes: 0 done; 1 not as things stand (the last admin, a full disk), with the reason; 2 wrong use or bad input.)";

constexpr std::string_view passwd_help =
    R"(Also for an administrator who has lost his; who is disabled stays so. His sessions end.
Example: hazgate user passwd anna
         hazgate user passwd anna --password-file secret
Exit codes: 0 changed; 1 not as things stand; 2 wrong use or bad input.)";

constexpr std::string_view add_help =
    R"(Roles: admin       everything, users and audit too
       operator    everything but users and audit
       enterprise  what is of one [[enterprise]], and nothing else
       regulator   reads exposures, exceedances, ledger and gaps; no live figures, no alarms
Example: hazgate user add anna --role admin
Exit codes: 0 added; 1 not as things stand; 2 wrong use or bad input.)";

}  // namespace

void add_user_commands(CLI::App& cli, std::function<int()>& chosen) {
  const auto options = std::make_shared<UserOptions>();
  auto* user = cli.add_subcommand("user", "who may sign in: add, list, passwd, disable, enable");
  user->require_subcommand(1);
  user->footer(std::string(user_help));
  auto* added = add_command(*user, options, "add", "a new user", chosen, add_account);
  added->add_option("name", options->name, "1 to 64 of a-z 0-9 . _ -")->required();
  added->add_option("--role", options->role, "admin, operator, enterprise or regulator")->required();
  added->add_option("--enterprise", options->enterprise, "id of the [[enterprise]], with --role enterprise");
  added->footer(std::string(add_help));
  add_password_file(*added, *options);
  add_command(*user, options, "list", "everybody, with role and last sign-in", chosen, list_users)
      ->footer("Times are in UTC.\nExample: hazgate user list --config config/gateway.toml");
  auto* changed =
      add_command(*user, options, "passwd", "a new password; ends the user's sessions", chosen, change_password);
  changed->add_option("name", options->name, "the user")->required();
  changed->footer(std::string(passwd_help));
  add_password_file(*changed, *options);
  for (const bool disabled : {true, false}) {
    auto* command = add_command(*user, options, disabled ? "disable" : "enable",
                                disabled ? "no more sign-in; ends the user's sessions" : "sign-in again", chosen,
                                [disabled](const UserOptions& given) { return set_disabled(given, disabled); });
    command->add_option("name", options->name, "the user")->required();
    command->footer(fmt::format("Example: hazgate user {} li.wei\n{}", disabled ? "disable" : "enable",
                                "Exit codes: 0 done; 1 the last admin stays; 2 wrong use or bad input."));
  }
}

}  // namespace hazgate::app
