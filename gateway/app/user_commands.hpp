// `hazgate user`: who may sign in, managed at the gateway itself, also while it runs. Each change stands in the audit
// as "cli:<login name>" did it: user_add, user_password, user_disable, user_enable.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace hazgate::app {

/// `chosen` becomes what the command line asks for; it gives the exit code.
void add_user_commands(CLI::App& cli, std::function<int()>& chosen);

}  // namespace hazgate::app
