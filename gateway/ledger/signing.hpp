// SHA-256 by OpenSSL, which uses the processor's own instructions, and Ed25519 by libsodium: what a record's hash is,
// and who vouches for it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace hazgate::ledger {

using Hash = std::array<std::uint8_t, 32>;  ///< SHA-256
using PublicKey = std::array<std::uint8_t, 32>;
using Signature = std::array<std::uint8_t, 64>;
using Seed = std::array<std::uint8_t, 32>;  ///< secret: all that a signing key is made of

/// Of bytes that come in pieces; what is too large to be held at once has a hash too.
class Sha256 {
 public:
  Sha256();
  void add(std::string_view bytes);
  Hash finish();  ///< once

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};
Hash sha256(std::string_view bytes, std::string_view and_then = {});

/// Two lower-case digits a byte.
std::string hex(const std::uint8_t* bytes, std::size_t count);
template <std::size_t n>
std::string hex(const std::array<std::uint8_t, n>& bytes) {
  return hex(bytes.data(), n);
}
bool from_hex(std::string_view text, std::uint8_t* bytes, std::size_t count);
/// Empty for what hex() cannot have written.
template <class Bytes>
std::optional<Bytes> bytes_from_hex(std::string_view text) {
  Bytes bytes{};
  return from_hex(text, bytes.data(), bytes.size()) ? std::optional(bytes) : std::nullopt;
}

/// A short name of a key, for people and logs: the first 16 hex digits of its SHA-256.
std::string key_id(const PublicKey& key);

class SigningKey {
 public:
  static SigningKey make();  ///< from the system's random source
  explicit SigningKey(const Seed& seed);
  ~SigningKey();  ///< wipes the secret
  SigningKey(const SigningKey&) = default;
  SigningKey& operator=(const SigningKey&) = default;

  Signature sign(std::string_view bytes) const;
  const PublicKey& public_key() const { return public_; }
  const std::string& id() const { return id_; }
  /// For the key's file and nothing else.
  Seed seed() const;

 private:
  std::array<std::uint8_t, 64> secret_{};
  PublicKey public_{};
  std::string id_;
};

bool verifies(const PublicKey& key, std::string_view bytes, const Signature& signature);

}  // namespace hazgate::ledger
