#include "records/assessment_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "records/cell.hpp"
#include "records/report_figures.hpp"

namespace hazgate::records {

namespace {

struct Column {
  const EntryField* field = nullptr;
  bool of_sample = false;
};

std::optional<Column> column_of(const std::string& title) {
  const auto named = [&](const EntryField& field) {
    return title == field.word || title == field.zh || title == field.en;
  };
  for (const auto& field : entry_fields())
    if (named(field)) return Column{&field, false};
  for (const auto& field : sample_fields())
    if (named(field)) return Column{&field, true};
  return std::nullopt;
}

/// Our own CSV puts an apostrophe before what a spreadsheet would compute.
std::string as_typed(const std::string& cell) {
  return cell.starts_with('\'') && looks_like_formula(std::string_view(cell).substr(1)) ? cell.substr(1) : cell;
}

/// Everything that a column heading may be, for a message.
std::string all_titles(bool zh) {
  std::string titles;
  for (const auto fields : {entry_fields(), sample_fields()})
    for (const auto& field : fields)
      titles += fmt::format("{}{}", titles.empty() ? "" : zh ? "、" : ", ", zh ? field.zh : field.word);
  return titles;
}

/// Rows that belong together, as the first of them says; where another one says something else, that is a fault.
struct Group {
  AssessmentWords words;
  std::vector<std::uint32_t> lines;
  bool spoiled = false;
};

class Importer {
 public:
  Importer(const TableRead& file, const AssessmentEntry& entry, const EntryContext& context)
      : file_(file), entry_(entry), context_(context) {}

  Import take() {
    import_.rows = file_.table.rows.size();
    for (const auto& problem : file_.problems) import_.fault(problem);
    if (headings()) {
      for (const auto& row : file_.table.rows) add(row);
      for (const auto* group : order_) finish(*group);
    }
    std::ranges::stable_sort(import_.problems, {}, &TableProblem::line);
    return std::move(import_);
  }

 private:
  bool headings() {
    if (file_.table.columns.empty()) return false;
    bool good = true;
    for (const auto& title : file_.table.columns) {
      columns_.push_back(column_of(title));
      if (columns_.back() || title.empty()) continue;
      good = false;
      import_.fault(
          {.line = 1,
           .column = title,
           .text = {"不认识此列；可用的列：" + all_titles(true), "is no column; expected " + all_titles(false)}});
    }
    for (const auto fields : {entry_fields(), sample_fields()})
      for (const auto& field : fields) good &= !field.needed || there(field);
    return good && no_doubles();
  }
  bool there(const EntryField& field) {
    const bool found =
        std::ranges::any_of(columns_, [&](const auto& column) { return column && column->field == &field; });
    if (!found)
      import_.fault({.line = 1,
                     .column = std::string(field.zh),
                     .text = {"缺少此列", fmt::format("the column is missing ({})", field.word)}});
    return found;
  }
  bool no_doubles() {
    bool good = true;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      for (std::size_t j = 0; j < i && columns_[i]; ++j) {
        if (!columns_[j] || columns_[j]->field != columns_[i]->field) continue;
        import_.fault(
            {.line = 1, .column = file_.table.columns[i], .text = {"此列出现两次", "the column is there twice"}});
        good = false;
      }
    return good;
  }

  void add(const TableRow& row) {
    EntryWords fields, sample;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i])
        (columns_[i]->of_sample ? sample : fields)[std::string(columns_[i]->field->word)] = as_typed(row.cells.at(i));
    std::string key;
    for (const std::string_view field : {"report_no", "workplace", "agent", "date", "subject_kind", "subject"}) {
      key += fields[std::string(field)];
      key += '\x1f';
    }
    auto [place, is_new] = groups_.try_emplace(std::move(key));
    auto& group = place->second;
    if (is_new) {
      order_.push_back(&group);
      group.words.fields = fields;
    } else {
      compare(group, fields, row.line);
    }
    group.words.samples.push_back(std::move(sample));
    group.lines.push_back(row.line);
  }

  void compare(Group& group, const EntryWords& fields, std::uint32_t line) {
    for (const auto& [word, said] : fields) {
      const auto& first = group.words.fields[word];
      if (said == first) continue;
      import_.fault({.line = line,
                     .column = title_of(word),
                     .text = {fmt::format("与同一记录的第 {} 行不同", group.lines.front()),
                              fmt::format("is not what line {} of the same assessment says", group.lines.front())}});
      group.spoiled = true;
    }
  }

  std::string title_of(std::string_view word) const {
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i] && columns_[i]->field->word == word) return file_.table.columns[i];
    return std::string(word);
  }

  /// "samples[2].result" is the result in the line of the third sample.
  void tell(const EntryFault& fault, const Group& group) {
    std::string_view field = fault.field;
    std::size_t sample = 0;
    if (field.starts_with("samples[")) {
      const auto end = field.find(']');
      sample = std::min<std::size_t>(std::stoul(std::string(field.substr(8, end - 8))), group.lines.size() - 1);
      field.remove_prefix(end + 2);
    }
    import_.fault({.line = group.lines[sample],
                   .column = field == "samples" ? std::string() : title_of(field),
                   .text = fault.text});
  }

  void finish(const Group& group) {
    auto entered = entry_.enter(group.words, context_);
    for (const auto& fault : entered.faults) tell(fault, group);
    if (entered.assessment && !group.spoiled && is_first(*entered.assessment, group)) {
      import_.good.push_back({std::move(*entered.assessment), group.lines});
    } else {
      ++import_.bad;
    }
  }
  /// Two spellings of one thing ("苯" and cas:71-43-2) made two of it.
  bool is_first(const core::Assessment& assessment, const Group& group) {
    const auto [before, is_new] = identities_.try_emplace(identity(assessment), group.lines.front());
    if (!is_new)
      import_.fault({.line = group.lines.front(),
                     .column = {},
                     .text = {fmt::format("与第 {} 行是同一检测", before->second),
                              fmt::format("is the same assessment as line {}", before->second)}});
    return is_new;
  }

  const TableRead& file_;
  const AssessmentEntry& entry_;
  const EntryContext& context_;
  Import import_;
  std::vector<std::optional<Column>> columns_;
  std::map<std::string, Group> groups_;
  std::vector<const Group*> order_;
  std::map<std::string, std::uint32_t> identities_;
};

std::string field_of(const core::Assessment& a, std::string_view word) {
  if (word == "report_no") return a.report_no;
  if (word == "laboratory") return a.laboratory;
  if (word == "workplace") return a.workplace;
  if (word == "group") return a.group;
  if (word == "agent") return a.agent;
  if (word == "date") return date_word(a.day);
  if (word == "subject_kind") return std::string(core::name(a.subject_kind));
  if (word == "subject") return a.subject;
  if (word == "method") return a.method;
  if (word == "shift_hours") return exact(a.shift_hours);
  if (word == "days_per_week") return exact(a.days_per_week);
  if (word == "exposure_hours") return exact(a.exposure_hours.value_or(core::no_value));
  if (word == "sio2_percent") return exact(a.sio2_percent.value_or(core::no_value));
  if (word == "work_class") return a.work_class;
  if (word == "toxicity") return a.toxicity;
  return a.note;
}

/// A sample that begins behind midnight says its day.
std::string moment(const core::Assessment& a, int minute) {
  const int day = minute / 1440;
  return day == 0 ? clock_word(minute) : fmt::format("{} {}", date_word(a.day + day), clock_word(minute));
}

std::string field_of(const core::Assessment& a, const core::LabSample& sample, std::string_view word) {
  if (word == "start") return moment(a, sample.begin_minute);
  if (word == "end") return sample.begin_minute < 1440 ? clock_word(sample.end_minute) : moment(a, sample.end_minute);
  if (word == "result") return sample.result;
  if (word == "unit") return std::string(core::symbol(sample.unit));
  if (word == "volume_l") return exact(sample.volume_l.value_or(core::no_value));
  return exact(sample.stands_for_minutes.value_or(core::no_value));
}

}  // namespace

void Import::fault(TableProblem problem) {
  if (problems.size() < most_problems) {
    problems.push_back(std::move(problem));
  } else {
    ++more_problems;
  }
}

Import import_assessments(const TableRead& file, const AssessmentEntry& entry, const EntryContext& context) {
  return Importer(file, entry, context).take();
}

std::string identity(const core::Assessment& a) {
  return fmt::format("{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}\x1f{}", a.enterprise, a.workplace, a.agent, a.day,
                     core::name(a.subject_kind), a.subject, a.report_no);
}

Table assessment_table(std::span<const core::Assessment> assessments, bool chinese) {
  Table table;
  for (const auto fields : {entry_fields(), sample_fields()})
    for (const auto& field : fields) table.columns.emplace_back(chinese ? field.zh : field.word);
  for (const auto& assessment : assessments) {
    for (const auto& sample : assessment.samples) {
      auto& row = table.rows.emplace_back();
      row.line = static_cast<std::uint32_t>(table.rows.size() + 1);
      for (const auto& field : entry_fields()) row.cells.push_back(field_of(assessment, field.word));
      for (const auto& field : sample_fields()) row.cells.push_back(field_of(assessment, sample, field.word));
    }
  }
  return table;
}

Table template_table(const std::string& workplace, bool chinese) {
  const auto laboratory = chinese ? "某某检测有限公司" : "Example Laboratory Ltd";
  core::Assessment person{.laboratory = laboratory,
                          .report_no = "JC-2026-001",
                          .method = "GBZ/T 300.66-2017",
                          .agent = "cas:71-43-2",
                          .subject_kind = core::SubjectKind::person,
                          .subject = chinese ? "张三" : "worker 17",
                          .day = 20'000};
  person.workplace = workplace;
  person.samples = {
      {.begin_minute = 8 * 60, .end_minute = 12 * 60, .result = "1.20", .volume_l = 12.0},
      {.begin_minute = 13 * 60, .end_minute = 13 * 60 + 15, .result = "<0.30", .below_loq = true, .volume_l = 1.5}};
  core::Assessment fixed{.laboratory = laboratory,
                         .report_no = "JC-2026-001",
                         .method = "GBZ/T 189.8-2007",
                         .agent = "noise",
                         .subject_kind = core::SubjectKind::fixed,
                         .subject = chinese ? "1 号测点" : "point 1",
                         .day = 20'000};
  fixed.workplace = workplace;
  fixed.samples = {{.begin_minute = 9 * 60,
                    .end_minute = 9 * 60 + 30,
                    .result = "84.6",
                    .unit = core::Unit::db_a,
                    .stands_for_minutes = 480.0}};
  const std::array both{person, fixed};
  return assessment_table(both, chinese);
}

}  // namespace hazgate::records
