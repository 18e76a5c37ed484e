#include "app/ledger_book.hpp"

#include <algorithm>
#include <fstream>
#include <set>
#include <utility>

#include "feed/ledger_payload.hpp"
#include "feed/payload.hpp"

namespace hazgate::app {

namespace {
constexpr auto heads_every = std::chrono::hours(1);
constexpr std::size_t most_records_a_page = 100, most_bytes_a_page = 100'000;
}  // namespace

LedgerBook::LedgerBook(const core::Site& site, storage::Database& database, LedgerKeys keys,
                       std::filesystem::path heads)
    : site_(site), rows_(database), keys_(std::move(keys)), heads_file_(std::move(heads)) {
  for (const auto& end : rows_.ends()) {
    const auto hash = ledger::bytes_from_hex<ledger::Hash>(end.hash);
    const auto head = ledger::head_from(end.head);
    std::string why;
    const auto opened = ledger::open(end.record, why);
    chains_[end.enterprise] = {
        .id = opened ? opened->chain : ledger::ChainId{site.site_id, end.enterprise, site.gateway_id},
        .tip = {end.seq, hash.value_or(ledger::Hash{})},
        .key_id = head ? head->key_id : "?"};
  }
  go_on_behind_heads();
  durable_ = chains_;
}

/// What we signed ourselves is believed, and nothing else that stands in the file.
void LedgerBook::go_on_behind_heads() {
  std::ifstream in(heads_file_);
  for (std::string line; std::getline(in, line);) {
    const auto head = ledger::head_from(line);
    const auto signed_by = [&](const ledger::SigningKey& key) { return ledger::verifies(key.public_key(), *head); };
    if (!head || !(signed_by(keys_.current) || (keys_.previous && signed_by(*keys_.previous)))) continue;
    auto& chain = chains_[head->chain.enterprise];
    // Its key may have been among the records that are lost: it is recorded again.
    if (head->tip.seq > chain.tip.seq) chain = {.id = head->chain, .tip = head->tip, .key_id = {}};
  }
}

/// Whole or not at all. Not flushed: it is for the day when the store is gone, and not for a power cut as well.
void LedgerBook::keep_heads() const {
  std::map<std::string, std::string> all;
  {
    std::ifstream in(heads_file_);
    for (std::string line; std::getline(in, line);)
      if (const auto head = ledger::head_from(line)) all[head->chain.enterprise] = line;
  }
  for (const auto& [enterprise, head] : heads_) all[enterprise] = head;
  const auto whole = heads_file_.string() + ".new";
  {
    std::ofstream out(whole, std::ios::trunc);
    for (const auto& [enterprise, head] : all) out << head << '\n';
    if (!out.flush()) return;
  }
  std::error_code ignored;
  std::filesystem::rename(whole, heads_file_, ignored);
}

LedgerBook::Chain& LedgerBook::chain_of(const std::string& enterprise) {
  const auto found = chains_.find(enterprise);
  if (found != chains_.end()) return found->second;
  return chains_[enterprise] = {.id = {site_.site_id, enterprise, site_.gateway_id}, .tip = {}, .key_id = {}};
}

std::uint64_t LedgerBook::add(const std::string& enterprise, boost::json::object record, core::Timestamp now) {
  auto& chain = chain_of(enterprise);
  auto sealed = ledger::seal(chain.id, chain.tip, std::move(record));
  chain.tip = sealed.tip;
  pending_.push_back({.enterprise = enterprise,
                      .seq = sealed.tip.seq,
                      .at = now,
                      .hash = ledger::hex(sealed.tip.hash),
                      .record = std::move(sealed.text),
                      .head = {}});
  return sealed.tip.seq;
}

std::size_t LedgerBook::record_key(core::Timestamp now) {
  std::size_t recorded = 0;
  const auto& key = keys_.current;
  for (const auto& enterprise : site_.enterprises) chain_of(enterprise.id);
  // Also those of enterprises that have left the site: whoever still follows them knows with which key they go on.
  for (auto& [enterprise, chain] : chains_) {
    if (chain.key_id == key.id()) continue;
    const auto* previous = keys_.previous && keys_.previous->id() == chain.key_id ? &*keys_.previous : nullptr;
    add(enterprise, feed::key_record(key, chain.key_id, previous, now), now);
    chain.key_id = key.id();
    ++recorded;
  }
  return recorded;
}

void LedgerBook::record(const core::Exceedance& e, core::Timestamp now) {
  const auto& point = site_.points[core::at(e.point)];
  const auto& enterprise = site_.enterprise_of(point.workplace).id;
  if (e.over) {
    // What was not said to begin (its set point was restored from an alarm) is not said to end.
    const auto began = rows_.close(point.id, e.basis, e.limit.kind, e.level);
    if (began) add(enterprise, feed::exceedance_record(site_, e, now, began->seq), now);
    return;
  }
  const storage::OpenExceedance open{.point = point.id,
                                     .basis = e.basis,
                                     .limit = e.limit.kind,
                                     .level = e.level,
                                     .enterprise = enterprise,
                                     .workplace = site_.workplaces[core::at(point.workplace)].id,
                                     .seq = chain_of(enterprise).tip.seq + 1,
                                     .since = e.since};
  if (rows_.open(open)) add(enterprise, feed::exceedance_record(site_, e, now, {}), now);
}

void LedgerBook::record(const core::Exposure& e, core::Timestamp now) {
  if (!e.final || e.verdict != core::Verdict::exceeds) return;
  const auto& enterprise = site_.enterprise_of(site_.points[core::at(e.point)].workplace).id;
  add(enterprise, feed::shift_record(site_, e, now), now);
}

/// Each enterprise hears of its own points, and of what holds for all.
void LedgerBook::record(std::span<const storage::RuleChange> changes, const std::string& who, core::Timestamp now) {
  for (const auto& enterprise : site_.enterprises) {
    std::vector<feed::RuleChanged> mine;
    for (const auto& change : changes) {
      if (!change.enterprise.empty() && change.enterprise != enterprise.id) continue;
      mine.push_back({.subject = change.subject,
                      .rule = change.rule,
                      .before = change.before ? &*change.before : nullptr,
                      .after = change.after ? &*change.after : nullptr});
    }
    if (!mine.empty()) add(enterprise.id, feed::rules_record(mine, who, now), now);
  }
}

void LedgerBook::record(const storage::Rescue& rescue, core::Timestamp now) {
  for (const auto& enterprise : site_.enterprises)
    add(enterprise.id, feed::rescue_record(rescue.why, rescue.aside.filename().string(), now), now);
}

void LedgerBook::abandon(const Followed& followed, core::Timestamp now) {
  for (const auto& open : rows_.open_ones()) {
    const auto point = std::ranges::find(site_.points, open.point, &core::Point::id);
    if (point != site_.points.end() &&
        followed(core::PointIndex{static_cast<std::uint32_t>(point - site_.points.begin())}, open))
      continue;
    rows_.close(open.point, open.basis, open.limit, open.level);
    add(open.enterprise, feed::abandoned_record(open.workplace, open.point, open.limit, open.since, now, open.seq),
        now);
  }
}

std::string LedgerBook::sign(const Chain& chain, core::Timestamp now) const {
  std::string at;
  feed::append_time(at, now);
  return ledger::signed_head(chain.id, chain.tip, at, keys_.current);
}

std::vector<LedgerBook::Message> LedgerBook::settle(core::Timestamp now) {
  std::vector<Message> messages;
  std::set<std::string> grown;
  for (auto row = pending_.rbegin(); row != pending_.rend(); ++row)
    if (grown.insert(row->enterprise).second)
      row->head = heads_[row->enterprise] = sign(chain_of(row->enterprise), now);
  for (auto& row : pending_) {
    rows_.append(row);
    messages.push_back({feed::exceedance_topic(site_, row.enterprise), std::move(row.record)});
  }
  // A clock that stepped back must not silence the heads until it has caught up.
  const bool all = heads_due_ && (now >= *heads_due_ || *heads_due_ - now > heads_every);
  if (!heads_due_ || all) heads_due_ = now + heads_every;
  for (auto& row : pending_)
    if (!row.head.empty()) messages.push_back({feed::ledger_topic(site_, row.enterprise), std::move(row.head), true});
  for (const auto& [enterprise, chain] : chains_)
    if (all && chain.tip.seq > 0 && !grown.contains(enterprise))
      messages.push_back({feed::ledger_topic(site_, enterprise), sign(chain, now), true});
  pending_.clear();
  return messages;
}

void LedgerBook::committed() {
  durable_ = chains_;
  durable_heads_due_ = heads_due_;
  if (!heads_.empty()) keep_heads();
  heads_.clear();
}

void LedgerBook::rolled_back() {
  chains_ = durable_;
  heads_due_ = durable_heads_due_;
  heads_.clear();
  pending_.clear();
}

std::vector<feed::ChainPage> LedgerBook::pages(const std::string& enterprise, std::uint64_t after,
                                               core::Timestamp now) {
  std::vector<feed::ChainPage> pages;
  std::size_t bytes = 0, records = 0;
  for (const auto& [name, chain] : durable_) {
    if (!enterprise.empty() && name != enterprise) continue;
    feed::ChainPage page{.chain = chain.id, .after_seq = after, .records = {}, .last_seq = chain.tip.seq, .head = {}};
    for (auto& row : rows_.after(name, after, most_records_a_page)) {
      if (records >= most_records_a_page || (records > 0 && bytes + row.record.size() > most_bytes_a_page)) break;
      ++records;
      bytes += row.record.size();
      page.records.push_back(std::move(row.record));
      if (!row.head.empty()) page.head = std::move(row.head);
    }
    if (page.records.empty() && chain.tip.seq > 0) page.head = sign(chain, now);
    page.more = after + page.records.size() < page.last_seq;
    pages.push_back(std::move(page));
  }
  return pages;
}

}  // namespace hazgate::app
