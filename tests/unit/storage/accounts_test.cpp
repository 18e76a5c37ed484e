#include "storage/accounts.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>

#include "storage/database.hpp"
#include "support/process.hpp"

namespace hazgate::storage {
namespace {
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

core::Timestamp second(int n) { return core::Timestamp(std::chrono::seconds(n)); }
TokenHash token(int n) {
  TokenHash hash{};
  hash.back() = static_cast<std::byte>(n);
  return hash;
}
User example_user(std::string name, Role role = Role::site_operator) {
  return {.name = std::move(name), .role = role, .password = "hash", .created_at = second(1), .changed_at = second(1)};
}
Session example_session(int number, std::string user) {
  return {.token_hash = token(number),
          .user = std::move(user),
          .created_at = second(10),
          .expires_at = second(20),
          .seen_at = second(10),
          .address = "192.0.2.1",
          .csrf = "c"};
}
unsigned mode_of(const fs::path& file) {
  struct stat status {};
  return ::stat(file.c_str(), &status) == 0 ? status.st_mode & 0777U : 0;
}
/// Past the program: as a hand with `sqlite3` would.
void by_hand(const fs::path& file, const std::string& sql) {
  SQLite::Database database(file.string(), SQLite::OPEN_READWRITE);
  database.exec(sql);
}
template <class Open>
std::optional<StoreError> refused(Open open) {
  try {
    open();
    return std::nullopt;
  } catch (const StoreError& error) {
    return error;
  }
}

struct AccountsFile : testing::Test {
  hazgate::test::TemporaryFolder folder;
  const fs::path file = folder.path() / "data" / "accounts.sqlite";

  std::optional<StoreError> refusal() const {
    return refused([&] { const Accounts accounts(file); });
  }
};

struct AnAccount : AccountsFile {
  Accounts accounts{file};
  void add(std::string name, Role role = Role::site_operator) {
    ASSERT_EQ(accounts.add_user(example_user(std::move(name), role)), AccountOutcome::done);
  }
  void sign_in(int number, const std::string& user) {
    ASSERT_EQ(accounts.add_session(example_session(number, user), "hash"), AccountOutcome::done);
  }
};

TEST_F(AccountsFile, IsMadeForItsOwnerAloneAndForPowerCuts) {
  ::umask(0);
  Accounts accounts(file);
  accounts.audit({.at = second(1), .user = "u", .action = "a"});
  EXPECT_EQ(mode_of(file.parent_path()), 0700U);
  EXPECT_EQ(mode_of(file), 0600U);
  EXPECT_EQ(mode_of(file.string() + "-wal"), 0600U);
  SQLite::Database other(file.string());
  EXPECT_EQ(other.execAndGet("PRAGMA application_id").getInt(), 0x687A6761);
  EXPECT_EQ(other.execAndGet("PRAGMA user_version").getInt(), 1);
  EXPECT_EQ(other.execAndGet("PRAGMA journal_mode").getString(), "wal");
  ::umask(022);
}

TEST_F(AccountsFile, ThatOthersCouldReadIsHiddenFromThem) {
  { const Accounts accounts(file); }
  fs::permissions(file, fs::perms(0644));
  const Accounts accounts(file);
  EXPECT_EQ(mode_of(file), 0600U);
}

TEST_F(AccountsFile, MadeByRootBelongsToWhomTheFolderBelongsTo) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can try";
  fs::create_directories(file.parent_path());
  constexpr unsigned somebody = 65534;
  ASSERT_EQ(::chown(file.parent_path().c_str(), somebody, somebody), 0);
  Accounts accounts(file);
  accounts.audit({.at = second(1), .user = "u", .action = "a"});
  for (const char* part : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((file.string() + part).c_str(), &status), 0) << part;
    EXPECT_EQ(status.st_uid, somebody) << part;
  }
}

TEST_F(AccountsFile, IsNeverTakenForAStoreOfReadingsNorOneForIt) {
  { const Accounts accounts(file); }
  const auto as_readings = refused([&] { const Database database(file); });
  ASSERT_TRUE(as_readings);
  EXPECT_EQ(as_readings->cause, StoreCause::not_permitted);
  EXPECT_THAT(as_readings->what(), HasSubstr("it is a file of accounts; name a store of hazgate"));
  const auto store = file.parent_path() / "hazgate.sqlite";
  { const Database database(store); }
  const auto as_accounts = refused([&] { const Accounts accounts(store); });
  ASSERT_TRUE(as_accounts);
  EXPECT_EQ(as_accounts->cause, StoreCause::not_permitted);
  EXPECT_THAT(as_accounts->what(), HasSubstr("it is a store of readings; move that file away, do not delete it"));
}

TEST_F(AccountsFile, OfAnotherProgramIsRefusedAndNotWrittenTo) {
  fs::create_directories(file.parent_path());
  SQLite::Database(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec("CREATE TABLE theirs (a)");
  ASSERT_TRUE(refusal());
  EXPECT_THAT(refusal()->what(), HasSubstr("it is the database of another program"));
  EXPECT_EQ(SQLite::Database(file.string()).execAndGet("PRAGMA journal_mode").getString(), "delete");
}

TEST_F(AccountsFile, OfANewerSchemaIsRefused) {
  { const Accounts accounts(file); }
  by_hand(file, "PRAGMA user_version=99");
  const auto error = refusal();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::newer_schema);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("schema 99"), HasSubstr("up to 1")));
}

TEST_F(AccountsFile, ThatIsNoDatabaseAnyMoreIsRefusedAndStaysWhereItIs) {
  fs::create_directories(file.parent_path());
  std::ofstream(file) << std::string(8192, 'x');
  const auto error = refusal();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::damaged);
  EXPECT_THAT(error->what(), AllOf(HasSubstr(file.string()), HasSubstr("do not delete"), HasSubstr("user add")));
  EXPECT_EQ(fs::file_size(file), 8192u);
}

TEST_F(AccountsFile, WithABrokenPageIsRefusedAlsoWhenItIsNotRead) {
  {
    Accounts accounts(file);
    for (int i = 0; i < 200; ++i)
      accounts.audit({.at = second(i), .user = "u", .action = "a", .detail = std::string(200, 'd')});
  }
  {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(static_cast<std::streamoff>(fs::file_size(file)) - 4096);
    stream << std::string(512, '\xff');
  }
  const auto error = refusal();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->cause, StoreCause::damaged);
  EXPECT_THAT(error->what(), AllOf(HasSubstr("do not delete"), HasSubstr("hazgate user add")));
}

TEST_F(AccountsFile, IsMadeByManyProcessesAtOnceAndByEachStepOnce) {
  fs::create_directories(file.parent_path());
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto error = refused([&] {
        Accounts accounts(file);
        accounts.add_user(example_user("u" + std::to_string(i)));
      });
      if (error) std::fprintf(stderr, "%s\n", error->what());
      ::_exit(error ? 1 : 0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(Accounts(file).users().size(), 8u);
}

TEST_F(AnAccount, ComesBackAsItWasAdded) {
  auto user = example_user("an-1.b_c", Role::enterprise);
  user.enterprise = "acme";
  user.last_sign_in_at = second(5);
  ASSERT_EQ(accounts.add_user(user), AccountOutcome::done);
  const auto found = Accounts(file).user("an-1.b_c");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->role, Role::enterprise);
  EXPECT_EQ(found->enterprise, "acme");
  EXPECT_EQ(found->password, "hash");
  EXPECT_FALSE(found->disabled);
  EXPECT_EQ(found->created_at, second(1));
  EXPECT_EQ(found->last_sign_in_at, second(5));
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
  EXPECT_EQ(accounts.change("a", {.role = Role::enterprise}, second(2)), AccountOutcome::bad_enterprise);
  EXPECT_EQ(accounts.change("a", {.enterprise = "acme"}, second(2)), AccountOutcome::bad_enterprise);
  EXPECT_EQ(accounts.change("a", {.role = Role::enterprise, .enterprise = "acme"}, second(2)), AccountOutcome::done);
  EXPECT_EQ(accounts.user("a")->enterprise, "acme");
  EXPECT_EQ(accounts.user("a")->changed_at, second(2));
  EXPECT_EQ(accounts.change("a", {.role = Role::regulator}, second(3)), AccountOutcome::done);
  EXPECT_EQ(accounts.user("a")->enterprise, "");
  EXPECT_EQ(accounts.change("b", {.disabled = true}, second(3)), AccountOutcome::unknown_user);
}

TEST_F(AnAccount, ThatManagesTheOthersLastStays) {
  add("op");
  EXPECT_EQ(accounts.change("op", {.disabled = true}, second(2)), AccountOutcome::done) << "no admin is lost by it";
  add("root", Role::admin);
  EXPECT_EQ(accounts.change("root", {.disabled = true}, second(2)), AccountOutcome::last_admin);
  EXPECT_EQ(accounts.change("root", {.role = Role::regulator}, second(2)), AccountOutcome::last_admin);
  EXPECT_EQ(accounts.change("root", {.role = Role::admin}, second(2)), AccountOutcome::done);
  EXPECT_EQ(accounts.user("root")->role, Role::admin);
  add("second", Role::admin);
  EXPECT_EQ(accounts.change("root", {.disabled = true}, second(3)), AccountOutcome::done);
  EXPECT_EQ(accounts.change("second", {.disabled = true}, second(3)), AccountOutcome::last_admin)
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
  EXPECT_TRUE(signed_out([&] { return accounts.set_password("a", "hash", second(2)); }));
  EXPECT_TRUE(
      signed_out([&] { return accounts.change("a", {.role = Role::enterprise, .enterprise = "x"}, second(2)); }));
  EXPECT_TRUE(signed_out([&] { return accounts.change("a", {.enterprise = "y"}, second(2)); }));
  EXPECT_TRUE(signed_out([&] { return accounts.change("a", {.disabled = true}, second(2)); }));
  EXPECT_EQ(accounts.change("a", {.disabled = false}, second(2)), AccountOutcome::done);
  EXPECT_FALSE(signed_out([&] { return accounts.change("a", {.enterprise = "y"}, second(2)); }));
}

TEST_F(AnAccount, GetsANewPassword) {
  add("a");
  EXPECT_EQ(accounts.set_password("a", "other", second(7)), AccountOutcome::done);
  EXPECT_EQ(accounts.user("a")->password, "other");
  EXPECT_EQ(accounts.user("a")->changed_at, second(7));
  EXPECT_EQ(accounts.set_password("b", "other", second(7)), AccountOutcome::unknown_user);
}

TEST_F(AnAccount, SignsInUnlessSomethingHasChangedSinceItsPasswordWasVerified) {
  add("a");
  sign_in(1, "a");
  EXPECT_EQ(accounts.user("a")->last_sign_in_at, second(10));
  EXPECT_EQ(accounts.add_session(example_session(2, "a"), "older"), AccountOutcome::unknown_user);
  EXPECT_EQ(accounts.add_session(example_session(2, "b"), "hash"), AccountOutcome::unknown_user);
  ASSERT_EQ(accounts.change("a", {.disabled = true}, second(11)), AccountOutcome::done);
  EXPECT_EQ(accounts.add_session(example_session(2, "a"), "hash"), AccountOutcome::unknown_user);
  EXPECT_THAT(accounts.sessions(), IsEmpty());
}

TEST_F(AnAccount, HasSessionsThatLastWhileTheyAreUsed) {
  add("a");
  sign_in(1, "a");
  sign_in(2, "a");
  EXPECT_TRUE(accounts.touch(token(1), second(15), second(30)));
  EXPECT_FALSE(accounts.touch(token(3), second(15), second(30)));
  const auto used = accounts.session(token(1));
  ASSERT_TRUE(used);
  EXPECT_EQ(used->user, "a");
  EXPECT_EQ(used->created_at, second(10));
  EXPECT_EQ(used->seen_at, second(15));
  EXPECT_EQ(used->expires_at, second(30));
  EXPECT_EQ(used->address, "192.0.2.1");
  EXPECT_EQ(used->csrf, "c");
  EXPECT_EQ(accounts.remove_expired(second(19)), 0u);
  EXPECT_EQ(accounts.remove_expired(second(20)), 1u);
  EXPECT_THAT(accounts.sessions(), ElementsAre(testing::Field(&Session::token_hash, token(1))));
  EXPECT_TRUE(accounts.end_session(token(1)));
  EXPECT_FALSE(accounts.end_session(token(1)));
}

TEST_F(AnAccount, IsChangedTogetherWithItsAuditOrNotAtAll) {
  EXPECT_THROW(accounts.together([&] {
    add("a");
    accounts.audit({.at = second(1), .user = "cli:root", .action = "user_add"});
    throw std::runtime_error("power cut");
  }),
               std::runtime_error);
  EXPECT_FALSE(accounts.user("a"));
  EXPECT_THAT(accounts.audit_page({}, 10), IsEmpty());
  accounts.together([&] {
    add("a");
    const auto twice = [&] { accounts.add_session(example_session(1, "a"), "hash"); };
    twice();
    EXPECT_THROW(twice(), StoreError);
    accounts.audit({.at = second(1), .user = "cli:root", .action = "user_add"});
  });
  EXPECT_TRUE(accounts.user("a")) << "a part that failed takes nothing else with it";
  EXPECT_EQ(accounts.audit_page({}, 10).size(), 1u);
  add("b");
  EXPECT_TRUE(Accounts(file).user("b")) << "what comes after it is committed by itself again";
}

TEST_F(AnAccount, LeavesAnAuditThatNobodyChanges) {
  accounts.audit({.at = second(1), .user = "a", .address = "192.0.2.1", .action = "sign_in", .detail = "d"});
  for (const char* deed : {"UPDATE audit SET user = 'b'", "DELETE FROM audit",
                           "INSERT OR REPLACE INTO audit VALUES (1, 0, 'b', '', 'sign_in', '')"})
    EXPECT_THROW(by_hand(file, deed), SQLite::Exception) << deed;
  const auto page = accounts.audit_page({}, 10);
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].at, second(1));
  EXPECT_EQ(page[0].user, "a");
  EXPECT_EQ(page[0].address, "192.0.2.1");
  EXPECT_EQ(page[0].action, "sign_in");
  EXPECT_EQ(page[0].detail, "d");
}

TEST_F(AnAccount, LeavesAnAuditThatIsReadBackwardsByPages) {
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(accounts.audit({.at = second(i), .user = "a", .action = "sign_in"}), i);
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
  EXPECT_EQ(other.set_password("a", "other", second(2)), AccountOutcome::done);
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
