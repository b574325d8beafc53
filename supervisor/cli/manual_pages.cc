// The text of every help page. Usage, examples and neighbours are for people
// who meet the command for the first time.
#include "supervisor/cli/manual.h"

namespace drover::cli {
namespace {

// Exit codes by kind of command.
constexpr char kLocal[] = "0 2";
constexpr char kRun[] = "2 10";
constexpr char kRead[] = "0 2 3 4 5 7 9 10 130";
constexpr char kStatus[] = "0 2 3 4 5 7 8 9 10 130";
constexpr char kChange[] = "0 1 2 3 4 5 6 7 9 10 130";

constexpr ManualPage kPages[] = {
    {"run", "run -f FILE | run [-n N] [--listen NAME=ADDRESS] -- COMMAND…",
     "Run workers under a new supervisor, in the foreground",
     "Starts the supervisor in place of this command and stays until it is "
     "told "
     "to go: by Ctrl-C or SIGTERM (workers drain first), or by `drover "
     "shutdown`. SIGHUP applies the file again.\n"
     "The configuration comes from a file, or for one pool from flags. It is "
     "checked before anything starts.\n"
     "--hold-sockets puts a small parent above the supervisor, which holds its "
     "listening sockets and, when a signal ends it (a crash, the OOM killer), "
     "starts it again: at once, then after ever longer waits up to 10s. No "
     "connection is refused meanwhile; the workers of the dead supervisor "
     "finish what they have and end. systemd does the same by itself.\n"
     "Once the supervisor runs, the exit code is its own.",
     "  drover run -f drover.yaml\n"
     "  drover run -n 4 --listen http=tcp://127.0.0.1:8080 -- ./server\n"
     "  drover run --name mail --env LEVEL=debug -- python3 worker.py\n"
     "  drover run --hold-sockets -f drover.yaml",
     kRun, "check, status, apply"},
    {"check", "check FILE", "Say whether a configuration file is right",
     "Reads the file as `run` and `apply` would and says what is wrong with "
     "it, "
     "by line or field. Needs no supervisor and starts nothing.\n"
     "With --output json prints the configuration with every default filled "
     "in.",
     "  drover check drover.yaml\n"
     "  drover check drover.yaml --output json",
     kLocal, "plan, run"},
    {"plan", "plan -f FILE", "Show what apply would change; change nothing",
     "Compares the file with what the supervisor runs, pool by pool and field "
     "by field.",
     "  drover plan -f drover.yaml", kRead, "apply, check"},
    {"apply", "apply -f FILE", "Make the running configuration that of a file",
     "Pools that are new start, pools that are gone drain and end, pools that "
     "differ are scaled, updated or reloaded, the rest is left alone. A reload "
     "whose new workers do not become ready rolls back.\n"
     "Waits for the end; Ctrl-C stops the waiting, not the operation.",
     "  drover apply -f drover.yaml\n"
     "  drover apply -f drover.yaml --detach",
     kChange, "plan, operations, status"},
    {"status", "status [POOL]", "Show pools, workers and what is wrong",
     "Ends with what needs attention: what operations wait for, workers that "
     "do "
     "not come up and why, with their last lines.\n"
     "Succeeds whenever a supervisor answers; with --check exits 8 unless "
     "every "
     "pool is RUNNING with all its workers STARTED.",
     "  drover status\n"
     "  drover status web --watch\n"
     "  drover status --check && echo all ready",
     kStatus, "watch, logs, operations"},
    {"scale", "scale POOL N", "Change the number of workers of a pool",
     "More workers start; surplus ones drain, finish what they have in flight "
     "and end. Replaces a scale of the same pool that still runs; beside a "
     "reload it acts at once.",
     "  drover scale web 8\n"
     "  drover scale web=8 --detach",
     kChange, "status, operations"},
    {"reload", "reload POOL [--in-place|--replace]",
     "Replace all workers of a pool, losing no request",
     "For each slot a new worker starts, then the old one drains. If a new one "
     "does not become ready everything goes back to the old ones, and the exit "
     "code is 1. The pool's `reload` says how many at a time, whether a canary "
     "is tried first, and how long it may take.\n"
     "--in-place tells the workers to read their own configuration again, in "
     "the same processes; one that cannot says why and keeps what it had.",
     "  drover reload web\n"
     "  drover reload web --in-place",
     kChange, "restart, apply, operations"},
    {"restart", "restart POOL/SLOT", "Replace one worker by a new process",
     "As reload does, of one slot and within the same generation.",
     "  drover restart web/3", kChange, "reload, status"},
    {"stop", "stop POOL", "Stop a pool in place: workers drain and stay",
     "For maintenance. The processes live on, STOPPED; the listeners stay open "
     "and connections queue until `drover start`.",
     "  drover stop web && ./maintenance.sh && drover start web", kChange,
     "start, status"},
    {"start", "start POOL", "Start a stopped or failed pool again",
     "A failed pool gets new processes and a clean record; workers that are "
     "STOPPED go on.",
     "  drover start web", kChange, "stop, status"},
    {"shutdown", "shutdown [--fast|--hard]",
     "End all workers, then the supervisor",
     "Workers drain first, within their deadlines, in the order of pools. "
     "--fast tells them to quit at once: what they can finish by that deadline "
     "is finished. Either also hastens a shutdown that runs, as a second and "
     "a third Ctrl-C do. --hard kills them at once: "
     "what is in flight is lost.",
     "  drover shutdown\n"
     "  drover shutdown --hard",
     kChange, "stop, run"},
    {"upgrade", "upgrade [--binary PATH]",
     "Replace the supervisor's program; workers do not notice",
     "The new program is first asked, as a child, whether it can read the "
     "present state and configuration. Then it is executed in the place of the "
     "one that runs: same process, same workers, same sockets, pipes and "
     "locks. SIGUSR2 does the same without --binary.\n"
     "Promised: no worker is restarted or signalled, none sees its channel "
     "end; no connection to a listener is refused or lost; frames and lines "
     "that are half read or half written go on where they were; operations "
     "and timers that run go on; `drover watch` misses no event. A new program "
     "that is missing, is none, refuses, crashes or hangs is given up, within "
     "ten seconds while it is asked and ten while it takes over, and the "
     "former one goes on and says why; the exit code is 1 then.\n"
     "Not promised: the admin gateway is started anew, so calls that are open "
     "break off (drover's own commands connect again and go on). A new program "
     "that ends before its first own instruction takes the supervisor with "
     "it, as a crash of the supervisor does, unless it did the same when it "
     "was asked. Two releases read one another's state where neither uses what "
     "the other does not know; if one does, the answer names it. Settings that "
     "need a new start of the supervisor still do.\n"
     "The file must be root's or the supervisor's user's, and not be writable "
     "by others.",
     "  drover upgrade\n"
     "  drover upgrade --binary /opt/drover-0.2/bin/drover-supervisor",
     kChange, "version, status, run"},
    {"watch", "watch [POOL]", "Show events as they happen",
     "Begins with what is there, then one line an event, in order, until "
     "Ctrl-C "
     "or the supervisor's end (exit code 0). If the connection breaks it goes "
     "on "
     "where it was.",
     "  drover watch\n"
     "  drover watch web --output json | jq .event.worker_exited",
     kRead, "status, logs"},
    {"logs", "logs [POOL[/SLOT]]", "Show what workers wrote",
     "The last lines kept of each worker's standard output ( | ) and standard "
     "error ( ! ); with -f new lines as they come, until Ctrl-C or the "
     "supervisor's end (exit code 0).",
     "  drover logs\n"
     "  drover logs -f web/0 -n 100",
     kRead, "watch, status"},
    {"operations", "operations [--running]", "List what runs and what has run",
     "The last 256 operations, running ones first. An operation goes on when "
     "the command that began it has gone.",
     "  drover operations --running\n"
     "  drover operations watch op-17\n"
     "  drover operations cancel op-17",
     kRead, "status, watch"},
    {"operations watch", "operations watch ID",
     "Wait for an operation that runs", "As the command that began it would.",
     "  drover operations watch op-17", kChange, "operations"},
    {"operations cancel", "operations cancel ID",
     "Ask a running operation to stop, and wait until it has",
     "A reload rolls back; a scale or start keeps what is there.",
     "  drover operations cancel op-17", kChange, "operations"},
    {"systemd-unit", "systemd-unit [-f FILE]",
     "Print a unit file, for systemd to run a configuration",
     "With the configuration's deadlines; why each line is there stands beside "
     "it. systemd is told when all pools are STARTED, restarts the supervisor "
     "after a crash and keeps its listening sockets meanwhile.\n"
     "Without a file it is a template: drover@web runs /etc/drover/web.yaml. "
     "Where systemd is older than 254 say so with --systemd-version.",
     "  drover systemd-unit -f drover.yaml > "
     "/etc/systemd/system/web.service\n"
     "  drover systemd-unit > /etc/systemd/system/drover@.service",
     kLocal, "run, check"},
    {"version", "version", "Show the release of drover and of the supervisor",
     "The supervisor's is left out where none answers.", "  drover version",
     kLocal, "status"},
    {"completion", "completion bash|zsh|fish",
     "Print a script that completes drover's words in a shell", "",
     "  source <(drover completion bash)\n"
     "  drover completion zsh > ~/.zfunc/_drover\n"
     "  drover completion fish > ~/.config/fish/completions/drover.fish",
     kLocal, ""},
    {"man", "man", "Print the manual page, for man(1)", "",
     "  drover man | man -l -", kLocal, ""},
};

}  // namespace

absl::Span<const ManualPage> ManualPages() { return kPages; }

const ManualPage* FindPage(absl::string_view command) {
  for (const ManualPage& page : kPages) {
    if (page.command == command) return &page;
  }
  return nullptr;
}

}  // namespace drover::cli
