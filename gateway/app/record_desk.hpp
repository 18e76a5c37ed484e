// Who writes into the enterprise's record: entries, corrections, imports, attachments, and what was done of what falls
// due. On the archive's thread; what is written goes through the store's.
#pragma once

#include "app/record_pages.hpp"
#include "app/writer.hpp"

namespace hazgate::app {

class RecordDesk {
 public:
  /// All outlive this.
  RecordDesk(const core::Site& site, const RecordSource& source, const RecordPages& pages, Writer& writer)
      : site_(site), source_(source), pages_(pages), writer_(writer) {}

  /// What was done besides the answer, for the audit; empty where nothing was.
  struct Done {
    web::Answer answer;
    std::string what, about;
  };
  /// All throw storage::StoreError, and then nothing is stored.
  Done enter(Past& past, Eyes eyes, const std::string& user, const web::AssessmentForm& form) const;
  Done import(Past& past, Eyes eyes, const std::string& user, const web::ImportForm& form) const;
  Done attach(Past& past, Eyes eyes, const std::string& user, const web::Upload& upload) const;
  Done duty_done(Past& past, Eyes eyes, const std::string& user, const std::string& form) const;

  static constexpr std::size_t most_attachment_bytes = 10U << 20U;
  static constexpr std::uint64_t most_bytes_an_enterprise = 2ULL << 30U;

 private:
  Done correct(Past& past, Eyes eyes, const std::string& user, const web::AssessmentForm& form) const;
  Done withdraw(Past& past, Eyes eyes, const std::string& user, const web::AssessmentForm& form) const;
  Done stored_version(Past& past, const core::Assessment& next, const std::string& what) const;
  records::EntryContext context(Eyes eyes) const { return {.enterprise = eyes, .today = pages_.today()}; }
  std::optional<web::Refusal> trouble_with_files(Past& past, Eyes eyes, const core::Assessment& a) const;
  std::optional<core::WorkplaceIndex> place_of(const storage::DutyDone& done, Eyes eyes) const;
  void store(const std::function<void(storage::Assessments&)>& work) const;
  web::Answer shown(const core::Assessment& a) const;

  const core::Site& site_;
  const RecordSource& source_;
  const RecordPages& pages_;
  Writer& writer_;
};

/// What a form brings, as words by field; what is no field of an assessment is told in `faults`.
records::AssessmentWords words_of(std::string_view form, std::vector<records::EntryFault>& faults);

}  // namespace hazgate::app
