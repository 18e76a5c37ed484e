// A pseudo-terminal under a lasting name, as a serial adapter has one.
#pragma once

#include <filesystem>
#include <string>

#include "drivers/descriptor.hpp"

namespace hazgate::modbus {

class PseudoTerminal {
 public:
  /// Links `path` to a new terminal; a link already there is replaced, anything else is not.
  /// Throws std::system_error that names the path.
  explicit PseudoTerminal(std::filesystem::path path);
  ~PseudoTerminal();  ///< removes the link if it is still ours
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;

  /// Our end, non-blocking.
  int descriptor() const { return master_.get(); }

 private:
  std::filesystem::path path_;
  std::string terminal_;
  Descriptor master_;
  Descriptor kept_open_;  ///< the client's end: while we hold it, a client that closes and comes back is no hang-up
};

}  // namespace hazgate::modbus
