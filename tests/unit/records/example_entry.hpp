// Two enterprises, one workplace each, and words that make a good assessment of the first.
#pragma once

#include "records/assessment_entry.hpp"

namespace hazgate::records::test {

inline core::Site entry_site() {
  core::Site site;
  site.enterprises = {{.id = "acme", .name = "", .area = ""}, {.id = "other", .name = "", .area = ""}};
  site.workplaces = {{.id = "mixing", .name = "混合车间", .enterprise = core::EnterpriseIndex{0}},
                     {.id = "foundry", .name = "铸造", .enterprise = core::EnterpriseIndex{1}}};
  return site;
}

inline settings::LimitTable project_limits() {
  settings::Problems problems;
  return settings::LimitTable::read({SOURCE_DIR "/config"}, problems);
}

struct ExampleEntry {
  core::Site site = entry_site();
  settings::LimitTable limits = project_limits();
  AssessmentEntry entry{site, limits};
  EntryContext context{.enterprise = {}, .today = local_date("2026-11-27").value()};
};

inline AssessmentWords example_words() {
  AssessmentWords words;
  words.fields = {{"report_no", "JC-1"},    {"laboratory", "Lab"},          {"workplace", "mixing"},
                  {"agent", "cas:71-43-2"}, {"date", "2026-11-20"},         {"subject_kind", "person"},
                  {"subject", "张三"},      {"method", "GBZ/T 300.66-2017"}};
  words.samples = {{{"start", "08:00"}, {"end", "12:00"}, {"result", "1.20"}},
                   {{"start", "22:00"}, {"end", "06:00"}, {"result", "<0.30"}}};
  return words;
}

}  // namespace hazgate::records::test
