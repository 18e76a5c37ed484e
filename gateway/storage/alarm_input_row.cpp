#include "storage/alarm_input_row.hpp"

#include "storage/columns.hpp"

namespace hazgate::storage {

namespace {

constexpr std::string_view by_person = "action", by_condition = "condition";

void bind_subject(ColumnWriter& to, core::AlarmSubject subject, std::uint32_t index, const core::Site& site) {
  to.word(core::name(subject));
  to.word(site.subject_id(subject, index));
}

void bind_person(ColumnWriter& to, const core::PersonInput& person, const core::Site& site) {
  to.word(by_person);
  to.number(static_cast<std::int64_t>(person.number));
  if (person.number == 0) {
    bind_subject(to, person.subject, person.index, site);
  } else {
    to.nothing();
    to.nothing();
  }
  to.word(core::name(person.action.kind));
  to.word(person.action.by);
  to.word(person.action.note);
  to.word(core::name(person.action.verdict));
  if (person.action.duration) {
    to.number(person.action.duration->count());
  } else {
    to.nothing();
  }
  if (person.action.revision) {
    to.number(static_cast<std::int64_t>(*person.action.revision));
  } else {
    to.nothing();
  }
  if (person.refusal == core::Refusal::none) {
    to.nothing();
  } else {
    to.word(core::name(person.refusal));
  }
  for (int i = 0; i < 5; ++i) to.nothing();
}

void bind_condition(ColumnWriter& to, const core::ConditionInput& condition, const core::Site& site) {
  to.word(by_condition);
  to.nothing();
  bind_subject(to, condition.subject, condition.index, site);
  for (int i = 0; i < 7; ++i) to.nothing();
  to.word(core::name(condition.level));
  to.word(core::name(condition.basis));
  to.figure(condition.value);
  to.time(condition.since);
  to.word(condition.why);
}

core::PersonInput read_person(ColumnReader& from, std::uint64_t number) {
  core::PersonInput person{.number = number};
  person.action.kind = from.word(core::action_from);
  person.action.by = from.text();
  person.action.note = from.text();
  person.action.verdict = from.word(core::verdict_from);
  if (const auto duration = from.time()) person.action.duration = duration->time_since_epoch();
  if (const auto revision = from.time())
    person.action.revision = static_cast<std::uint64_t>(revision->time_since_epoch().count());
  return person;
}

core::ConditionInput read_condition(ColumnReader& from) {
  for (int i = 0; i < 7; ++i) from.text();
  core::ConditionInput condition{.level = from.word(core::level_from)};
  condition.basis = from.word(core::basis_from);
  condition.value = from.figure();
  condition.since = from.time().value_or(core::Timestamp{});
  condition.why = from.text();
  return condition;
}

}  // namespace

void InputRow::set_index(std::uint32_t index) {
  std::visit(
      [&](auto& what) {
        what.subject = kind;
        what.index = index;
      },
      input.what);
}

void bind_input(SQLite::Statement& statement, const core::AlarmInput& input, std::int64_t after_frame,
                const core::Site& site) {
  ColumnWriter to(statement);
  to.number(after_frame);
  to.time(input.at);
  if (const auto* person = std::get_if<core::PersonInput>(&input.what)) {
    bind_person(to, *person, site);
  } else {
    bind_condition(to, std::get<core::ConditionInput>(input.what), site);
  }
}

InputRow read_input(SQLite::Statement& statement) {
  ColumnReader from(statement);
  InputRow row;
  row.after_frame = from.number();
  row.input.at = from.time().value_or(core::Timestamp{});
  const auto kind = from.text();
  const bool of_person = kind == by_person;
  if (!of_person && kind != by_condition) our_word(kind, core::action_from);
  const auto number = static_cast<std::uint64_t>(from.number());
  if (const auto subject = from.text(); !subject.empty()) row.kind = our_word(subject, core::alarm_subject_from);
  row.subject = from.text();
  if (of_person) {
    row.input.what = read_person(from, number);
  } else {
    row.input.what = read_condition(from);
  }
  return row;
}

}  // namespace hazgate::storage
