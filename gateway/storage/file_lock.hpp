// Who may use the file: one process at a time, and nobody else's eyes.
#pragma once

#include <filesystem>

namespace hazgate::storage {

/// Makes the folder (0700) and the file (0600) when absent and holds "<file>.lock" until it is destroyed. The lock is
/// the kernel's: it ends with the process, however that ends. Throws StoreError.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& file);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace hazgate::storage
