#include "storage/accounts.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "example_accounts.hpp"

namespace hazgate::storage {
namespace {
using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct AnAccount : testing::Test, AccountsFolder {
  Accounts accounts{file};
  void add(std::string name, Role role = Role::site_operator) {
    ASSERT_EQ(accounts.add_user(example_user(std::move(name), role)), AccountOutcome::done);
  }
  void sign_in(int number, const std::string& user) {
    ASSERT_EQ(accounts.add_session(example_session(number, user), "hash"), AccountOutcome::done);
  }
};

TEST_F(AnAccount, ComesBackAsItWasAdded) {
  auto user = example_user("an-1.b_c", Role::enterprise);
  user.enterprise = "acme";
  user.last_sign_in_at = at_second(5);
  ASSERT_EQ(accounts.add_user(user), AccountOutcome::done);
  const auto found = Accounts(file).user("an-1.b_c");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->role, Role::enterprise);
  EXPECT_EQ(found->enterprise, "acme");
  EXPECT_EQ(found->password, "hash");
  EXPECT_FALSE(found->disabled);
  EXPECT_EQ(found->created_at, at_second(1));
  EXPECT_EQ(found->last_sign_in_at, at_second(5));
  EXPECT_FALSE(accounts.user("an-1.b_d"));
}

TEST_F(AnAccount, HasANameOfItsOwnThatFitsEverywhere) {
  add("a");
  EXPECT_EQ(accounts.add_user(example_user("a", Role::admin)), AccountOutcome::name_taken);
  EXPECT_EQ(accounts.user("a")->role, Role::site_operator);
  add(std::string(64, 'z'));
  add("0._-");
  for (const auto& bad :
       {std::string(), std::string(65, 'z'), std::string("Ann"), std::string("a b"), std::string("-a"),
        std::string(".a"), std::string("a/b"), std::string("安"), std::string("a\0b", 3)})
    EXPECT_EQ(accounts.add_user(example_user(bad)), AccountOutcome::bad_name) << bad;
}

TEST_F(AnAccount, SpeaksForAnEnterpriseExactlyWhenThatIsItsRole) {
  EXPECT_EQ(accounts.add_user(example_user("a", Role::enterprise)), AccountOutcome::bad_enterprise);
  auto other = example_user("a", Role::regulator);
  other.enterprise = "acme";
  EXPECT_EQ(accounts.add_user(other), AccountOutcome::bad_enterprise);
  add("a");
  EXPECT_EQ(accounts.change("a", {.role = Role::enterprise}, at_second(2)), AccountOutcome::bad_enterprise);
  EXPECT_EQ(accounts.change("a", {.enterprise = "acme"}, at_second(2)), AccountOutcome::bad_enterprise);
  EXPECT_EQ(accounts.change("a", {.role = Role::enterprise, .enterprise = "acme"}, at_second(2)), AccountOutcome::done);
  EXPECT_EQ(accounts.user("a")->enterprise, "acme");
  EXPECT_EQ(accounts.user("a")->changed_at, at_second(2));
  EXPECT_EQ(accounts.change("a", {.role = Role::regulator}, at_second(3)), AccountOutcome::done);
  EXPECT_EQ(accounts.user("a")->enterprise, "");
  EXPECT_EQ(accounts.change("b", {.disabled = true}, at_second(3)), AccountOutcome::unknown_user);
}

TEST_F(AnAccount, ThatManagesTheOthersLastStays) {
  add("op");
  EXPECT_EQ(accounts.change("op", {.disabled = true}, at_second(2)), AccountOutcome::done) << "no admin is lost by it";
  add("root", Role::admin);
  EXPECT_EQ(accounts.change("root", {.disabled = true}, at_second(2)), AccountOutcome::last_admin);
  EXPECT_EQ(accounts.change("root", {.role = Role::regulator}, at_second(2)), AccountOutcome::last_admin);
  EXPECT_EQ(accounts.change("root", {.role = Role::admin}, at_second(2)), AccountOutcome::done);
  EXPECT_EQ(accounts.user("root")->role, Role::admin);
  add("second", Role::admin);
  EXPECT_EQ(accounts.change("root", {.disabled = true}, at_second(3)), AccountOutcome::done);
  EXPECT_EQ(accounts.change("second", {.disabled = true}, at_second(3)), AccountOutcome::last_admin)
      << "a disabled one manages nobody";
  EXPECT_FALSE(accounts.user("second")->disabled);
}

TEST_F(AnAccount, IsSignedOutByWhatChangesWhatItMay) {
  add("a");
  add("b");
  const auto signed_out = [&](const std::function<AccountOutcome()>& change) {
    sign_in(1, "a");
    sign_in(2, "b");
    EXPECT_EQ(change(), AccountOutcome::done);
    const bool out = !accounts.session(token(1));
    EXPECT_TRUE(accounts.session(token(2))) << "nobody else is";
    EXPECT_EQ(accounts.end_sessions("a"), out ? 0u : 1u);
    accounts.end_sessions("b");
    return out;
  };
  EXPECT_TRUE(signed_out([&] { return accounts.set_password("a", "hash", at_second(2)); }));
  EXPECT_TRUE(signed_out([&] { return accounts.change("a", {.role = Role::regulator}, at_second(2)); }));
  EXPECT_TRUE(
      signed_out([&] { return accounts.change("a", {.role = Role::enterprise, .enterprise = "x"}, at_second(2)); }));
  EXPECT_TRUE(signed_out([&] { return accounts.change("a", {.enterprise = "y"}, at_second(2)); }));
  EXPECT_TRUE(signed_out([&] { return accounts.change("a", {.disabled = true}, at_second(2)); }));
  EXPECT_EQ(accounts.change("a", {.disabled = false}, at_second(2)), AccountOutcome::done);
  EXPECT_FALSE(signed_out([&] { return accounts.change("a", {.enterprise = "y"}, at_second(2)); }));
}

TEST_F(AnAccount, GetsANewPassword) {
  add("a");
  EXPECT_EQ(accounts.set_password("a", "other", at_second(7)), AccountOutcome::done);
  EXPECT_EQ(accounts.user("a")->password, "other");
  EXPECT_EQ(accounts.user("a")->changed_at, at_second(7));
  EXPECT_EQ(accounts.set_password("b", "other", at_second(7)), AccountOutcome::unknown_user);
}

TEST_F(AnAccount, SignsInUnlessSomethingHasChangedSinceItsPasswordWasVerified) {
  add("a");
  sign_in(1, "a");
  EXPECT_EQ(accounts.user("a")->last_sign_in_at, at_second(10));
  EXPECT_EQ(accounts.add_session(example_session(2, "a"), "older"), AccountOutcome::unknown_user);
  EXPECT_EQ(accounts.add_session(example_session(2, "b"), "hash"), AccountOutcome::unknown_user);
  ASSERT_EQ(accounts.change("a", {.disabled = true}, at_second(11)), AccountOutcome::done);
  EXPECT_EQ(accounts.add_session(example_session(2, "a"), "hash"), AccountOutcome::unknown_user);
  EXPECT_THAT(accounts.sessions(), IsEmpty());
}

TEST_F(AnAccount, HasSessionsThatLastWhileTheyAreUsed) {
  add("a");
  sign_in(1, "a");
  sign_in(2, "a");
  EXPECT_TRUE(accounts.touch(token(1), at_second(15), at_second(30)));
  EXPECT_FALSE(accounts.touch(token(3), at_second(15), at_second(30)));
  const auto used = accounts.session(token(1));
  ASSERT_TRUE(used);
  EXPECT_EQ(used->user, "a");
  EXPECT_EQ(used->created_at, at_second(10));
  EXPECT_EQ(used->seen_at, at_second(15));
  EXPECT_EQ(used->expires_at, at_second(30));
  EXPECT_EQ(used->address, "192.0.2.1");
  EXPECT_EQ(used->csrf, "c");
  EXPECT_EQ(accounts.remove_expired(at_second(19)), 0u);
  EXPECT_EQ(accounts.remove_expired(at_second(20)), 1u);
  EXPECT_THAT(accounts.sessions(), ElementsAre(testing::Field(&Session::token_hash, token(1))));
  EXPECT_TRUE(accounts.end_session(token(1)));
  EXPECT_FALSE(accounts.end_session(token(1)));
}

TEST_F(AnAccount, IsChangedTogetherWithItsAuditOrNotAtAll) {
  EXPECT_THROW(accounts.together([&] {
    add("a");
    accounts.audit({.at = at_second(1), .user = "cli:root", .action = "user_add"});
    throw std::runtime_error("power cut");
  }),
               std::runtime_error);
  EXPECT_FALSE(accounts.user("a"));
  EXPECT_THAT(accounts.audit_page({}, 10), IsEmpty());
  add("b");
  sign_in(1, "b");
  by_hand(file, "CREATE TRIGGER stuck BEFORE DELETE ON session BEGIN SELECT RAISE(ABORT, 'stuck'); END");
  accounts.together([&] {
    add("a");
    EXPECT_THROW(accounts.set_password("b", "other", at_second(2)), StoreError) << "in the second of its two steps";
    accounts.audit({.at = at_second(1), .user = "cli:root", .action = "user_add"});
  });
  EXPECT_EQ(accounts.user("b")->password, "hash") << "nothing of the part that failed is there";
  EXPECT_TRUE(accounts.user("a")) << "and it takes nothing else with it";
  EXPECT_EQ(accounts.audit_page({}, 10).size(), 1u);
  add("c");
  EXPECT_TRUE(Accounts(file).user("c")) << "what comes after it is committed by itself again";
}

TEST_F(AnAccount, LeavesAnAuditThatNobodyChanges) {
  accounts.audit({.at = at_second(1), .user = "a", .address = "192.0.2.1", .action = "sign_in", .detail = "d"});
  for (const char* deed : {"UPDATE audit SET user = 'b'", "DELETE FROM audit",
                           "INSERT OR REPLACE INTO audit VALUES (1, 0, 'b', '', 'sign_in', '')"})
    EXPECT_THROW(by_hand(file, deed), SQLite::Exception) << deed;
  const auto page = accounts.audit_page({}, 10);
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].at, at_second(1));
  EXPECT_EQ(page[0].user, "a");
  EXPECT_EQ(page[0].address, "192.0.2.1");
  EXPECT_EQ(page[0].action, "sign_in");
  EXPECT_EQ(page[0].detail, "d");
}

TEST_F(AnAccount, LeavesAnAuditThatIsReadBackwardsByPages) {
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(accounts.audit({.at = at_second(i), .user = "a", .action = "sign_in"}), i);
  const auto ids = [&](std::optional<std::int64_t> before, std::size_t limit) {
    std::vector<std::int64_t> all;
    for (const auto& entry : accounts.audit_page(before, limit)) all.push_back(entry.id);
    return all;
  };
  EXPECT_THAT(ids({}, 2), ElementsAre(5, 4));
  EXPECT_THAT(ids(4, 2), ElementsAre(3, 2));
  EXPECT_THAT(ids(2, 2), ElementsAre(1));
  EXPECT_THAT(ids(1, 2), IsEmpty());
}

TEST_F(AnAccount, ChangedByAnotherConnectionIsNoticed) {
  const auto before = accounts.change_counter();
  add("a");
  EXPECT_EQ(accounts.change_counter(), before) << "own writes are known";
  Accounts other(file);
  EXPECT_EQ(other.set_password("a", "other", at_second(2)), AccountOutcome::done);
  EXPECT_NE(accounts.change_counter(), before);
  EXPECT_EQ(accounts.user("a")->password, "other");
}

TEST_F(AnAccount, WaitsForAnotherWriterAndSaysSoWhenThatTakesTooLong) {
  SQLite::Database other(file.string(), SQLite::OPEN_READWRITE);
  other.exec("BEGIN IMMEDIATE");
  const auto error = refused([&] { accounts.add_user(example_user("a")); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::busy);
  EXPECT_THAT(error->what(), HasSubstr("try again"));
  EXPECT_THAT(accounts.users(), IsEmpty()) << "readers do not wait";
  other.exec("ROLLBACK");
  add("a");
}

}  // namespace
}  // namespace hazgate::storage
