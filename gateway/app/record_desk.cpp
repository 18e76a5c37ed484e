#include "app/record_desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "app/double_entries.hpp"
#include "app/wall_clock.hpp"
#include "app/web_answers.hpp"
#include "core/utf8.hpp"
#include "feed/json_text.hpp"
#include "ledger/signing.hpp"
#include "web/problem.hpp"

namespace hazgate::app {

namespace json = boost::json;
using feed::JsonWriter;
using records::EntryFault;
using web::Refusal;

namespace {

Refusal bad_assessment(const std::vector<EntryFault>& faults) {
  Refusal why{.status = 422, .code = "bad_assessment", .zh = "有些内容需要修改", .en = "some fields need a correction"};
  for (const auto& [field, text] : faults) why.fields.push_back({field, text.zh, text.en});
  return why;
}
Refusal changed_since() {
  return {.status = 409,
          .code = "changed_since",
          .zh = "该记录刚被他人更正；请刷新后再改",
          .en = "somebody has corrected it meanwhile; load it again"};
}
Refusal withdrawn() {
  return {.status = 409,
          .code = "withdrawn",
          .zh = "该记录已撤回，不能再更正；请重新录入",
          .en = "it has been withdrawn and cannot be corrected; enter it anew"};
}
Refusal refused_as_double(std::uint64_t number) {
  auto text = already_there(number);
  return {.status = 409, .code = "already_there", .zh = std::move(text.zh), .en = std::move(text.en)};
}

/// A member of a form as the words that somebody would type; none for what has no words.
std::optional<std::string> word_of(const json::value& value) {
  if (value.is_null()) return std::string();
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_number()) {
    std::string text;
    feed::append_number(text, value.to_number<double>());
    return text;
  }
  return std::nullopt;
}

template <std::size_t n>
bool is_one_of(std::string_view word, std::span<const records::EntryField> fields,
               const std::array<std::string_view, n>& besides) {
  return std::ranges::find(fields, word, &records::EntryField::word) != fields.end() ||
         std::ranges::find(besides, word) != besides.end();
}

void read_sample(const json::value& value, const std::string& before, records::AssessmentWords& words,
                 std::vector<EntryFault>& faults) {
  auto& sample = words.samples.emplace_back();
  if (!value.is_object()) return faults.push_back({before, {"应为对象", "expected an object"}});
  static constexpr std::array<std::string_view, 3> shown_besides{"value", "below_loq", "day_offset"};
  for (const auto& [key, member] : value.get_object()) {
    const auto word = word_of(member);
    if (std::ranges::find(shown_besides, std::string_view(key)) != shown_besides.end()) continue;
    if (!is_one_of(key, records::sample_fields(), std::array<std::string_view, 0>{}) || !word) {
      faults.push_back(
          {before + "." + std::string(key), {"不认识，或不是文本和数字", "is not known, or neither text nor number"}});
    } else {
      sample[std::string(key)] = *word;
    }
  }
}

void read_files(const json::value& list, records::AssessmentWords& words, std::vector<EntryFault>& faults) {
  const auto bad = [&] {
    faults.push_back({"attachments", {"应为 {hash, file} 的列表", "expected a list of {hash, file}"}});
  };
  if (!list.is_array()) return bad();
  for (const auto& entry : list.get_array()) {
    const auto* object = entry.if_object();
    const auto* hash = object == nullptr ? nullptr : object->if_contains("hash");
    const auto* name = object == nullptr ? nullptr : object->if_contains("file");
    if (hash == nullptr || name == nullptr || !hash->is_string() || !name->is_string()) return bad();
    words.attachments.push_back({std::string(hash->get_string()), std::string(name->get_string())});
  }
}

/// "2026-11-20" and what it is worth: a whole version number of a form.
std::optional<std::uint32_t> version_of(const json::object& form) {
  const auto* member = form.if_contains("version");
  if (member == nullptr || !member->is_number()) return std::nullopt;
  boost::system::error_code error;
  const auto version = member->to_number<std::uint32_t>(error);
  return error || version == 0 ? std::nullopt : std::optional(version);
}

constexpr std::size_t longest_reason = 500;

std::string reason_of(const json::object& form, std::vector<EntryFault>& faults) {
  const auto* member = form.if_contains("why");
  std::string why = member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
  if (!core::is_seen(why) || !core::is_one_line(why) || why.size() > longest_reason)
    faults.push_back(
        {"why", {"请写明更正的原因（一行，不超过 500 字节）", "say why, in one line of at most 500 bytes"}});
  return why;
}

}  // namespace

records::AssessmentWords words_of(std::string_view form, std::vector<EntryFault>& faults) {
  static constexpr std::array<std::string_view, 4> besides{"version", "why", "samples", "attachments"};
  records::AssessmentWords words;
  const auto value = json::parse(form);
  for (const auto& [key, member] : value.get_object()) {
    if (!is_one_of(key, records::entry_fields(), besides)) {
      faults.push_back({std::string(key), {"不认识此项", "is not known"}});
    } else if (key == "samples") {
      if (!member.is_array()) {
        faults.push_back({"samples", {"应为列表", "expected a list"}});
        continue;
      }
      constexpr std::size_t most = 200;
      for (std::size_t i = 0; i < std::min(most, member.get_array().size()); ++i)
        read_sample(member.get_array()[i], fmt::format("samples[{}]", i), words, faults);
    } else if (key == "attachments") {
      read_files(member, words, faults);
    } else if (key != "version" && key != "why") {
      const auto word = word_of(member);
      if (!word) faults.push_back({std::string(key), {"应为文本或数字", "expected text or a number"}});
      if (word) words.fields[std::string(key)] = *word;
    }
  }
  return words;
}

void RecordDesk::store(const std::function<void(storage::Assessments&)>& work) const {
  writer_.keep_house([&](storage::Database& database) {
    storage::Assessments assessments(database);
    work(assessments);
  });
}

web::Answer RecordDesk::shown(const core::Assessment& a) const {
  JsonWriter json;
  json.open().json("assessment", pages_.assessment_json(source_.judged(a))).close();
  return document(json.take());
}

/// The files must be there, and this enterprise's: one that the park brought becomes its own.
std::optional<Refusal> RecordDesk::trouble_with_files(Past& past, Eyes eyes, const core::Assessment& a) const {
  std::vector<EntryFault> faults;
  for (std::size_t i = 0; i < a.attachments.size(); ++i) {
    const auto& [hash, name] = a.attachments[i];
    if (past.assessments.has_file(hash, a.enterprise)) continue;
    auto brought = eyes ? std::nullopt : past.assessments.file(hash, "");
    if (!brought || name.empty() || name.size() > 200 || !core::is_one_line(name)) {
      faults.push_back({"attachments",
                        {fmt::format("第 {} 个附件不在库中，请先上传", i + 1),
                         fmt::format("no. {} is not there; upload it first", i + 1)}});
      continue;
    }
    brought->enterprise = a.enterprise;
    store([&](storage::Assessments& assessments) { assessments.keep(*brought); });
  }
  return faults.empty() ? std::nullopt : std::optional(bad_assessment(faults));
}

RecordDesk::Done RecordDesk::enter(Past& past, Eyes eyes, const std::string& user,
                                   const web::AssessmentForm& form) const {
  if (form.what == web::AssessmentForm::What::correct) return correct(past, eyes, user, form);
  if (form.what == web::AssessmentForm::What::withdraw) return withdraw(past, eyes, user, form);
  std::vector<EntryFault> faults;
  const auto words = words_of(form.form, faults);
  auto entered = source_.entry().enter(words, context(eyes));
  std::ranges::move(entered.faults, std::back_inserter(faults));
  if (!faults.empty()) return {bad_assessment(faults), {}, {}};
  auto& a = *entered.assessment;
  a.at = system_now();
  a.by = user;
  a.origin = "form";
  if (auto trouble = trouble_with_files(past, eyes, a)) return {std::move(*trouble), {}, {}};
  if (const auto other = same_one(past.assessments, a)) return {refused_as_double(*other), {}, {}};
  if (form.dry) return {shown(a), {}, {}};
  store([&](storage::Assessments& assessments) { a.number = assessments.add(a); });
  return {shown(a), "assessment_enter", std::to_string(a.number)};
}

RecordDesk::Done RecordDesk::correct(Past& past, Eyes eyes, const std::string& user,
                                     const web::AssessmentForm& form) const {
  const auto number = RecordPages::number(form.id);
  const auto versions = number ? past.assessments.versions(*number) : std::vector<core::Assessment>{};
  if (versions.empty() || (eyes && versions.back().enterprise != site_.enterprises[core::at(*eyes)].id))
    return {web::not_found(), {}, {}};
  if (versions.back().withdrawn) return {withdrawn(), {}, {}};
  std::vector<EntryFault> faults;
  const auto words = words_of(form.form, faults);
  const auto members = json::parse(form.form);
  auto why = reason_of(members.get_object(), faults);
  const auto version = version_of(members.get_object());
  if (!version) faults.push_back({"version", {"缺少所见的版本号", "the version that was seen is missing"}});
  auto entered = source_.entry().enter(words, context(eyes));
  std::ranges::move(entered.faults, std::back_inserter(faults));
  if (entered.assessment && entered.assessment->enterprise != versions.back().enterprise)
    faults.push_back(
        {"workplace",
         {"属于另一企业；请撤回后重新录入", "belongs to another enterprise; withdraw this one and enter it anew"}});
  if (!faults.empty()) return {bad_assessment(faults), {}, {}};
  if (*version != versions.back().version) return {changed_since(), {}, {}};
  auto& a = *entered.assessment;
  a.number = *number;
  a.version = *version;
  a.at = system_now();
  a.by = user;
  a.why = std::move(why);
  a.origin = "form";
  if (auto trouble = trouble_with_files(past, eyes, a)) return {std::move(*trouble), {}, {}};
  if (const auto other = same_one(past.assessments, a)) return {refused_as_double(*other), {}, {}};
  if (form.dry) {
    ++a.version;
    return {shown(a), {}, {}};
  }
  return stored_version(past, a, "assessment_correct");
}

RecordDesk::Done RecordDesk::withdraw(Past& past, Eyes eyes, const std::string& user,
                                      const web::AssessmentForm& form) const {
  const auto number = RecordPages::number(form.id);
  const auto versions = number ? past.assessments.versions(*number) : std::vector<core::Assessment>{};
  if (versions.empty() || (eyes && versions.back().enterprise != site_.enterprises[core::at(*eyes)].id))
    return {web::not_found(), {}, {}};
  if (versions.back().withdrawn) return {withdrawn(), {}, {}};
  std::vector<EntryFault> faults;
  const auto members = json::parse(form.form);
  auto a = versions.back();
  const auto version = version_of(members.get_object());
  a.why = reason_of(members.get_object(), faults);
  if (!version) faults.push_back({"version", {"缺少所见的版本号", "the version that was seen is missing"}});
  if (!faults.empty()) return {bad_assessment(faults), {}, {}};
  if (*version != a.version) return {changed_since(), {}, {}};
  a.at = system_now();
  a.by = user;
  a.withdrawn = true;
  return stored_version(past, a, "assessment_withdraw");
}

RecordDesk::Done RecordDesk::stored_version(Past& past, const core::Assessment& next, const std::string& what) const {
  auto fault = storage::CorrectionFault::none;
  store([&](storage::Assessments& assessments) { fault = assessments.correct(next); });
  if (fault != storage::CorrectionFault::none) return {changed_since(), {}, {}};
  const auto versions = past.assessments.versions(next.number);
  return {shown(versions.back()), what, fmt::format("{} version {}", next.number, versions.back().version)};
}

namespace {

void append_problems(JsonWriter& json, const records::Import& import) {
  json.open_list("problems");
  for (const auto& problem : import.problems) {
    json.open().count("line", problem.line).text("column", problem.column);
    json.text("zh", problem.text.zh).text("en", problem.text.en).close();
  }
  json.close_list().count("more_problems", import.more_problems);
}

}  // namespace

RecordDesk::Done RecordDesk::import(Past& past, Eyes eyes, const std::string& user, const web::ImportForm& form) const {
  auto whose = context(eyes);
  if (!eyes && !form.upload.enterprise.empty()) {
    const auto named = std::ranges::find(site_.enterprises, form.upload.enterprise, &core::Enterprise::id);
    if (named == site_.enterprises.end()) return {web::not_found(), {}, {}};
    whose.enterprise = core::EnterpriseIndex{static_cast<std::uint32_t>(named - site_.enterprises.begin())};
  }
  auto import = records::import_assessments(records::read_table(form.upload.bytes), source_.entry(), whose);
  leave_out_doubles(past.assessments, import);
  for (auto& one : import.good) {
    one.assessment.at = system_now();
    one.assessment.by = user;
    one.assessment.origin = form.upload.file;
  }
  const bool whole = import.problems.empty();
  const bool stores = !form.dry && !import.good.empty() && (whole || form.keep_good);
  if (stores)
    store([&](storage::Assessments& assessments) {
      for (auto& one : import.good) one.assessment.number = assessments.add(one.assessment);
    });
  JsonWriter json;
  json.open().count("rows", import.rows).count("assessments", import.good.size() + import.bad);
  json.count("good", import.good.size()).count("stored", stores ? import.good.size() : 0).yes_no("dry", form.dry);
  append_problems(json, import);
  constexpr std::size_t most_shown = 50;
  json.open_list("preview");
  for (std::size_t i = 0; i < std::min(most_shown, import.good.size()); ++i)
    json.json({}, pages_.assessment_json(source_.judged(import.good[i].assessment)));
  json.close_list().close();
  return {document(json.take()), stores ? "assessment_import" : "",
          fmt::format("{} of {}", import.good.size(), form.upload.file)};
}

RecordDesk::Done RecordDesk::attach(Past& past, Eyes eyes, const std::string& user, const web::Upload& upload) const {
  constexpr std::size_t header_within = 1024;
  const auto& bytes = upload.bytes;
  if (bytes.size() > most_attachment_bytes)
    return {
        Refusal{
            .status = 413, .code = "body_too_large", .zh = "附件最大 10 MiB", .en = "an attachment has at most 10 MiB"},
        {},
        {}};
  if (bytes.substr(0, header_within).find("%PDF-") == std::string::npos)
    return {web::bad_input("附件应为 PDF", "an attachment is a PDF"), {}, {}};
  if (!core::is_one_line(upload.file))
    return {web::bad_input("文件名中有控制字符", "there is a control character in the file's name"), {}, {}};
  const auto enterprise = eyes ? site_.enterprises[core::at(*eyes)].id : upload.enterprise;
  if (!enterprise.empty() &&
      std::ranges::find(site_.enterprises, enterprise, &core::Enterprise::id) == site_.enterprises.end())
    return {web::not_found(), {}, {}};
  if (past.assessments.bytes_of(enterprise) + bytes.size() > most_bytes_an_enterprise)
    return {Refusal{.status = 507,
                    .code = "no_room",
                    .zh = "该企业的附件已达 2 GiB",
                    .en = "this enterprise has 2 GiB of attachments already"},
            {},
            {}};
  const auto hash = ledger::hex(ledger::sha256(bytes));
  storage::StoredFile file{
      .hash = hash, .enterprise = enterprise, .file = upload.file, .by = user, .at = system_now(), .bytes = bytes};
  store([&](storage::Assessments& assessments) { assessments.keep(file); });
  JsonWriter json;
  json.open().text("hash", hash).text("file", upload.file).count("bytes", bytes.size()).close();
  return {document(json.take()), "attachment", hash};
}

std::optional<core::WorkplaceIndex> RecordDesk::place_of(const storage::DutyDone& done, Eyes eyes) const {
  std::optional<core::WorkplaceIndex> place;
  if (done.kind == "calibration") {
    const auto device = std::ranges::find(site_.devices, done.device, &core::Device::id);
    if (device != site_.devices.end()) place = device->workplace;
  } else {
    const auto found = std::ranges::find(site_.workplaces, done.workplace, &core::Workplace::id);
    if (found != site_.workplaces.end())
      place = core::WorkplaceIndex{static_cast<std::uint32_t>(found - site_.workplaces.begin())};
  }
  if (place && eyes && site_.workplaces[core::at(*place)].enterprise != *eyes) place.reset();
  return place;
}

RecordDesk::Done RecordDesk::duty_done(Past&, Eyes eyes, const std::string& user, const std::string& form) const {
  const auto value = json::parse(form);
  const auto& members = value.get_object();
  const auto word = [&](std::string_view key) {
    const auto* member = members.if_contains(key);
    return member != nullptr && member->is_string() ? std::string(member->get_string()) : std::string();
  };
  storage::DutyDone done{.at = system_now(),
                         .by = user,
                         .kind = word("kind"),
                         .enterprise = {},
                         .workplace = word("workplace"),
                         .device = word("device"),
                         .agent = word("agent"),
                         .note = word("note")};
  std::vector<EntryFault> faults;
  const auto date = records::local_date(word("date"));
  if (!date || *date > pages_.today() || *date < 0)
    faults.push_back({"date", {"应为今天或之前的日期", "expected a date, today or before"}});
  if (date) done.day = *date;
  if (done.note.size() > 2000 || !core::is_utf8(done.note)) faults.push_back({"note", {"过长", "is too long"}});
  if (done.kind == "calibration") {
    done.workplace.clear();
    done.agent.clear();
  } else if (done.kind == "surveillance") {
    done.device.clear();
    if (!done.agent.empty() && !source_.known(done.agent))
      faults.push_back({"agent", {"不认识该危害因素", "is no agent"}});
  } else {
    faults.push_back({"kind",
                      {"应为 calibration 或 surveillance；检测以检测记录为准",
                       "expected calibration or surveillance; tests count by their assessments"}});
  }
  const auto place = place_of(done, eyes);
  if (!place && faults.empty())
    faults.push_back(
        {done.kind == "calibration" ? "device" : "workplace", {"没有这个对象", "there is none of this name"}});
  if (!faults.empty()) {
    auto why = bad_assessment(faults);
    why.code = "bad_duty";
    return {std::move(why), {}, {}};
  }
  done.enterprise = site_.enterprise_of(*place).id;
  store([&](storage::Assessments& assessments) { assessments.done(done); });
  return {web::Document{.body = web::bytes("{}")}, "duty_done",
          fmt::format("{} {}", done.kind, done.device.empty() ? done.workplace : done.device)};
}

}  // namespace hazgate::app
