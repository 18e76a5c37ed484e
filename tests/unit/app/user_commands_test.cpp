#include "app/user_commands.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "app/password.hpp"
#include "storage/accounts.hpp"
#include "support/account_folder.hpp"

namespace hazgate::app {
namespace {
using core::Role;
using storage::Accounts;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
namespace fs = std::filesystem;

constexpr const char* secret = "correct horse battery";

struct UserCommand : testing::Test, test::AccountFolder {
  fs::path password = folder.write("password", std::string(secret) + "\n");
  std::string out, err;

  UserCommand() { fs::permissions(password, fs::perms(0600)); }
  int run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "user");
    arguments.insert(arguments.end(), {"--config", config.string()});
    std::ranges::reverse(arguments);  // as CLI11 wants them
    CLI::App cli;
    std::function<int()> chosen;
    add_user_commands(cli, chosen);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    int code = -1;
    try {
      cli.parse(arguments);
      code = chosen();
    } catch (const CLI::ParseError& e) {
      std::cerr << e.what();
    }
    out = testing::internal::GetCapturedStdout();
    err = testing::internal::GetCapturedStderr();
    EXPECT_THAT(out + err, Not(HasSubstr(secret)));
    return code;
  }
  int add(const std::string& name, const std::string& role, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments{"add", name, "--role", role, "--password-file", password.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  std::string newest_audit() const {
    const auto page = Accounts(accounts).audit_page({}, 1);
    return page.empty() ? "" : page[0].user + "|" + page[0].action + "|" + page[0].detail;
  }
};

TEST_F(UserCommand, AddsWhoMaySignInWithThePasswordOfAFile) {
  ASSERT_EQ(add("anna", "admin"), 0) << err;
  EXPECT_EQ(out, "anna may sign in as admin\n");
  EXPECT_THAT(newest_audit(), MatchesRegex("cli:[^|]+\\|user_add\\|anna role=admin"));
  ASSERT_EQ(add("li.wei", "enterprise", {"--enterprise", "huaxin-stone"}), 0) << err;
  EXPECT_THAT(newest_audit(), HasSubstr("|li.wei role=enterprise enterprise=huaxin-stone"));
  Accounts there(accounts);
  EXPECT_EQ(there.user("anna")->role, Role::admin);
  EXPECT_TRUE(verify_password(secret, there.user("anna")->password));
  EXPECT_EQ(there.user("li.wei")->enterprise, "huaxin-stone");
  EXPECT_GT(there.user("anna")->created_at, core::Timestamp(std::chrono::hours(24 * 365 * 50)));
}

TEST_F(UserCommand, RefusesWhatCannotBeBeforeItMakesAFile) {
  EXPECT_EQ(add("Anna", "admin"), 2);
  EXPECT_THAT(err, AllOf(StartsWith("hazgate user: \"Anna\" is no user name"), HasSubstr("a-z 0-9 . _ -")));
  EXPECT_EQ(add("anna", "admni"), 2);
  EXPECT_THAT(err, HasSubstr("\"admni\" is no role; did you mean \"admin\"?"));
  EXPECT_EQ(add("anna", "enterprise", {"--enterprise", "acme-coating"}), 2);
  EXPECT_THAT(err,
              HasSubstr("\"acme-coating\" is no enterprise of this configuration; did you mean \"acme-coatings\"?"));
  EXPECT_EQ(add("anna", "enterprise"), 2);
  EXPECT_THAT(err, HasSubstr("required with --role enterprise; expected acme-coatings, huaxin-stone"));
  EXPECT_EQ(add("anna", "operator", {"--enterprise", "acme-coatings"}), 2);
  EXPECT_THAT(err, HasSubstr("with --role enterprise only"));
  EXPECT_FALSE(fs::exists(data));
  folder.write("gateway.toml", "[gateway]\nid = 7\n");
  EXPECT_EQ(add("anna", "admin"), 2);
  EXPECT_THAT(err, HasSubstr("gateway.toml:2:"));
}

TEST_F(UserCommand, TakesAPasswordOutOfAFileThatNobodyElseMayRead) {
  fs::permissions(password, fs::perms(0640));
  EXPECT_EQ(add("anna", "admin"), 2);
  EXPECT_THAT(err, HasSubstr("chmod 600"));
  fs::permissions(password, fs::perms(0600));
  folder.write("password", "short\n");
  EXPECT_EQ(add("anna", "admin"), 2);
  EXPECT_THAT(err, HasSubstr("at least 10 bytes"));
  fs::remove(password);
  EXPECT_EQ(add("anna", "admin"), 2);
  EXPECT_THAT(err, HasSubstr("cannot be read"));
  EXPECT_FALSE(Accounts(accounts).user("anna"));
}

TEST_F(UserCommand, AddsNobodyTwice) {
  ASSERT_EQ(add("anna", "admin"), 0);
  EXPECT_EQ(add("anna", "operator"), 2);
  EXPECT_THAT(err, HasSubstr("there is a user anna already; `hazgate user passwd anna`"));
  EXPECT_EQ(Accounts(accounts).user("anna")->role, Role::admin);
}

TEST_F(UserCommand, GivesANewPasswordAndEndsTheSessions) {
  ASSERT_EQ(add("anna", "admin"), 0);
  const auto before = Accounts(accounts).user("anna")->password;
  ASSERT_EQ(Accounts(accounts).add_session({.user = "anna"}, before), storage::AccountOutcome::done);
  folder.write("password", "another horse\n");
  EXPECT_EQ(run({"passwd", "anna", "--password-file", password.string()}), 0) << err;
  EXPECT_THAT(newest_audit(), HasSubstr("|user_password|anna"));
  Accounts there(accounts);
  EXPECT_TRUE(verify_password("another horse", there.user("anna")->password));
  EXPECT_TRUE(there.sessions().empty());
  EXPECT_EQ(run({"passwd", "ana", "--password-file", password.string()}), 2);
  EXPECT_THAT(err, HasSubstr("there is no user \"ana\"; did you mean \"anna\"?"));
}

TEST_F(UserCommand, DisablesAndEnablesAndLeavesAnAdmin) {
  ASSERT_EQ(add("anna", "admin"), 0);
  ASSERT_EQ(add("bert", "operator"), 0);
  EXPECT_EQ(run({"disable", "bert"}), 0) << err;
  EXPECT_THAT(newest_audit(), HasSubstr("|user_disable|bert"));
  EXPECT_TRUE(Accounts(accounts).user("bert")->disabled);
  EXPECT_EQ(run({"enable", "bert"}), 0) << err;
  EXPECT_THAT(newest_audit(), HasSubstr("|user_enable|bert"));
  EXPECT_FALSE(Accounts(accounts).user("bert")->disabled);
  EXPECT_EQ(run({"disable", "anna"}), 1);
  EXPECT_THAT(err, AllOf(HasSubstr("anna is the only admin"), HasSubstr("--role admin")));
  EXPECT_THAT(newest_audit(), HasSubstr("|user_enable|bert")) << "what was not done is not in the audit";
  EXPECT_EQ(run({"enable", "bert"}), 0) << "as it is already";
  EXPECT_EQ(Accounts(accounts).audit_page({}, 10).size(), 4u);
}

TEST_F(UserCommand, ListsEverybodyWithoutAnySecret) {
  ASSERT_EQ(add("li.wei", "enterprise", {"--enterprise", "acme-coatings"}), 0);
  ASSERT_EQ(add("anna", "admin"), 0);
  ASSERT_EQ(run({"disable", "li.wei"}), 0);
  EXPECT_EQ(run({"list"}), 0) << err;
  EXPECT_THAT(out, MatchesRegex("NAME    ROLE        ENTERPRISE     STATE     LAST SIGN-IN       SINCE\n"
                                "anna    admin       -              enabled   never              20..-..-..T..:..Z\n"
                                "li.wei  enterprise  acme-coatings  disabled  never              20..-..-..T..:..Z\n"));
  EXPECT_THAT(out, Not(HasSubstr("argon2")));
}

TEST_F(UserCommand, WithoutUsersSaysHowToBeginAndMakesNothing) {
  for (const auto& arguments : {std::vector<std::string>{"list"}, {"passwd", "anna"}, {"disable", "anna"}}) {
    EXPECT_EQ(run(arguments), 2);
    EXPECT_THAT(err, HasSubstr("`hazgate user add NAME --role admin` makes the first one"));
  }
  EXPECT_FALSE(fs::exists(data));
}

}  // namespace
}  // namespace hazgate::app
