#include "ledger/chain.hpp"

#include <utility>

#include "ledger/canonical_json.hpp"
#include "ledger/exact_json.hpp"

namespace hazgate::ledger {

namespace json = boost::json;

bool is_sound(const ChainId& chain) {
  const auto sound = [](std::string_view name) {
    constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return !name.empty() && name.size() <= 128 && name.find_first_not_of(letters) == std::string_view::npos;
  };
  return sound(chain.site) && sound(chain.enterprise) && sound(chain.gateway);
}

std::string_view text_of(const json::object& object, const char* key) {
  const auto* member = object.if_contains(key);
  if (member == nullptr || !member->is_string()) return {};
  return {member->get_string().data(), member->get_string().size()};
}

namespace {

std::optional<std::uint64_t> seq_of(const json::object& object) {
  const auto* member = object.if_contains("seq");
  if (member == nullptr || !member->is_int64() || member->get_int64() < 1) return {};
  return static_cast<std::uint64_t>(member->get_int64());
}

ChainId chain_of(const json::object& object) {
  return {std::string(text_of(object, "site")), std::string(text_of(object, "enterprise")),
          std::string(text_of(object, "gateway"))};
}

void name_chain(json::object& object, const ChainId& chain) {
  object["site"] = chain.site;
  object["enterprise"] = chain.enterprise;
  object["gateway"] = chain.gateway;
}

/// "hash":"…", as it stands in the text; it is never the last member, because "kind", "seq" or "v" come behind it.
std::string hash_member(const Hash& hash) { return R"("hash":")" + hex(hash) + R"(",)"; }

constexpr std::size_t deepest = 8;  // a record is not nested deeper

std::string key_statement(std::string_view id, std::string_view public_key) {
  return canonical(json::object{{"hazgate", "ledger key"}, {"key_id", id}, {"public_key", public_key}});
}

/// Where a member that sorts in first place would begin, its comma belongs in front of it otherwise.
void insert_member(std::string& body, std::size_t place, std::string member) {
  if (place > 1) {  // behind another one: ",member" instead of "member,"
    member.insert(0, 1, ',');
    member.pop_back();
  }
  body.insert(place, member);
}

}  // namespace

Sealed seal(const ChainId& chain, const Tip& before, json::object record) {
  Sealed sealed{.tip = {.seq = before.seq + 1}};
  record.erase("hash");
  name_chain(record, chain);
  record["seq"] = static_cast<std::int64_t>(sealed.tip.seq);
  record["prev_hash"] = hex(before.hash);
  const auto place = append_canonical_without(sealed.text, record, "hash");
  sealed.tip.hash = sha256(sealed.text);
  insert_member(sealed.text, place, hash_member(sealed.tip.hash));
  return sealed;
}

std::string signed_head(const ChainId& chain, const Tip& tip, std::string_view at, const SigningKey& key) {
  json::object head{
      {"v", 1}, {"seq", static_cast<std::int64_t>(tip.seq)}, {"hash", hex(tip.hash)}, {"at", at}, {"key_id", key.id()}};
  name_chain(head, chain);
  head["signature"] = hex(key.sign(canonical(head)));
  return canonical(head);
}

std::optional<Head> head_from(std::string_view text) {
  boost::system::error_code error;
  const json::value document = parse_exact(text, error, deepest);
  if (error || !document.is_object()) return {};
  const auto& object = document.get_object();
  const auto hash = bytes_from_hex<Hash>(text_of(object, "hash"));
  const auto signature = bytes_from_hex<Signature>(text_of(object, "signature"));
  const auto seq = seq_of(object);
  if (!hash || !signature || !seq) return {};
  Head head{.chain = chain_of(object),
            .tip = {*seq, *hash},
            .at = std::string(text_of(object, "at")),
            .key_id = std::string(text_of(object, "key_id")),
            .signature = *signature};
  const bool plain = head.at.find_first_not_of("0123456789-:.TZ+") == std::string::npos &&
                     head.key_id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!plain || !is_sound(head.chain)) return {};
  append_canonical_without(head.signed_text, object, "signature");
  return head;
}

json::object key_record(const SigningKey& key, const std::string& previous_id, const SigningKey* previous) {
  const std::string public_key = hex(key.public_key());
  json::object record{{"kind", "key"}, {"key_id", key.id()}, {"public_key", public_key}};
  if (previous_id.empty()) return record;
  record["previous_key_id"] = previous_id;
  record["endorsement"] = nullptr;
  if (previous != nullptr) record["endorsement"] = hex(previous->sign(key_statement(key.id(), public_key)));
  return record;
}

bool endorsed(const json::object& record, const PublicKey& previous) {
  const auto signature = bytes_from_hex<Signature>(text_of(record, "endorsement"));
  const auto statement = key_statement(text_of(record, "key_id"), text_of(record, "public_key"));
  return signature && verifies(previous, statement, *signature);
}

}  // namespace hazgate::ledger
