// A sentence in the two languages of the page.
#pragma once

#include <string>

namespace hazgate::records {

struct Text {
  std::string zh, en;
  friend bool operator==(const Text&, const Text&) = default;
};

}  // namespace hazgate::records
