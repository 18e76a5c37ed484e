#include "web/page.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace hazgate::web {

namespace fs = std::filesystem;

namespace {

constexpr std::uintmax_t most_bytes = 4U << 20U;  // of one file

std::string_view type_of(const fs::path& file) {
  using Kind = std::pair<std::string_view, std::string_view>;
  constexpr static std::array<Kind, 8> kinds{{{".html", "text/html; charset=utf-8"},
                                              {".js", "text/javascript; charset=utf-8"},
                                              {".css", "text/css; charset=utf-8"},
                                              {".json", "application/json"},
                                              {".svg", "image/svg+xml"},
                                              {".png", "image/png"},
                                              {".txt", "text/plain; charset=utf-8"},
                                              {".webmanifest", "application/manifest+json"}}};
  const auto found = std::ranges::find(kinds, file.extension().string(), &Kind::first);
  return found == kinds.end() ? std::string_view() : found->second;
}

std::string read(const fs::path& file) {
  if (fs::file_size(file) > most_bytes)
    throw std::runtime_error(fmt::format("{} is larger than {} bytes", file.string(), most_bytes));
  std::ifstream in(file, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) throw std::runtime_error(fmt::format("{} cannot be read", file.string()));
  return text;
}

}  // namespace

Page::Page(const fs::path& folder) {
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    const auto type = type_of(entry.path());
    if (type.empty()) throw std::runtime_error(fmt::format("{} is no file of a page", entry.path().string()));
    auto text = read(entry.path());
    auto packed = gzip(text);
    File file{.content_type = std::string(type), .etag = etag_of(text), .body = {}, .gzipped = {}};
    if (packed.size() < text.size()) file.gzipped = bytes(std::move(packed));
    file.body = bytes(std::move(text));
    files_.emplace("/" + entry.path().lexically_relative(folder).generic_string(), std::move(file));
  }
  if (find("/") == nullptr) throw std::runtime_error(fmt::format("there is no index.html in {}", folder.string()));
}

const Page::File* Page::find(std::string_view path) const {
  const auto found = files_.find(path == "/" ? std::string_view("/index.html") : path);
  return found == files_.end() ? nullptr : &found->second;
}

std::size_t Page::packed_bytes() const {
  std::size_t sum = 0;
  for (const auto& [path, file] : files_) sum += file.gzipped ? file.gzipped->size() : file.body->size();
  return sum;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  constexpr int with_gzip_header = 15 + 16, memory_level = 8;
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, with_gzip_header, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib has no memory");
  std::string packed(deflateBound(&stream, text.size()), '\0');
  // zlib's input is not const and not written to.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int ended = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (ended != Z_STREAM_END) throw std::runtime_error("zlib could not pack");
  return packed;
}

std::string etag_of(std::string_view text) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  constexpr std::ptrdiff_t enough = 16;
  return fmt::format("\"{:02x}\"", fmt::join(hash.begin(), hash.begin() + enough, ""));
}

}  // namespace hazgate::web
