// From a report's HTML to a PDF, by WeasyPrint where it is installed.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <functional>
#include <string>

namespace hazgate::app {

/// Why there is no PDF.
struct NoPdf {
  bool absent = false;  ///< WeasyPrint is not installed
  std::string why;      ///< one line
};

/// Runs it and waits, at most `longest`; `go_on` is called meanwhile, and what it throws ends it. `html` names nothing
/// outside of itself.
boost::system::result<std::string, NoPdf> pdf_of(const std::string& html, std::chrono::seconds longest,
                                                 const std::function<void()>& go_on);

}  // namespace hazgate::app
