// Pure: follows the ledgers that a broker carries, as a regulator does who trusts nobody in between. Records are taken
// in order, each checked; what is missing is asked for; what contradicts is told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/check.hpp"

namespace hazgate::feed {

class LedgerFollower {
 public:
  /// `trusted`: the key that every chain must be vouched for by; none: the key that the chain itself brings.
  explicit LedgerFollower(std::optional<ledger::PublicKey> trusted = {}) : trusted_(trusted) {}

  /// A request to the gateway of a chain: {"op":"exceedances","enterprise":…,"after_seq":…}.
  struct Ask {
    ledger::ChainId chain;
    std::uint64_t after_seq = 0;
  };
  struct Step {
    std::vector<std::string> lines;  ///< to be kept, in order: records, and the heads that sign them
    std::vector<Ask> asks;
    std::vector<std::string> troubles;  ///< sentences for people
  };
  /// A line of what was kept before. Lines must be whole.
  Step restore(std::string_view line);
  Step on_record(std::string_view text);
  Step on_head(std::string_view text);
  /// What the gateway answered, its records one after the other.
  Step on_answer(std::string_view payload);
  /// Nothing was heard for a while: what was asked and not answered, once more.
  Step ask_again();

  /// Every chain that is known has every record that is known of.
  bool caught_up() const;
  std::uint64_t records() const { return records_; }

 private:
  struct Chain {
    explicit Chain(ledger::ChainId id) : check(std::move(id)) {}
    ledger::ChainCheck check;
    std::uint64_t known = 0;  ///< the greatest number that somebody spoke of
    bool asked = false;
    std::optional<ledger::Head> head;  ///< the newest one that is not behind what was read
    std::string head_text, kept_head;
  };
  Chain& chain_of(const ledger::ChainId& id);
  enum class From { topic, gateway };
  void take(Chain& chain, const ledger::Opened& opened, std::string_view text, From from, Step& step);
  void settle(Chain& chain, Step& step);

  std::optional<ledger::PublicKey> trusted_;
  std::map<ledger::ChainId, Chain> chains_;
  std::uint64_t records_ = 0;
};

}  // namespace hazgate::feed
