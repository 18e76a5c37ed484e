#include "feed/tls_text.hpp"

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>

namespace hazgate::feed {

namespace {

/// Empty where it is good, or cannot be read.
std::string out_of_date(const std::string& file) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_file(file.c_str(), "r"), BIO_free);
  if (!in) return {};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr),
                                                                X509_free);
  if (!certificate) return {};
  const auto is_past = [](const ASN1_TIME* time) { return X509_cmp_current_time(time) < 0; };
  if (is_past(X509_get0_notAfter(certificate.get()))) return "has expired: have it renewed";
  if (!is_past(X509_get0_notBefore(certificate.get()))) return "is not good yet: see this machine's clock";
  return {};
}

}  // namespace

std::string tls_failure_text(const std::string& failure, const std::string& certificate) {
  if (const auto trouble = out_of_date(certificate); !trouble.empty())
    return fmt::format("{}; our certificate, mqtt.cert {}, {}", failure, certificate, trouble);
  // Nobody there looks the same as a broker that ends the connection before it can be heard why.
  return fmt::format(
      "{}; if the broker is there, TLS failed: its certificate is signed by none of mqtt.ca, has expired or is for "
      "another "
      "host than in mqtt.url, or {}; its log says which",
      failure,
      certificate.empty() ? "it wants one of ours (set mqtt.cert and mqtt.key)"
                          : "it does not know who signed ours, mqtt.cert");
}

}  // namespace hazgate::feed
