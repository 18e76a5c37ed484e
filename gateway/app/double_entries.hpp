// The same assessment is entered once: what the store has already is corrected, and not entered again.
#pragma once

#include <cstdint>
#include <optional>

#include "records/assessment_import.hpp"
#include "storage/assessments.hpp"

namespace hazgate::app {

/// The number of another assessment that is the same; none where there is none. Throws StoreError.
std::optional<std::uint64_t> same_one(const storage::Assessments& store, const core::Assessment& assessment);
/// What a person reads then.
records::Text already_there(std::uint64_t number);
/// Those of an import that the store has become problems of their lines.
void leave_out_doubles(const storage::Assessments& store, records::Import& import);

}  // namespace hazgate::app
