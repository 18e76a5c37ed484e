#include "feed/ledger_follower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "ledger/canonical_json.hpp"
#include "ledger/exact_json.hpp"

namespace hazgate::feed {

namespace {
std::string named(const ledger::ChainId& chain) {
  return fmt::format("{} at gateway {}", chain.enterprise, chain.gateway);
}
/// The only chain of an answer to a request that named it.
ledger::ChainId chain_named(const boost::json::object& answer) {
  const auto* chains = answer.if_contains("chains");
  if (chains == nullptr || !chains->is_array() || chains->get_array().size() != 1) return {};
  const auto* chain = chains->get_array()[0].if_object();
  if (chain == nullptr) return {};
  return {std::string(ledger::text_of(*chain, "site")), std::string(ledger::text_of(*chain, "enterprise")),
          std::string(ledger::text_of(*chain, "gateway"))};
}
}  // namespace

LedgerFollower::Chain& LedgerFollower::chain_of(const ledger::ChainId& id) {
  return chains_.try_emplace(id, id).first->second;
}

LedgerFollower::Step LedgerFollower::restore(std::string_view line) {
  Step step;
  std::string why;
  if (const auto opened = ledger::open(line, why)) {
    auto& chain = chain_of(opened->chain);
    if (const auto fault = chain.check.next(*opened))
      step.troubles.push_back(named(opened->chain) + ": " + fault->what);
    chain.known = std::max(chain.known, opened->seq);
    ++records_;
  } else if (auto head = ledger::head_from(line)) {
    chain_of(head->chain).kept_head = line;
  } else {
    step.troubles.push_back("a line that is kept is neither a record nor a head: " + why);
  }
  return step;
}

/// One record. On a topic what lies between may still come, and settle() asks for it; what the gateway's own answer
/// passes over it no longer has, and following goes on behind the hole.
void LedgerFollower::take(Chain& chain, const ledger::Opened& opened, std::string_view text, From from, Step& step) {
  chain.known = std::max(chain.known, opened.seq);
  const auto tip = chain.check.tip();
  if (opened.seq > tip.seq + 1 && from == From::topic) return;
  if (opened.seq > tip.seq + 1 || (opened.seq == tip.seq + 1 && opened.prev_hash == tip.hash)) {
    if (const auto fault = chain.check.next(opened)) step.troubles.push_back(named(opened.chain) + ": " + fault->what);
    step.lines.emplace_back(text);
    ++records_;
    return;
  }
  const auto* known = chain.check.hash_of(opened.seq);
  if (known != nullptr && *known == opened.hash) return;  // delivered twice
  step.troubles.push_back(
      known != nullptr
          ? fmt::format("{}: record {} was sent with another content than before", named(opened.chain), opened.seq)
          : fmt::format("{}: record {} does not continue record {}", named(opened.chain), opened.seq, opened.seq - 1));
}

/// After what came: what is still missing is asked for, and a head that now can be held against the chain is.
void LedgerFollower::settle(Chain& chain, Step& step) {
  const auto tip = chain.check.tip().seq;
  if (chain.known > tip) {
    if (!std::exchange(chain.asked, true)) step.asks.push_back({chain.check.chain(), tip});
    return;
  }
  chain.asked = false;
  if (!chain.head || chain.head->tip.seq > tip) return;
  auto fault = chain.check.head(*chain.head);
  if (!fault && trusted_) fault = chain.check.trust(*trusted_);
  if (fault) {
    step.troubles.push_back(named(chain.check.chain()) + ": " + fault->what);
  } else if (chain.head->tip.seq == tip && chain.kept_head != chain.head_text) {
    step.lines.push_back(chain.head_text);
    chain.kept_head = chain.head_text;
  }
  chain.head.reset();
}

LedgerFollower::Step LedgerFollower::on_record(std::string_view text) {
  Step step;
  std::string why;
  const auto opened = ledger::open(text, why);
  if (!opened) {
    step.troubles.push_back("a message on an exceedance topic is no record: " + why);
    return step;
  }
  auto& chain = chain_of(opened->chain);
  take(chain, *opened, text, From::topic, step);
  settle(chain, step);
  return step;
}

LedgerFollower::Step LedgerFollower::on_head(std::string_view text) {
  Step step;
  auto head = ledger::head_from(text);
  if (!head) {
    if (!text.empty()) step.troubles.emplace_back("a message on a ledger topic is no head");
    return step;
  }
  auto& chain = chain_of(head->chain);
  chain.known = std::max(chain.known, head->tip.seq);
  if (!chain.head || chain.head->tip.seq <= head->tip.seq) {
    chain.head = std::move(*head);
    chain.head_text = text;
  }
  settle(chain, step);
  return step;
}

LedgerFollower::Step LedgerFollower::on_answer(std::string_view payload) {
  Step step;
  boost::system::error_code error;
  const auto document = ledger::parse_exact(payload, error);
  const auto* answer = error || !document.is_object() ? nullptr : &document.get_object();
  const auto* records = answer == nullptr ? nullptr : answer->if_contains("records");
  if (records == nullptr || !records->is_array()) {
    step.troubles.push_back(fmt::format("the gateway answers: {}", payload.substr(0, 300)));
    return step;
  }
  Chain* chain = nullptr;
  for (const auto& record : records->get_array()) {
    const auto text = ledger::canonical(record);
    std::string why;
    const auto opened = ledger::open(text, why);
    if (!opened) {
      step.troubles.push_back("the gateway answers with what is no record: " + why);
      continue;
    }
    chain = &chain_of(opened->chain);
    take(*chain, *opened, text, From::gateway, step);
  }
  if (chain == nullptr) {
    // It has nothing behind what we have, and yet somebody spoke of more.
    const auto found = chains_.find(chain_named(*answer));
    if (found == chains_.end()) return step;
    const auto tip = found->second.check.tip().seq;
    if (found->second.known > tip)
      step.troubles.push_back(fmt::format("{}: cut off: record {} was announced, and the gateway has none behind {}",
                                          named(found->first), found->second.known, tip));
    return step;
  }
  chain->asked = false;
  settle(*chain, step);
  return step;
}

LedgerFollower::Step LedgerFollower::ask_again() {
  Step step;
  for (auto& [id, chain] : chains_)
    if (chain.known > chain.check.tip().seq) step.asks.push_back({id, chain.check.tip().seq});
  return step;
}

bool LedgerFollower::caught_up() const {
  for (const auto& [id, chain] : chains_)
    if (chain.known > chain.check.tip().seq) return false;
  return !chains_.empty();
}

}  // namespace hazgate::feed
