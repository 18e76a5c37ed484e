// Pure: answers to requests, version 1: {"v":1,"ok":true,…} or {"v":1,"ok":false,"error":{"code","zh","en"},…}.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/alarm_life.hpp"
#include "core/site.hpp"
#include "feed/alarm_text.hpp"
#include "feed/json_text.hpp"
#include "ledger/chain.hpp"

namespace hazgate::feed {

/// Why an action is not done, for the person who asked.
Phrase refusal_text(core::Refusal refusal);
/// To {"op":"alarm"}: the alarm as it stands now, whether or not the action was done.
std::string action_answer(const core::Site& site, core::Refusal refusal, const std::optional<core::Alarm>& alarm);
/// A chain of the ledger in the answer to {"op":"exceedances"}.
struct ChainPage {
  ledger::ChainId chain;
  std::uint64_t after_seq = 0;       ///< as it was asked
  std::vector<std::string> records;  ///< canonical JSON, in order
  std::uint64_t last_seq = 0;        ///< of the chain as it is now
  bool more = false;                 ///< behind these records
  std::string head;                  ///< signed: the newest among these records, of none the chain's; may be empty
};
/// {"v":1,"ok":true,"records":[…],"chains":[{"site","enterprise","gateway","after_seq","last_seq","more",
/// "head"}]}
std::string exceedances_answer(const std::vector<ChainPage>& chains);
/// The answer to {"op":"readings"}: {"v":1,"ok":true,"point","readings":[{"t","value","unit","flag"}],"next"}; `next`
/// is what the next request has as "after", null when that was all.
class ReadingsAnswer {
 public:
  explicit ReadingsAnswer(std::string_view point);
  void add(core::Timestamp at, const core::Sample& sample, std::string_view unit);
  std::string end(const std::string& next);

 private:
  JsonWriter json_;
};
/// To what is no request of ours.
std::string error_answer(std::string_view code, const Phrase& text);

}  // namespace hazgate::feed
