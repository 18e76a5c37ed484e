#include "app/verify.hpp"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <stdexcept>

#include "app/progress.hpp"
#include "app/secret_file.hpp"
#include "ledger/check.hpp"
#include "ledger/record_reader.hpp"
#include "settings/words.hpp"
#include "storage/ledger.hpp"

namespace hazgate::app {

namespace fs = std::filesystem;
using ledger::ChainCheck;
using ledger::ChainId;
using ledger::Fault;
using ledger::FaultKind;

namespace {

constexpr std::size_t most_faults_shown = 20;
constexpr std::size_t longest_line = 1U << 20U;

std::string name_of(const ChainId& chain) {
  return fmt::format("{}/{}/{}", chain.site, chain.enterprise, chain.gateway);
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

class Verification {
 public:
  Verification(const VerifyOptions& options, std::ostream& out) : out_(out) {
    if (!options.key.empty()) key_ = public_key_from(options.key, "--key");
    for (const auto& given : options.heads) {
      const auto text = text_or_file(given, "--head");
      const auto before = heads_.size();
      for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const auto line = trimmed(text.substr(begin, end - begin));
        begin = end + 1;
        if (line.empty()) continue;
        auto head = ledger::head_from(line);
        if (!head)
          throw std::runtime_error(
              "--head: expected the JSON of a published head ({\"seq\":…,\"hash\":…,\"signature\":…}), or "
              "a file with one a line");
        heads_.push_back(std::move(*head));
      }
      if (heads_.size() == before) throw std::runtime_error("--head: there is no head in it");
    }
  }

  /// A record, or a signed head, in the order of the file. `chain`: whose it is as far as the file says it by itself;
  /// `enterprise`: as whose a store gives it out.
  void record(const std::string& chain, std::string_view enterprise, std::string_view text,
              const ledger::Opened* opened) {
    auto& found = chain_of(chain, text);
    if (opened != nullptr && !enterprise.empty() && opened->chain.enterprise != enterprise)
      tell(found, {FaultKind::inserted, opened->seq,
                   fmt::format("record {} stands in the store under the name of {}", opened->seq,
                               settings::in_quotes(enterprise))});
    if (auto fault = opened != nullptr ? found.check.next(*opened) : found.check.next(text)) tell(found, *fault);
  }
  ledger::RecordReader& reader() { return reader_; }
  void head(const std::string& chain, std::string_view text) { chain_of(chain, text).last_head = text; }

  /// After the whole file: the newest head of a chain vouches for all before it. Where it does not hold, the file is
  /// read once more for the first one that does not: up to there the chain is as it was signed.
  bool wants_heads() {
    bool wanted = false;
    for (auto& [name, chain] : chains_) {
      if (key_)
        if (auto fault = chain.check.trust(*key_)) tell(chain, *fault);
      if (chain.faults > 0) continue;
      if (chain.last_head.empty()) {
        if (!is_published(chain.check))
          tell(chain, {FaultKind::key, chain.check.tip().seq, "no signed head vouches for these records"});
        continue;
      }
      const auto head = ledger::head_from(chain.last_head);
      chain.head_fails = !head || chain.check.head(*head);
      wanted |= chain.head_fails;
      if (!chain.head_fails && head->tip.seq < chain.check.tip().seq && !is_published(chain.check))
        tell(chain, {FaultKind::key, head->tip.seq + 1,
                     fmt::format("records from {} on have no signed head", head->tip.seq + 1)});
    }
    return wanted;
  }
  /// One of the heads that were given is its last record's.
  bool is_published(const ChainCheck& check) const {
    return std::ranges::any_of(heads_, [&](const auto& head) {
      return head.chain == check.chain() && head.tip == check.tip() && !check.head(head);
    });
  }
  void head_again(const std::string& chain, std::string_view text) {
    auto& found = chain_of(chain, text);
    if (!found.head_fails) return;
    const auto head = ledger::head_from(text);
    const auto fault =
        head ? found.check.head(*head) : Fault{FaultKind::key, 0, "what should be a signed head is none"};
    if (!fault) return;
    found.head_fails = false;
    tell(found, *fault);
  }

  bool finish() {
    for (const auto& head : heads_) {
      bool found = false;
      for (auto& [name, chain] : chains_) {
        if (chain.check.chain() != head.chain) continue;
        found = true;
        if (auto fault = chain.check.head(head)) tell(chain, *fault);
      }
      if (found) continue;
      whole_ = false;
      fmt::print(out_, "{}: cut off: a published head knows record {}, and there is no record at all\n",
                 name_of(head.chain), head.tip.seq);
    }
    for (auto& [name, chain] : chains_) report(chain);
    if (chains_.empty()) fmt::print(out_, "there is no record\n");
    return whole_ && !chains_.empty();
  }

 private:
  struct Chain {
    explicit Chain(ChainId id) : check(std::move(id)) {}
    ChainCheck check;
    std::string last_head;  ///< of those that were kept with the records
    bool head_fails = false;
    std::size_t faults = 0;
  };

  Chain& chain_of(const std::string& key, std::string_view text) {
    auto found = chains_.find(key);
    if (found == chains_.end()) {
      std::string why;
      const auto opened = ledger::open(text, why);
      const auto head = opened ? std::nullopt : ledger::head_from(text);
      const auto id = opened ? opened->chain : head ? head->chain : ChainId{"?", settings::in_quotes(key), "?"};
      found = chains_.emplace(key, Chain(id)).first;
    }
    return found->second;
  }
  void tell(Chain& chain, const Fault& fault) {
    whole_ = false;
    if (++chain.faults <= most_faults_shown)
      fmt::print(out_, "{}: {}: {}\n", name_of(chain.check.chain()), ledger::name(fault.kind), fault.what);
  }
  void report(const Chain& chain) {
    const auto& check = chain.check;
    if (chain.faults > most_faults_shown)
      fmt::print(out_, "{}: and {} faults more\n", name_of(check.chain()), chain.faults - most_faults_shown);
    if (chain.faults > 0) {
      fmt::print(out_, "{}: {} records, NOT WHOLE, faults: {}; last {} {}\n", name_of(check.chain()), check.records(),
                 chain.faults, check.tip().seq, ledger::hex(check.tip().hash));
      return;
    }
    fmt::print(out_, "{}: {} records, whole; last {} {}; signed by key {}{}\n", name_of(check.chain()), check.records(),
               check.tip().seq, ledger::hex(check.tip().hash), check.current_key(),
               key_ ? "" : ", which the chain brings itself: compare it with yours (--key)");
  }

  std::ostream& out_;
  ledger::RecordReader reader_;
  std::optional<ledger::PublicKey> key_;
  std::vector<ledger::Head> heads_;
  std::map<std::string, Chain> chains_;
  bool whole_ = true;
};

bool is_store(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string begin(15, '\0');
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return begin == "SQLite format 3";
}

using OnRecord = std::function<void(const std::string& chain, std::string_view enterprise, std::string_view text,
                                    const ledger::Opened* opened)>;
using OnHead = std::function<void(const std::string& chain, std::string_view text)>;

void read_store(const VerifyOptions& options, ledger::RecordReader& reader, const OnRecord& on_record,
                const OnHead& on_head) {
  auto database = storage::Database::to_read(options.file);
  storage::Ledger ledger(database);
  const auto check = [&](const storage::LedgerRow& row) {
    std::string why;
    const auto opened = reader.open(row.record, why);
    on_record(row.enterprise, row.enterprise, row.record, opened ? &*opened : nullptr);
    if (!row.head.empty()) on_head(row.enterprise, row.head);
  };
  ledger.for_each(check, options.enterprise);
}

/// What is neither belongs to the chain of the line before it.
void read_lines(const VerifyOptions& options, ledger::RecordReader& reader, const OnRecord& on_record,
                const OnHead& on_head) {
  const auto& file = options.file;
  std::ifstream in(file, std::ios::binary);
  std::string line, chain = "?";
  while (std::getline(in, line)) {
    if (line.size() > longest_line) throw std::runtime_error(file.string() + ": has a line that is no record");
    if (line.ends_with('\r')) line.pop_back();  // of a file that went through a Windows editor
    if (line.empty()) continue;
    if (line.find("\"signature\":\"") != std::string::npos) {
      if (const auto head = ledger::head_from(line)) {
        on_head(name_of(head->chain), line);
        continue;
      }
    }
    std::string why;
    const auto opened = reader.open(line, why);
    if (opened) chain = name_of(opened->chain);
    on_record(chain, {}, line, opened ? &*opened : nullptr);
  }
  if (in.bad()) throw std::runtime_error(file.string() + ": cannot be read");
}

}  // namespace

bool verify(const VerifyOptions& options, std::ostream& out) {
  if (!fs::is_regular_file(options.file))
    throw std::runtime_error(fmt::format("{}: there is no such file", options.file.string()));
  Verification verification(options, out);
  std::optional<Progress> progress;
  if (options.tells_progress) progress.emplace("records read");
  const auto read = is_store(options.file) ? read_store : read_lines;
  read(
      options, verification.reader(),
      [&](const auto& chain, auto enterprise, auto text, const auto* opened) {
        if (options.given_up != nullptr && *options.given_up) throw std::runtime_error("given up");
        verification.record(chain, enterprise, text, opened);
        if (progress) progress->step();
      },
      [&](const auto& chain, auto text) { verification.head(chain, text); });
  if (verification.wants_heads())
    read(
        options, verification.reader(), [](const auto&, auto, auto, const auto*) {},
        [&](const auto& chain, auto text) { verification.head_again(chain, text); });
  return verification.finish();
}

}  // namespace hazgate::app
