// What the JSON parser calls while it reads the input of evaluate.
#pragma once

#include <bitset>
#include <boost/json/string_view.hpp>
#include <boost/system/error_code.hpp>

#include "app/evaluate_fields.hpp"

namespace hazgate::app {

/// Takes what the parser meets, in the one shape there is: an object of fields, some of them lists of objects of
/// fields.
class EvaluateHandler {
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
  bool on_key_part(boost::json::string_view s, std::size_t, Error&) { return more(s); }
  bool on_key(boost::json::string_view s, std::size_t, Error&);
  bool on_string_part(boost::json::string_view s, std::size_t, Error&) { return more(s); }
  bool on_string(boost::json::string_view s, std::size_t, Error&);
  bool on_number_part(boost::json::string_view s, Error&) { return more(s); }
  bool on_int64(std::int64_t, boost::json::string_view s, Error&) { return on_number(s); }
  bool on_uint64(std::uint64_t, boost::json::string_view s, Error&) { return on_number(s); }
  bool on_double(double, boost::json::string_view s, Error&) { return on_number(s); }
  bool on_bool(bool value, Error&);
  bool on_null(Error&);
  bool on_comment_part(boost::json::string_view, Error&) { return true; }
  bool on_comment(boost::json::string_view, Error&) { return true; }

  EvaluateInput& input() { return input_; }

 private:
  enum class Depth { outside, object, list, entry };

  std::string path() const;
  [[noreturn]] void wrong(std::string_view what) const { bad(path(), what); }
  void need(bool good, std::string_view what) const {
    if (!good) wrong(what);
  }
  bool more(boost::json::string_view s) {
    text_.append(s.data(), s.size());
    return true;
  }
  void accept(evaluate_fields::Kind kind) const;
  bool on_number(boost::json::string_view s);
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
  const evaluate_fields::Field* field_ = nullptr;  ///< of the object or entry we are in
  std::size_t entry_ = 0;
  std::bitset<evaluate_fields::fields.size()> given_;
  std::string text_;  ///< of a word or number, which may come in pieces
};

}  // namespace hazgate::app
