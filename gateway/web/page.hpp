// The page's files, as they lie in their folder: read once at start, packed once, served out of memory. No path of a
// request ever reaches the disk.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "web/http.hpp"

namespace hazgate::web {

class Page {
 public:
  Page() = default;
  /// Every file below `folder` under its relative path, as "/lib/api.js". Throws std::runtime_error for what cannot be
  /// read, or is no kind of file that a page has.
  explicit Page(const std::filesystem::path& folder);

  struct File {
    std::string content_type, etag;  ///< of the bytes: who has them need not get them again
    Bytes body, gzipped;             ///< gzipped: none where it would be no smaller
  };
  /// Of "/" the page itself. Null where there is none.
  const File* find(std::string_view path) const;
  std::size_t size() const { return files_.size(); }
  std::size_t packed_bytes() const;  ///< as a browser that takes gzip loads it

 private:
  std::map<std::string, File, std::less<>> files_;
};

std::string gzip(std::string_view text);
/// A strong validator: the same for the same bytes.
std::string etag_of(std::string_view text);

}  // namespace hazgate::web
