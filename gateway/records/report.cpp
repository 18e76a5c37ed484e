#include "records/report.hpp"

namespace hazgate::records {

void PassRate::count(core::Verdict verdict) {
  switch (verdict) {
    case core::Verdict::compliant:
      ++compliant;
      return;
    case core::Verdict::exceeds:
      ++exceeds;
      return;
    case core::Verdict::insufficient:
      ++insufficient;
      return;
    case core::Verdict::no_limit:
      ++no_limit;
      return;
  }
}

}  // namespace hazgate::records
