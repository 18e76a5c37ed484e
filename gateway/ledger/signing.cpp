#include "ledger/signing.hpp"

#include <openssl/evp.h>
#include <sodium.h>

#include <memory>
#include <stdexcept>

namespace hazgate::ledger {

static_assert(crypto_sign_SEEDBYTES == 32 && crypto_sign_SECRETKEYBYTES == 64 && crypto_sign_BYTES == 64);

namespace {
void start_sodium() {
  static const int started = sodium_init();
  if (started < 0) throw std::runtime_error("libsodium does not start: no random source");
}

const std::uint8_t* data(std::string_view bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }
}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* context) const noexcept { EVP_MD_CTX_free(context); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);  // looked up once, and kept
  if (!context_ || algorithm == nullptr || EVP_DigestInit_ex(context_.get(), algorithm, nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
}

void Sha256::add(std::string_view bytes) {
  if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1)
    throw std::runtime_error("OpenSSL cannot go on with a SHA-256");
}

Hash Sha256::finish() {
  Hash hash{};
  if (EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) != 1)
    throw std::runtime_error("OpenSSL cannot end a SHA-256");
  return hash;
}

Hash sha256(std::string_view bytes, std::string_view and_then) {
  Sha256 hash;
  hash.add(bytes);
  hash.add(and_then);
  return hash.finish();
}

std::string hex(const std::uint8_t* bytes, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += digits[bytes[i] >> 4U];
    text += digits[bytes[i] & 15U];
  }
  return text;
}

bool from_hex(std::string_view text, std::uint8_t* bytes, std::size_t count) {
  constexpr std::string_view digits = "0123456789abcdef";
  if (text.size() != 2 * count) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const auto high = digits.find(text[2 * i]), low = digits.find(text[2 * i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return false;
    bytes[i] = static_cast<std::uint8_t>(high << 4U | low);
  }
  return true;
}

std::string key_id(const PublicKey& key) {
  return hex(sha256({reinterpret_cast<const char*>(key.data()), key.size()})).substr(0, 16);
}

SigningKey SigningKey::make() {
  start_sodium();
  Seed seed;
  randombytes_buf(seed.data(), seed.size());
  SigningKey key(seed);
  sodium_memzero(seed.data(), seed.size());
  return key;
}

SigningKey::SigningKey(const Seed& seed) {
  start_sodium();
  crypto_sign_seed_keypair(public_.data(), secret_.data(), seed.data());
  id_ = key_id(public_);
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Signature SigningKey::sign(std::string_view bytes) const {
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, data(bytes), bytes.size(), secret_.data());
  return signature;
}

Seed SigningKey::seed() const {
  Seed seed;
  crypto_sign_ed25519_sk_to_seed(seed.data(), secret_.data());
  return seed;
}

bool verifies(const PublicKey& key, std::string_view bytes, const Signature& signature) {
  start_sodium();
  return crypto_sign_verify_detached(signature.data(), data(bytes), bytes.size(), key.data()) == 0;
}

}  // namespace hazgate::ledger
