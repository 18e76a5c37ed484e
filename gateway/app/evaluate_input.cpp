#include "app/evaluate_input.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

#include "app/evaluate_handler.hpp"

namespace hazgate::app {

namespace json = boost::json;

void bad(std::string_view path, std::string_view what) { throw BadInput(fmt::format("{}: {}", path, what)); }

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view remedy(std::string_view rest) {
  if (rest.starts_with("NaN") || rest.starts_with("nan") || rest.starts_with("Inf") || rest.starts_with("inf"))
    return "; there is no such number in JSON, write null where there is no value";
  if (rest.starts_with('\'')) return "; strings stand in double quotes";
  return "";
}

}  // namespace

struct EvaluateReader::Parser {
  json::basic_parser<EvaluateHandler> json{json::parse_options{}};
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
