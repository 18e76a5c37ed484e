// Keys and passwords that stand in files or on a command line.
#pragma once

#include <filesystem>
#include <string>

#include "ledger/signing.hpp"

namespace hazgate::app {

/// The first line of the file; "" where none is named. Throws std::runtime_error that names `what` and the remedy.
std::string read_secret(const std::filesystem::path& file, const char* what);

/// On disk when it returns, file and name: a key that signed something must not be gone after a power cut. Takes the
/// place of what was there. Throws std::runtime_error.
void write_secret(const std::filesystem::path& file, const std::string& text, unsigned mode = 0600);

/// 64 hex digits, or a file that has them (ledger.pub of a gateway). Throws std::runtime_error.
ledger::PublicKey public_key_from(const std::string& given, const char* what);

/// The text itself where it is JSON, else what stands in the file of that name, at most 1 MiB. Throws
/// std::runtime_error.
std::string text_or_file(const std::string& given, const char* what);

}  // namespace hazgate::app
