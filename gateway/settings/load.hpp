// gateway.toml, its profiles and limit tables to Settings, or every Problem at once.
#pragma once

#include "settings/settings.hpp"

namespace hazgate::settings {

/// Profiles and limits are looked up beside `file` (profiles/, limits/), then in the installed share folder.
/// Never throws on bad input; a file that cannot be read is a Problem too.
boost::system::result<Settings, Problems> load(const std::filesystem::path& file);

/// The same with another share folder.
boost::system::result<Settings, Problems> load(const std::filesystem::path& file, const std::filesystem::path& share);

/// The folder that the environment names in HAZGATE_SHARE, else ../share/hazgate beside the program's own folder.
std::filesystem::path installed_share();

}  // namespace hazgate::settings
