#include "core/limit.hpp"

#include <algorithm>

namespace hazgate::core {

std::string_view name(LimitKind kind) {
  switch (kind) {
    case LimitKind::mac:
      return "MAC";
    case LimitKind::pc_twa:
      return "PC-TWA";
    case LimitKind::pc_stel:
      return "PC-STEL";
    case LimitKind::pe:
      return "PE";
    case LimitKind::lex_8h:
      return "LEX_8h";
    case LimitKind::wbgt:
      return "WBGT";
    case LimitKind::action:
      return "ACTION";
    case LimitKind::mixture:
      return "MIXTURE";
    case LimitKind::site:
      return "SITE";
  }
  return "";
}

const Limit* Agent::limit(LimitKind kind) const {
  const auto found = std::ranges::find(limits, kind, &Limit::kind);
  return found == limits.end() ? nullptr : &*found;
}

const Limit* Agent::shift_limit() const {
  for (const auto kind : {LimitKind::pc_twa, LimitKind::lex_8h, LimitKind::wbgt}) {
    if (const auto* found = limit(kind)) return found;
  }
  return nullptr;
}

}  // namespace hazgate::core
