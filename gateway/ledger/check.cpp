#include "ledger/check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "ledger/exact_json.hpp"

namespace hazgate::ledger {

namespace {
/// Behind a hostile number nothing else would be in order.
constexpr std::uint64_t furthest_jump = 10'000'000;
}  // namespace

std::string_view name(FaultKind kind) {
  switch (kind) {
    case FaultKind::altered:
      return "altered";
    case FaultKind::missing:
      return "missing";
    case FaultKind::inserted:
      return "inserted";
    case FaultKind::reordered:
      return "reordered";
    case FaultKind::cut_off:
      return "cut off";
    case FaultKind::key:
      return "key";
  }
  return {};
}

Fault ChainCheck::altered(std::uint64_t seq, std::string what) const {
  return {FaultKind::altered, seq, fmt::format("record {} was altered: {}", seq, what)};
}

std::optional<Fault> ChainCheck::next(std::string_view text) {
  std::string why;
  if (auto opened = open(text, why)) return next(*opened);
  ++records_;
  // Its place is that behind the one before; what it says of itself is worth nothing.
  const auto seq = tip_.seq + 1;
  go_on_behind(seq, {});
  return altered(seq, why);
}

std::optional<Fault> ChainCheck::next(const Opened& opened) {
  ++records_;
  if (opened.chain != chain_)
    return Fault{FaultKind::inserted, opened.seq,
                 fmt::format("record {} belongs to another chain: site {}, enterprise {}, gateway {}", opened.seq,
                             opened.chain.site, opened.chain.enterprise, opened.chain.gateway)};
  const bool before_unknown = tip_.seq > 0 && tip_.hash == Hash{};
  if (opened.seq == tip_.seq + 1 && (opened.prev_hash == tip_.hash || before_unknown)) {
    go_on_behind(opened.seq, opened.hash);
    return take_key(opened);
  }
  auto fault = out_of_place(opened);
  if (opened.seq > tip_.seq && opened.seq - tip_.seq < furthest_jump) {
    go_on_behind(opened.seq, opened.hash);
    take_key(opened);
  }
  return fault;
}

void ChainCheck::go_on_behind(std::uint64_t seq, const Hash& hash) {
  if (stretches_.empty() || seq != tip_.seq + 1) stretches_.push_back({seq, {}});
  stretches_.back().hashes.push_back(hash);
  tip_ = {seq, hash};
}

const Hash* ChainCheck::hash_of(std::uint64_t seq) const {
  const auto behind = std::ranges::upper_bound(stretches_, seq, {}, &Stretch::first);
  if (behind != stretches_.begin()) {
    const auto& [first, hashes] = *std::prev(behind);
    if (seq - first < hashes.size()) return hashes[seq - first] == Hash{} ? nullptr : &hashes[seq - first];
  }
  const auto found = belated_.find(seq);
  return found == belated_.end() ? nullptr : &found->second;
}

void ChainCheck::back_to(const Mark& mark) {
  tip_ = mark.tip;
  records_ = mark.records;
  while (!stretches_.empty() && stretches_.back().first > tip_.seq) stretches_.pop_back();
  if (!stretches_.empty()) {
    auto& [first, hashes] = stretches_.back();
    hashes.resize(std::min<std::size_t>(hashes.size(), tip_.seq - first + 1));
  }
  while (!keys_.empty() && keys_.back().seq > tip_.seq) keys_.pop_back();
}

Fault ChainCheck::out_of_place(const Opened& opened) {
  const auto seq = opened.seq, expected = tip_.seq + 1;
  if (seq > expected) {
    const auto last = seq - 1;
    return {FaultKind::missing, expected,
            expected == last ? fmt::format("record {} is missing", expected)
                             : fmt::format("records {} to {} are missing", expected, last)};
  }
  if (seq == expected)
    return altered(seq > 1 ? seq - 1 : seq, seq > 1 ? fmt::format("record {} knows it by another hash", seq)
                                                    : std::string("it does not begin the chain"));
  const auto* known = hash_of(seq);
  if (known != nullptr && *known == opened.hash)
    return {FaultKind::inserted, seq, fmt::format("record {} comes a second time", seq)};
  // A place that was passed over: the record was moved, not lost. What is filled comes a second time from now on.
  if (known == nullptr) {
    belated_[seq] = opened.hash;
    return {FaultKind::reordered, seq, fmt::format("record {} stands behind record {}", seq, tip_.seq)};
  }
  return {FaultKind::inserted, seq, fmt::format("another record has the number {}, which was read already", seq)};
}

std::optional<Fault> ChainCheck::take_key(const Opened& opened) {
  if (opened.kind != "key") return {};
  boost::system::error_code error;
  const auto document = parse_exact(opened.text, error);
  const auto& record = document.get_object();  // it was read once already
  const auto key = bytes_from_hex<PublicKey>(text_of(record, "public_key"));
  std::string id(text_of(record, "key_id"));
  if (!key || key_id(*key) != id)
    return Fault{FaultKind::key, opened.seq, fmt::format("record {} brings a key that is none", opened.seq)};
  if (!keys_.empty() && keys_.back().id == id) return {};  // said again, behind records that were lost
  const bool vouched_for = keys_.empty() || endorsed(record, keys_.back().key);
  keys_.push_back({std::move(id), *key, opened.seq, vouched_for});
  return {};
}

const PublicKey* ChainCheck::key(std::string_view id) const {
  const auto found = std::ranges::find(keys_, id, &Key::id);
  return found == keys_.end() ? nullptr : &found->key;
}

const ChainCheck::Key* ChainCheck::key_in_force(std::uint64_t seq) const {
  const auto newest = std::ranges::find_if(keys_.rbegin(), keys_.rend(), [&](const Key& k) { return k.seq <= seq; });
  return newest == keys_.rend() ? nullptr : &*newest;
}

std::optional<Fault> ChainCheck::head(const Head& head) const {
  const auto* signer = key_in_force(head.tip.seq);
  if (signer == nullptr || signer->id != head.key_id)
    return Fault{FaultKind::key, head.tip.seq,
                 fmt::format("the head of record {} is signed with key {}, which is {}", head.tip.seq, head.key_id,
                             key(head.key_id) == nullptr ? "no key of this chain" : "not the one in force there")};
  if (head.chain != chain_ || !verifies(signer->key, head))
    return Fault{FaultKind::key, head.tip.seq,
                 fmt::format("the signature of the head of record {} does not hold", head.tip.seq)};
  if (head.tip.seq > tip_.seq)
    return Fault{FaultKind::cut_off, tip_.seq + 1,
                 fmt::format("cut off: the chain ends with record {}, and its signed head of {} is record {}", tip_.seq,
                             head.at, head.tip.seq)};
  const auto* known = hash_of(head.tip.seq);
  if (known == nullptr || *known == head.tip.hash) return {};
  return altered(head.tip.seq, fmt::format("the signed head of {} knows it by another hash", head.at));
}

std::optional<Fault> ChainCheck::trust(const PublicKey& trusted) const {
  const auto root = std::ranges::find(keys_, trusted, &Key::key);
  if (root == keys_.end())
    return Fault{FaultKind::key, 0, fmt::format("the chain was not signed with key {}", key_id(trusted))};
  const auto stranger = std::find_if(root + 1, keys_.end(), [](const Key& k) { return !k.endorsed; });
  if (stranger == keys_.end()) return {};
  return Fault{FaultKind::key, stranger->seq,
               fmt::format("record {} changes to key {}, and the key before it does not vouch for that", stranger->seq,
                           stranger->id)};
}

}  // namespace hazgate::ledger
