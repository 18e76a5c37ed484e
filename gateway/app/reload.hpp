// Reload: a changed configuration takes the place of the one that runs. What it may change, and how it is asked for.
#pragma once

#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "settings/settings.hpp"

namespace hazgate::app {

/// What has changed and holds until the gateway is started anew, with the reason; empty: all of it can be taken over.
std::vector<std::string> changes_that_wait(const settings::GatewaySettings& running,
                                           const settings::GatewaySettings& next);

/// Where the gateway says what became of a reload; one sentence or problem a line.
void tell_outcome(const std::filesystem::path& data_dir, const std::string& text);

/// `hazgate reload`: checks the file, asks the gateway that runs on its data_dir, and waits for what becomes of it. The
/// exit code: 0 taken over, 1 refused or nobody runs, 2 the file has mistakes.
int ask_for_reload(const std::filesystem::path& config, std::ostream& out, std::ostream& errors);

}  // namespace hazgate::app
