#include "feed/ledger_follower.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "ledger/canonical_json.hpp"
#include "ledger/exact_json.hpp"

namespace hazgate::feed {

namespace json = boost::json;

namespace {

constexpr std::size_t most_chains = 10'000;
constexpr std::size_t most_unsigned = 20'000;  // records of one commit, and its head is still on its way

std::string named(const ledger::ChainId& chain) {
  return fmt::format("{} at gateway {}", chain.enterprise, chain.gateway);
}

/// What an answer says of the one chain that was asked for.
struct Answered {
  ledger::ChainId chain;
  std::uint64_t after_seq = 0;
  bool more = false;
  const json::value* head = nullptr;
};
std::optional<Answered> answered_by(const json::object& answer) {
  const auto* chains = answer.if_contains("chains");
  if (chains == nullptr || !chains->is_array() || chains->get_array().size() != 1) return {};
  const auto* chain = chains->get_array()[0].if_object();
  if (chain == nullptr) return {};
  const auto* after = chain->if_contains("after_seq");
  const auto* more = chain->if_contains("more");
  const auto* head = chain->if_contains("head");
  if (after == nullptr || !after->is_int64() || after->get_int64() < 0) return {};
  if (more == nullptr || !more->is_bool()) return {};
  return Answered{
      .chain = {std::string(ledger::text_of(*chain, "site")), std::string(ledger::text_of(*chain, "enterprise")),
                std::string(ledger::text_of(*chain, "gateway"))},
      .after_seq = static_cast<std::uint64_t>(after->get_int64()),
      .more = more->get_bool(),
      .head = head != nullptr && head->is_object() ? head : nullptr};
}

}  // namespace

LedgerFollower::Chain* LedgerFollower::chain_of(const ledger::ChainId& id, Step& step) {
  const auto found = chains_.find(id);
  if (found != chains_.end()) return &found->second;
  if (chains_.size() >= most_chains) {
    step.troubles.push_back(fmt::format("{}: not followed: there are {} chains already", named(id), most_chains));
    return nullptr;
  }
  return &chains_.try_emplace(id, id).first->second;
}

LedgerFollower::Step LedgerFollower::restore(std::string_view line) {
  Step step;
  std::string why;
  if (const auto opened = ledger::open(line, why)) {
    if (auto* chain = chain_of(opened->chain, step)) chain->tail.push_back({*opened, std::string(line)});
  } else if (const auto head = ledger::head_from(line)) {
    if (auto* chain = chain_of(head->chain, step)) vouch(*chain, *head, line, step);
  } else {
    step.broken = true;
    step.troubles.push_back("a line that is kept is neither a record nor a head: " + why);
  }
  step.asks.clear();
  return step;
}

/// What is missing is asked for, once until it is answered.
void LedgerFollower::ask(Chain& chain, Step& step) {
  chain.wanted = true;
  if (!std::exchange(chain.asked, true)) step.asks.push_back({chain.check.chain(), chain.end().seq});
}

/// What nobody has signed contradicts itself, or a signed head: the gateway is to say it, together with its head.
void LedgerFollower::ask_anew(Chain& chain, Step& step) {
  chain.tail.clear();
  ask(chain, step);
}

/// Said by the key that signs now, or by the one that is trusted: may it be believed before its records are here?
bool LedgerFollower::holds(const Chain& chain, const ledger::Head& head) const {
  if (trusted_ && ledger::verifies(*trusted_, head)) return true;
  const auto* key = chain.check.key(head.key_id);
  return key != nullptr && head.key_id == chain.check.current_key() && ledger::verifies(*key, head);
}

/// `answered`: by the gateway, which was asked for what comes behind the end; what it passes over it no longer has. On
/// a topic what lies between may still come.
void LedgerFollower::take(Chain& chain, const ledger::Opened& opened, std::string_view text, bool answered,
                          Step& step) {
  const auto signed_tip = chain.check.tip(), end = chain.end();
  if (opened.seq <= signed_tip.seq) {
    const auto* known = chain.check.hash_of(opened.seq);
    if (known != nullptr && *known == opened.hash) return;  // delivered twice
    step.contradictions.emplace_back(text);
    step.troubles.push_back(fmt::format("{}: record {} {}", named(opened.chain), opened.seq,
                                        known != nullptr ? "was sent with another content than before"
                                                         : "was missing, and comes behind others: it is kept aside"));
    return;
  }
  if (opened.seq <= end.seq) {
    const auto same = std::ranges::find(chain.tail, opened.seq, [](const Unsigned& u) { return u.record.seq; });
    if (same == chain.tail.end() || same->record.hash != opened.hash) ask_anew(chain, step);
    return;
  }
  const bool next = opened.seq == end.seq + 1;
  if (next && opened.prev_hash != end.hash && chain.tail.empty()) {
    step.contradictions.emplace_back(text);
    step.troubles.push_back(
        fmt::format("{}: record {} does not continue record {}", named(opened.chain), opened.seq, end.seq));
  }
  if ((next && opened.prev_hash != end.hash) || chain.tail.size() >= most_unsigned) return ask_anew(chain, step);
  if (!next && !answered) return ask(chain, step);
  chain.tail.push_back({opened, std::string(text)});
}

void LedgerFollower::take(Chain& chain, const ledger::Head& head, std::string_view text, Step& step) {
  if (head.tip.seq <= chain.end().seq) return vouch(chain, head, text, step);
  if (!holds(chain, head)) {
    chain.rumoured = std::max(chain.rumoured, head.tip.seq);
  } else if (head.tip.seq > chain.announced) {
    chain.announced = head.tip.seq;
    chain.announced_by = text;
  }
  ask(chain, step);
}

/// The records up to the head count from now on, or none of them does.
void LedgerFollower::vouch(Chain& chain, const ledger::Head& head, std::string_view text, Step& step) {
  auto& check = chain.check;
  const auto before = check.mark();
  std::vector<std::string> holes;
  std::size_t taken = 0;
  std::optional<ledger::Fault> fault;
  for (auto& [record, record_text] : chain.tail) {
    if (record.seq > head.tip.seq) break;
    record.text = record_text;
    fault = check.next(record);
    if (fault && fault->kind == ledger::FaultKind::missing) {
      holes.push_back(named(check.chain()) + ": " + fault->what);
      fault.reset();
    }
    if (fault) break;
    ++taken;
  }
  if (!fault) fault = check.head(head);
  if (!fault && taken > 0 && check.tip().seq != head.tip.seq)
    fault = ledger::Fault{ledger::FaultKind::missing, head.tip.seq,
                          fmt::format("record {} is signed, and is not here", head.tip.seq)};
  if (!fault && trusted_) {
    fault = check.trust(*trusted_);
    chain.refused = fault.has_value();
  }
  if (fault) {
    check.back_to(before);
    step.broken = true;
    step.troubles.push_back(named(check.chain()) + ": " + fault->what);
    if (fault->kind == ledger::FaultKind::key) return;  // no head of this chain: what it says means nothing
    if (taken == 0) {
      step.contradictions.emplace_back(text);
      return;
    }
    return ask_anew(chain, step);
  }
  chain.refused = false;
  if (taken == 0 && (head.tip.seq < before.tip.seq || chain.kept_head == text)) return;
  for (std::size_t i = 0; i < taken; ++i) step.lines.push_back(std::move(chain.tail[i].text));
  chain.tail.erase(chain.tail.begin(), chain.tail.begin() + static_cast<std::ptrdiff_t>(taken));
  step.lines.emplace_back(text);
  chain.kept_head = text;
  records_ += taken;
  for (auto& hole : holes) step.troubles.push_back(std::move(hole));
}

LedgerFollower::Step LedgerFollower::on_record(std::string_view enterprise, std::string_view text) {
  Step step;
  std::string why;
  const auto opened = ledger::open(text, why);
  if (!opened) {
    step.troubles.push_back("a message on an exceedance topic is no record: " + why);
  } else if (opened->chain.site != site_ || opened->chain.enterprise != enterprise) {
    step.troubles.push_back(
        fmt::format("a record of {} came on the topic of another enterprise, and is not taken", named(opened->chain)));
  } else if (auto* chain = chain_of(opened->chain, step)) {
    take(*chain, *opened, text, false, step);
  }
  return step;
}

LedgerFollower::Step LedgerFollower::on_head(std::string_view enterprise, std::string_view text) {
  Step step;
  if (text.empty()) return step;
  const auto head = ledger::head_from(text);
  if (!head) {
    step.troubles.emplace_back("a message on a ledger topic is no head");
  } else if (head->chain.site != site_ || head->chain.enterprise != enterprise) {
    step.troubles.push_back(
        fmt::format("a head of {} came on the topic of another enterprise, and is not taken", named(head->chain)));
  } else if (auto* chain = chain_of(head->chain, step)) {
    take(*chain, *head, text, step);
  }
  return step;
}

LedgerFollower::Step LedgerFollower::on_answer(std::string_view gateway, std::string_view payload) {
  Step step;
  boost::system::error_code error;
  const auto document = ledger::parse_exact(payload, error);
  const auto* answer = error || !document.is_object() ? nullptr : &document.get_object();
  const auto* records = answer == nullptr ? nullptr : answer->if_contains("records");
  const auto said = answer == nullptr ? std::nullopt : answered_by(*answer);
  if (records == nullptr || !records->is_array() || !said) {
    step.troubles.push_back(answer == nullptr
                                ? std::string("the gateway answers with what is no JSON")
                                : fmt::format("the gateway answers: {}", ledger::canonical(document).substr(0, 300)));
    return step;
  }
  const auto found = chains_.find(said->chain);
  if (said->chain.gateway != gateway || found == chains_.end()) return step;  // nobody has asked for that
  auto& chain = found->second;
  const bool to_the_point = said->after_seq == chain.end().seq;
  chain.asked = false;
  for (const auto& record : records->get_array()) {
    const auto text = ledger::canonical(record);
    std::string why;
    const auto opened = ledger::open(text, why);
    if (!opened || opened->chain != said->chain) {
      step.troubles.push_back(named(said->chain) + ": the gateway answers with what is no record of this chain " + why);
      return step;
    }
    take(chain, *opened, text, to_the_point, step);
  }
  if (said->head != nullptr) {
    const auto text = ledger::canonical(*said->head);
    if (const auto head = ledger::head_from(text); head && head->chain == said->chain) take(chain, *head, text, step);
  }
  if (said->more || !to_the_point) {
    if (chain.lacks_something()) ask(chain, step);
    return step;
  }
  if (!chain.asked) settle(chain, step);  // else it contradicted itself, and is asked anew
  return step;
}

/// The gateway has said all that it has.
void LedgerFollower::settle(Chain& chain, Step& step) {
  chain.wanted = false;
  // It has no more, and no head of its own vouches for these.
  if (!chain.tail.empty()) chain.refused = true;
  chain.tail.clear();
  const auto end = chain.end().seq;
  if (const auto rumoured = std::exchange(chain.rumoured, 0); rumoured > end)
    step.troubles.push_back(fmt::format(
        "{}: a head that no key of this chain has signed announced record {}, and the gateway has none behind {}",
        named(chain.check.chain()), rumoured, end));
  if (chain.announced > end && std::exchange(chain.told, chain.announced) != chain.announced) {
    step.contradictions.push_back(chain.announced_by);
    step.troubles.push_back(fmt::format("{}: cut off: record {} was announced, and the gateway has none behind {}",
                                        named(chain.check.chain()), chain.announced, end));
  }
}

LedgerFollower::Step LedgerFollower::ask_again() {
  Step step;
  for (auto& [id, chain] : chains_)
    if (chain.lacks_something()) step.asks.push_back({id, chain.end().seq});
  return step;
}

std::string LedgerFollower::waiting_for() const {
  std::string names;
  for (const auto& [id, chain] : chains_)
    if (!chain.complete() && names.size() < 200) names += (names.empty() ? "" : ", ") + named(id);
  return names;
}

}  // namespace hazgate::feed
