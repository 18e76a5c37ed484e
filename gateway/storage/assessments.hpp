// Assessments: what laboratories measured, version by version and for ever, with the files that prove it; and what was
// done of what falls due again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/assessment.hpp"
#include "storage/database.hpp"

namespace hazgate::storage {

/// Which assessments, by the newest version of each.
struct AssessmentFilter {
  std::string enterprise = {}, workplace = {}, agent = {};  ///< empty: any
  std::int32_t first_day = 0, last_day = 0;                 ///< of sampling, both included
  bool withdrawn = false;                                   ///< also those that count no more
  std::size_t limit = 2000;
};
struct AssessmentPage {
  std::vector<core::Assessment> assessments;  ///< the newest days first
  bool more = false;
};

/// A file that proves an assessment, as an enterprise brought it.
struct StoredFile {
  std::string hash;  ///< SHA-256 of the bytes, 64 hex digits
  std::string enterprise, file, by;
  core::Timestamp at;
  std::string bytes;
};

/// A calibration of a device, or the health surveillance of a post.
struct DutyDone {
  core::Timestamp at;
  std::string by, kind;  ///< "calibration", "surveillance"
  std::string enterprise, workplace, device, agent;
  std::int32_t day = 0;
  std::string note;
};

/// The same assessment has been corrected by somebody else meanwhile, or there is none.
enum class CorrectionFault { none, changed_since, not_there };

class Assessments {
 public:
  explicit Assessments(Database& database) : database_(database) {}

  /// Inside the caller's transaction; all throw StoreError. Its number and version are given here. Gives the number.
  std::uint64_t add(const core::Assessment& assessment) const;
  /// Inside the caller's transaction: the next version of `assessment.number`, whose newest one is
  /// `assessment.version`.
  CorrectionFault correct(const core::Assessment& assessment) const;

  AssessmentPage newest(const AssessmentFilter& filter) const;
  /// Oldest first; empty where there is none.
  std::vector<core::Assessment> versions(std::uint64_t number) const;

  /// Inside the caller's transaction: one that is there already stays as it is.
  void keep(const StoredFile& file) const;
  std::optional<StoredFile> file(const std::string& hash, const std::string& enterprise) const;
  bool has_file(const std::string& hash, const std::string& enterprise) const;
  /// Bytes of all files of an enterprise.
  std::uint64_t bytes_of(const std::string& enterprise) const;

  /// Inside the caller's transaction.
  void done(const DutyDone& duty) const;
  /// The latest day of each kind, workplace, device and agent.
  std::vector<DutyDone> last_done(const std::string& enterprise) const;

 private:
  void insert(const core::Assessment& assessment) const;
  Database& database_;
};

}  // namespace hazgate::storage
