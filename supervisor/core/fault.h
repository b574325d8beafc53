// Deliberate faults, to see that the proof can fail: each is one mistake that
// somebody might make here, and a test shows which checker of the simulation or
// which trace catches it. They exist only where DROVER_CORE_FAULTS is defined;
// elsewhere a fault point is the constant false.
#ifndef SUPERVISOR_CORE_FAULT_H_
#define SUPERVISOR_CORE_FAULT_H_

namespace drover::core {

enum class Fault {
  kNone,
  // One process.
  kRespawnOnEnd,  // the end of the channel is taken for that of the process
  kForgottenHelloTimer,
  kForgottenStartTimer,
  kForgottenStopTimer,
  kForgottenQuitTimer,
  kNeverKills,  // SIGTERM again instead of SIGKILL
  kStartPreemptsStop,
  kQuitWithoutDrain,
  kPingsUnanswered,
  kBlamesStaleAnswers,
  kBelievesUnissuedOps,
  kExtendsForEver,
  kNoLameDuck,
  kBlamesForPauses,  // deadlines run on while the supervisor stands still
  // Exits and restarts.
  kLostExit,  // of a process that was being ended
  kExitToldTwice,
  kSignalsTheGone,
  kBackoffNeverGrows,
  kBackoffNeverResets,
  kIntensityOffByOne,
  kPermanentIgnored,
  // Reload.
  kFloorOffByOne,
  kSurgeOffByOne,
  kRollbackForgetsSlot,
  kStopsBeforeStarted,
  kCanaryNotBaked,
  kNoProgressIgnored,
  kRetiresTooEarly,
  // All pools.
  kStartTurnsLeak,
  kStartsUnbounded,
  kOrderIgnored,
  kFinishesEarly,
  kOperationForgotten,  // a scale down does not see its end
  // What is written out.
  kBackoffNotWritten,
  kDeadlineNotWritten,
  kLast = kDeadlineNotWritten,
};

#ifdef DROVER_CORE_FAULTS
// The one that is active.
inline Fault active_fault = Fault::kNone;
#define DROVER_FAULT(name) \
  (::drover::core::active_fault == ::drover::core::Fault::name)
#else
#define DROVER_FAULT(name) false
#endif

}  // namespace drover::core

#endif  // SUPERVISOR_CORE_FAULT_H_
