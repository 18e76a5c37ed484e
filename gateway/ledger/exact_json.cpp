#include "ledger/exact_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <limits>
#include <string>

namespace hazgate::ledger {

namespace json = boost::json;

namespace {

/// What the parser finds, put together as Boost.JSON's own does it, but for doubles. The names are the library's.
class Builder {
 public:
  static constexpr std::size_t max_object_size = 100'000, max_array_size = 1'000'000, max_key_size = 4096;
  static constexpr std::size_t max_string_size = 64U << 20U;
  using error_code = boost::system::error_code;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t count, error_code&) { return stack_.push_object(count), true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t count, error_code&) { return stack_.push_array(count), true; }
  bool on_key_part(json::string_view part, std::size_t, error_code&) { return stack_.push_chars(part), true; }
  bool on_key(json::string_view rest, std::size_t, error_code&) { return stack_.push_key(rest), true; }
  bool on_string_part(json::string_view part, std::size_t, error_code&) { return stack_.push_chars(part), true; }
  bool on_string(json::string_view rest, std::size_t, error_code&) { return stack_.push_string(rest), true; }
  bool on_number_part(json::string_view part, error_code&) { return number_.append(part.data(), part.size()), true; }
  bool on_int64(std::int64_t value, json::string_view, error_code&) {
    number_.clear();
    return stack_.push_int64(value), true;
  }
  bool on_uint64(std::uint64_t value, json::string_view, error_code&) {
    number_.clear();
    return stack_.push_uint64(value), true;
  }
  bool on_double(double, json::string_view rest, error_code& error) {
    number_.append(rest.data(), rest.size());
    double value = 0;
    const auto* end = number_.data() + number_.size();
    const auto [last, trouble] = std::from_chars(number_.data(), end, value);
    if (last != end || (trouble != std::errc{} && trouble != std::errc::result_out_of_range)) {
      error = json::error::syntax;
      return false;
    }
    // from_chars leaves the value as it was; what is too small is 0, what is too large no number of ours.
    if (trouble != std::errc{} && !is_tiny(number_)) {
      error = json::error::exponent_overflow;
      return false;
    }
    number_.clear();
    return stack_.push_double(value), true;
  }
  bool on_bool(bool value, error_code&) { return stack_.push_bool(value), true; }
  bool on_null(error_code&) { return stack_.push_null(), true; }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

  void begin() { stack_.reset(); }
  json::value take() { return stack_.release(); }

 private:
  static bool is_tiny(std::string_view number) {
    const auto e = number.find_first_of("eE");
    return e != std::string_view::npos && e + 1 < number.size() && number[e + 1] == '-';
  }
  json::value_stack stack_;
  std::string number_;
};

}  // namespace

json::value parse_exact(std::string_view text, boost::system::error_code& error, std::size_t max_depth) {
  json::parse_options options;
  options.max_depth = max_depth;
  json::basic_parser<Builder> parser(options);
  parser.handler().begin();
  const auto read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read < text.size()) error = json::error::extra_data;
  if (error) return {};
  return parser.handler().take();
}

}  // namespace hazgate::ledger
