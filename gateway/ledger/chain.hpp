// The chain: each record carries the hash of the one before it, and the head of the chain is signed. Whoever changes,
// takes out, adds or moves a record breaks a hash; whoever cuts off the end contradicts a head that is published.
// Pure: records and keys in, bytes out.
#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/signing.hpp"

namespace hazgate::ledger {

/// Whose chain: an enterprise has one at each gateway that serves it.
struct ChainId {
  std::string site, enterprise, gateway;
  friend auto operator<=>(const ChainId&, const ChainId&) = default;
};
/// Are they names such as a configuration may give? Others could write lines of their own into what is printed.
bool is_sound(const ChainId& chain);

/// Where a chain ends. Of an empty one 0 and zeros.
struct Tip {
  std::uint64_t seq = 0;
  Hash hash{};
  friend bool operator==(const Tip&, const Tip&) = default;
};

/// A record in its place: `text` is canonical JSON with "site", "enterprise", "gateway", "seq", "prev_hash" and "hash",
/// which is the SHA-256 of the same without "hash".
struct Sealed {
  std::string text;
  Tip tip;  ///< the chain ends here now
};
Sealed seal(const ChainId& chain, const Tip& before, boost::json::object record);

/// What a record says of its place, once its own hash was found right.
struct Opened {
  ChainId chain;
  std::uint64_t seq = 0;
  Hash prev_hash{}, hash{};
  std::string kind;
  std::string_view text;  ///< as it was given: for whoever wants more of it, while that lives
};
/// A member that is text; empty where there is none, or it is something else.
std::string_view text_of(const boost::json::object& object, const char* key);
/// Empty where the text is not canonical JSON, or its content does not give its hash; `why` says which.
std::optional<Opened> open(std::string_view text, std::string& why);

/// The end of a chain, signed: {"v":1,"site","enterprise","gateway","seq","hash","at","key_id","signature"}. `at` is
/// RFC 3339; the signature is that of the canonical JSON without "signature".
std::string signed_head(const ChainId& chain, const Tip& tip, std::string_view at, const SigningKey& key);

struct Head {
  ChainId chain;
  Tip tip;
  std::string at, key_id, signed_text;  ///< signed_text: what the signature is of
  Signature signature{};
};
/// Empty for what is no head; whether its signature holds is verifies()'s to say.
std::optional<Head> head_from(std::string_view text);
inline bool verifies(const PublicKey& key, const Head& head) { return verifies(key, head.signed_text, head.signature); }

/// What the record of a new key holds: "kind":"key", "key_id", "public_key", and of a rotation "previous_key_id" and
/// "endorsement", the old key's signature of the new one. A key whose endorsement is null came without the old one.
boost::json::object key_record(const SigningKey& key, const std::string& previous_id, const SigningKey* previous);
/// Does the old key vouch for the one that this record brings?
bool endorsed(const boost::json::object& key_record, const PublicKey& previous);

}  // namespace hazgate::ledger
