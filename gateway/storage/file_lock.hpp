// Who may use the file: one process at a time, and nobody else's eyes.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace hazgate::storage {

/// Makes the folder (0700) and the file (0600) when absent and holds "<file>.lock" until it is destroyed. The lock is
/// the kernel's: it ends with the process, however that ends. Throws StoreError.
class FileLock {
 public:
  /// `note` stands in the lock file behind the number of the process, for whoever wants to know.
  explicit FileLock(const std::filesystem::path& file, std::string_view note = {});
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  /// Makes the file itself (0600) when it is absent, as after it was set aside.
  static void make_file(const std::filesystem::path& file);
  /// Makes its folder (0700) when that is absent.
  static void make_folder_of(const std::filesystem::path& file);

 private:
  int descriptor_ = -1;
};

}  // namespace hazgate::storage
