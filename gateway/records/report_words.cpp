#include "records/report_words.hpp"

#include <fmt/format.h>

#include <array>
#include <span>

namespace hazgate::records {

namespace {

template <class Enum, std::size_t size>
Word word_at(const std::array<Word, size>& list, Enum which) {
  return list.at(static_cast<std::size_t>(which));
}

/// A word of the feed and what people call it.
struct Known {
  std::string_view word;
  Word name;
};

std::string_view named(std::span<const Known> list, std::string_view word, const Language& say) {
  for (const auto& known : list)
    if (known.word == word) return say(known.name);
  return word;
}

}  // namespace

Word verdict_word(core::Verdict verdict) {
  static constexpr std::array list{Word{"合格", "Compliant"}, Word{"超标", "Exceeds"},
                                   Word{"数据不足，不能判定合格", "Insufficient data to call it compliant"},
                                   Word{"无限值，不判定", "Not judged, there is no limit"}};
  return word_at(list, verdict);
}

Word note_word(core::AssessmentNote note) {
  static constexpr std::array<Word, core::all_assessment_notes.size()> list{
      Word{"有 PC-STEL，但没有短时间样品，未判定短时间接触",
           "there is a PC-STEL, but no short sample: short-time exposure is not judged"},
      Word{"适用峰接触浓度规则，但没有短时间样品，未判定峰接触浓度",
           "the rule of peaks applies, but there is no short sample: peaks are not judged"},
      Word{"采样时间不足接触时间的 25 %（定点）或 50 %（个体），均值不能判为合格",
           "less than 25 % (fixed) or 50 % (person) of the exposure was sampled: the average is not called compliant"},
      Word{"只有短时间样品，且没有两个间隔至少 1 h，均值不能判为合格",
           "there are short samples only, and not two of them 1 h apart: the average is not called compliant"},
      Word{"每日接触不超过 1 h，不判定时间加权平均", "at most 1 h a day: no time-weighted average is judged"},
      Word{"最低定量浓度高于限值，不能证明合格",
           "the quantification limit lies above the limit: it cannot prove compliance"},
      Word{"超过 3 倍 PC-TWA，但次数和时长未超出规定", "3 times the PC-TWA was passed, not too often and not too long"},
      Word{"高于 PC-TWA（无 PC-STEL 时为 3 倍 PC-TWA）的时段超过 15 min、多于 4 次或间隔不足 1 h",
           "stretches above the PC-TWA (3 times it where there is no PC-STEL) of more than 15 min, more than 4 of "
           "them, or "
           "less than 1 h apart"},
      Word{"按一周各日均与此日相同计算", "every day of the week is taken to be like this one"}};
  return word_at(list, note);
}

Word breach_word(core::Breach breach) {
  static constexpr std::array<Word, core::all_breaches.size()> list{
      Word{"最大值超过 MAC", "greatest reading above the MAC"},
      Word{"C_TWA 超过 PC-TWA", "C_TWA above the PC-TWA"},
      Word{"短时间接触超过 PC-STEL 或次数、时长、间隔不符",
           "short-time exposure above the PC-STEL, or too long, too often or too close"},
      Word{"高于 3 倍 PC-TWA 的时段超出规定", "stretches above 3 times the PC-TWA beyond what is permitted"},
      Word{"超过 5 倍 PC-TWA", "above 5 times the PC-TWA"},
      Word{"L_EX,8h 超过限值", "L_EX,8h above its limit"},
      Word{"L_EX,40h 超过限值", "L_EX,40h above its limit"},
      Word{"联合作用指数大于 1", "mixture index above 1"},
      Word{"脉冲峰值超过其次数所允许的限值", "peaks above what their number permits"},
      Word{"WBGT 超过限值", "WBGT above its limit"}};
  return word_at(list, breach);
}

Word subject_kind_word(core::SubjectKind kind) {
  static constexpr std::array list{Word{"个体", "person"}, Word{"定点", "fixed point"}};
  return word_at(list, kind);
}

std::string breach_list(core::Breaches breaches, const Language& say) {
  std::string list;
  for (const auto breach : core::all_breaches) {
    if (!breaches.has(breach)) continue;
    if (!list.empty()) list += say.stop();
    list += say(breach_word(breach));
  }
  return list;
}

std::string_view gap_reason_text(std::string_view reason, const Language& say) {
  static constexpr std::array list{Known{"power", {"断电或网关被终止", "no power, or the gateway was killed"}},
                                   Known{"sensor", {"仪器或其通信故障", "the instrument or the way to it failed"}},
                                   Known{"clock", {"网关时钟跳变", "the gateway's clock stepped"}},
                                   Known{"operator", {"人为停用", "somebody's decision"}},
                                   Known{"size", {"数据达到上限", "a bound on size was reached"}}};
  return named(list, reason, say);
}

std::string_view gap_kind_text(std::string_view kind, const Language& say) {
  static constexpr std::array list{Known{"lost", {"无数据", "lost"}},
                                   Known{"thinned", {"仅分钟均值", "minute means only"}}};
  return named(list, kind, say);
}

std::string_view level_text(std::string_view level, const Language& say) {
  static constexpr std::array list{Known{"none", {"已恢复", "Returned"}}, Known{"notice", {"提示", "Notice"}},
                                   Known{"warning", {"预警", "Warning"}}, Known{"exceed", {"超标", "Exceeded"}},
                                   Known{"danger", {"危险", "Danger"}}};
  return named(list, level, say);
}

std::string_view state_text(std::string_view state, const Language& say) {
  static constexpr std::array list{
      Known{"NORM", {"正常", "Normal"}},
      Known{"UNACK", {"未知悉", "Not acknowledged"}},
      Known{"ACKED", {"已知悉", "Acknowledged"}},
      Known{"RTNUN", {"已恢复，未知悉", "Returned, not acknowledged"}},
      Known{"LATCHED_UNACK", {"已恢复，锁存，未知悉", "Returned, latched, not acknowledged"}},
      Known{"LATCHED_ACK", {"已恢复，待复位", "Returned, waits for reset"}},
      Known{"SHLVD", {"已搁置", "Shelved"}},
      Known{"DSUPR", {"按设计抑制", "Suppressed by design"}},
      Known{"OOSRV", {"已停用", "Out of service"}}};
  return named(list, state, say);
}

std::string_view record_kind_text(std::string_view kind, const Language& say) {
  static constexpr std::array list{
      Known{"exceedance", {"超标", "exceedance"}}, Known{"shift", {"班次超标", "shift that exceeds"}},
      Known{"rules", {"规则变更", "change of rules"}}, Known{"rescue", {"数据库抢救", "rescue of the store"}},
      Known{"key", {"密钥", "key"}}};
  return named(list, kind, say);
}

std::string_view toxicity_text(std::string_view toxicity, const Language& say) {
  static constexpr std::array list{Known{"light", {"轻度", "light"}}, Known{"moderate", {"中度", "moderate"}},
                                   Known{"high", {"高度", "high"}}, Known{"extreme", {"极度", "extreme"}}};
  return named(list, toxicity, say);
}

std::string limit_kind_text(std::string_view kind, const Language& say) {
  if (kind == "SITE") return std::string(say(words::site_level));
  if (kind == "ACTION") return std::string(say(words::action_level));
  if (kind == "MIXTURE") return std::string(say(words::mixture));
  if (kind.starts_with("LEX_")) return "L_EX," + std::string(kind.substr(4));
  return std::string(kind);
}

std::string grade_text(std::string_view grade, const Language& say) {
  if (grade == "none") return std::string(say(words::grade_none));
  return fmt::format(fmt::runtime(say(words::grade_is)), grade);
}

}  // namespace hazgate::records
