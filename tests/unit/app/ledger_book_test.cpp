#include "app/ledger_book.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <boost/json/parse.hpp>
#include <fstream>
#include <sstream>

#include "app/verify.hpp"
#include "support/process.hpp"
#include "unit/feed/example_site.hpp"

namespace hazgate::app {
namespace {

namespace fs = std::filesystem;
using test::at;
using testing::HasSubstr;
using namespace std::chrono_literals;

core::Exceedance stel(bool over, core::Timestamp when) {
  return {.point = core::PointIndex{0},
          .basis = core::Basis::c_ste,
          .limit = test::toluene_stel(),
          .over = over,
          .since = at(0s),
          .at = when,
          .value = 120.5,
          .coverage = 0.9};
}

/// A folder with a store and its key; each run of the gateway is a Book of its own.
struct Site {
  fs::path store() const { return folder.path() / "hazgate.sqlite"; }
  std::string text_of(const VerifyOptions& options, bool* whole = nullptr) const {
    std::ostringstream out;
    const bool good = verify(options, out);
    if (whole != nullptr) *whole = good;
    return out.str();
  }
  /// What verify says of a copy of the store after `tamper`, whose triggers stand in nobody's way.
  std::string after(const std::string& tamper, bool* whole = nullptr) const {
    const auto copy = folder.path() / "copy.sqlite";
    fs::remove(copy);
    {
      SQLite::Database from(store().string()), to(copy.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
      SQLite::Backup(to, from).executeStep();
      to.exec("DROP TRIGGER ledger_is_not_changed; DROP TRIGGER ledger_is_not_deleted");
      to.exec(tamper);
    }
    return text_of({.file = copy, .key = (folder.path() / "ledger.pub").string()}, whole);
  }
  /// `count` exceedances, each begun and ended, a transaction each.
  std::vector<LedgerBook::Message> run(int count) {
    std::vector<LedgerBook::Message> all;
    storage::Database database(store());
    LedgerBook book(site, database, load_or_make_keys(folder.path()), folder.path() / "ledger.heads");
    const auto commit = [&](auto work, core::Timestamp now) {
      storage::Transaction transaction(database);
      work();
      auto messages = book.settle(now);
      transaction.commit();
      book.committed();
      std::ranges::move(messages, std::back_inserter(all));
    };
    commit([&] { book.record_key(at(0s)); }, at(0s));
    forget_previous_key(folder.path());
    for (int i = 0; i < count; ++i) {
      const auto now = at(std::chrono::seconds(10 * i + 1));
      commit([&] { book.record(stel(false, now), now); }, now);
      commit([&] { book.record(stel(true, now + 5s), now + 5s); }, now + 5s);
    }
    return all;
  }
  test::TemporaryFolder folder;
  core::Site site = test::example_site();
};

TEST(LedgerBook, RecordsAnExceedanceWithItsNumberAndAHeadThatVouchesForIt) {
  Site site;
  const auto messages = site.run(1);
  ASSERT_EQ(messages.size(), 6U);
  EXPECT_EQ(messages[2].topic, "hazgate/1/fengxian/acme/exceedance");
  EXPECT_FALSE(messages[2].retain);
  EXPECT_EQ(messages[3].topic, "hazgate/1/fengxian/acme/ledger");
  EXPECT_TRUE(messages[3].retain);
  EXPECT_THAT(messages[2].payload, testing::AllOf(HasSubstr("\"event\":\"began\""), HasSubstr("\"measured\":120.5"),
                                                  HasSubstr("\"seq\":2"), HasSubstr("GBZ 2.1-2019 Table 1")));
  EXPECT_THAT(messages[4].payload,
              testing::AllOf(HasSubstr("\"began_seq\":2"), HasSubstr("\"duration_s\":6"), HasSubstr("\"seq\":3")));
  bool whole = false;
  EXPECT_THAT(site.text_of({.file = site.store()}, &whole), HasSubstr("3 records, whole"));
  EXPECT_TRUE(whole);
}

TEST(LedgerBook, GoesOnThroughRestartsAndSaysNothingTwice) {
  Site site;
  site.run(1);
  EXPECT_EQ(site.run(0).size(), 0U) << "the key is on record";
  storage::Database database(site.store());
  LedgerBook book(site.site, database, load_or_make_keys(site.folder.path()), site.folder.path() / "ledger.heads");
  storage::Transaction transaction(database);
  book.record(stel(false, at(100s)), at(100s));
  book.record(stel(false, at(101s)), at(101s));
  EXPECT_EQ(book.settle(at(101s)).size(), 2U) << "one record and the head: it had begun already";
  EXPECT_EQ(book.pages("acme", 0, at(102s)).at(0).last_seq, 3U) << "what is not committed is nobody's business";
}

TEST(LedgerBook, ARolledBackTransactionLeavesNoTraceInTheChain) {
  Site site;
  site.run(1);
  {
    storage::Database database(site.store());
    LedgerBook book(site.site, database, load_or_make_keys(site.folder.path()), site.folder.path() / "ledger.heads");
    {
      const storage::Transaction transaction(database);
      book.record(stel(false, at(100s)), at(100s));
      book.settle(at(100s));
    }
    book.rolled_back();
    storage::Transaction transaction(database);
    book.record(stel(false, at(200s)), at(200s));
    book.settle(at(200s));
    transaction.commit();
  }
  bool whole = false;
  EXPECT_THAT(site.text_of({.file = site.store()}, &whole), HasSubstr("4 records, whole"));
}

TEST(LedgerBook, GivesNoNumberTwiceThoughTheStoreHasLostItsLastRecords) {
  Site site;
  site.run(3);  // 7 records
  {
    SQLite::Database store(site.store().string(), SQLite::OPEN_READWRITE);
    store.exec("DROP TRIGGER ledger_is_not_deleted; DELETE FROM ledger WHERE seq > 2; DELETE FROM exceedance_open");
  }
  const auto more = site.run(1);
  ASSERT_EQ(more.size(), 6U);
  EXPECT_THAT(more[0].payload, testing::AllOf(HasSubstr("\"seq\":8"), HasSubstr("\"kind\":\"key\"")));
  EXPECT_THAT(site.text_of({.file = site.store(), .key = (site.folder.path() / "ledger.pub").string()}),
              testing::AllOf(HasSubstr("records 3 to 7 are missing"), HasSubstr("faults: 1")));
}

TEST(LedgerBook, BelievesNoHeadThatItDidNotSign) {
  Site site;
  site.run(1);
  const auto forged = ledger::signed_head({"fengxian", "acme", "gw-01"}, {900, {}}, "2026-11-26T08:00:00.000Z",
                                          ledger::SigningKey::make());
  std::ofstream(site.folder.path() / "ledger.heads") << forged << "\nrubbish\n";
  EXPECT_THAT(site.run(1).at(0).payload, HasSubstr("\"seq\":4"));
}

TEST(LedgerBook, SignsTheHeadOnceAnHourThoughNothingHappens) {
  Site site;
  site.run(1);
  storage::Database database(site.store());
  LedgerBook book(site.site, database, load_or_make_keys(site.folder.path()), site.folder.path() / "ledger.heads");
  EXPECT_TRUE(book.settle(at(0s)).empty());
  EXPECT_TRUE(book.settle(at(59min)).empty());
  const auto heads = book.settle(at(61min));
  ASSERT_EQ(heads.size(), 1U);
  EXPECT_TRUE(heads[0].retain);
  EXPECT_TRUE(book.settle(at(62min)).empty());
  EXPECT_EQ(book.settle(at(-5h)).size(), 1U) << "a clock that stepped back does not silence it";
}

TEST(LedgerBook, AnExceedanceThatNobodyFollowsAnyMoreIsClosedAsAbandoned) {
  Site site;
  storage::Database database(site.store());
  LedgerBook book(site.site, database, load_or_make_keys(site.folder.path()), site.folder.path() / "ledger.heads");
  storage::Transaction transaction(database);
  book.record(stel(false, at(1s)), at(1s));
  book.settle(at(1s));
  book.abandon([](auto, const auto&) { return true; }, at(2s));
  EXPECT_TRUE(book.settle(at(2s)).empty());
  book.abandon([](auto, const auto&) { return false; }, at(3s));
  EXPECT_THAT(book.settle(at(3s)).at(0).payload, HasSubstr("\"event\":\"abandoned\""));
  book.record(stel(true, at(4s)), at(4s));
  EXPECT_TRUE(book.settle(at(4s)).empty()) << "it is over on record already";
}

TEST(Verify, NamesTheRecordThatWasTamperedWith) {
  Site site;
  site.run(5);  // 11 records
  bool whole = true;
  EXPECT_THAT(site.after("SELECT 1", &whole), HasSubstr("11 records, whole"));
  EXPECT_TRUE(whole);
  EXPECT_THAT(site.after("UPDATE ledger SET record=replace(record, '120.5', '20.5') WHERE seq=4", &whole),
              HasSubstr("altered: record 4"));
  EXPECT_FALSE(whole);
  EXPECT_THAT(site.after("DELETE FROM ledger WHERE seq=6"), HasSubstr("missing: record 6"));
  EXPECT_THAT(site.after("DELETE FROM ledger WHERE seq=6; UPDATE ledger SET seq=seq-1 WHERE seq>6"),
              HasSubstr("missing: record 6"));
  EXPECT_THAT(
      site.after("UPDATE ledger SET seq=100 WHERE seq=6; UPDATE ledger SET seq=6 WHERE seq=7; UPDATE ledger SET "
                 "seq=7 WHERE seq=100"),
      HasSubstr("reordered: record 6"));
  EXPECT_THAT(
      site.after("UPDATE ledger SET seq=seq+1000 WHERE seq>5; UPDATE ledger SET seq=seq-999 WHERE seq>1000; INSERT "
                 "INTO ledger (enterprise, seq, at, hash, record, head) SELECT enterprise, 6, at, hash, record, "
                 "head FROM ledger WHERE seq=3"),
      HasSubstr("inserted: record 3"));
}

TEST(Verify, FindsACutTailThroughThePublishedHead) {
  Site site;
  const auto messages = site.run(5);
  const auto copy = site.folder.path() / "copy.sqlite";
  EXPECT_THAT(site.after("DELETE FROM ledger WHERE seq>8"), HasSubstr("8 records, whole"))
      << "by itself it looks whole";
  bool whole = true;
  EXPECT_THAT(site.text_of({.file = copy, .heads = {messages.back().payload}}, &whole), HasSubstr("cut off"));
  EXPECT_FALSE(whole);
}

TEST(Verify, FindsWhereAChainThatWasMadeAnewLeavesTheSignedOne) {
  Site site;
  site.run(3);
  // Somebody with the program but without the key makes records 5 and on anew; the hashes are right.
  storage::Database database(site.store());
  std::vector<storage::LedgerRow> rows = storage::Ledger(database).after("acme", 0, 100);
  ledger::Tip tip{4, *ledger::bytes_from_hex<ledger::Hash>(rows[3].hash)};
  std::string sql;
  for (std::size_t i = 4; i < rows.size(); ++i) {
    std::string why;
    const auto opened = *ledger::open(rows[i].record, why);
    auto record = boost::json::parse(rows[i].record).get_object();
    record["measured"] = 1.0;
    const auto sealed = ledger::seal(opened.chain, tip, record);
    tip = sealed.tip;
    std::string quoted = sealed.text;
    for (std::size_t q = 0; (q = quoted.find('\'', q)) != std::string::npos; q += 2) quoted.insert(q, "'");
    sql += "UPDATE ledger SET record='" + quoted + "' WHERE seq=" + std::to_string(i + 1) + ";";
  }
  bool whole = true;
  EXPECT_THAT(site.after(sql, &whole), HasSubstr("altered: record 5"));
  EXPECT_FALSE(whole);
}

TEST(KeyFile, IsForItsOwnersEyesAndARotationIsEndorsed) {
  Site site;
  site.run(1);
  struct stat status {};
  ASSERT_EQ(::stat((site.folder.path() / "ledger.key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  const auto first = load_or_make_keys(site.folder.path()).current.public_key();
  const auto second = rotate_key(site.folder.path()).public_key();
  EXPECT_THROW(rotate_key(site.folder.path()), std::runtime_error) << "the first rotation is not on record yet";
  site.run(1);
  EXPECT_FALSE(fs::exists(site.folder.path() / "ledger.key.old"));
  bool whole = false;
  for (const auto& key : {first, second})
    EXPECT_THAT(site.text_of({.file = site.store(), .key = ledger::hex(key)}, &whole), HasSubstr("6 records, whole"));
  // Somebody's own key instead of ours: what follows is not vouched for.
  fs::remove(site.folder.path() / "ledger.key");
  site.run(1);
  EXPECT_THAT(site.text_of({.file = site.store(), .key = ledger::hex(first)}, &whole), HasSubstr("does not vouch"));
  EXPECT_FALSE(whole);
}

TEST(KeyFile, ThatOthersMayReadOrThatIsNoneIsRefused) {
  test::TemporaryFolder folder;
  load_or_make_keys(folder.path());
  ASSERT_EQ(::chmod((folder.path() / "ledger.key").c_str(), 0644), 0);
  EXPECT_THROW(load_or_make_keys(folder.path()), std::runtime_error);
  std::ofstream(folder.path() / "ledger.key") << "something else\n";
  ASSERT_EQ(::chmod((folder.path() / "ledger.key").c_str(), 0600), 0);
  EXPECT_THROW(load_or_make_keys(folder.path()), std::runtime_error);
}

}  // namespace
}  // namespace hazgate::app
