// Pure: JSON written straight into a string. Boost.JSON would print 120 as 1.2E2 and let broken UTF-8 through; what the
// feed says must be readable by the plainest subscriber.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/reading.hpp"

namespace hazgate::feed {

/// Appends `text` with what is not UTF-8 replaced by U+FFFD, one for each offending byte.
void append_utf8(std::string& out, std::string_view text);
/// "text", escaped, valid UTF-8 whatever the bytes were.
void append_quoted(std::string& out, std::string_view text);
/// The shortest digits that read back as the same double; null when not finite.
void append_number(std::string& out, double value);
void append_number(std::string& out, std::uint64_t value);

/// One JSON document, member by member; commas take care of themselves.
class JsonWriter {
 public:
  JsonWriter& open(std::string_view key = {}) { return begin(key, '{'); }
  JsonWriter& close() { return end('}'); }
  JsonWriter& open_list(std::string_view key) { return begin(key, '['); }
  JsonWriter& close_list() { return end(']'); }
  JsonWriter& text(std::string_view key, std::string_view value);
  JsonWriter& text_or_null(std::string_view key, std::string_view value) {  ///< null when empty
    return value.empty() ? null(key) : text(key, value);
  }
  JsonWriter& number(std::string_view key, double value);  ///< null when not finite
  JsonWriter& count(std::string_view key, std::uint64_t value);
  JsonWriter& yes_no(std::string_view key, bool value);
  JsonWriter& null(std::string_view key);
  JsonWriter& json(std::string_view key, std::string_view text);                 ///< what is JSON already
  JsonWriter& time(std::string_view key, std::optional<core::Timestamp> value);  ///< null when absent
  std::string take() { return std::move(out_); }

 private:
  JsonWriter& begin(std::string_view key, char bracket);
  JsonWriter& end(char bracket);
  void lead_in(std::string_view key);

  std::string out_;
};

}  // namespace hazgate::feed
