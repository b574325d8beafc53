#include "supervisor/main/journal_format.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "absl/strings/str_cat.h"

namespace drover::journal {
namespace {

constexpr char kMagic[8] = {'D', 'R', 'O', 'V', 'E', 'R', 'J', '\n'};

// As they lie in memory. Read on the machine that wrote them.
struct Header {
  char magic[8];
  uint32_t version;
  uint32_t copy_size;
};

struct Copy {
  // Of everything behind it.
  uint32_t checksum;
  // From 1; the higher one of two is the newer.
  uint32_t sequence;
  uint8_t kind;
  uint8_t state;
  uint8_t name_size;
  uint8_t text_size;
  int32_t pid;
  uint64_t incarnation;
  uint64_t generation;
  uint32_t slot_or_count;
  uint32_t configured;
  int64_t time;
  char name[kNameMax];
  char text[kTextMax];
};
static_assert(sizeof(Copy) == kCopySize);
static_assert(sizeof(Header) <= kPlaceSize);

// FNV-1a: it is to find writes that were cut off, not forgers.
uint32_t ChecksumOf(const Copy& copy) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&copy);
  uint32_t hash = 2166136261u;
  for (size_t i = sizeof(copy.checksum); i < sizeof(copy); ++i) {
    hash = (hash ^ bytes[i]) * 16777619u;
  }
  return hash;
}

enum class Condition { kBlank, kWhole, kBroken };

Condition ConditionOf(const Copy& copy) {
  static constexpr Copy kBlank = {};
  if (std::memcmp(&copy, &kBlank, sizeof(copy)) == 0) return Condition::kBlank;
  const bool whole = copy.sequence != 0 && copy.checksum == ChecksumOf(copy) &&
                     copy.kind <= static_cast<uint8_t>(Kind::kPool) &&
                     copy.name_size <= kNameMax && copy.text_size <= kTextMax;
  return whole ? Condition::kWhole : Condition::kBroken;
}

struct Place {
  Copy copies[2];
};

Place PlaceAt(const char* journal, size_t place) {
  Place at;
  std::memcpy(&at, journal + SizeFor(place), sizeof(at));
  return at;
}

// The newer of the whole ones; 2 if there is none.
int Newest(const Place& place, int* broken) {
  int newest = 2;
  for (int i = 0; i < 2; ++i) {
    const Condition condition = ConditionOf(place.copies[i]);
    if (condition == Condition::kBroken) ++*broken;
    if (condition != Condition::kWhole) continue;
    if (newest == 2 ||
        place.copies[i].sequence > place.copies[newest].sequence) {
      newest = i;
    }
  }
  return newest;
}

uint8_t Fill(char* to, size_t max, absl::string_view text) {
  const size_t size = std::min(max, text.size());
  std::memcpy(to, text.data(), size);
  return static_cast<uint8_t>(size);
}

Copy ToCopy(const Note& note, uint32_t sequence) {
  Copy copy = {};
  copy.sequence = sequence;
  copy.kind = static_cast<uint8_t>(note.kind);
  copy.state = note.state;
  copy.pid = note.pid;
  copy.incarnation = note.incarnation;
  copy.generation = note.generation;
  copy.slot_or_count = note.slot_or_count;
  copy.configured = note.configured;
  copy.time = note.time;
  copy.name_size = Fill(copy.name, kNameMax, note.name);
  copy.text_size = Fill(copy.text, kTextMax, note.text);
  copy.checksum = ChecksumOf(copy);
  return copy;
}

Note ToNote(const Copy& copy) {
  return {.kind = static_cast<Kind>(copy.kind),
          .state = copy.state,
          .pid = copy.pid,
          .incarnation = copy.incarnation,
          .generation = copy.generation,
          .slot_or_count = copy.slot_or_count,
          .configured = copy.configured,
          .time = copy.time,
          .name = std::string(copy.name, copy.name_size),
          .text = std::string(copy.text, copy.text_size)};
}

absl::Status CheckHeader(absl::string_view journal) {
  Header header;
  if (journal.empty()) return absl::DataLossError("it is empty");
  if (journal.size() < SizeFor(1)) {
    return absl::DataLossError("it is cut off in its beginning");
  }
  std::memcpy(&header, journal.data(), sizeof(header));
  if (std::memcmp(header.magic, kMagic, sizeof(kMagic)) != 0) {
    return absl::DataLossError("it does not begin as a journal does");
  }
  if (header.version != kVersion || header.copy_size != kCopySize) {
    return absl::DataLossError(absl::StrCat("it is of version ", header.version,
                                            ", and this program reads version ",
                                            kVersion));
  }
  if (journal.size() % kPlaceSize != 0) {
    return absl::DataLossError("it is cut off in a note");
  }
  return absl::OkStatus();
}

}  // namespace

void WriteHeader(char* to) {
  Header header = {};
  std::memcpy(header.magic, kMagic, sizeof(kMagic));
  header.version = kVersion;
  header.copy_size = kCopySize;
  std::memcpy(to, &header, sizeof(header));
}

void WriteNote(char* journal, size_t place, const Note& note) {
  const Place at = PlaceAt(journal, place);
  int broken = 0;
  const int newest = Newest(at, &broken);
  const bool first = newest == 2;
  const int to = first ? 0 : 1 - newest;
  const Copy copy = ToCopy(note, first ? 1 : at.copies[newest].sequence + 1);
  std::memcpy(journal + SizeFor(place) + static_cast<size_t>(to) * kCopySize,
              &copy, sizeof(copy));
}

absl::StatusOr<std::vector<Note>> ReadNotes(absl::string_view journal) {
  if (absl::Status header = CheckHeader(journal); !header.ok()) return header;
  const size_t places = journal.size() / kPlaceSize - 1;
  std::vector<Note> notes;
  int broken = 0;
  for (size_t i = 0; i < places; ++i) {
    const Place place = PlaceAt(journal.data(), i);
    const int newest = Newest(place, &broken);
    if (newest == 2) continue;
    Note note = ToNote(place.copies[newest]);
    if (note.kind != Kind::kNone) notes.push_back(std::move(note));
  }
  if (broken > 1) {
    return absl::DataLossError(
        absl::StrCat(broken, " of its notes are damaged"));
  }
  if (notes.empty() || notes.front().kind != Kind::kSupervisor) {
    return absl::DataLossError("it does not say whose it is");
  }
  return notes;
}

}  // namespace drover::journal
