// What page and API show of the enterprise's record, as JSON and as files. Pure but for the store: on the archive's
// thread.
#pragma once

#include "app/past_pages.hpp"
#include "app/record_source.hpp"
#include "web/api.hpp"

namespace hazgate::app {

class RecordPages {
 public:
  /// All outlive this.
  RecordPages(const settings::Settings& settings, const PastPages& places, const RecordSource& source)
      : settings_(settings), places_(places), source_(source) {}

  web::Answer assessments(Past& past, Eyes eyes, const web::AssessmentsQuery& query) const;
  web::Answer assessment(Past& past, Eyes eyes, const std::string& id) const;
  web::Answer assessment_template(Eyes eyes, web::FileForm form, const std::string& language) const;
  web::Answer attachment(Past& past, Eyes eyes, const std::string& hash) const;
  web::Answer posts(Past& past, Eyes eyes, const web::Period& period) const;
  web::Answer groups(Past& past, Eyes eyes, const web::Period& period) const;
  web::Answer group(Past& past, Eyes eyes, const web::GroupQuery& query) const;
  web::Answer plot(Past& past, Eyes eyes, const web::GroupQuery& query) const;
  web::Answer group_export(Past& past, Eyes eyes, const web::GroupQuery& query, const std::string& format) const;
  web::Answer duties(Past& past, Eyes eyes, const std::string& enterprise) const;

  /// One assessment with its judgement, as a JSON object.
  std::string assessment_json(const JudgedAssessment& result) const;
  std::int32_t today() const;
  /// The year up to today where nothing else is asked for.
  Days days(const web::Period& period) const;
  /// None for what is no id of an assessment.
  static std::optional<std::uint64_t> number(std::string_view id);
  std::string language(const std::string& asked) const { return asked.empty() ? settings_.gateway.language : asked; }

 private:
  std::string enterprise(Eyes eyes, const std::string& asked) const;
  struct Group;
  std::optional<Group> group_of(Past& past, Eyes eyes, const web::GroupQuery& query) const;

  const settings::Settings& settings_;
  const PastPages& places_;
  const RecordSource& source_;
};

}  // namespace hazgate::app
