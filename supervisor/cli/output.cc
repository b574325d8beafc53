#include "supervisor/cli/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace drover::cli {
namespace {

// Fewer would make a screen of nothing but cut lines.
constexpr int kMinWidth = 20;

void WriteAll(int fd, absl::string_view text) {
  while (!text.empty()) {
    ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    // Nobody is left to be told.
    if (written < 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

bool IsDumb() {
  const char* term = std::getenv("TERM");
  return term == nullptr || *term == '\0' || absl::string_view(term) == "dumb";
}

bool IsColorUnwanted() {
  const char* value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

bool CanRepaint(int fd) { return ::isatty(fd) == 1 && !IsDumb(); }

winsize SizeOf(int fd) {
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0) size = {};
  return size;
}

int WidthOf(int fd) {
  int width = SizeOf(fd).ws_col;
  return width == 0 ? 0 : std::max(width, kMinWidth);
}

}  // namespace

Output::Output(bool json, bool color)
    : json_(json),
      live_(!json && CanRepaint(STDOUT_FILENO)),
      color_(color && !IsColorUnwanted() && CanRepaint(STDOUT_FILENO)),
      error_color_(color && !IsColorUnwanted() && CanRepaint(STDERR_FILENO)) {}

Style Output::style() const { return {color_, WidthOf(STDOUT_FILENO)}; }

Style Output::error_style() const {
  return {error_color_, WidthOf(STDERR_FILENO)};
}

int Output::height() const { return SizeOf(STDOUT_FILENO).ws_row; }

void Output::Print(absl::string_view text) { WriteAll(STDOUT_FILENO, text); }

void Output::PrintError(absl::string_view text) {
  WriteAll(STDERR_FILENO, text);
}

void Output::Paint(const std::vector<std::string>& lines) {
  if (painted_ == 0 && lines.empty()) return;
  Print(Repaint(painted_, lines));
  painted_ = static_cast<int>(lines.size());
}

std::string Repaint(int former, const std::vector<std::string>& lines) {
  // Without wrapping a line is always one row, also when the terminal has just
  // become narrower.
  std::string out = "\x1b[?7l";
  if (former > 0) absl::StrAppend(&out, "\x1b[", former, "A");
  for (const std::string& line : lines) {
    absl::StrAppend(&out, "\r", line, "\x1b[K\n");
  }
  return absl::StrCat(out, "\x1b[J\x1b[?7h");
}

}  // namespace drover::cli
