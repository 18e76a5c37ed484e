#include "app/evaluate_handler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/time_text.hpp"
#include "settings/limit_table.hpp"
#include "settings/words.hpp"

namespace hazgate::app {

namespace json = boost::json;
using core::Flag;
using namespace evaluate_fields;

std::string EvaluateHandler::path() const {
  std::string word(field_ == nullptr ? "" : field_->word);
  switch (depth_) {
    case Depth::outside:
      return "input";
    case Depth::object:
      return word.empty() ? "input" : word;
    case Depth::list:
      return fmt::format("{}[{}]", field_of(input_.list).word, entry_);
    case Depth::entry:
      return fmt::format("{}[{}]{}{}", field_of(input_.list).word, entry_, word.empty() ? "" : ".", word);
  }
  return word;
}

/// Is a value of this kind what has to come here?
void EvaluateHandler::accept(Kind kind) const {
  if (depth_ == Depth::outside || depth_ == Depth::list) wrong("is not an object; expected {…}");
  if ((field_->kinds & kind) == 0) wrong("expected " + expected(field_->kinds));
}

bool EvaluateHandler::on_object_begin(Error&) {
  if (depth_ == Depth::object || depth_ == Depth::entry) wrong("expected " + expected(field_->kinds));
  if (depth_ == Depth::outside) {
    depth_ = Depth::object;
  } else {
    begin_entry();
  }
  return true;
}

bool EvaluateHandler::on_object_end(std::size_t, Error&) {
  field_ = nullptr;
  if (depth_ == Depth::entry) end_entry();
  return true;
}

bool EvaluateHandler::on_array_begin(Error&) {
  accept(list);
  need(input_.list == List::none, "expected one of segments, readings, mixture or days, not two");
  input_.list = list_of(field_->key);
  depth_ = Depth::list;
  entry_ = 0;
  return true;
}

bool EvaluateHandler::on_array_end(std::size_t, Error&) {
  depth_ = Depth::object;
  return true;
}

bool EvaluateHandler::on_key(json::string_view s, std::size_t, Error&) {
  more(s);
  const List place = depth_ == Depth::entry ? input_.list : List::none;
  const auto* found = std::ranges::find_if(fields, [&](const Field& f) { return f.place == place && f.word == text_; });
  field_ = nullptr;
  if (found == fields.end()) {
    const auto shown = settings::in_quotes(text_);  // whatever it is, it stays one line
    const auto word = shown.substr(1, shown.size() - 2);
    bad(depth_ == Depth::entry ? fmt::format("{}.{}", path(), word) : word,
        fmt::format("is not known{}", settings::hint(text_, words_of(place))));
  }
  field_ = found;
  need(!given_.test(at(found->key)), "is given twice");
  given_.set(at(found->key));
  text_.clear();
  return true;
}

bool EvaluateHandler::on_string(json::string_view s, std::size_t, Error&) {
  accept(text);
  more(s);
  take_text();
  text_.clear();
  return true;
}

/// The parser's own conversion is not exact to the last digit.
bool EvaluateHandler::on_number(json::string_view s) {
  accept(number);
  more(s);
  double value = 0;
  const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  need(error == std::errc{} && std::isfinite(value), "is not a finite number that can be kept");
  text_.clear();
  take_number(value);
  return true;
}

bool EvaluateHandler::on_bool(bool value, Error&) {
  accept(yes_no);
  if (field_->key == Key::adjust) input_.adjust = value;
  if (field_->key == Key::below_loq && value) input_.segments.back().flag = Flag::below_loq;
  if (field_->key == Key::exposed) input_.segments.back().exposed = value;
  return true;
}

bool EvaluateHandler::on_null(Error&) {
  accept(nothing);
  return true;
}

void EvaluateHandler::take_number(double value) {
  switch (field_->key) {
    case Key::hours_per_day:
      need(value > 0 && value <= 24, "expected more than 0 and at most 24");
      input_.hours_per_day = value;
      return;
    case Key::days_per_week:
      need(value >= 1 && value <= 7 && value == std::floor(value), "expected one of 1 to 7");
      input_.days_per_week = value;
      return;
    case Key::sio2_percent:
      need(value >= 0 && value <= 100, "expected 0 to 100");
      input_.sio2_percent = value;
      return;
    case Key::period_s:
      need(value >= 0.001 && value <= 86400, "expected 0.001 to 86400");
      input_.period_s = value;
      return;
    case Key::outdoor_ventilation_degc:
      need(value >= settings::least_outdoor_ventilation && value <= settings::most_outdoor_ventilation,
           fmt::format("expected {} to {}", settings::least_outdoor_ventilation, settings::most_outdoor_ventilation));
      input_.outdoor_ventilation_degc = value;
      return;
    case Key::minutes:
      need(value > 0 && value <= 1440, "expected more than 0 and at most 1440");
      input_.segments.back().minutes = value;
      return;
    case Key::segment_value:
      input_.segments.back().value = value;
      return;
    case Key::reading_value:
      input_.readings.back().value = value;
      return;
    case Key::twa:
      input_.mixture.back().twa = value;
      return;
    case Key::stel_max:
      input_.mixture.back().stel_max = value;
      return;
    case Key::hours:
      need(value > 0 && value <= 24, "expected more than 0 and at most 24");
      input_.days.back().hours = value;
      return;
    case Key::day_value:
      input_.days.back().value = value;
      return;
    default:
      return;
  }
}

void EvaluateHandler::take_text() {
  switch (field_->key) {
    case Key::agent:
      input_.agent = text_;
      return;
    case Key::part_agent:
      input_.mixture.back().agent = text_;
      return;
    case Key::shift_start:
    case Key::t:
      take_time();
      return;
    case Key::flag:
      take_flag();
      return;
    default:
      return;
  }
}

void EvaluateHandler::take_time() {
  const auto time = core::time_from(text_);
  if (!time)
    wrong(
        fmt::format("{} is no time; expected RFC 3339 such as 2026-11-23T08:00:00+08:00", settings::in_quotes(text_)));
  if (field_->key == Key::shift_start) {
    input_.shift_start = *time;
  } else {
    input_.readings.back().at = *time;
  }
}

void EvaluateHandler::take_flag() {
  const auto flag = text_.size() == 1 ? core::flag_from(text_[0]) : std::nullopt;
  if (!flag) wrong(fmt::format("{} is no flag; expected one of N T D B C M F S L", settings::in_quotes(text_)));
  input_.readings.back().flag = *flag;
}

void EvaluateHandler::begin_entry() {
  need(entry_ < most_entries, fmt::format("expected at most {} entries", most_entries));
  depth_ = Depth::entry;
  field_ = nullptr;
  for (const auto& field : fields) {
    if (field.place == input_.list) given_.reset(at(field.key));
  }
  if (input_.list == List::segments) input_.segments.emplace_back();
  if (input_.list == List::readings) input_.readings.emplace_back();
  if (input_.list == List::mixture) input_.mixture.emplace_back();
  if (input_.list == List::days) input_.days.emplace_back();
}

void EvaluateHandler::end_entry() {
  for (const auto& field : fields) {
    if (field.place != input_.list || !field.required || given_.test(at(field.key))) continue;
    field_ = &field;
    wrong("is missing; expected " + expected(field.kinds));
  }
  if (input_.list == List::segments) check_segment();
  if (input_.list == List::readings) check_reading();
  depth_ = Depth::list;
  field_ = nullptr;
  ++entry_;
}

void EvaluateHandler::check_segment() {
  const auto& segment = input_.segments.back();
  field_ = &fields.at(at(Key::segment_value));
  need(segment.flag != Flag::below_loq || segment.value, "is missing; below_loq needs the quantification limit");
}

void EvaluateHandler::check_reading() {
  const auto& reading = input_.readings.back();
  field_ = &fields.at(at(Key::reading_value));
  need(!core::enters_averages(reading.flag) || !std::isnan(reading.value),
       "is missing; expected a number, or a flag that tells why there is none (T D B C M F)");
}

}  // namespace hazgate::app
