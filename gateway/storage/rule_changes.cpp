#include "storage/rule_changes.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <utility>

#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {
using Key = std::pair<std::string, std::string>;  // subject, rule

/// What holds as far as the file knows; what was taken away is not there.
std::map<Key, std::string> recorded(SQLite::Database& database) {
  SQLite::Statement rows(database,
                         "SELECT subject, rule, after FROM rule_change WHERE id IN "
                         "(SELECT max(id) FROM rule_change GROUP BY subject, rule) AND after IS NOT NULL");
  std::map<Key, std::string> known;
  while (rows.executeStep()) {
    ColumnReader from(rows);
    Key key{from.text(), from.text()};
    known.emplace(std::move(key), from.text());
  }
  return known;
}

class Journal {
 public:
  Journal(SQLite::Database& database, const std::string& who, core::Timestamp now)
      : insert_(database, "INSERT INTO rule_change (at, subject, rule, before, after, who) VALUES (?,?,?,?,?,?)"),
        who_(who),
        now_(now) {}
  void note(const Key& key, const std::string* before, const std::string* after) {
    Use use(insert_);
    ColumnWriter to(*use);
    to.time(now_);
    to.word(key.first);
    to.word(key.second);
    for (const auto* text : {before, after}) {
      if (text == nullptr) {
        to.nothing();
      } else {
        to.word(*text);
      }
    }
    to.word(who_);
    use->exec();
    ++count;
  }
  std::size_t count = 0;

 private:
  SQLite::Statement insert_;
  const std::string& who_;
  core::Timestamp now_;
};
}  // namespace

std::size_t record_rules(Database& database, std::span<const RuleText> rules, const std::string& who,
                         core::Timestamp now) {
  return in_store("record the rules", [&] {
    auto known = recorded(database.handle());
    Transaction transaction(database);
    Journal journal(database.handle(), who, now);
    for (const auto& rule : rules) {
      const Key key{rule.subject, rule.rule};
      const auto before = known.find(key);
      if (before == known.end()) {
        journal.note(key, nullptr, &rule.text);
        continue;
      }
      if (before->second != rule.text) journal.note(key, &before->second, &rule.text);
      known.erase(before);
    }
    for (const auto& [key, text] : known) journal.note(key, &text, nullptr);
    transaction.commit();
    database.handle().exec("PRAGMA shrink_memory");  // of a large site the pages of its first record are megabytes
    return journal.count;
  });
}

}  // namespace hazgate::storage
