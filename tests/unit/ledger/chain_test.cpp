#include "ledger/chain.hpp"

#include <gmock/gmock.h>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>
#include <functional>
#include <string>
#include <vector>

#include "ledger/canonical_json.hpp"
#include "ledger/check.hpp"

namespace hazgate::ledger {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

const ChainId chain{"fengxian", "huaxin-stone", "gw-01"};

SigningKey key_of(std::uint8_t byte) {
  Seed seed{};
  seed.fill(byte);
  return SigningKey(seed);
}

/// A key and `count` records behind it.
struct Book {
  explicit Book(int count, const SigningKey& key = key_of(1)) {
    add(key_record(key, "", nullptr));
    for (int i = 0; i < count; ++i) add({{"kind", "exceedance"}, {"measured", 100.5 + i}, {"unit", "mg/m3"}});
  }
  void add(json::object record) {
    auto sealed = seal(chain, tip, std::move(record));
    tip = sealed.tip;
    lines.push_back(std::move(sealed.text));
  }
  Tip tip;
  std::vector<std::string> lines;
};

std::vector<Fault> faults_of(const std::vector<std::string>& lines) {
  ChainCheck check(chain);
  std::vector<Fault> faults;
  for (const auto& line : lines)
    if (auto fault = check.next(line)) faults.push_back(*fault);
  return faults;
}

/// What the only fault is, and of which record.
std::string fault_of(const std::vector<std::string>& lines) {
  const auto faults = faults_of(lines);
  if (faults.size() != 1) return std::to_string(faults.size()) + " faults";
  return std::string(name(faults[0].kind)) + " " + std::to_string(faults[0].seq);
}

// RFC 8032, 7.1, test 3; FIPS 180-2, appendix B.1.
TEST(Signing, IsEd25519AndSha256) {
  const auto seed = bytes_from_hex<Seed>("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7");
  const SigningKey key(*seed);
  EXPECT_EQ(hex(key.public_key()), "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025");
  EXPECT_EQ(hex(key.sign("\xaf\x82")),
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(key.seed(), *seed);
  EXPECT_NE(SigningKey::make().id(), SigningKey::make().id());
}

TEST(Chain, ARecordCarriesItsPlaceAndItsHash) {
  const Book book(1);
  const auto record = json::parse(book.lines[1]).get_object();
  EXPECT_EQ(record.at("seq"), 2);
  EXPECT_EQ(record.at("enterprise"), "huaxin-stone");
  auto bare = record;
  bare.erase("hash");
  EXPECT_EQ(record.at("hash").as_string(), hex(sha256(canonical(bare))));
  EXPECT_EQ(record.at("prev_hash"), json::parse(book.lines[0]).at("hash"));
  EXPECT_EQ(canonical(record), book.lines[1]);
  EXPECT_EQ(json::parse(book.lines[0]).at("prev_hash").as_string(), std::string(64, '0'));
}

TEST(Chain, OfRecordsAsTheyWereIsWhole) {
  const Book book(20);
  EXPECT_TRUE(faults_of(book.lines).empty());
}

TEST(Chain, NamesTheRecordThatWasAltered) {
  for (std::size_t i = 0; i < 6; ++i) {
    Book book(5);
    auto& line = book.lines[i];
    line.replace(line.find("\"kind\":\"") + 8, 1, "x");
    EXPECT_EQ(fault_of(book.lines), "altered " + std::to_string(i + 1));
  }
}

TEST(Chain, FindsAnyByteThatWasChanged) {
  const Book book(2);
  const auto& whole = book.lines[1];
  for (std::size_t i = 0; i < whole.size(); ++i) {
    auto lines = book.lines;
    lines[1][i] = static_cast<char>(lines[1][i] ^ 1);
    EXPECT_FALSE(faults_of(lines).empty()) << i;
  }
}

TEST(Chain, NamesTheRecordThatWasAlteredWithItsHashMadeAnew) {
  Book book(5);
  auto forged = json::parse(book.lines[2]).get_object();
  const Tip before{2, *bytes_from_hex<Hash>(json::value_to<std::string>(forged.at("prev_hash")))};
  forged["measured"] = 1.0;
  book.lines[2] = seal(chain, before, forged).text;
  EXPECT_EQ(fault_of(book.lines), "altered 3");
}

TEST(Chain, OtherBytesOfTheSameContentAreAltered) {
  Book book(3);
  book.lines[2].insert(1, " ");
  EXPECT_EQ(fault_of(book.lines), "altered 3");
  book = Book(3);
  book.lines[2].insert(1, R"("kind":"nothing",)");  // twice: whoever reads the first one is deceived
  EXPECT_EQ(fault_of(book.lines), "altered 3");
}

TEST(Chain, AMemberThatComesTwiceIsRefusedThoughTheHashIsRight) {
  const std::string body = R"("kind":"a","kind":"b","prev_hash":")" + std::string(64, '0') + R"(","seq":1})";
  const auto hash = hex(sha256("{" + body));
  std::string why;
  EXPECT_FALSE(open(R"({"hash":")" + hash + R"(",)" + body, why));
  EXPECT_THAT(why, HasSubstr("canonical"));
}

TEST(Chain, NamesWhatWasRemovedInsertedOrMoved) {
  Book book(6);
  auto lines = book.lines;
  lines.erase(lines.begin() + 3);
  EXPECT_EQ(fault_of(lines), "missing 4");
  lines = book.lines;
  lines.erase(lines.begin());
  EXPECT_EQ(fault_of(lines), "missing 1");
  lines = book.lines;
  lines.insert(lines.begin() + 4, lines[2]);
  EXPECT_EQ(fault_of(lines), "inserted 3");
  lines = book.lines;
  lines.insert(lines.begin() + 4, Book(3, key_of(9)).lines[3]);
  EXPECT_EQ(fault_of(lines), "inserted 4");
  lines = book.lines;
  std::swap(lines[2], lines[4]);
  const auto faults = faults_of(lines);
  ASSERT_FALSE(faults.empty());
  EXPECT_THAT(faults, testing::Contains(testing::Field(&Fault::kind, FaultKind::reordered)));
}

TEST(Chain, OfAnotherEnterpriseIsNotTakenForThisOne) {
  Book book(2);
  book.lines.push_back(seal({"fengxian", "other", "gw-01"}, book.tip, {{"kind", "exceedance"}}).text);
  EXPECT_EQ(fault_of(book.lines), "inserted 4");
}

TEST(Head, FindsACutTailAndAChainThatWasMadeAnew) {
  const auto key = key_of(1);
  const Book book(5, key);
  const auto head = head_from(signed_head(chain, book.tip, "2026-11-26T08:00:00.000Z", key));
  ASSERT_TRUE(head);
  const auto check = [&](const std::vector<std::string>& lines) {
    ChainCheck c(chain);
    for (const auto& line : lines) c.next(line);
    return c.head(*head);
  };
  EXPECT_FALSE(check(book.lines));
  auto longer = book;
  longer.add({{"kind", "exceedance"}});
  EXPECT_FALSE(check(longer.lines));
  auto cut = book.lines;
  cut.resize(4);
  const auto fault = check(cut);
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->kind, FaultKind::cut_off);
  EXPECT_EQ(fault->seq, 5U);
  // Everything behind an altered record was made anew: all hashes are right, and the head is not.
  Book forged(0, key);
  for (int i = 0; i < 5; ++i) forged.add({{"kind", "exceedance"}, {"measured", 1.0}});
  EXPECT_TRUE(faults_of(forged.lines).empty());
  EXPECT_EQ(check(forged.lines)->kind, FaultKind::altered);
}

TEST(Head, WhoseSignatureDoesNotHoldIsRefused) {
  const Book book(2);
  auto text = signed_head(chain, book.tip, "2026-11-26T08:00:00.000Z", key_of(1));
  ChainCheck check(chain);
  for (const auto& line : book.lines) check.next(line);
  ASSERT_FALSE(check.head(*head_from(text)));
  EXPECT_EQ(check.head(*head_from(signed_head(chain, book.tip, "2026-11-26T08:00:00.000Z", key_of(2))))->kind,
            FaultKind::key);
  text.replace(text.find("2026"), 4, "2027");
  EXPECT_EQ(check.head(*head_from(text))->kind, FaultKind::key);
}

TEST(Head, IsSignedByTheKeyInForceAndByNoOther) {
  const auto first = key_of(1), second = key_of(2), stranger = key_of(3);
  const auto fault = [](const Book& book, const SigningKey& by) {
    ChainCheck check(chain);
    for (const auto& line : book.lines) EXPECT_FALSE(check.next(line));
    return check.head(*head_from(signed_head(chain, book.tip, "2026-11-26T08:00:00.000Z", by)));
  };
  Book rotated(1, first);
  rotated.add(key_record(second, first.id(), &first));
  EXPECT_FALSE(fault(rotated, second));
  ASSERT_TRUE(fault(rotated, first)) << "whoever has stolen it";
  EXPECT_THAT(fault(rotated, first)->what, HasSubstr("not the one in force"));
  // A key that everybody knows put behind one's own.
  Book own(0, stranger);
  own.add(key_record(first, "", nullptr));
  EXPECT_TRUE(fault(own, stranger));
}

TEST(Check, GoesBackToAMark) {
  const auto first = key_of(1), second = key_of(2);
  Book book(2, first);
  ChainCheck check(chain);
  for (const auto& line : book.lines) check.next(line);
  const auto mark = check.mark();
  book.add(key_record(second, first.id(), &first));
  book.add({{"kind", "exceedance"}});
  check.next(book.lines[4]);  // over a hole
  check.back_to(mark);
  EXPECT_EQ(check.tip(), mark.tip);
  EXPECT_EQ(check.records(), 3U);
  EXPECT_EQ(check.hash_of(5), nullptr);
  EXPECT_FALSE(check.next(book.lines[3]));
  check.back_to(mark);
  EXPECT_EQ(check.current_key(), first.id());
  EXPECT_FALSE(check.next(book.lines[3]));
  EXPECT_FALSE(check.next(book.lines[4]));
}

TEST(Chain, ANameThatIsNoneIsRefused) {
  std::string why;
  for (const char* name : {"", "a\nb", "\x1b[2K", "a b"}) {
    const auto forged = seal({"fengxian", name, "gw-01"}, {}, {{"kind", "exceedance"}});
    EXPECT_FALSE(open(forged.text, why)) << name;
    EXPECT_FALSE(
        head_from(signed_head({"fengxian", name, "gw-01"}, forged.tip, "2026-11-26T08:00:00.000Z", key_of(1))));
  }
}

TEST(Key, IsChangedByARecordThatTheOldOneSigns) {
  const auto first = key_of(1), second = key_of(2);
  const auto whole = [&](const SigningKey* by) {
    Book book(1, first);
    book.add(key_record(second, first.id(), by));
    book.add({{"kind", "exceedance"}});
    ChainCheck check(chain);
    for (const auto& line : book.lines) EXPECT_FALSE(check.next(line));
    return std::pair(check, book.tip);
  };
  const auto [rotated, tip] = whole(&first);
  EXPECT_FALSE(rotated.trust(first.public_key()));
  EXPECT_FALSE(rotated.trust(second.public_key()));
  EXPECT_EQ(rotated.trust(key_of(3).public_key())->kind, FaultKind::key);
  EXPECT_FALSE(rotated.head(*head_from(signed_head(chain, tip, "2026-11-26T08:00:00.000Z", second))));
  EXPECT_EQ(rotated.current_key(), second.id());
  // The old key was lost, or somebody put in his own.
  const auto [replaced, ignored] = whole(nullptr);
  const auto fault = replaced.trust(first.public_key());
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->seq, 3U);
  EXPECT_THAT(fault->what, HasSubstr("does not vouch"));
  EXPECT_FALSE(replaced.trust(second.public_key()));
}

TEST(Chain, TakesNoHarmFromHostileText) {
  ChainCheck check(chain);
  for (const std::string text :
       {"", "{", "null", "[1]", "{\"seq\":-1}", "{\"seq\":1e300,\"hash\":\"\",\"prev_hash\":\"\"}"})
    EXPECT_TRUE(check.next(text)) << text;
  EXPECT_TRUE(check.next(std::string(100'000, '[')));
  EXPECT_FALSE(head_from("{}"));
  EXPECT_FALSE(head_from(std::string(100'000, '{')));
  // A number far away must not ask for memory.
  const auto far = seal(chain, {1'000'000'000'000, {}}, {{"kind", "exceedance"}});
  EXPECT_EQ(check.next(far.text)->kind, FaultKind::missing);
}

}  // namespace
}  // namespace hazgate::ledger
