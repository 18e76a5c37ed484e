// A workbook as what it is made of: a zip of XML parts, opened with bounds on all that a hostile file could make grow.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "records/table_file.hpp"

namespace hazgate::records::xlsx {

// Why a workbook is refused, in the reader's words.
extern const Text no_workbook, cut_short, odd_parts, too_many_parts;

/// Foreign words within a sentence of ours.
std::string quotable(std::string_view text);
std::string lower_case(std::string_view text);
/// Nothing but names between single slashes; one at the end is a folder's.
bool is_plain_path(std::string_view path);

/// Names with their prefixes; none of those that are asked for is there in two namespaces.
class Attributes {
 public:
  explicit Attributes(const char** list) : list_{list} {}
  /// Empty: not there.
  std::string_view operator[](std::string_view name) const {
    return find([&](std::string_view each) { return each == name; });
  }
  /// r:id, whatever the prefix is.
  std::string_view relationship() const {
    return find([](std::string_view each) { return each.ends_with(":id"); });
  }

 private:
  template <class Wanted>
  std::string_view find(Wanted wanted) const {
    for (const char** at = list_; *at != nullptr; at += 2) {
      if (wanted(at[0])) return at[1];
    }
    return {};
  }
  const char** list_;
};

/// What one part of a workbook says; elements come without their prefix.
class PartReader {
 public:
  explicit PartReader(TableBuilder& table) : table_{table} {}
  PartReader(const PartReader&) = delete;
  PartReader& operator=(const PartReader&) = delete;
  virtual ~PartReader() = default;
  virtual void begin(std::string_view element, Attributes attributes) = 0;
  virtual void end(std::string_view) {}
  virtual void text(std::string_view) {}
  TableBuilder& table() { return table_; }

 protected:
  /// One byte more than a cell may have is kept, so that it is seen to be too long.
  void append(std::string& to, std::string_view text) {
    const std::size_t most = table_.limits().cell_bytes + 1;
    if (to.size() < most) to.append(text.substr(0, most - to.size()));
  }

 private:
  TableBuilder& table_;
};

/// The files of a workbook, and how much of them has been unpacked. Whatever is wrong is said to the table.
class Package {
 public:
  /// `bytes` and `table` outlive this.
  Package(std::string_view bytes, TableBuilder& table);
  ~Package();
  Package(const Package&) = delete;
  Package& operator=(const Package&) = delete;

  /// False: refused.
  bool read(const std::string& part, PartReader& reader);

 private:
  struct Zip;
  std::unique_ptr<Zip> zip_;
};

}  // namespace hazgate::records::xlsx
