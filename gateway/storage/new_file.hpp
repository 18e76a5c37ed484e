// A file that gets its name when it is whole, and never takes the place of another one.
#pragma once

#include <filesystem>

namespace hazgate::storage {

/// Written as "<name>.part" (0600), which is removed unless finish() gave it its name. What a killed program left of it
/// is taken over; a running one's is not: "<name>.part.lock" is held meanwhile. A file beside it, because on a network
/// drive a lock of the file itself may keep its own writer out. Throws StoreError.
class NewFile {
 public:
  explicit NewFile(std::filesystem::path name);
  ~NewFile();
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  const std::filesystem::path& part() const { return part_; }
  /// All of it is on the disk before it has its name. A file of that name that has come up meanwhile stays.
  void finish();

 private:
  void remove_part() noexcept;
  const std::filesystem::path name_, part_, lock_;
  int descriptor_ = -1;  ///< of the lock
};

/// Gives `part` the name `name` unless there is such a file; returns 0 or an errno, EEXIST among them. By a link, which
/// every disk of Linux knows; a USB stick (FAT) does not, and some network drives know no rename without replacing
/// either. `link` and `rename` can be left out for tests of what comes after them.
struct WaysToName {
  bool link = true, rename = true;
};
int give_name(const std::filesystem::path& part, const std::filesystem::path& name, WaysToName ways = {});

}  // namespace hazgate::storage
