// All words of a report, Chinese and English side by side.
#pragma once

#include <string>
#include <string_view>

#include "core/assessment.hpp"
#include "core/exposure.hpp"
#include "records/text.hpp"

namespace hazgate::records {

/// One that has no counterpart, or other blanks than its counterpart, does not compile.
struct Word {
  std::string_view zh, en;
  // NOLINTNEXTLINE(google-explicit-constructor)
  consteval Word(const char* chinese, const char* english) : zh(chinese), en(english) {
    if (zh.empty() || en.empty() || blanks(zh) != blanks(en)) throw "a word lacks its counterpart";
  }
  friend bool operator==(const Word&, const Word&) = default;

 private:
  static consteval int blanks(std::string_view text) {
    int count = 0;
    for (const char c : text) count += c == '{' ? 1 : 0;
    return count;
  }
};

/// The language of one report.
class Language {
 public:
  /// "en"; anything else is Chinese.
  explicit Language(std::string_view code) : english_(code == "en") {}
  bool english() const { return english_; }
  std::string_view operator()(const Word& word) const { return english_ ? word.en : word.zh; }
  /// The other language where this one is missing.
  const std::string& operator()(const Text& text) const {
    const auto& wanted = english_ ? text.en : text.zh;
    return !wanted.empty() ? wanted : english_ ? text.zh : text.en;
  }
  /// Of a list within a sentence.
  std::string_view comma() const { return english_ ? ", " : "、"; }
  std::string_view stop() const { return english_ ? "; " : "；"; }

 private:
  bool english_;
};

Word verdict_word(core::Verdict verdict);
Word note_word(core::AssessmentNote note);
Word breach_word(core::Breach breach);
Word subject_kind_word(core::SubjectKind kind);
/// "PC-STEL 短时间接触…、…"; empty without a breach.
std::string breach_list(core::Breaches breaches, const Language& say);

/// Words of feed and store, as they stand in the values of a report; what is not known stays as it is.
std::string_view gap_reason_text(std::string_view reason, const Language& say);
std::string_view gap_kind_text(std::string_view kind, const Language& say);
std::string_view level_text(std::string_view level, const Language& say);
std::string_view state_text(std::string_view state, const Language& say);
std::string_view record_kind_text(std::string_view kind, const Language& say);
std::string_view toxicity_text(std::string_view toxicity, const Language& say);
/// "L_EX,8h" of "LEX_8h".
std::string limit_kind_text(std::string_view kind, const Language& say);
/// "II 级", "grade II".
std::string grade_text(std::string_view grade, const Language& say);

namespace words {

inline constexpr Word report_title{"职业病危害因素监测与检测报告", "Report on occupational hazards"};
inline constexpr Word park_title{"园区职业病危害因素监测汇总报告", "Park report on occupational hazards"};
inline constexpr Word cover{"概况", "Overview"};
inline constexpr Word item{"项目", "Item"};
inline constexpr Word content{"内容", "Content"};
inline constexpr Word enterprise{"用人单位", "Enterprise"};
inline constexpr Word enterprise_id{"单位编号", "Id of the enterprise"};
inline constexpr Word area{"所在区域", "Area"};
inline constexpr Word period{"报告期", "Period"};
inline constexpr Word from_to{"{} 至 {}（均含）", "{} to {} (both included)"};
inline constexpr Word site{"园区", "Site"};
inline constexpr Word gateway{"网关", "Gateway"};
inline constexpr Word version{"软件版本", "Version of the program"};
inline constexpr Word made_at{"生成时间", "Made at"};
inline constexpr Word made_by{"生成人", "Made by"};
inline constexpr Word timezone{"时区", "Time zone"};
inline constexpr Word reader_notes{"读者须知", "What a reader has to know"};
inline constexpr Word contents{"目录", "Contents"};

inline constexpr Word glance{"结论概览", "Verdict at a glance"};
inline constexpr Word glance_shifts{"班次记录 {} 条：合格 {}，超标 {}，数据不足 {}，无限值 {}。",
                                    "{} records of shifts: {} compliant, {} exceed, {} with insufficient data, {} "
                                    "without a limit."};
inline constexpr Word glance_nothing{"本期没有班次记录，也没有检测结果：什么都没有测到，无从判定。",
                                     "No record of a shift and no result of a laboratory in this period: nothing was "
                                     "measured, and nothing can be judged."};
inline constexpr Word glance_exceeding{"超标班次", "Shifts that exceed"};
inline constexpr Word glance_ledger{"台账超标起始记录", "Exceedances that began, in the ledger"};
inline constexpr Word glance_gaps{"缺测", "Gaps"};
inline constexpr Word glance_gap_hours{"{} 段，共 {} h", "{}, together {} h"};
inline constexpr Word glance_alarms{"报警", "Alarms"};
inline constexpr Word glance_coverage{"有效数据", "Valid data"};

inline constexpr Word shift_rate{"班次合格率", "Pass rate of shifts"};
inline constexpr Word assessment_rate{"检测合格率", "Pass rate of assessments"};
inline constexpr Word post_rate{"岗位合格率", "Pass rate of posts"};
inline constexpr Word no_rate{"无可判定", "none judged"};

inline constexpr Word workplaces{"工作场所（岗位）", "Workplaces"};
inline constexpr Word workplace{"岗位", "Workplace"};
inline constexpr Word workplace_id{"岗位编号", "Id of the workplace"};
inline constexpr Word shifts{"班次", "Shifts"};
inline constexpr Word points{"测点", "Points"};
inline constexpr Word agents{"危害因素", "Hazards"};
inline constexpr Word no_workplaces{"没有工作场所。", "There are no workplaces."};

inline constexpr Word limits{"危害因素及其限值", "Hazards and their limits"};
inline constexpr Word agent{"危害因素", "Hazard"};
inline constexpr Word agent_id{"代号", "Id"};
inline constexpr Word limit_kind{"限值种类", "Kind of limit"};
inline constexpr Word limit{"限值", "Limit"};
inline constexpr Word limit_and_part{"限值 · 判定值与其之比", "Limit · the figure's part of it"};
inline constexpr Word unit{"单位", "Unit"};
inline constexpr Word clause{"依据", "Clause"};
inline constexpr Word no_legal_limit{"没有法定限值，不判定", "no limit in law, not judged"};
inline constexpr Word no_agents{"没有配置危害因素。", "There are no hazards."};
inline constexpr Word site_level{"本单位限值（非法定）", "site's own level (not law)"};
inline constexpr Word action_level{"行动水平（非法定限值）", "action level (not a limit)"};

inline constexpr Word exposures{"各班接触水平", "Exposure by shift"};
inline constexpr Word day{"日期", "Day"};
inline constexpr Word shift{"班次", "Shift"};
inline constexpr Word point{"测点", "Point"};
inline constexpr Word figure{"判定值", "Figure that decides"};
inline constexpr Word figure_name{"指标", "Name of the figure"};
inline constexpr Word lower_bound{"下限", "Lower bound"};
inline constexpr Word yes{"是", "yes"};
inline constexpr Word ratio{"与限值之比", "Part of the limit"};
inline constexpr Word times{"{} 倍", "{} times"};
inline constexpr Word coverage_share{"有效数据（0–1）", "Valid data (0-1)"};
inline constexpr Word coverage_percent{"有效数据", "Valid data"};
inline constexpr Word verdict{"结论", "Verdict"};
inline constexpr Word breaches{"违反", "Breaches"};
inline constexpr Word below_loq{"低于最低定量浓度", "below the quantification limit"};
inline constexpr Word no_data{"无有效数据", "no valid data"};
inline constexpr Word not_final{"班次未结束", "the shift runs"};
inline constexpr Word no_exposures{"本期没有班次记录：没有测到任何班次。",
                                   "No record of a shift in this period: no shift was measured."};
inline constexpr Word long_period{
    "本期共 {} 条班次记录，超过 {} 条：此处按测点和月份汇总，并列出未合格的全部 {} 条（超标 {}，数据不足 {}）；"
    "无限值的 {} 条只计数。全部记录见同一报告的 CSV 与 XLSX。",
    "There are {} records of shifts in this period, more than {}: here they are summed up by point and month, and all "
    "{} that are not compliant are listed ({} exceed, {} with insufficient data); the {} without a limit are only "
    "counted. CSV and XLSX of this report have all of them."};
inline constexpr Word by_month{"按测点和月份", "By point and month"};
inline constexpr Word not_compliant{"未合格的班次", "Shifts that are not compliant"};
inline constexpr Word all_compliant{"没有超标或数据不足的班次。", "No shift exceeds or has insufficient data."};
inline constexpr Word month{"月份", "Month"};
inline constexpr Word greatest{"最高", "Greatest"};
inline constexpr Word mean_coverage{"平均有效数据", "Mean of valid data"};

inline constexpr Word of_shift_impulses{"{} 次脉冲中最大峰值", "greatest of {} peaks"};
inline constexpr Word of_shift_max{"最大值", "Greatest reading"};
inline constexpr Word of_shift_stel{"最大 15 min 均值 C_STE", "Greatest 15 min mean C_STE"};
inline constexpr Word of_shift_lex{"本班 L_EX,8h", "L_EX,8h of the shift"};
inline constexpr Word of_shift_lex_so_far{"本班至今 L_EX,8h", "L_EX,8h so far"};
inline constexpr Word of_week_lex{"L_EX,40h", "L_EX,40h"};
inline constexpr Word of_shift_wbgt{"本班 WBGT 均值", "Mean WBGT of the shift"};
inline constexpr Word of_shift_wbgt_so_far{"本班至今 WBGT 均值", "Mean WBGT so far"};
inline constexpr Word of_shift_twa{"本班 C_TWA（8 h）", "C_TWA of the shift (8 h)"};
inline constexpr Word of_shift_twa_so_far{"本班至今 C_TWA（8 h）", "C_TWA so far (8 h)"};
inline constexpr Word of_week_twa{"一周 C_TWA（40 h）", "C_TWA of the week (40 h)"};
inline constexpr Word mixture{"联合作用指数", "Mixture index"};
inline constexpr Word mixture_clause{"限值 1，GBZ 2.1-2019 A.3.2.2", "limit 1, GBZ 2.1-2019 A.3.2.2"};

inline constexpr Word stel_max{"C_STE 最大值", "Greatest C_STE"};
inline constexpr Word stel_at_least{"C_STE 可证明的下限", "C_STE that is proven"};
inline constexpr Word max_reading{"最大读数", "Greatest reading"};
inline constexpr Word elapsed_h{"班次时长 h", "Length h"};

inline constexpr Word coverage{"各测点有效数据", "Valid data of each point"};
inline constexpr Word measured_h{"有效 h", "Measured h"};
inline constexpr Word no_coverage{"本期没有测点的班次。", "No shifts of a point in this period."};
inline constexpr Word number_of_shifts{"班次数", "Shifts"};
inline constexpr Word n_compliant{"合格", "Compliant"};
inline constexpr Word n_exceeds{"超标", "Exceed"};
inline constexpr Word n_insufficient{"数据不足", "Insufficient"};
inline constexpr Word n_no_limit{"无限值", "No limit"};
inline constexpr Word insufficient_rule{"有效数据低于 75 % 的班次不能判为合格。",
                                        "A shift with less than 75 % of valid data is not called compliant."};

inline constexpr Word exceedances{"超标记录（台账）", "Exceedances (ledger)"};
inline constexpr Word seq{"台账序号", "Ledger no."};
inline constexpr Word recorded_at{"记录时间", "Recorded at"};
inline constexpr Word record_kind{"记录种类", "Kind of record"};
inline constexpr Word since{"开始", "Since"};
inline constexpr Word value{"数值", "Value"};
inline constexpr Word over{"状态", "State"};
inline constexpr Word began{"开始", "began"};
inline constexpr Word ended{"结束", "is over"};
inline constexpr Word hash{"哈希（SHA-256）", "Hash (SHA-256)"};
inline constexpr Word no_exceedances{"本期台账没有超标记录。", "The ledger has no exceedance in this period."};
inline constexpr Word head{"台账末端签名", "Signed end of the ledger"};
inline constexpr Word head_at{"签名时间", "Signed at"};
inline constexpr Word signature{"签名（Ed25519）", "Signature (Ed25519)"};
inline constexpr Word key_id{"密钥编号", "Id of the key"};
inline constexpr Word verify{"核验方法", "How to verify"};
inline constexpr Word verify_how{
    "每条记录含前一条的哈希，末端由网关签名。用公钥核验数据库或导出的台账：hazgate verify 文件 --key "
    "公钥文件；所示序号、哈希和签名须与上表相同。",
    "Each record has the hash of the one before, and the gateway signs the end. With the public key: hazgate verify "
    "FILE --key PUBLIC_KEY, of the store or an exported ledger; numbers, hashes and signature must be those above."};
inline constexpr Word no_head{"台账没有签名的末端：记录的完整性未经签名证明。",
                              "The ledger has no signed end: no signature proves that the records are whole."};

inline constexpr Word assessments{"检测与评价", "Assessments"};
inline constexpr Word no_assessments{"本期没有检测结果。", "No assessment in this period."};
inline constexpr Word assessment_no{"第 {} 号，第 {} 版", "No. {}, version {}"};
inline constexpr Word number{"编号", "No."};
inline constexpr Word record_version{"版次", "Version"};
inline constexpr Word standing{"效力", "Standing"};
inline constexpr Word stands{"有效", "stands"};
inline constexpr Word superseded{"已更正，被后一版取代", "corrected by a later version"};
inline constexpr Word withdrawn{"已撤回", "withdrawn"};
inline constexpr Word superseded_ones{"更正前的版本（不计入）", "Versions before a correction (they do not count)"};
inline constexpr Word withdrawn_ones{"已撤回的结果（不计入）", "Withdrawn results (they do not count)"};
inline constexpr Word correction_why{"更正或撤回原因", "Reason of the correction"};
inline constexpr Word entered_by{"录入人", "Entered by"};
inline constexpr Word laboratory{"检测机构", "Laboratory"};
inline constexpr Word report_no{"检测报告编号", "No. of its report"};
inline constexpr Word method{"检测方法", "Method"};
inline constexpr Word subject{"检测对象", "Sampled"};
inline constexpr Word exposure_time{"接触时间", "Exposure"};
inline constexpr Word hours_days{"每日 {} h，每周 {} 天", "{} h a day, {} days a week"};
inline constexpr Word samples{"样品", "Samples"};
inline constexpr Word sample_from{"采样开始", "Begin"};
inline constexpr Word sample_to{"采样结束", "End"};
inline constexpr Word minutes{"时长 min", "Minutes"};
inline constexpr Word result{"结果（机构原文）", "Result (as written)"};
inline constexpr Word volume{"采样体积 L", "Volume L"};
inline constexpr Word stands_for{"代表时间 min", "Stands for min"};
inline constexpr Word next_day{"次日 {}", "{} next day"};
inline constexpr Word rounded_by_law{"修约值", "Rounded"};
inline constexpr Word rounded_clause{"修约依据 GBZ 331-2024 G.1.2：比限值多一位小数，四舍六入五成双。",
                                     "Rounded by GBZ 331-2024 G.1.2: one decimal more than the limit, half to even."};
inline constexpr Word printed_limit{"原限值 {}", "printed {}"};
inline constexpr Word rounded_complies{"（修约值）不超过限值，未修约的值超过：结论按未修约的值。",
                                       " (rounded) does not exceed the limit, the exact figure does: the verdict is of "
                                       "the exact one."};
inline constexpr Word rounded_exceeds{"（修约值）超过限值，未修约的值不超过：结论按未修约的值。",
                                      " (rounded) exceeds the limit, the exact figure does not: the verdict is of the "
                                      "exact one."};
inline constexpr Word remark{"说明", "Remark"};
inline constexpr Word exposure_class{"接触等级 {} 级", "exposure class {}"};
inline constexpr Word sampled_share{"采样时间占接触时间 {}", "{} of the exposure was sampled"};
inline constexpr Word silica{"游离二氧化硅 {} %", "free SiO2 {} %"};
inline constexpr Word work_class{"劳动强度 {} 级", "work class {}"};
inline constexpr Word toxicity{"毒性 {}", "toxicity {}"};
inline constexpr Word attachments{"附件", "Attachments"};
inline constexpr Word attachments_count{"附件 SHA-256", "SHA-256 of attachments"};
inline constexpr Word own_note{"备注", "Note"};
inline constexpr Word nothing_judged{"没有可判定的项目。", "There is nothing that could be judged."};

inline constexpr Word posts{"岗位判定与分级", "Judgement of each post"};
inline constexpr Word posts_rule{"同一岗位同一因素以最高结果判定（GBZ 331-2024 5.2.7.1）。",
                                 "The highest result of each post and hazard counts (GBZ 331-2024 5.2.7.1)."};
inline constexpr Word results{"结果数", "Results"};
inline constexpr Word highest{"最高结果", "Highest result"};
inline constexpr Word highest_ratio{"最大比值", "Highest part of the limit"};
inline constexpr Word grade{"作业分级", "Grade"};
inline constexpr Word grade_source{"分级依据", "By"};
inline constexpr Word confidence{"可信度", "Confidence"};
inline constexpr Word provisional{"暂定", "provisional"};
inline constexpr Word not_graded{"未分级", "not graded"};
inline constexpr Word no_posts{"本期没有可判定的岗位。", "No post to judge in this period."};
inline constexpr Word grade_is{"{} 级", "grade {}"};
inline constexpr Word grade_none{"未达分级", "below the lowest grade"};

inline constexpr Word rates{"合格率", "Pass rates"};
inline constexpr Word rate{"合格率", "Pass rate"};
inline constexpr Word rate_share{"合格率（0–1）", "Pass rate (0-1)"};
inline constexpr Word judged{"可判定", "Judged"};
inline constexpr Word rates_rule{"合格率 = 合格 /（合格 + 超标）；数据不足和无限值的不计入，另行列出。",
                                 "Pass rate = compliant / (compliant + exceeding); what has insufficient data or no "
                                 "limit is counted apart."};

inline constexpr Word gaps{"缺测及其原因", "Gaps and their reasons"};
inline constexpr Word from{"自", "From"};
inline constexpr Word to{"至", "To"};
inline constexpr Word lasts{"仍在持续", "it lasts"};
inline constexpr Word device{"设备", "Device"};
inline constexpr Word reason{"原因", "Reason"};
inline constexpr Word kind{"种类", "Kind"};
inline constexpr Word hours{"时长 h", "Hours"};
inline constexpr Word whole_site{"全部", "all"};
inline constexpr Word no_gaps{"本期没有缺测记录。", "No gap in this period."};

inline constexpr Word alarms{"报警及处置", "Alarms and what was done"};
inline constexpr Word alarm_id{"报警编号", "Alarm"};
inline constexpr Word level{"级别", "Level"};
inline constexpr Word state{"状态", "State"};
inline constexpr Word peak{"最高值", "Peak"};
inline constexpr Word detected{"早发现", "Detected"};
inline constexpr Word warned{"早预警", "Warned"};
inline constexpr Word confirmed{"早确认", "Confirmed"};
inline constexpr Word disposed{"早处置", "Disposed"};
inline constexpr Word stamps{"四早时间", "The four times"};
inline constexpr Word acknowledged_by{"知悉人", "Acknowledged by"};
inline constexpr Word disposed_by{"处置人", "Disposed by"};
inline constexpr Word disposal{"处置措施", "What was done"};
inline constexpr Word not_reached{"未到", "not reached"};
inline constexpr Word sentence{"说明", "In words"};
inline constexpr Word no_alarms{"本期没有报警。", "No alarm in this period."};

inline constexpr Word signatures{"签字", "Signatures"};
inline constexpr Word prepared{"编制", "Prepared by"};
inline constexpr Word reviewed{"审核", "Reviewed by"};
inline constexpr Word approved{"批准", "Approved by"};
inline constexpr Word sign_date{"日期", "Date"};

inline constexpr Word park_rows{"各用人单位（差者在前）", "Enterprises, the worst first"};
inline constexpr Word no_park_rows{"没有用人单位。", "There are no enterprises."};
inline constexpr Word exceed_alarms{"超标报警", "Exceedance alarms"};
inline constexpr Word danger_alarms{"危险报警", "Danger alarms"};
inline constexpr Word all_alarms{"报警总数", "All alarms"};
inline constexpr Word missed_targets{"超时限", "Targets missed"};
inline constexpr Word ledger_records{"台账超标", "Exceedances"};
inline constexpr Word median_dispose{"处置时间中位数 h", "Median h to disposal"};
inline constexpr Word worst_ratio{"最大比值", "Worst part of a limit"};
inline constexpr Word months{"全园区逐月", "The park by month"};
inline constexpr Word no_months{"没有月份。", "There are no months."};
inline constexpr Word compliant_shifts{"合格班次", "Compliant shifts"};
inline constexpr Word exceeding_shifts{"超标班次", "Exceeding shifts"};
inline constexpr Word compliant_assessments{"合格检测", "Compliant assessments"};
inline constexpr Word exceeding_assessments{"超标检测", "Exceeding assessments"};

}  // namespace words

}  // namespace hazgate::records
