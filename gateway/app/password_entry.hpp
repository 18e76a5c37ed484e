// Where a new password comes from: never from a command line, which every user of the machine can read.
#pragma once

#include <filesystem>
#include <string>

namespace hazgate::app {

/// The first line of `file`, which nobody else may read; where none is named, asked for twice at the terminal, without
/// echo, or the first line of standard input when that is no terminal. Throws std::runtime_error with the remedy. A
/// signal that ends the program leaves the terminal as it was.
std::string enter_password(const std::filesystem::path& file, const std::string& user);

}  // namespace hazgate::app
