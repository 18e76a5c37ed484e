// The commands of the enterprise's record: `hazgate import` and `hazgate report`.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace hazgate::app {

/// `chosen` becomes what the command line asks for; it gives the exit code.
void add_record_commands(CLI::App& cli, std::function<int()>& chosen);

}  // namespace hazgate::app
