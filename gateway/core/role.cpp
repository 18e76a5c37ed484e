#include "core/role.hpp"

namespace hazgate::core {

std::string_view name(Role role) {
  constexpr static std::array<std::string_view, 4> names{"admin", "operator", "enterprise", "regulator"};
  return names[static_cast<std::size_t>(role)];
}

std::optional<Role> role_from(std::string_view word) {
  for (const auto role : all_roles)
    if (name(role) == word) return role;
  return std::nullopt;
}

}  // namespace hazgate::core
