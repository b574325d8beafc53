// drover-supervisor: what `drover run` becomes. Not meant to be typed.
#include <CLI/CLI.hpp>
#include <string>

#include "supervisor/base/log.h"
#include "supervisor/main/program.h"

int main(int argc, char** argv) {
  drover::ProgramOptions options;
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
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  drover::log::InitFromEnvironment();
  return drover::RunProgram(options);
}
