// A report as a file, in the form that was asked for.
#pragma once

#include "app/record_source.hpp"
#include "web/api.hpp"

namespace hazgate::app {

struct ReportRequest {
  std::string enterprise;  ///< empty: the park's
  Days days;
  web::FileForm form = web::FileForm::html;
  std::string language = "zh", made_by;
  core::Timestamp now;
};

/// `go_on`: called from time to time; what it throws ends the work. A Refusal says why there is no such file.
web::Answer report_file(const RecordSource& source, Past& past, const ReportRequest& request,
                        const RecordSource::GoOn& go_on);

}  // namespace hazgate::app
