#include "storage/assessments.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>

#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {

/// In the order in which they are written and read.
constexpr const char* columns =
    "number,version,at,by,why,origin,withdrawn,enterprise,workplace,exposed_group,laboratory,report_no,method,agent,"
    "subject_kind,subject,day,shift_hours,days_per_week,exposure_hours,sio2_percent,work_class,toxicity,note";

double or_nothing(std::optional<double> value) { return value.value_or(core::no_value); }
std::optional<double> or_none(double value) { return std::isnan(value) ? std::nullopt : std::optional(value); }

std::optional<core::SubjectKind> subject_kind(std::string_view word) { return among<core::all_subject_kinds>(word); }

core::Assessment read(SQLite::Statement& row) {
  ColumnReader from(row);
  core::Assessment a;
  a.number = static_cast<std::uint64_t>(from.number());
  a.version = static_cast<std::uint32_t>(from.number());
  a.at = from.time().value_or(core::Timestamp{});
  a.by = from.text();
  a.why = from.text();
  a.origin = from.text();
  a.withdrawn = from.number() != 0;
  for (auto word : {&core::Assessment::enterprise, &core::Assessment::workplace, &core::Assessment::group,
                    &core::Assessment::laboratory, &core::Assessment::report_no, &core::Assessment::method,
                    &core::Assessment::agent})
    a.*word = from.text();
  a.subject_kind = from.word(subject_kind);
  a.subject = from.text();
  a.day = static_cast<std::int32_t>(from.number());
  a.shift_hours = from.figure();
  a.days_per_week = from.figure();
  a.exposure_hours = or_none(from.figure());
  a.sio2_percent = or_none(from.figure());
  a.work_class = from.text();
  a.toxicity = from.text();
  a.note = from.text();
  return a;
}

void write(SQLite::Statement& insert, const core::Assessment& a) {
  ColumnWriter to(insert);
  to.number(static_cast<std::int64_t>(a.number));
  to.number(a.version);
  to.time(a.at);
  for (const auto* word : {&a.by, &a.why, &a.origin}) to.word(*word);
  to.number(a.withdrawn ? 1 : 0);
  for (const auto* word : {&a.enterprise, &a.workplace, &a.group, &a.laboratory, &a.report_no, &a.method, &a.agent})
    to.word(*word);
  to.word(core::name(a.subject_kind));
  to.word(a.subject);
  to.number(a.day);
  to.figure(a.shift_hours);
  to.figure(a.days_per_week);
  to.figure(or_nothing(a.exposure_hours));
  to.figure(or_nothing(a.sio2_percent));
  for (const auto* word : {&a.work_class, &a.toxicity, &a.note}) to.word(*word);
  insert.exec();
}

void write_samples(SQLite::Database& database, const core::Assessment& a) {
  SQLite::Statement insert(database, "INSERT INTO assessment_sample VALUES (?,?,?,?,?,?,?,?,?,?,?)");
  std::int64_t place = 0;
  for (const auto& sample : a.samples) {
    Use use(insert);
    ColumnWriter to(*use);
    to.number(static_cast<std::int64_t>(a.number));
    to.number(a.version);
    to.number(place++);
    to.number(sample.begin_minute);
    to.number(sample.end_minute);
    to.word(sample.result);
    to.word(core::symbol(sample.unit));
    to.figure(sample.value);
    to.number(sample.below_loq ? 1 : 0);
    to.figure(or_nothing(sample.volume_l));
    to.figure(or_nothing(sample.stands_for_minutes));
    use->exec();
  }
}

void write_files(SQLite::Database& database, const core::Assessment& a) {
  SQLite::Statement insert(database, "INSERT INTO assessment_file VALUES (?,?,?,?,?)");
  std::int64_t place = 0;
  for (const auto& attachment : a.attachments) {
    Use use(insert);
    ColumnWriter to(*use);
    to.number(static_cast<std::int64_t>(a.number));
    to.number(a.version);
    to.number(place++);
    to.word(attachment.hash);
    to.word(attachment.file);
    use->exec();
  }
}

/// What belongs to versions that were read, statement by statement.
class Parts {
 public:
  explicit Parts(SQLite::Database& database)
      : samples_(
            database,
            "SELECT begin_minute,end_minute,result,unit,value,below_loq,volume_l,stands_for FROM assessment_sample "
            "WHERE number=? AND version=? ORDER BY place"),
        files_(database, "SELECT hash,file FROM assessment_file WHERE number=? AND version=? ORDER BY place") {}

  void read(core::Assessment& a) {
    Use samples(samples_), files(files_);
    for (auto* use : {&samples, &files}) {
      ColumnWriter to(**use);
      to.number(static_cast<std::int64_t>(a.number));
      to.number(a.version);
    }
    while (samples->executeStep()) a.samples.push_back(sample_of(*samples));
    while (files->executeStep()) {
      ColumnReader from(*files);
      auto& attachment = a.attachments.emplace_back();
      attachment.hash = from.text();
      attachment.file = from.text();
    }
  }

 private:
  static core::LabSample sample_of(SQLite::Statement& row) {
    ColumnReader from(row);
    core::LabSample sample;
    sample.begin_minute = static_cast<int>(from.number());
    sample.end_minute = static_cast<int>(from.number());
    sample.result = from.text();
    sample.unit = from.word(core::unit_from);
    sample.value = from.figure();
    sample.below_loq = from.number() != 0;
    sample.volume_l = or_none(from.figure());
    sample.stands_for_minutes = or_none(from.figure());
    return sample;
  }
  SQLite::Statement samples_, files_;
};

}  // namespace

void Assessments::insert(const core::Assessment& assessment) const {
  auto& database = database_.handle();
  SQLite::Statement row(database, std::string("INSERT INTO assessment (") + columns +
                                      ") VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  write(row, assessment);
  write_samples(database, assessment);
  write_files(database, assessment);
}

std::uint64_t Assessments::add(const core::Assessment& assessment) const {
  return in_store("store an assessment", [&] {
    auto first = assessment;
    first.number = static_cast<std::uint64_t>(
        database_.handle().execAndGet("SELECT coalesce(max(number),0)+1 FROM assessment").getInt64());
    first.version = 1;
    insert(first);
    return first.number;
  });
}

CorrectionFault Assessments::correct(const core::Assessment& assessment) const {
  return in_store("correct an assessment", [&] {
    SQLite::Statement newest(database_.handle(), "SELECT max(version) FROM assessment WHERE number=?");
    ColumnWriter(newest).number(static_cast<std::int64_t>(assessment.number));
    if (!newest.executeStep() || newest.getColumn(0).isNull()) return CorrectionFault::not_there;
    if (newest.getColumn(0).getInt64() != assessment.version) return CorrectionFault::changed_since;
    auto next = assessment;
    ++next.version;
    insert(next);
    return CorrectionFault::none;
  });
}

AssessmentPage Assessments::newest(const AssessmentFilter& filter) const {
  return in_store("read the assessments", [&] {
    std::string sql =
        std::string("SELECT ") + columns +
        " FROM assessment AS a WHERE day BETWEEN ? AND ? AND version=(SELECT max(version) FROM assessment "
        "WHERE number=a.number)";
    if (!filter.withdrawn) sql += " AND withdrawn=0";
    const std::array words{std::pair{" AND enterprise=?", &filter.enterprise},
                           std::pair{" AND workplace=?", &filter.workplace}, std::pair{" AND agent=?", &filter.agent}};
    for (const auto& [where, word] : words)
      if (!word->empty()) sql += where;
    SQLite::Statement rows(database_.handle(), sql + " ORDER BY day DESC, number DESC LIMIT ?");
    ColumnWriter to(rows);
    to.number(filter.first_day);
    to.number(filter.last_day);
    for (const auto& [where, word] : words)
      if (!word->empty()) to.word(*word);
    to.number(static_cast<std::int64_t>(filter.limit) + 1);
    AssessmentPage page;
    Parts parts(database_.handle());
    while (rows.executeStep()) {
      page.assessments.push_back(read(rows));
      parts.read(page.assessments.back());
    }
    page.more = page.assessments.size() > filter.limit;
    if (page.more) page.assessments.pop_back();
    return page;
  });
}

std::vector<core::Assessment> Assessments::versions(std::uint64_t number) const {
  return in_store("read an assessment", [&] {
    SQLite::Statement rows(database_.handle(),
                           std::string("SELECT ") + columns + " FROM assessment WHERE number=? ORDER BY version");
    ColumnWriter(rows).number(static_cast<std::int64_t>(number));
    std::vector<core::Assessment> all;
    Parts parts(database_.handle());
    while (rows.executeStep()) {
      all.push_back(read(rows));
      parts.read(all.back());
    }
    return all;
  });
}

void Assessments::keep(const StoredFile& file) const {
  in_store("store an attachment", [&] {
    SQLite::Statement insert(database_.handle(), "INSERT INTO attachment VALUES (?,?,?,?,?,?) ON CONFLICT DO NOTHING");
    ColumnWriter to(insert);
    to.word(file.hash);
    to.word(file.enterprise);
    to.time(file.at);
    to.word(file.by);
    to.word(file.file);
    to.kept_bytes(std::as_bytes(std::span(file.bytes)));
    insert.exec();
  });
}

std::optional<StoredFile> Assessments::file(const std::string& hash, const std::string& enterprise) const {
  return in_store("read an attachment", [&]() -> std::optional<StoredFile> {
    SQLite::Statement row(database_.handle(),
                          "SELECT enterprise,at,by,file,bytes FROM attachment WHERE hash=?1 AND (?2='' OR "
                          "enterprise=?2) LIMIT 1");
    bind_text(row, 1, hash);
    bind_text(row, 2, enterprise);
    if (!row.executeStep()) return std::nullopt;
    ColumnReader from(row);
    StoredFile found{.hash = hash, .enterprise = {}, .file = {}, .by = {}, .at = {}, .bytes = {}};
    found.enterprise = from.text();
    found.at = from.time().value_or(core::Timestamp{});
    found.by = from.text();
    found.file = from.text();
    const auto bytes = from.bytes();
    found.bytes.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return found;
  });
}

bool Assessments::has_file(const std::string& hash, const std::string& enterprise) const {
  return in_store("look for an attachment", [&] {
    SQLite::Statement row(database_.handle(), "SELECT 1 FROM attachment WHERE hash=? AND enterprise=?");
    bind_text(row, 1, hash);
    bind_text(row, 2, enterprise);
    return row.executeStep();
  });
}

std::uint64_t Assessments::bytes_of(const std::string& enterprise) const {
  return in_store("count the attachments", [&] {
    SQLite::Statement sum(database_.handle(),
                          "SELECT coalesce(sum(length(bytes)),0) FROM attachment WHERE enterprise=?");
    bind_text(sum, 1, enterprise);
    sum.executeStep();
    return static_cast<std::uint64_t>(sum.getColumn(0).getInt64());
  });
}

void Assessments::done(const DutyDone& duty) const {
  in_store("store what was done", [&] {
    SQLite::Statement insert(database_.handle(),
                             "INSERT INTO duty_done (at,by,kind,enterprise,workplace,device,agent,day,note) VALUES "
                             "(?,?,?,?,?,?,?,?,?)");
    ColumnWriter to(insert);
    to.time(duty.at);
    for (const auto* word : {&duty.by, &duty.kind, &duty.enterprise, &duty.workplace, &duty.device, &duty.agent})
      to.word(*word);
    to.number(duty.day);
    to.word(duty.note);
    insert.exec();
  });
}

std::vector<DutyDone> Assessments::last_done(const std::string& enterprise) const {
  return in_store("read what was done", [&] {
    SQLite::Statement rows(database_.handle(),
                           "SELECT at,by,kind,enterprise,workplace,device,agent,max(day),note FROM duty_done WHERE "
                           "?1='' OR enterprise=?1 GROUP BY kind,enterprise,workplace,device,agent");
    bind_text(rows, 1, enterprise);
    std::vector<DutyDone> all;
    while (rows.executeStep()) {
      ColumnReader from(rows);
      auto& done = all.emplace_back();
      done.at = from.time().value_or(core::Timestamp{});
      for (auto word : {&DutyDone::by, &DutyDone::kind, &DutyDone::enterprise, &DutyDone::workplace, &DutyDone::device,
                        &DutyDone::agent})
        done.*word = from.text();
      done.day = static_cast<std::int32_t>(from.number());
      done.note = from.text();
    }
    return all;
  });
}

}  // namespace hazgate::storage
