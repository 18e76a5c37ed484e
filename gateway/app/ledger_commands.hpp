// The commands of who keeps, checks and follows ledgers: verify, subscribe, key.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace hazgate::app {

/// `chosen` becomes what the command line asks for; it gives the exit code.
void add_ledger_commands(CLI::App& cli, std::function<int()>& chosen);

}  // namespace hazgate::app
