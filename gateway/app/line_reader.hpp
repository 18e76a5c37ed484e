// The lines of a file that may hold anything, one at a time in memory of a fixed size.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>
#include <vector>

namespace hazgate::app {

class LineReader {
 public:
  explicit LineReader(const std::filesystem::path& file) : in_(file, std::ios::binary), buffer_(1U << 16U) {}

  /// Without its end (\n or \r\n), valid until the next call; none after the last. A line beyond `longest` bytes comes
  /// cut, but still longer than that; nothing sensible comes after it.
  std::optional<std::string_view> next();
  std::size_t number() const { return number_; }  ///< of the line that next() gave, from 1
  /// It could not be opened, or not be read to its end.
  bool failed() const { return !in_.is_open() || in_.bad(); }

  static constexpr std::size_t longest = 1000;

 private:
  bool fill();

  std::ifstream in_;
  std::vector<char> buffer_;
  std::string_view unread_;  ///< in buffer_
  std::size_t number_ = 0;
};

}  // namespace hazgate::app
