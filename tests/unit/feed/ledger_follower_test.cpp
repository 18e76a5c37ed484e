#include "feed/ledger_follower.hpp"

#include <gmock/gmock.h>

#include "feed/answer_payload.hpp"

namespace hazgate::feed {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const ledger::ChainId chain{"fengxian", "acme", "gw-01"};

ledger::SigningKey key_of(std::uint8_t byte) {
  ledger::Seed seed{};
  seed.fill(byte);
  return ledger::SigningKey(seed);
}

/// What a gateway has: a key record and `count` behind it.
struct Gateway {
  explicit Gateway(int count, std::uint8_t key_byte = 1) : key(key_of(key_byte)) {
    add(ledger::key_record(key, "", nullptr));
    for (int i = 0; i < count; ++i) add({{"kind", "exceedance"}, {"measured", i + 0.1}});
  }
  void add(boost::json::object record) {
    auto sealed = ledger::seal(chain, tip, std::move(record));
    tip = sealed.tip;
    records.push_back(std::move(sealed.text));
  }
  std::string head() const { return ledger::signed_head(chain, tip, "2026-11-26T08:00:00.000Z", key); }
  std::string answer(std::uint64_t after, std::size_t most) const {
    ChainPage page{.chain = chain, .records = {}, .last_seq = tip.seq, .head = head()};
    for (auto i = after; i < records.size() && page.records.size() < most; ++i) page.records.push_back(records[i]);
    page.more = after + page.records.size() < tip.seq;
    return exceedances_answer({page});
  }
  ledger::SigningKey key;
  ledger::Tip tip;
  std::vector<std::string> records;
};

TEST(LedgerFollower, KeepsRecordsInOrderEachOnce) {
  const Gateway gateway(3);
  LedgerFollower follower;
  std::vector<std::string> kept;
  for (const auto i : {0, 1, 1, 0, 2, 3}) {
    const auto step = follower.on_record(gateway.records[static_cast<std::size_t>(i)]);
    EXPECT_THAT(step.troubles, IsEmpty());
    EXPECT_THAT(step.asks, IsEmpty());
    kept.insert(kept.end(), step.lines.begin(), step.lines.end());
  }
  EXPECT_EQ(kept, gateway.records);
  EXPECT_TRUE(follower.caught_up());
}

TEST(LedgerFollower, AsksForWhatItMissedPageByPageAndThenTakesTheHead) {
  const Gateway gateway(10);
  LedgerFollower follower;
  auto step = follower.on_head(gateway.head());
  ASSERT_EQ(step.asks.size(), 1U);
  EXPECT_EQ(step.asks[0].after_seq, 0U);
  EXPECT_FALSE(follower.caught_up());
  EXPECT_THAT(follower.on_record(gateway.records[9]).lines, IsEmpty()) << "what lies between comes first";
  std::vector<std::string> kept;
  for (int page = 0; page < 10 && !step.asks.empty(); ++page) {
    step = follower.on_answer(gateway.answer(step.asks[0].after_seq, 4));
    EXPECT_THAT(step.troubles, IsEmpty());
    kept.insert(kept.end(), step.lines.begin(), step.lines.end());
  }
  ASSERT_EQ(kept.size(), 12U);
  EXPECT_EQ(kept.back(), gateway.head());
  kept.pop_back();
  EXPECT_EQ(kept, gateway.records);
  EXPECT_TRUE(follower.caught_up());
  EXPECT_THAT(follower.on_head(gateway.head()).lines, IsEmpty()) << "kept once";
}

TEST(LedgerFollower, GoesOnBehindWhatItKept) {
  const Gateway gateway(5);
  LedgerFollower follower;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_THAT(follower.restore(gateway.records[i]).troubles, IsEmpty());
  const auto step = follower.on_record(gateway.records[5]);
  ASSERT_EQ(step.asks.size(), 1U);
  EXPECT_EQ(step.asks[0].after_seq, 3U);
  EXPECT_EQ(follower.on_answer(gateway.answer(3, 100)).lines.size(), 3U);
}

TEST(LedgerFollower, TellsOfARecordThatComesWithAnotherContent) {
  const Gateway gateway(3);
  Gateway forged(0);
  forged.add({{"kind", "exceedance"}, {"measured", 0.001}});
  LedgerFollower follower;
  follower.on_record(gateway.records[0]);
  follower.on_record(gateway.records[1]);
  EXPECT_THAT(follower.on_record(forged.records[1]).troubles, ElementsAre(HasSubstr("another content")));
  auto broken = gateway.records[2];
  broken[broken.find("measured") + 11] = '9';
  const auto step = follower.on_record(broken);
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("no record")));
  EXPECT_THAT(step.lines, IsEmpty());
  EXPECT_THAT(follower.on_record(gateway.records[2]).lines, ElementsAre(gateway.records[2]));
}

TEST(LedgerFollower, TellsOfATailThatTheGatewayNoLongerHas) {
  const Gateway gateway(5), cut(2);
  LedgerFollower follower;
  for (const auto& record : cut.records) follower.on_record(record);
  const auto asked = follower.on_head(gateway.head());
  ASSERT_EQ(asked.asks.size(), 1U);
  EXPECT_THAT(follower.on_answer(cut.answer(3, 100)).troubles, ElementsAre(HasSubstr("cut off")));
  EXPECT_FALSE(follower.caught_up());
}

TEST(LedgerFollower, GoesOnBehindAHoleThatTheGatewayHasItself) {
  Gateway gateway(6);
  LedgerFollower follower;
  follower.on_record(gateway.records[0]);
  ASSERT_EQ(follower.on_record(gateway.records[5]).asks.size(), 1U);
  ChainPage page{.chain = chain, .records = {gateway.records[5], gateway.records[6]}, .last_seq = 7, .head = {}};
  const auto step = follower.on_answer(exceedances_answer({page}));
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("records 2 to 5 are missing")));
  EXPECT_THAT(step.lines, ElementsAre(gateway.records[5], gateway.records[6]));
  EXPECT_TRUE(follower.caught_up());
}

TEST(LedgerFollower, BelievesOnlyTheKeyThatItWasGiven) {
  const Gateway gateway(1, 1);
  LedgerFollower follower(key_of(2).public_key());
  for (const auto& record : gateway.records) follower.on_record(record);
  const auto step = follower.on_head(gateway.head());
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("not signed with key")));
  EXPECT_THAT(step.lines, IsEmpty());
  LedgerFollower trusting(key_of(1).public_key());
  for (const auto& record : gateway.records) trusting.on_record(record);
  EXPECT_THAT(trusting.on_head(gateway.head()).lines, ElementsAre(gateway.head()));
}

TEST(LedgerFollower, AsksAgainUntilItIsAnswered) {
  const Gateway gateway(2);
  LedgerFollower follower;
  EXPECT_EQ(follower.on_head(gateway.head()).asks.size(), 1U);
  EXPECT_THAT(follower.on_head(gateway.head()).asks, IsEmpty()) << "it has asked";
  EXPECT_EQ(follower.ask_again().asks.size(), 1U);
  follower.on_answer(gateway.answer(0, 100));
  EXPECT_THAT(follower.ask_again().asks, IsEmpty());
}

TEST(LedgerFollower, TakesNoHarmFromHostileAnswers) {
  LedgerFollower follower;
  for (const std::string text : {"", "{}", "[]", "{\"records\":5}", "{\"records\":[1,null,{}],\"chains\":[1]}"}) {
    EXPECT_THAT(follower.on_answer(text).lines, IsEmpty());
    EXPECT_THAT(follower.on_record(text).lines, IsEmpty());
    EXPECT_THAT(follower.on_head(text).lines, IsEmpty());
  }
}

}  // namespace
}  // namespace hazgate::feed
