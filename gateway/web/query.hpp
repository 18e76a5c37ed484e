// What stands behind the question mark and in a form, read strictly: what is not known, twice there, or no such value
// is told, and nothing is guessed.
#pragma once

#include <boost/json/object.hpp>
#include <string_view>
#include <vector>

#include "web/api.hpp"

namespace hazgate::web {

/// Thrown by what reads a request, and caught where requests are answered.
struct Refused {
  Refusal why;
};

class Query {
 public:
  /// `known`: the names that this question takes. Throws Refused. The target outlives this.
  Query(const Target& target, const std::vector<std::string_view>& known);

  std::string text(std::string_view key) const;  ///< empty where it is not there
  bool yes(std::string_view key) const;          ///< "true"; throws unless it is that or "false"
  std::uint64_t number(std::string_view key, std::uint64_t otherwise, std::uint64_t least,
                       std::uint64_t greatest) const;
  core::Timestamp time(std::string_view key) const;  ///< required
  std::optional<core::Timestamp> time_or_none(std::string_view key) const;
  std::optional<std::int32_t> day(std::string_view key) const;  ///< 2026-11-26, in days since 1970

 private:
  const std::string* find(std::string_view key) const;
  const Target* target_;
};

/// A request's body: one JSON object of at most 32 levels. Throws Refused.
boost::json::object form(const Request& request);
/// The same, of which no other members are known.
boost::json::object form(const Request& request, const std::vector<std::string_view>& known);
/// A member of a form that is text, and there; at most `most` bytes. Throws Refused.
std::string form_text(const boost::json::object& form, std::string_view key, std::size_t most = 1000);

}  // namespace hazgate::web
