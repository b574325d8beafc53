// drover-supervisor: what `drover run` becomes. Not meant to be typed.
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "supervisor/base/log.h"
#include "supervisor/main/program.h"
#include "supervisor/main/take_over.h"

int main(int argc, char** argv) {
  drover::ProgramOptions options;
  options.arguments = {argv, argv + argc};
  const drover::TakeOverArguments take_over =
      drover::TakeOut(&options.arguments);
  const bool takes_over = take_over.state >= 0;
  if (takes_over) drover::BeginGuard(options.arguments, take_over);
  CLI::App app(
      "The Drover supervisor. Start it with `drover run`, which checks the "
      "configuration first.");
  app.add_option("--file", options.file, "the configuration")->required();
  app.add_option("--format", options.format, "yaml, json or textproto")
      ->check(CLI::IsMember({"yaml", "json", "textproto"}));
  app.add_option("--source", options.source, "what messages call the file");
  app.add_flag("--no-admin", options.no_admin, "run without the admin gateway");
  app.add_option("--admin-socket", options.admin_socket,
                 "instead of the configuration's");
  app.add_option("--gateway", options.gateway, "the gateway's program");
  try {
    // It takes them from the back.
    std::vector<std::string> left(options.arguments.rbegin(),
                                  options.arguments.rend() - 1);
    app.parse(left);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  drover::log::InitFromEnvironment();
  if (take_over.check) return drover::AnswerCheck(GatewayPath(options));
  if (takes_over) return drover::TakeOverProgram(options, take_over);
  return drover::RunProgram(options);
}
