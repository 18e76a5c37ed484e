#include "app/line_reader.hpp"

#include <algorithm>

namespace hazgate::app {

/// What is left goes to the front, and more comes behind it. False when there is no more, or no room.
bool LineReader::fill() {
  std::copy(unread_.begin(), unread_.end(), buffer_.begin());
  in_.read(buffer_.data() + unread_.size(), static_cast<std::streamsize>(buffer_.size() - unread_.size()));
  const auto read = static_cast<std::size_t>(in_.gcount());
  unread_ = {buffer_.data(), unread_.size() + read};
  return read > 0;
}

std::optional<std::string_view> LineReader::next() {
  auto end = unread_.find('\n');
  while (end == std::string_view::npos && unread_.size() <= longest && fill()) end = unread_.find('\n');
  if (unread_.empty()) return std::nullopt;
  ++number_;
  auto line = unread_.substr(0, end);
  unread_ = end == std::string_view::npos ? std::string_view{} : unread_.substr(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace hazgate::app
