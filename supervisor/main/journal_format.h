// What a supervisor notes for the one that follows it, should it be killed:
// which workers there are, how pools were scaled, which incarnation was the
// last. Pure: bytes in memory, which any instruction may have been the last to
// write.
#ifndef SUPERVISOR_MAIN_JOURNAL_FORMAT_H_
#define SUPERVISOR_MAIN_JOURNAL_FORMAT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace drover::journal {

// Raised whenever an older program would read something else than was meant.
inline constexpr uint32_t kVersion = 1;

enum class Kind : uint8_t {
  kNone = 0,  // what was noted here is no more
  kSupervisor = 1,
  kWorker = 2,
  kPool = 3,
};

inline constexpr size_t kNameMax = 64;
inline constexpr size_t kTextMax = 80;

// One thing that is noted. Which fields mean something depends on the kind.
struct Note {
  Kind kind = Kind::kNone;
  // A worker's core::WorkerState; of a supervisor: whether there was no room
  // for all its workers.
  uint8_t state = 0;
  int32_t pid = 0;
  // A worker's; of a supervisor the last that it has given.
  uint64_t incarnation = 0;
  uint64_t generation = 0;
  // A worker's; of a pool how many workers it has.
  uint32_t slot_or_count = 0;
  // How many the configuration says, which was applied last.
  uint32_t configured = 0;
  // Nanoseconds since the epoch: of the note, or of a supervisor's start.
  int64_t time = 0;
  // The pool's; a supervisor's version. Longer ones are cut.
  std::string name;
  // A worker's last status.
  std::string text;

  friend bool operator==(const Note&, const Note&) = default;
};

// A journal is a header and places, each for one note. A place has two copies
// that are written in turn: while one is being written the other is whole.
inline constexpr size_t kCopySize = 192;
inline constexpr size_t kPlaceSize = 2 * kCopySize;
// The first is a supervisor's, the rest workers' and pools'.
inline constexpr size_t kPlacesMax = 32768;

constexpr size_t SizeFor(size_t places) { return (places + 1) * kPlaceSize; }

// `to` has kPlaceSize bytes.
void WriteHeader(char* to);
// `place` is that of SizeFor(), counted from 0; `journal` has room for it.
void WriteNote(char* journal, size_t place, const Note& note);

// All notes but those of no kind, the supervisor's first. DataLoss, in words,
// for what no supervisor has written: of places that were being written there
// is one at most.
absl::StatusOr<std::vector<Note>> ReadNotes(absl::string_view journal);

}  // namespace drover::journal

#endif  // SUPERVISOR_MAIN_JOURNAL_FORMAT_H_
