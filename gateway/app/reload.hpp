// Reload: a changed configuration takes the place of the one that runs. What it may change, and how it is asked for.
#pragma once

#include <boost/system/result.hpp>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>

#include "settings/settings.hpp"

namespace hazgate::app {

/// Why a gateway that runs on `running` does not take over what was read, a reason a line; empty: it does, all of it.
/// What could fail later is tried here, before anything is taken down. `store_state`: see storage health.
std::string reasons_against(const settings::Settings& running,
                            const boost::system::result<settings::Settings, settings::Problems>& read,
                            std::string_view store_state);

/// Where the gateway says what became of a reload; one sentence or problem a line.
void tell_outcome(const std::filesystem::path& data_dir, const std::string& text);

/// `hazgate reload`: checks the file, asks the gateway that runs on its data_dir, and waits for what becomes of it. The
/// exit code: 0 taken over, 1 refused or nobody runs, 2 the file has mistakes.
int ask_for_reload(const std::filesystem::path& config, std::ostream& out, std::ostream& errors);

}  // namespace hazgate::app
