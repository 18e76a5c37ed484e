// What a forger would like to pass for a whole ledger.
#include "app/verify.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "ledger/check.hpp"
#include "storage/database.hpp"
#include "storage/ledger.hpp"
#include "support/process.hpp"

namespace hazgate::app {
namespace {

using ledger::SigningKey;
using testing::HasSubstr;

const ledger::ChainId chain{"fengxian", "acme", "gw-01"};

SigningKey key_of(std::uint8_t byte) {
  ledger::Seed seed{};
  seed.fill(byte);
  return SigningKey(seed);
}
const SigningKey gateway = key_of(1), forger = key_of(9);

struct Book {
  void add(boost::json::object record) {
    auto sealed = ledger::seal(chain, tip, std::move(record));
    tip = sealed.tip;
    lines.push_back(std::move(sealed.text));
  }
  void exceedance(double measured) { add({{"kind", "exceedance"}, {"measured", measured}}); }
  std::string head(const SigningKey& key) const {
    return ledger::signed_head(chain, tip, "2026-11-26T08:00:00.000Z", key);
  }
  ledger::Tip tip;
  std::vector<std::string> lines;
};
Book genuine() {
  Book book;
  book.add(ledger::key_record(gateway, "", nullptr));
  book.exceedance(12.5);
  book.lines.push_back(book.head(gateway));
  return book;
}

struct Forgery : testing::Test {
  /// The verdict on those lines, with the gateway's key, and its text.
  bool whole(const std::vector<std::string>& lines, std::vector<std::string> heads = {}, const char* end = "\n") {
    {
      std::ofstream out(file, std::ios::binary);
      for (const auto& line : lines) out << line << end;
    }
    return whole_file(file, std::move(heads));
  }
  bool whole_file(const std::filesystem::path& what, std::vector<std::string> heads = {},
                  const std::string& enterprise = {}) {
    std::ostringstream out;
    const bool good = verify({what, ledger::hex(gateway.public_key()), std::move(heads), enterprise}, out);
    text = out.str();
    return good;
  }
  test::TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "kept.jsonl";
  std::string text;
};

TEST_F(Forgery, SaysByWhomAWholeOneIsSigned) {
  EXPECT_TRUE(whole(genuine().lines)) << text;
  EXPECT_THAT(text, HasSubstr("2 records, whole"));
  EXPECT_THAT(text, HasSubstr("signed by key " + gateway.id()));
  EXPECT_TRUE(whole(genuine().lines, {}, "\r\n")) << "a Windows editor: " << text;
}

TEST_F(Forgery, AChainThatNobodySignedIsNotWhole) {
  Book forged;
  forged.add(ledger::key_record(gateway, "", nullptr));  // the key is public
  forged.exceedance(1);
  EXPECT_FALSE(whole(forged.lines));
  EXPECT_THAT(text, HasSubstr("no signed head vouches"));
  EXPECT_EQ(text.find("signed by"), std::string::npos) << text;
  EXPECT_FALSE(whole(forged.lines, {genuine().head(gateway)}));
  auto unsigned_copy = genuine();
  unsigned_copy.lines.pop_back();
  EXPECT_TRUE(whole(unsigned_copy.lines, {genuine().head(gateway)})) << "a published head does as well: " << text;
}

TEST_F(Forgery, TheKeyOfTheGatewayBehindOnesOwnDoesNotHelp) {
  Book forged;
  forged.add(ledger::key_record(forger, "", nullptr));
  forged.add(ledger::key_record(gateway, forger.id(), &forger));
  forged.exceedance(1);
  EXPECT_FALSE(whole({forged.lines[0], forged.lines[1], forged.lines[2], forged.head(forger)}));
  EXPECT_THAT(text, HasSubstr("not the one in force"));
}

TEST_F(Forgery, AKeyThatWasReplacedSignsNoMore) {
  auto book = genuine();
  book.lines.pop_back();
  book.add(ledger::key_record(key_of(2), gateway.id(), &gateway));
  book.exceedance(3);
  auto forged = book;
  book.lines.push_back(book.head(key_of(2)));
  EXPECT_TRUE(whole(book.lines)) << text;
  forged.lines.push_back(forged.head(gateway));
  EXPECT_FALSE(whole(forged.lines)) << text;
}

TEST_F(Forgery, NothingIsNotWhole) {
  EXPECT_FALSE(whole({}));
  std::ofstream(folder.path() / "no-heads");
  EXPECT_THROW(whole(genuine().lines, {(folder.path() / "no-heads").string()}), std::runtime_error);
}

TEST_F(Forgery, AStoreThatGivesOutAnotherChainIsNotWhole) {
  const auto store = folder.path() / "hazgate.sqlite";
  const auto fill = [&](const std::string& enterprise, const Book& book) {
    storage::Database database(store);
    storage::Ledger rows(database);
    for (std::size_t i = 0; i < 2; ++i)
      rows.append({.enterprise = enterprise,
                   .seq = i + 1,
                   .at = {},
                   .hash = "",
                   .record = book.lines[i],
                   .head = i == 1 ? book.lines[2] : ""});
  };
  fill("acme", genuine());
  EXPECT_TRUE(whole_file(store)) << text;
  fill("a-copy", genuine());
  EXPECT_FALSE(whole_file(store));
  EXPECT_THAT(text, HasSubstr("under the name of \"a-copy\""));
  EXPECT_TRUE(whole_file(store, {}, "acme")) << "another one's chain is none of its business: " << text;
  EXPECT_FALSE(whole_file(store, {}, "a-copy"));
  EXPECT_FALSE(whole_file(store, {}, "nobody")) << "no record";
}

TEST_F(Forgery, ANameWritesNoVerdictOfItsOwn) {
  const auto forged =
      ledger::seal({"fengxian", "x\nfengxian/acme/gw-01: 2 records, whole", "gw-01"}, {}, {{"kind", "x"}});
  EXPECT_FALSE(whole({forged.text}));
  EXPECT_EQ(text.find("\nfengxian/acme"), std::string::npos) << text;
}

}  // namespace
}  // namespace hazgate::app
