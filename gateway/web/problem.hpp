// Errors as the API gives them: application/problem+json, a stable code and two languages.                    RFC 9457
#pragma once

#include "web/api.hpp"

namespace hazgate::web {

Response problem(const Refusal& refusal);

// Those that every route has.
Refusal not_found();
Refusal not_signed_in();
Refusal not_allowed();
Refusal bad_input(std::string zh, std::string en);

}  // namespace hazgate::web
