// Who somebody is to the site, and so what he sees and may do.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace hazgate::core {

enum class Role : std::uint8_t {
  admin,          ///< everything, users among it
  site_operator,  ///< everything but users
  enterprise,     ///< of one enterprise's workplaces everything
  regulator       ///< exceedances, exposures and the ledger, of all; changes nothing
};
inline constexpr std::array all_roles{Role::admin, Role::site_operator, Role::enterprise, Role::regulator};
std::string_view name(Role role);  ///< "admin", "operator", "enterprise", "regulator"
std::optional<Role> role_from(std::string_view name);

}  // namespace hazgate::core
