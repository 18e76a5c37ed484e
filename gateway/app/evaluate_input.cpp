#include "app/evaluate_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>

#include "settings/limit_table.hpp"
#include "settings/time_text.hpp"
#include "settings/words.hpp"

namespace hazgate::app {

void bad(std::string_view path, std::string_view what) { throw BadInput(fmt::format("{}: {}", path, what)); }

namespace {

namespace json = boost::json;
using core::Flag;
using List = EvaluateInput::List;

enum Kind : unsigned { text = 1, number = 2, yes_no = 4, nothing = 8, list = 16 };

enum class Key : std::uint8_t {
  agent,
  hours_per_day,
  days_per_week,
  adjust,
  sio2_percent,
  shift_start,
  period_s,
  outdoor_ventilation_degc,
  segments,
  readings,
  mixture,
  days,
  minutes,
  segment_value,
  below_loq,
  exposed,
  t,
  reading_value,
  flag,
  part_agent,
  twa,
  stel_max,
  hours,
  day_value
};

struct Field {
  Key key;
  List place;  ///< the list whose entries have it; none: the object itself
  std::string_view word;
  unsigned kinds;
  bool required = false;
};

constexpr std::array fields{
    Field{Key::agent, List::none, "agent", text},
    Field{Key::hours_per_day, List::none, "hours_per_day", number},
    Field{Key::days_per_week, List::none, "days_per_week", number},
    Field{Key::adjust, List::none, "adjust", yes_no},
    Field{Key::sio2_percent, List::none, "sio2_percent", number},
    Field{Key::shift_start, List::none, "shift_start", text},
    Field{Key::period_s, List::none, "period_s", number},
    Field{Key::outdoor_ventilation_degc, List::none, "outdoor_ventilation_degc", number},
    Field{Key::segments, List::none, "segments", list},
    Field{Key::readings, List::none, "readings", list},
    Field{Key::mixture, List::none, "mixture", list},
    Field{Key::days, List::none, "days", list},
    Field{Key::minutes, List::segments, "minutes", number, true},
    Field{Key::segment_value, List::segments, "value", number | nothing},
    Field{Key::below_loq, List::segments, "below_loq", yes_no},
    Field{Key::exposed, List::segments, "exposed", yes_no},
    Field{Key::t, List::readings, "t", text, true},
    Field{Key::reading_value, List::readings, "value", number | nothing},
    Field{Key::flag, List::readings, "flag", text},
    Field{Key::part_agent, List::mixture, "agent", text, true},
    Field{Key::twa, List::mixture, "twa", number | nothing},
    Field{Key::stel_max, List::mixture, "stel_max", number | nothing},
    Field{Key::hours, List::days, "hours", number, true},
    Field{Key::day_value, List::days, "value", number | nothing, true},
};

constexpr std::size_t at(Key key) { return static_cast<std::size_t>(key); }

constexpr bool in_order() {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (at(fields[i].key) != i) return false;
  }
  return true;
}
static_assert(in_order(), "a field is found by its key");

/// The lists stand in the same order as their keys.
constexpr List list_of(Key key) { return static_cast<List>(at(key) - at(Key::segments) + 1); }
constexpr const Field& field_of(List which) {
  return fields.at(at(Key::segments) + static_cast<std::size_t>(which) - 1);
}
static_assert(list_of(Key::days) == List::days && field_of(List::segments).word == "segments");

std::vector<std::string> words_of(List place) {
  std::vector<std::string> words;
  for (const auto& field : fields) {
    if (field.place == place) words.emplace_back(field.word);
  }
  return words;
}

std::string expected(unsigned kinds) {
  std::string out;
  for (const auto& [kind, word] : {std::pair{text, "a string"},
                                   {number, "a number"},
                                   {yes_no, "true or false"},
                                   {list, "a list"},
                                   {nothing, "null where there is none"}}) {
    if ((kinds & kind) != 0) out += (out.empty() ? "" : ", or ") + std::string(word);
  }
  return out;
}

/// Takes what the parser meets, in the one shape there is: an object of fields, some of them lists of objects of
/// fields.
class Handler {
 public:
  static constexpr std::size_t max_array_size = most_entries + 1;  // too many is said in our own words
  static constexpr std::size_t max_object_size = 1000;
  static constexpr std::size_t max_string_size = 4096;
  static constexpr std::size_t max_key_size = 4096;

  using Error = boost::system::error_code;
  bool on_document_begin(Error&) { return true; }
  bool on_document_end(Error&) { return true; }
  bool on_object_begin(Error&);
  bool on_object_end(std::size_t, Error&);
  bool on_array_begin(Error&);
  bool on_array_end(std::size_t, Error&);
  bool on_key_part(json::string_view s, std::size_t, Error&) { return more(s); }
  bool on_key(json::string_view s, std::size_t, Error&);
  bool on_string_part(json::string_view s, std::size_t, Error&) { return more(s); }
  bool on_string(json::string_view s, std::size_t, Error&);
  bool on_number_part(json::string_view s, Error&) { return more(s); }
  bool on_int64(std::int64_t, json::string_view s, Error&) { return on_number(s); }
  bool on_uint64(std::uint64_t, json::string_view s, Error&) { return on_number(s); }
  bool on_double(double, json::string_view s, Error&) { return on_number(s); }
  bool on_bool(bool value, Error&);
  bool on_null(Error&);
  bool on_comment_part(json::string_view, Error&) { return true; }
  bool on_comment(json::string_view, Error&) { return true; }

  EvaluateInput& input() { return input_; }

 private:
  enum class Depth { outside, object, list, entry };

  std::string path() const;
  [[noreturn]] void wrong(std::string_view what) const { bad(path(), what); }
  void need(bool good, std::string_view what) const {
    if (!good) wrong(what);
  }
  bool more(json::string_view s) {
    text_.append(s.data(), s.size());
    return true;
  }
  void accept(Kind kind) const;
  bool on_number(json::string_view s);
  void take_number(double value);
  void take_text();
  void take_time();
  void take_flag();
  void begin_entry();
  void end_entry();
  void check_segment();
  void check_reading();

  EvaluateInput input_;
  Depth depth_ = Depth::outside;
  const Field* field_ = nullptr;  ///< of the object or entry we are in
  std::size_t entry_ = 0;
  std::bitset<fields.size()> given_;
  std::string text_;  ///< of a word or number, which may come in pieces
};

std::string Handler::path() const {
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
void Handler::accept(Kind kind) const {
  if (depth_ == Depth::outside || depth_ == Depth::list) wrong("is not an object; expected {…}");
  if ((field_->kinds & kind) == 0) wrong("expected " + expected(field_->kinds));
}

bool Handler::on_object_begin(Error&) {
  if (depth_ == Depth::object || depth_ == Depth::entry) wrong("expected " + expected(field_->kinds));
  if (depth_ == Depth::outside) {
    depth_ = Depth::object;
  } else {
    begin_entry();
  }
  return true;
}

bool Handler::on_object_end(std::size_t, Error&) {
  field_ = nullptr;
  if (depth_ == Depth::entry) end_entry();
  return true;
}

bool Handler::on_array_begin(Error&) {
  accept(list);
  need(input_.list == List::none, "expected one of segments, readings, mixture or days, not two");
  input_.list = list_of(field_->key);
  depth_ = Depth::list;
  entry_ = 0;
  return true;
}

bool Handler::on_array_end(std::size_t, Error&) {
  depth_ = Depth::object;
  return true;
}

bool Handler::on_key(json::string_view s, std::size_t, Error&) {
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

bool Handler::on_string(json::string_view s, std::size_t, Error&) {
  accept(text);
  more(s);
  take_text();
  text_.clear();
  return true;
}

/// The parser's own conversion is not exact to the last digit.
bool Handler::on_number(json::string_view s) {
  accept(number);
  more(s);
  double value = 0;
  const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
  need(error == std::errc{} && std::isfinite(value), "is not a finite number that can be kept");
  text_.clear();
  take_number(value);
  return true;
}

bool Handler::on_bool(bool value, Error&) {
  accept(yes_no);
  if (field_->key == Key::adjust) input_.adjust = value;
  if (field_->key == Key::below_loq && value) input_.segments.back().flag = Flag::below_loq;
  if (field_->key == Key::exposed) input_.segments.back().exposed = value;
  return true;
}

bool Handler::on_null(Error&) {
  accept(nothing);
  return true;
}

void Handler::take_number(double value) {
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

void Handler::take_text() {
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

void Handler::take_time() {
  const auto time = settings::time_from(text_);
  if (!time)
    wrong(
        fmt::format("{} is no time; expected RFC 3339 such as 2026-11-23T08:00:00+08:00", settings::in_quotes(text_)));
  if (field_->key == Key::shift_start) {
    input_.shift_start = *time;
  } else {
    input_.readings.back().at = *time;
  }
}

void Handler::take_flag() {
  const auto flag = text_.size() == 1 ? core::flag_from(text_[0]) : std::nullopt;
  if (!flag) wrong(fmt::format("{} is no flag; expected one of N T D B C M F S L", settings::in_quotes(text_)));
  input_.readings.back().flag = *flag;
}

void Handler::begin_entry() {
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

void Handler::end_entry() {
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

void Handler::check_segment() {
  const auto& segment = input_.segments.back();
  field_ = &fields.at(at(Key::segment_value));
  need(segment.flag != Flag::below_loq || segment.value, "is missing; below_loq needs the quantification limit");
}

void Handler::check_reading() {
  const auto& reading = input_.readings.back();
  field_ = &fields.at(at(Key::reading_value));
  need(!core::enters_averages(reading.flag) || !std::isnan(reading.value),
       "is missing; expected a number, or a flag that tells why there is none (T D B C M F)");
}

constexpr std::string_view blanks = " \t\r\n";

std::string_view remedy(std::string_view rest) {
  if (rest.starts_with("NaN") || rest.starts_with("nan") || rest.starts_with("Inf") || rest.starts_with("inf"))
    return "; there is no such number in JSON, write null where there is no value";
  if (rest.starts_with('\'')) return "; strings stand in double quotes";
  return "";
}

}  // namespace

struct EvaluateReader::Parser {
  json::basic_parser<Handler> json{json::parse_options{}};
  std::size_t bytes = 0, lines = 1;
  bool begun = false;

  std::string place(std::string_view met) const {
    const auto line = lines + static_cast<std::size_t>(std::ranges::count(met, '\n'));
    return fmt::format("input, byte {} (line {})", bytes + met.size(), line);
  }
};

EvaluateReader::EvaluateReader() : parser_(std::make_unique<Parser>()) {}
EvaluateReader::~EvaluateReader() = default;

void EvaluateReader::feed(std::string_view piece) {
  auto& p = *parser_;
  if (p.bytes + piece.size() > most_input) bad("input", fmt::format("is larger than {} MiB", most_input >> 20U));
  p.begun = p.begun || piece.find_first_not_of(blanks) != std::string_view::npos;
  std::size_t read = 0;
  if (!p.json.done()) {
    boost::system::error_code error;
    read = p.json.write_some(true, piece.data(), piece.size(), error);
    if (error)
      bad(p.place(piece.substr(0, read)),
          fmt::format("is not JSON: {}{}", error.message(), remedy(piece.substr(read))));
  }
  const auto rest = piece.find_first_not_of(blanks, read);
  if (p.json.done() && rest != std::string_view::npos)
    bad(p.place(piece.substr(0, rest)), "something follows the object");
  p.lines += static_cast<std::size_t>(std::ranges::count(piece, '\n'));
  p.bytes += piece.size();
}

EvaluateInput EvaluateReader::take() {
  auto& p = *parser_;
  if (!p.begun) bad("input", "is empty; expected one JSON object, see hazgate evaluate --help");
  boost::system::error_code error;
  if (!p.json.done()) p.json.write_some(false, "", 0, error);
  if (error || !p.json.done()) bad(p.place({}), "ends within the JSON");
  return std::move(p.json.handler().input());
}

}  // namespace hazgate::app
