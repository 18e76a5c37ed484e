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
  std::string head() const { return head(tip.seq); }
  std::string head(std::uint64_t seq) const {
    std::string why;
    const auto record = ledger::open(records[seq - 1], why);
    return ledger::signed_head(chain, {seq, record->hash}, "2026-11-26T08:00:00.000Z", key);
  }
  /// Behind `after`; the head is that of the last record of the page, as if each had been committed by itself.
  std::string answer(std::uint64_t after, std::size_t most) const {
    ChainPage page{.chain = chain, .after_seq = after, .records = {}, .last_seq = tip.seq, .head = {}};
    for (auto i = after; i < records.size() && page.records.size() < most; ++i) page.records.push_back(records[i]);
    page.more = after + page.records.size() < tip.seq;
    page.head = page.records.empty() ? head() : head(after + page.records.size());
    return exceedances_answer({page});
  }
  /// The first `count` records and their head, as topics bring them.
  void send(LedgerFollower& follower, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) follower.on_record("acme", records[i]);
    const auto step = follower.on_head("acme", head(count));
    EXPECT_THAT(step.troubles, IsEmpty());
    EXPECT_TRUE(follower.caught_up());
  }
  ledger::SigningKey key;
  ledger::Tip tip;
  std::vector<std::string> records;
};

/// Two records behind the key's, of which the last one says something else.
Gateway forger() {
  Gateway forged(1);
  forged.add({{"kind", "exceedance"}, {"measured", 0.001}});
  return forged;
}

TEST(LedgerFollower, KeepsRecordsInOrderEachOnceWhenAHeadSignsThem) {
  const Gateway gateway(3);
  LedgerFollower follower("fengxian");
  for (const auto i : {0, 1, 1, 0, 2, 3}) {
    const auto step = follower.on_record("acme", gateway.records[static_cast<std::size_t>(i)]);
    EXPECT_THAT(step.troubles, IsEmpty());
    EXPECT_THAT(step.lines, IsEmpty());
  }
  EXPECT_FALSE(follower.caught_up()) << "nobody has signed them";
  EXPECT_THAT(follower.on_head("acme", gateway.head(2)).lines,
              ElementsAre(gateway.records[0], gateway.records[1], gateway.head(2)));
  EXPECT_THAT(follower.on_head("acme", gateway.head()).lines,
              ElementsAre(gateway.records[2], gateway.records[3], gateway.head()));
  EXPECT_TRUE(follower.caught_up());
  EXPECT_EQ(follower.records(), 4U);
  EXPECT_THAT(follower.on_head("acme", gateway.head()).lines, IsEmpty()) << "kept once";
}

TEST(LedgerFollower, AsksForWhatItMissedPageByPage) {
  const Gateway gateway(10);
  LedgerFollower follower("fengxian");
  auto step = follower.on_head("acme", gateway.head());
  ASSERT_EQ(step.asks.size(), 1U);
  EXPECT_EQ(step.asks[0].after_seq, 0U);
  EXPECT_FALSE(follower.caught_up());
  EXPECT_THAT(follower.on_record("acme", gateway.records[9]).asks, IsEmpty()) << "it has asked";
  std::vector<std::string> kept;
  for (int page = 0; page < 10 && !step.asks.empty(); ++page) {
    step = follower.on_answer("gw-01", gateway.answer(step.asks[0].after_seq, 4));
    EXPECT_THAT(step.troubles, IsEmpty());
    kept.insert(kept.end(), step.lines.begin(), step.lines.end());
  }
  ASSERT_EQ(kept.size(), 14U) << "each page with its head";
  EXPECT_EQ(kept.back(), gateway.head());
  std::erase_if(kept, [](const auto& line) { return line.find("signature") != std::string::npos; });
  EXPECT_EQ(kept, gateway.records);
  EXPECT_TRUE(follower.caught_up());
}

TEST(LedgerFollower, GoesOnBehindWhatItKept) {
  const Gateway gateway(5);
  LedgerFollower follower("fengxian");
  for (std::size_t i = 0; i < 3; ++i) EXPECT_THAT(follower.restore(gateway.records[i]).troubles, IsEmpty());
  EXPECT_FALSE(follower.restore(gateway.head(3)).broken);
  const auto step = follower.on_record("acme", gateway.records[5]);
  ASSERT_EQ(step.asks.size(), 1U);
  EXPECT_EQ(step.asks[0].after_seq, 3U);
  EXPECT_EQ(follower.on_answer("gw-01", gateway.answer(3, 100)).lines.size(), 4U);
}

TEST(LedgerFollower, DoesNotGoOnBehindWhatWasChanged) {
  const Gateway gateway(2), forged = forger();
  LedgerFollower follower("fengxian");
  for (const auto& record : forged.records) EXPECT_FALSE(follower.restore(record).broken);
  EXPECT_TRUE(follower.restore(gateway.head()).broken);
  EXPECT_TRUE(LedgerFollower("fengxian").restore("{}").broken);
}

TEST(LedgerFollower, KeepsTheProofOfAnotherContent) {
  const Gateway gateway(3), forged = forger();
  LedgerFollower follower("fengxian");
  gateway.send(follower, 3);
  auto step = follower.on_record("acme", forged.records[2]);
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("another content")));
  EXPECT_THAT(step.contradictions, ElementsAre(forged.records[2]));
  EXPECT_THAT(step.lines, IsEmpty());
  step = follower.on_head("acme", forged.head());
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("another hash")));
  EXPECT_THAT(step.contradictions, ElementsAre(forged.head())) << "signed with the same key";
  auto broken = gateway.records[3];
  broken[broken.find("measured") + 11] = '9';
  EXPECT_THAT(follower.on_record("acme", broken).troubles, ElementsAre(HasSubstr("no record")));
  follower.on_record("acme", gateway.records[3]);
  EXPECT_THAT(follower.on_head("acme", gateway.head()).lines, ElementsAre(gateway.records[3], gateway.head()));
}

TEST(LedgerFollower, WhatNobodySignedStandsInNobodysWay) {
  const Gateway gateway(2), forged = forger();
  LedgerFollower follower("fengxian");
  gateway.send(follower, 2);
  EXPECT_THAT(follower.on_record("acme", forged.records[2]).lines, IsEmpty());
  // The true one contradicts it; the gateway says it once more, with its head.
  const auto step = follower.on_record("acme", gateway.records[2]);
  ASSERT_EQ(step.asks.size(), 1U);
  EXPECT_EQ(step.asks[0].after_seq, 2U);
  const auto answered = follower.on_answer("gw-01", gateway.answer(2, 100));
  EXPECT_THAT(answered.lines, ElementsAre(gateway.records[2], gateway.head()));
  EXPECT_TRUE(follower.caught_up());
  // And where the head comes at once.
  LedgerFollower other("fengxian");
  gateway.send(other, 2);
  other.on_record("acme", forged.records[2]);
  ASSERT_EQ(other.on_head("acme", gateway.head()).asks.size(), 1U);
  EXPECT_EQ(other.on_answer("gw-01", gateway.answer(2, 100)).lines.size(), 2U);
  EXPECT_TRUE(other.caught_up());
}

TEST(LedgerFollower, TakesNothingFromATopicOfAnother) {
  const Gateway gateway(2);
  LedgerFollower follower("fengxian");
  for (const auto& record : gateway.records)
    EXPECT_THAT(follower.on_record("beta", record).troubles, ElementsAre(HasSubstr("another enterprise")));
  EXPECT_THAT(follower.on_head("beta", gateway.head()).troubles, ElementsAre(HasSubstr("another enterprise")));
  EXPECT_THAT(LedgerFollower("elsewhere").on_record("acme", gateway.records[0]).troubles,
              ElementsAre(HasSubstr("another enterprise")));
  EXPECT_EQ(follower.on_head("acme", gateway.head()).asks.size(), 1U);
  EXPECT_THAT(follower.on_answer("gw-02", gateway.answer(0, 100)).lines, IsEmpty()) << "another gateway's";
  EXPECT_EQ(follower.on_answer("gw-01", gateway.answer(0, 100)).lines.size(), 4U);
}

TEST(LedgerFollower, AnAnswerToAnOlderQuestionTearsNoHole) {
  const Gateway gateway(6);
  LedgerFollower follower("fengxian");
  gateway.send(follower, 2);
  const auto step = follower.on_answer("gw-01", gateway.answer(4, 100));
  EXPECT_THAT(step.lines, IsEmpty());
  EXPECT_THAT(step.troubles, IsEmpty());
  ASSERT_EQ(step.asks.size(), 1U);
  EXPECT_EQ(step.asks[0].after_seq, 2U);
  EXPECT_EQ(follower.on_answer("gw-01", gateway.answer(2, 100)).lines.size(), 6U);
  EXPECT_TRUE(follower.caught_up());
}

TEST(LedgerFollower, TellsOfATailThatTheGatewayNoLongerHas) {
  const Gateway gateway(5), cut(2);
  LedgerFollower follower("fengxian");
  cut.send(follower, 3);
  const auto asked = follower.on_head("acme", gateway.head());
  ASSERT_EQ(asked.asks.size(), 1U);
  const auto step = follower.on_answer("gw-01", cut.answer(3, 100));
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("cut off")));
  EXPECT_THAT(step.contradictions, ElementsAre(gateway.head()));
  EXPECT_FALSE(follower.caught_up());
  EXPECT_THAT(follower.on_answer("gw-01", cut.answer(3, 100)).troubles, IsEmpty()) << "told once";
}

TEST(LedgerFollower, AHeadThatNoKeySignedIsTakenForARumour) {
  const Gateway gateway(2), stranger(8, 9);
  LedgerFollower follower("fengxian");
  gateway.send(follower, 2);
  ASSERT_EQ(follower.on_head("acme", stranger.head()).asks.size(), 1U);
  const auto step = follower.on_answer("gw-01", gateway.answer(2, 100));
  EXPECT_EQ(step.lines.size(), 2U);
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("no key of this chain")));
  EXPECT_TRUE(follower.caught_up());
}

TEST(LedgerFollower, GoesOnBehindAHoleThatTheGatewayHasItself) {
  const Gateway gateway(6);
  LedgerFollower follower("fengxian");
  gateway.send(follower, 1);
  ASSERT_EQ(follower.on_record("acme", gateway.records[5]).asks.size(), 1U);
  const ChainPage page{.chain = chain,
                       .after_seq = 1,
                       .records = {gateway.records[5], gateway.records[6]},
                       .last_seq = 7,
                       .head = gateway.head()};
  const auto step = follower.on_answer("gw-01", exceedances_answer({page}));
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("records 2 to 5 are missing")));
  EXPECT_THAT(step.lines, ElementsAre(gateway.records[5], gateway.records[6], gateway.head()));
  EXPECT_TRUE(follower.caught_up());
}

TEST(LedgerFollower, BelievesOnlyTheKeyThatItWasGiven) {
  const Gateway gateway(1, 1);
  LedgerFollower follower("fengxian", key_of(2).public_key());
  for (const auto& record : gateway.records) follower.on_record("acme", record);
  const auto step = follower.on_head("acme", gateway.head());
  EXPECT_THAT(step.troubles, ElementsAre(HasSubstr("not signed with key")));
  EXPECT_THAT(step.lines, IsEmpty());
  follower.on_answer("gw-01", gateway.answer(2, 100));
  EXPECT_FALSE(follower.caught_up());
  LedgerFollower trusting("fengxian", key_of(1).public_key());
  gateway.send(trusting, 2);
}

TEST(LedgerFollower, FollowsAKeyThatTheOldOneVouchesFor) {
  Gateway gateway(1, 1);
  LedgerFollower follower("fengxian", key_of(1).public_key());
  gateway.send(follower, 2);
  gateway.add(ledger::key_record(key_of(2), key_of(1).id(), &gateway.key));
  const auto with_the_old_one = gateway.head();
  gateway.key = key_of(2);
  follower.on_record("acme", gateway.records[2]);
  EXPECT_THAT(follower.on_head("acme", with_the_old_one).troubles, ElementsAre(HasSubstr("not the one in force")));
  EXPECT_THAT(follower.on_head("acme", gateway.head()).lines, ElementsAre(gateway.records[2], gateway.head()));
}

TEST(LedgerFollower, AsksAgainUntilItIsAnswered) {
  const Gateway gateway(2);
  LedgerFollower follower("fengxian");
  EXPECT_EQ(follower.on_head("acme", gateway.head()).asks.size(), 1U);
  EXPECT_THAT(follower.on_head("acme", gateway.head()).asks, IsEmpty()) << "it has asked";
  EXPECT_EQ(follower.ask_again().asks.size(), 1U);
  follower.on_answer("gw-01", gateway.answer(0, 100));
  EXPECT_THAT(follower.ask_again().asks, IsEmpty());
}

TEST(LedgerFollower, TakesNoHarmFromHostileMessages) {
  LedgerFollower follower("fengxian");
  for (const std::string text :
       {"", "{}", "[]", "{\"records\":5}", "{\"records\":[1,null,{}],\"chains\":[1]}", "{\"error\":\"\\u001b[2J\"}"}) {
    const auto step = follower.on_answer("gw-01", text);
    EXPECT_THAT(step.lines, IsEmpty());
    for (const auto& trouble : step.troubles) EXPECT_EQ(trouble.find('\x1b'), std::string::npos) << "escaped";
    EXPECT_THAT(follower.on_record("acme", text).lines, IsEmpty());
    EXPECT_THAT(follower.on_head("acme", text).lines, IsEmpty());
  }
  // Numbers far away must not ask for memory.
  Gateway far(0);
  far.tip.seq = 9'000'000'000'000;
  far.add({{"kind", "exceedance"}});
  follower.on_record("acme", far.records[1]);
  EXPECT_THAT(follower
                  .on_answer("gw-01", exceedances_answer({ChainPage{
                                          .chain = chain, .after_seq = 0, .records = {far.records[1]}, .head = {}}}))
                  .lines,
              IsEmpty());
}

}  // namespace
}  // namespace hazgate::feed
