// Names for the things that the core decides about.
#ifndef SUPERVISOR_CORE_IDS_H_
#define SUPERVISOR_CORE_IDS_H_

#include <cstdint>
#include <string>

namespace drover::core {

// One process in a slot. Unique over the life of the supervisor, rising from 1;
// 0 names none. Everything that goes between core and shell about a process is
// addressed by it, never by a pid.
using Incarnation = uint64_t;

// The version of a pool's spec, from 1 in each pool.
using Generation = uint64_t;

// An operation, from 1; shown as "op-17". 0 names none.
using OperationId = uint64_t;

// The full identity of a process.
struct Identity {
  std::string pool;
  uint32_t slot = 0;
  Generation generation = 0;
  Incarnation incarnation = 0;

  friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_IDS_H_
