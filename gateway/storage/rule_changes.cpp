#include "storage/rule_changes.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <map>
#include <utility>

#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {
using Key = std::pair<std::string, std::string>;  // subject, rule
struct Known {
  std::string text, enterprise;
};

/// What holds as far as the file knows; what was taken away is not there.
std::map<Key, Known> recorded(SQLite::Database& database) {
  SQLite::Statement rows(database,
                         "SELECT subject, rule, after, enterprise FROM rule_change WHERE id IN "
                         "(SELECT max(id) FROM rule_change GROUP BY subject, rule) AND after IS NOT NULL");
  std::map<Key, Known> known;
  while (rows.executeStep()) {
    ColumnReader from(rows);
    Key key{from.text(), from.text()};
    std::string text(from.text());
    known.emplace(std::move(key), Known{std::move(text), std::string(from.text())});
  }
  return known;
}

std::vector<RuleChange> differences(std::span<const RuleText> rules, std::map<Key, Known> known) {
  std::vector<RuleChange> changes;
  for (const auto& rule : rules) {
    const auto before = known.find({rule.subject, rule.rule});
    const bool is_new = before == known.end();
    if (is_new || before->second.text != rule.text)
      changes.push_back({.subject = rule.subject,
                         .rule = rule.rule,
                         .enterprise = rule.enterprise,
                         .before = is_new ? std::nullopt : std::optional(before->second.text),
                         .after = rule.text});
    if (!is_new) known.erase(before);
  }
  for (auto& [key, gone] : known)
    changes.push_back({key.first, key.second, std::move(gone.enterprise), std::move(gone.text), std::nullopt});
  return changes;
}

void append(const RuleChange& change, const std::string& who, core::Timestamp now, SQLite::Statement& insert) {
  Use use(insert);
  ColumnWriter to(*use);
  to.time(now);
  to.word(change.subject);
  to.word(change.rule);
  for (const auto* text : {&change.before, &change.after}) {
    if (*text) {
      to.word(**text);
    } else {
      to.nothing();
    }
  }
  to.word(who);
  to.word(change.enterprise);
  use->exec();
}
}  // namespace

std::vector<RuleChange> record_rules(Database& database, std::span<const RuleText> rules, const std::string& who,
                                     core::Timestamp now) {
  return in_store("record the rules", [&] {
    auto changes = differences(rules, recorded(database.handle()));
    SQLite::Statement insert(
        database.handle(),
        "INSERT INTO rule_change (at, subject, rule, before, after, who, enterprise) VALUES (?,?,?,?,?,?,?)");
    for (const auto& change : changes) append(change, who, now, insert);
    return changes;
  });
}

}  // namespace hazgate::storage
