// Pure: follows the ledgers that a broker carries, as a regulator does who trusts nobody in between. A record counts
// when a signed head vouches for it, and not before; what is missing is asked for; what contradicts is told and kept.
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
  explicit LedgerFollower(std::string site, std::optional<ledger::PublicKey> trusted = {})
      : site_(std::move(site)), trusted_(trusted) {}

  /// A request to the gateway of a chain: {"op":"exceedances","enterprise":…,"after_seq":…}.
  struct Ask {
    ledger::ChainId chain;
    std::uint64_t after_seq = 0;
  };
  struct Step {
    std::vector<std::string> lines;           ///< to be kept together, in order: records, and the head that signs them
    std::vector<std::string> contradictions;  ///< records and heads that contradict what is kept: the proof of it
    std::vector<Ask> asks;
    std::vector<std::string> troubles;  ///< sentences for people
    bool broken = false;                ///< of restore(): what was kept was changed since
  };
  /// A line of what was kept before, up to its last head.
  Step restore(std::string_view line);
  /// From the topic of that enterprise, which is all that its sender may write to.
  Step on_record(std::string_view enterprise, std::string_view text);
  Step on_head(std::string_view enterprise, std::string_view text);
  /// From the response topic of that gateway.
  Step on_answer(std::string_view gateway, std::string_view payload);
  /// Nothing was heard for a while: what was asked and not answered, once more.
  Step ask_again();

  /// Every chain that is known has every record that is known of, and a head that signs it.
  bool caught_up() const { return !chains_.empty() && waiting_for().empty(); }
  /// Chains of which something is missing, by name.
  std::string waiting_for() const;
  std::uint64_t records() const { return records_; }

 private:
  struct Unsigned {
    ledger::Opened record;  ///< without its text
    std::string text;
  };
  struct Chain {
    explicit Chain(ledger::ChainId id) : check(std::move(id)) {}
    ledger::ChainCheck check;     ///< of what is vouched for
    std::vector<Unsigned> tail;   ///< goes on behind it, and no head has signed it yet
    std::uint64_t announced = 0;  ///< by a head whose signature holds
    std::string announced_by;
    std::uint64_t rumoured = 0;  ///< by one that cannot be judged yet
    std::uint64_t told = 0;      ///< that was announced, and is not there
    bool wanted = false;         ///< something spoke of more than there is here; until the gateway has answered
    bool asked = false;
    bool refused = false;  ///< what the gateway has is not vouched for by a key that counts
    std::string kept_head;

    ledger::Tip end() const {
      return tail.empty() ? check.tip() : ledger::Tip{tail.back().record.seq, tail.back().record.hash};
    }
    bool complete() const { return !lacks_something() && !refused; }
    bool lacks_something() const { return !tail.empty() || wanted || announced > check.tip().seq; }
  };
  Chain* chain_of(const ledger::ChainId& id, Step& step);
  void take(Chain& chain, const ledger::Opened& opened, std::string_view text, bool answered, Step& step);
  void take(Chain& chain, const ledger::Head& head, std::string_view text, Step& step);
  void vouch(Chain& chain, const ledger::Head& head, std::string_view text, Step& step);
  void settle(Chain& chain, Step& step);
  void ask(Chain& chain, Step& step);
  void ask_anew(Chain& chain, Step& step);
  bool holds(const Chain& chain, const ledger::Head& head) const;

  std::string site_;
  std::optional<ledger::PublicKey> trusted_;
  std::map<ledger::ChainId, Chain> chains_;
  std::uint64_t records_ = 0;
};

}  // namespace hazgate::feed
