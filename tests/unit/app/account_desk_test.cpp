#include "app/account_desk.hpp"

#include <gmock/gmock.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <fstream>

#include "app/password.hpp"
#include "support/process.hpp"
#include "unit/feed/example_site.hpp"

namespace hazgate::app {
namespace {

namespace json = boost::json;
using core::Role;
using web::Answer;
using web::Viewer;

class AccountDeskTest : public testing::Test {
 protected:
  AccountDeskTest() { desk.open(); }

  template <class Value>
  Value run(web::Later<Value> task) {
    async::asio::io_context io;
    std::optional<Value> result;
    async::asio::co_spawn(
        io, [&]() -> web::Later<void> { result = co_await std::move(task); },
        [](const std::exception_ptr& error) {
          if (error) std::rethrow_exception(error);
        });
    io.run();
    return std::move(result.value());
  }
  boost::system::result<web::SignedIn, web::Refusal> sign_in(std::string user, std::string password,
                                                             std::string token = {}) {
    return run(desk.sign_in(
        {.user = std::move(user), .password = std::move(password), .token = std::move(token), .address = "10.0.0.7"}));
  }
  /// The first administrator, and his token.
  std::string set_up() { return sign_in("root", "a long pass-phrase", desk.one_time_token())->token; }
  std::string add(const std::string& name, const std::string& role, const std::string& enterprise = "null") {
    const auto form = R"({"name":")" + name + R"(","role":")" + role + R"(","enterprise":)" + enterprise +
                      R"(,"password":"another long one"})";
    const auto added = run(desk.add_user(root, form));
    return added ? "" : added.error().code + ": " + added.error().en;
  }
  std::vector<std::string> audited() {
    const auto page = run(desk.audit_page(root, 0, 100));
    std::vector<std::string> actions;
    const auto document = json::parse(*page->body);
    for (const auto& entry : document.at("entries").as_array())
      actions.push_back(std::string(entry.at("user").as_string()) + " " + std::string(entry.at("action").as_string()));
    return actions;
  }

  test::TemporaryFolder folder;
  const core::Site site = test::example_site();
  AccountDesk desk{site, folder.path()};
  const Viewer root{.user = "root", .role = Role::admin, .enterprise = {}, .address = "10.0.0.7"};
};

TEST_F(AccountDeskTest, TheFirstAdministratorComesInByATokenThatCountsOnce) {
  ASSERT_TRUE(desk.setup_needed());
  const auto token = desk.one_time_token();
  std::ifstream file(desk.one_time_token_file());
  std::string written;
  std::getline(file, written);
  EXPECT_EQ(written, token);
  EXPECT_EQ(std::filesystem::status(desk.one_time_token_file()).permissions() & std::filesystem::perms::all,
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(sign_in("root", "a long pass-phrase", "guessed").error().code, "wrong_token");
  EXPECT_EQ(sign_in("root", "short", token).error().fields.at(0).name, "password");
  EXPECT_EQ(sign_in("Root!", "a long pass-phrase", token).error().fields.at(0).name, "name");
  const auto in = sign_in("root", "a long pass-phrase", token);
  ASSERT_TRUE(in);
  EXPECT_EQ(in->session.viewer.role, Role::admin);
  EXPECT_FALSE(desk.setup_needed());
  EXPECT_FALSE(std::filesystem::exists(desk.one_time_token_file()));
  EXPECT_EQ(sign_in("second", "a long pass-phrase", token).error().code, "wrong_token");
}

TEST_F(AccountDeskTest, ASessionOutlivesTheGateway) {
  const auto token = set_up();
  AccountDesk next(site, folder.path());
  next.open();
  ASSERT_TRUE(next.session(token));
  EXPECT_EQ(next.session(token)->viewer.user, "root");
  EXPECT_FALSE(next.setup_needed());
  EXPECT_FALSE(next.session(token + "x"));
  EXPECT_FALSE(next.session(""));
}

TEST_F(AccountDeskTest, AWrongPasswordAndAnUnknownUserReadTheSame) {
  set_up();
  EXPECT_EQ(sign_in("root", "wrong").error().code, "wrong_password");
  EXPECT_EQ(sign_in("nobody", "wrong").error().code, "wrong_password");
  EXPECT_THAT(audited(), testing::Contains("root sign_in_failed"));
}

TEST_F(AccountDeskTest, WhoGuessesMustWait) {
  set_up();
  add("li", "operator");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("li", "wrong").error().code, "wrong_password");
  const auto locked = sign_in("li", "another long one");
  EXPECT_EQ(locked.error().status, 429U);
  EXPECT_EQ(locked.error().code, "locked");
  EXPECT_GE(locked.error().retry_after_s.value_or(0), 1U);
}

TEST_F(AccountDeskTest, SigningOutEndsASessionAndEverywhereAllOfThem) {
  const auto first = set_up();
  const auto second = sign_in("root", "a long pass-phrase")->token,
             third = sign_in("root", "a long pass-phrase")->token;
  async::asio::io_context io;
  async::asio::co_spawn(io, desk.sign_out(root, first), [](const std::exception_ptr&) {});
  io.run();
  EXPECT_FALSE(desk.session(first));
  EXPECT_TRUE(desk.session(second));
  io.restart();
  async::asio::co_spawn(io, desk.sign_out_everywhere(root), [](const std::exception_ptr&) {});
  io.run();
  EXPECT_FALSE(desk.session(second));
  AccountDesk next(site, folder.path());
  next.open();
  EXPECT_FALSE(next.session(third));
}

TEST_F(AccountDeskTest, ANewPasswordEndsWhatTheOldOneOpened) {
  const auto token = set_up();
  const auto wrong = run(desk.change_password(root, "not it", "a third long one"));
  EXPECT_EQ(wrong.error().fields.at(0).name, "old");
  EXPECT_TRUE(desk.session(token));
  EXPECT_TRUE(run(desk.change_password(root, "a long pass-phrase", "a third long one")));
  EXPECT_FALSE(desk.session(token));
  EXPECT_EQ(sign_in("root", "a long pass-phrase").error().code, "wrong_password");
  EXPECT_TRUE(sign_in("root", "a third long one"));
}

TEST_F(AccountDeskTest, AUserIsWhatTheFormSaysOrNothing) {
  set_up();
  EXPECT_EQ(add("anna", "enterprise", R"("acme")"), "");
  EXPECT_EQ(add("anna", "operator"), "conflict: there is a user of this name");
  EXPECT_THAT(add("bob", "enterprise"), testing::HasSubstr("needs an enterprise"));
  EXPECT_THAT(add("bob", "enterprise", R"("nowhere")"), testing::HasSubstr("no such enterprise"));
  EXPECT_THAT(add("bob", "king"), testing::HasSubstr("role"));
  EXPECT_THAT(run(desk.add_user(root, R"({"name":"bob","role":"operator","password":"x"})")).error().fields.at(0).name,
              "password");
  EXPECT_FALSE(
      run(desk.add_user(root, R"({"name":"bob","role":"operator","password":"another long one","shell":"/"})")));
  const auto anna = sign_in("anna", "another long one");
  EXPECT_EQ(anna->session.viewer.enterprise, "acme");
}

TEST_F(AccountDeskTest, WhoIsDisabledIsOutAtOnce) {
  set_up();
  add("li", "operator");
  const auto token = sign_in("li", "another long one")->token;
  EXPECT_TRUE(run(desk.change_user(root, "li", R"({"disabled":true})")));
  EXPECT_FALSE(desk.session(token));
  EXPECT_EQ(sign_in("li", "another long one").error().code, "wrong_password");
  EXPECT_EQ(run(desk.change_user(root, "root", R"({"disabled":true})")).error().code, "last_admin");
  EXPECT_EQ(run(desk.change_user(root, "nobody", R"({"disabled":true})")).error().status, 404U);
}

TEST_F(AccountDeskTest, WhoseEnterpriseLeftTheConfigurationSeesNothing) {
  set_up();
  add("anna", "enterprise", R"("acme")");
  const auto token = sign_in("anna", "another long one")->token;
  auto without = site;
  without.enterprises[0].id = "other";
  AccountDesk next(without, folder.path());
  next.open();
  EXPECT_FALSE(next.session(token));
}

TEST_F(AccountDeskTest, WhatSomebodyElseWroteIntoTheFileCountsWithinASecond) {
  const auto token = set_up();
  add("second", "admin");
  async::asio::io_context io;
  storage::Accounts(storage::Accounts::file_in(folder.path())).end_sessions("root");
  EXPECT_TRUE(desk.session(token));
  async::asio::cancellation_signal stop;
  async::asio::co_spawn(io, desk.follow(),
                        async::asio::bind_cancellation_slot(stop.slot(), [](const std::exception_ptr&) {}));
  while (desk.session(token)) io.run_one();
  stop.emit(async::asio::cancellation_type::all);
  io.run();
}

TEST_F(AccountDeskTest, AFileThatCannotBeUsedSaysWhyAndStopsNothing) {
  test::TemporaryFolder other;
  other.write("accounts.sqlite", std::string(4096, 'x'));
  AccountDesk broken(site, other.path());
  broken.open();
  EXPECT_NE(broken.trouble(), "");
  const auto refused = run(broken.sign_in({.user = "root", .password = "x", .token = {}, .address = "10.0.0.7"}));
  EXPECT_EQ(refused.error().code, "store");
}

}  // namespace
}  // namespace hazgate::app
