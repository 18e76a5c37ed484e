// Records, heads, gaps and answers about the past against their schemas.
#include <gmock/gmock.h>

#include "feed/answer_payload.hpp"
#include "feed/gap_payload.hpp"
#include "feed/ledger_payload.hpp"
#include "integration/schema_validator.hpp"
#include "unit/feed/example_site.hpp"

namespace hazgate::feed {
namespace {

using namespace test;
using testing::HasSubstr;
using testing::Not;

const ledger::ChainId chain{"fengxian", "acme", "gw-01"};

/// A record of every kind, as the gateway writes them.
std::vector<std::string> records() {
  auto site = example_site();
  site.shifts = {{"day"}};
  const core::Exceedance began{.point = core::PointIndex{0},
                               .basis = core::Basis::c_ste,
                               .limit = toluene_stel(),
                               .since = at(0s),
                               .at = at(900s),
                               .value = 120};
  auto over = began;
  over.over = over.at_least = true;
  over.coverage = 0.8;
  core::Exposure shift{.window = {.begin = at(0s), .end = at(8h)}, .at = at(8h), .final = true, .twa_so_far = 60};
  shift.breaches.add(core::Breach::pc_twa);
  shift.verdict = core::Verdict::exceeds;
  auto loud = shift;
  loud.point = core::PointIndex{2};
  const std::string text = "above 100 mg/m3";
  const std::vector<RuleChanged> changes(101, {"voc-1.toluene", "c_ste exceed", nullptr, &text});
  const auto first = ledger::SigningKey::make(), second = ledger::SigningKey::make();
  ledger::Tip tip;
  std::vector<std::string> sealed;
  for (const auto& record :
       {key_record(first, "", nullptr, at(0s)), exceedance_record(site, began, at(901s), {}),
        exceedance_record(site, over, at(901s), 2),
        abandoned_record("paint", "voc-1.toluene", core::LimitKind::mac, at(0s), at(1s), 2),
        shift_record(site, shift, at(8h)), shift_record(site, loud, at(8h)),
        rules_record(std::span(changes).first(2), "Zhao", at(0s)), rules_record(changes, "Zhao", at(0s)),
        key_record(second, first.id(), &first, at(0s)), key_record(first, second.id(), nullptr, at(0s)),
        rescue_record("malformed", "hazgate.sqlite.damaged-1", at(0s))}) {
    auto next = ledger::seal(chain, tip, record);
    tip = next.tip;
    sealed.push_back(std::move(next.text));
  }
  return sealed;
}

std::string oks(std::size_t count) {
  std::string all;
  while (count-- > 0) all += "ok\n";
  return all;
}

TEST(LedgerSchema, TakesEveryRecordAndNothingElse) {
  const auto all = records();
  EXPECT_EQ(validated("exceedance", all), oks(all.size()));
  EXPECT_THAT(validated("exceedance", {with(all[1], "\"event\":\"began\"", "\"event\":\"ended\""),
                                       with(all[1], "\"measured\":", "\"value\":"),
                                       with(all[2], "\"seq\":3", "\"seq\":0"), with(all[1], "PC-STEL", "SITE"),
                                       with(all[4], "\"verdict\":\"exceeds\"", "\"verdict\":\"compliant\""),
                                       with(all[0], "\"kind\":\"key\"", "\"kind\":\"lock\"")}),
              Not(HasSubstr("ok\n")));
}

TEST(LedgerSchema, TakesAHeadAndNothingElse) {
  const auto head = ledger::signed_head(chain, {5, {}}, "2026-11-26T08:00:00.000Z", ledger::SigningKey::make());
  EXPECT_EQ(validated("ledger", {head}), "ok\n");
  EXPECT_THAT(validated("ledger", {with(head, "\"seq\":5", "\"seq\":\"5\""), with(head, ".000Z", "Z")}),
              Not(HasSubstr("ok\n")));
}

TEST(GapSchema, TakesEveryReasonAndNothingElse) {
  const auto site = example_site();
  std::vector<std::string> all;
  for (const auto reason : core::all_gap_reasons) {
    core::Gap gap{.workplace = core::WorkplaceIndex{0}, .reason = reason, .from = at(0s), .detail = "+3.000 s"};
    all.push_back(gap_message(site, gap, 1, at(9s)));
    gap.device = core::DeviceIndex{0};
    gap.kind = core::GapKind::thinned;
    gap.to = at(9s);
    all.push_back(gap_message(site, gap, 2, at(9s)));
  }
  EXPECT_EQ(validated("gap", all), oks(all.size()));
  EXPECT_THAT(validated("gap", {with(all[0], "\"power\"", "\"magic\""), with(all[0], "\"to\":null,", "")}),
              Not(HasSubstr("ok\n")));
}

TEST(AnswerSchema, TakesWhatIsToldOfThePast) {
  const auto all = records();
  const auto head = ledger::signed_head(chain, {5, {}}, "2026-11-26T08:00:00.000Z", ledger::SigningKey::make());
  const auto exceedances = exceedances_answer({{chain, 4, all, 20, true, head}, {chain, 9, {}, 0, false, ""}});
  ReadingsAnswer some("voc-1.toluene"), none("voc-1.toluene");
  some.add(at(0s), {1.5, core::Flag::normal}, "mg/m3");
  some.add(at(1s), {core::no_value, core::Flag::link_lost}, "mg/m3");
  const auto page = some.end("1795464000000000-1");
  EXPECT_EQ(validated("answer", {exceedances, page, none.end("")}), oks(3));
  EXPECT_THAT(validated("answer", {with(page, "\"flag\":\"B\"", "\"flag\":\"X\""),
                                   with(exceedances, "\"more\":true", "\"more\":1")}),
              Not(HasSubstr("ok\n")));
}

TEST(RequestSchema, TakesWhatMayBeAsked) {
  EXPECT_EQ(validated("request",
                      {R"({"op":"exceedances","after_seq":3})", R"({"op":"exceedances","enterprise":"acme"})",
                       R"({"op":"readings","point":"p","from":"2026-11-26T00:00:00Z","to":"2026-11-27T00:00:00Z"})",
                       R"({"op":"alarm","id":"gw-1","action":"acknowledge","by":"Li"})"}),
            oks(4));
  EXPECT_THAT(validated("request",
                        {R"({"op":"exceedances","after":3})", R"({"op":"readings","point":"p"})", R"({"op":"erase"})"}),
              Not(HasSubstr("ok\n")));
}

}  // namespace
}  // namespace hazgate::feed
