#include "ledger/record_reader.hpp"

#include <array>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstdint>

#include "ledger/canonical_json.hpp"

namespace hazgate::ledger {

namespace json = boost::json;

namespace {

constexpr std::size_t deepest_record = 8;

/// Writes the document anew, in canonical form, as the parser goes through it: the text is canonical where both agree.
/// Names must come in their order; one that does not, or comes twice, is enough to stop. The method names are the
/// library's.
class Rewriter {
 public:
  static constexpr std::size_t max_object_size = 1000, max_array_size = 10'000, max_key_size = 1000;
  static constexpr std::size_t max_string_size = 1U << 20U;
  using error_code = boost::system::error_code;

  /// What a record says of its place.
  struct Place {
    std::string site, enterprise, gateway, kind, hash, prev_hash;
    std::int64_t seq = 0;
  };

  void begin() {
    out.clear();
    depth_ = 0;
    text_.clear();
    number_.clear();
    place.site.clear();
    place.enterprise.clear();
    place.gateway.clear();
    place.kind.clear();
    place.hash.clear();
    place.prev_hash.clear();
    place.seq = 0;
    hash_begin = hash_end = 0;
    in_order = true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return open('{'); }
  bool on_object_end(std::size_t, error_code&) { return close('}'); }
  bool on_array_begin(error_code&) { return open('['); }
  bool on_array_end(std::size_t, error_code&) { return close(']'); }
  bool on_key_part(json::string_view part, std::size_t, error_code&) {
    return text_.append(part.data(), part.size()), true;
  }
  bool on_key(json::string_view rest, std::size_t, error_code&) {
    text_.append(rest.data(), rest.size());
    auto& level = levels_[depth_ - 1];
    in_order = in_order && (level.first || canonical_before(level.key, text_));
    if (depth_ == 1 && text_ == "hash") hash_begin = out.size();
    if (!level.first) out += ',';
    level.first = false;
    append_canonical_text(out, text_);
    out += ':';
    level.key.swap(text_);
    text_.clear();
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, error_code&) {
    return text_.append(part.data(), part.size()), true;
  }
  bool on_string(json::string_view rest, std::size_t, error_code&) {
    text_.append(rest.data(), rest.size());
    lead_in();
    append_canonical_text(out, text_);
    if (depth_ == 1) note();
    text_.clear();
    return true;
  }
  bool on_number_part(json::string_view part, error_code&) { return number_.append(part.data(), part.size()), true; }
  bool on_int64(std::int64_t value, json::string_view, error_code&) {
    if (depth_ == 1 && levels_[0].key == "seq") place.seq = value;
    return number(static_cast<double>(value));
  }
  bool on_uint64(std::uint64_t value, json::string_view, error_code&) { return number(static_cast<double>(value)); }
  bool on_double(double, json::string_view rest, error_code&) {
    number_.append(rest.data(), rest.size());
    double value = 0;
    const auto [end, error] = std::from_chars(number_.data(), number_.data() + number_.size(), value);
    in_order = in_order && error == std::errc{};  // what no double holds nobody has written canonically
    return number(value);
  }
  bool on_bool(bool value, error_code&) { return word(value ? "true" : "false"); }
  bool on_null(error_code&) { return word("null"); }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

  std::string out;
  Place place;
  std::size_t hash_begin = 0, hash_end = 0;  ///< the member "hash" in `out`, with the comma before it
  bool in_order = true;

 private:
  struct Level {
    bool object = false, first = true;
    std::string key;
  };
  void lead_in() {
    if (depth_ == 0 || levels_[depth_ - 1].object) return;
    if (!levels_[depth_ - 1].first) out += ',';
    levels_[depth_ - 1].first = false;
  }
  bool open(char bracket) {
    lead_in();
    out += bracket;
    auto& level = levels_.at(depth_++);
    level.object = bracket == '{';
    level.first = true;
    return true;
  }
  bool close(char bracket) {
    out += bracket;
    --depth_;
    return true;
  }
  bool number(double value) {
    lead_in();
    append_es_number(out, value);
    number_.clear();
    return true;
  }
  bool word(std::string_view text) {
    lead_in();
    out += text;
    return true;
  }
  void note() {
    const auto& key = levels_[0].key;
    if (key == "hash") {
      place.hash = text_;
      hash_end = out.size();
    }
    if (key == "prev_hash") place.prev_hash = text_;
    if (key == "site") place.site = text_;
    if (key == "enterprise") place.enterprise = text_;
    if (key == "gateway") place.gateway = text_;
    if (key == "kind") place.kind = text_;
  }

  std::array<Level, deepest_record + 1> levels_;  ///< their names keep their memory
  std::size_t depth_ = 0;
  std::string text_, number_;
};

}  // namespace

struct RecordReader::Impl {
  Impl() : parser(options()) {}
  static json::parse_options options() {
    json::parse_options chosen;
    chosen.max_depth = deepest_record;
    return chosen;
  }
  json::basic_parser<Rewriter> parser;
};

RecordReader::RecordReader() : impl_(std::make_unique<Impl>()) {}

RecordReader::~RecordReader() = default;

std::optional<Opened> RecordReader::open(std::string_view text, std::string& why) {
  auto& parser = impl_->parser;
  auto& found = parser.handler();
  parser.reset();
  found.begin();
  boost::system::error_code error;
  const auto read = parser.write_some(false, text.data(), text.size(), error);
  if (error || read < text.size() || !text.starts_with('{')) {
    why = error ? "it is no JSON: " + error.message() : "it is no JSON object, or something comes behind it";
    return {};
  }
  const auto hash = bytes_from_hex<Hash>(found.place.hash);
  const auto prev = bytes_from_hex<Hash>(found.place.prev_hash);
  if (!hash || !prev || found.place.seq < 1) {
    why = R"(it lacks "seq", "prev_hash" or "hash")";
    return {};
  }
  // The same content in other bytes, or a member twice: readers could differ about what it says.
  if (!found.in_order || found.out != text) {
    why = "it is not in canonical form (RFC 8785)";
    return {};
  }
  // Without the member and one of its commas.
  const bool first = found.out[found.hash_begin] != ',';
  const auto behind = found.hash_end + (first && found.out[found.hash_end] == ',' ? 1 : 0);
  if (sha256(text.substr(0, found.hash_begin), text.substr(behind)) != *hash) {
    why = "its content does not give its hash";
    return {};
  }
  if (!is_sound({found.place.site, found.place.enterprise, found.place.gateway})) {
    why = R"(its "site", "enterprise" or "gateway" is no name)";
    return {};
  }
  return Opened{
      .chain = {std::move(found.place.site), std::move(found.place.enterprise), std::move(found.place.gateway)},
      .seq = static_cast<std::uint64_t>(found.place.seq),
      .prev_hash = *prev,
      .hash = *hash,
      .kind = found.place.kind,
      .text = text};
}

std::optional<Opened> open(std::string_view text, std::string& why) { return RecordReader().open(text, why); }

}  // namespace hazgate::ledger
