#!/bin/bash
# A Drover worker in Bash, from SPEC.md alone: takes jobs from a directory and
# runs a command for each. See README.md.
#
#   worker.sh DIRECTORY COMMAND [ARGUMENT...]

LC_ALL=C # a character is a byte
shopt -s nullglob

# shellcheck source=examples/spec_bash/channel.sh
source "${BASH_SOURCE[0]%/*}/channel.sh"

readonly WELCOME=10 START=11 STOP=12 QUIT=13 PING=14 LAME_DUCK=16 RESULT=17
readonly PROTOCOL_ERROR=18
readonly HELLO=10 STATE=11 PONG=12 ANSWER=13 FATAL=17
readonly CONNECTING=0 INITIALIZED=1 STARTED=3 STOPPING=4 STOPPED=5
readonly SHUTTING_DOWN=6
readonly UNIMPLEMENTED=3 INVALID_STATE=4 SEQUENCE=3 RESUME=2
readonly EX_PROTOCOL=76 EX_CONFIG=78
readonly TICK=0.05 # seconds between two looks, where nothing comes

state=$CONNECTING
stop_op=0
resumes=0
quit_ms=0 loss_ms=0
until_ms=   # deadline of the Stop, or of the end
job= claim= # process and file of the one in flight
terminated=0

now_ms() { now=$((${EPOCHREALTIME/./} / 1000)); }

# ---- Words

report() { # STATE RE
  state=$1
  begin
  number 1 "$state"
  post "$2" $STATE
}

refuse() { # OP CODE
  begin
  number 1 "$2"
  post "$1" $ANSWER
}

broken() { # CODE TEXT
  begin
  number 1 "$1"
  text 2 "$2" ${#2}
  post 0 $PROTOCOL_ERROR
  finish $EX_PROTOCOL
}

# ---- What comes

handle() {
  local op re body=0 i
  fields=()
  parse "" 4 ${#inbox[@]}
  op=${fields[1/0]-0} re=${fields[2/0]-0}
  for ((i = WELCOME; i <= 19; i++)); do
    if [[ -v fields[$i/2] ]]; then body=$i; fi
  done
  # shellcheck disable=SC2086  # two numbers
  if ((body)); then parse "$body." ${fields[$body/2]}; fi

  if ((body == PROTOCOL_ERROR)); then finish $EX_PROTOCOL; fi
  if ((state == SHUTTING_DOWN && body != PING && body != QUIT)); then return; fi
  if (((body == WELCOME) != (state == CONNECTING))); then
    broken $SEQUENCE "body $body in state $state"
  fi
  case $body in
    "$START" | "$STOP" | "$QUIT")
      ((op)) || broken $SEQUENCE "a command without op" ;;
  esac
  act "$body" "$op" "$re"
}

act() { # BODY OP RE
  case $1 in
    "$WELCOME") enter ;;
    "$START") start "$2" ;;
    "$STOP") stop "$2" "${fields[12.1/0]-0}" ;;
    "$QUIT") say_goodbye "$2" && leave "${fields[13.1/0]-0}" ;;
    "$PING")
      begin
      number 1 "${fields[14.1/0]-0}"
      post 0 $PONG
      ;;
    "$LAME_DUCK" | "$RESULT") ;; # never with an answer
    *) if (($2 && !$3)); then refuse "$2" $UNIMPLEMENTED; fi ;;
  esac
}

enter() {
  local from end
  ((${fields[10.2/0]-0} == RESUME)) && resumes=1
  read -r from end <<<"${fields[10.2/2]-0 0}"
  for ((at = from; at < end;)); do
    read_varint "$end"
    ((value == RESUME)) && resumes=1
  done
  # shellcheck disable=SC2086  # two numbers
  parse "10.4." ${fields[10.4/2]-0 0}
  quit_ms=${fields[10.4.3/0]-0} loss_ms=${fields[10.4.4/0]-0}
  state=$INITIALIZED
}

start() { # OP
  if ((state == INITIALIZED || state == STOPPED && resumes)); then
    take_back
    report $STARTED "$1"
  elif ((state == STOPPED)); then
    refuse "$1" $UNIMPLEMENTED
  else
    refuse "$1" $INVALID_STATE
  fi
}

stop() { # OP MILLISECONDS
  stop_op=$1
  if [[ ! $job ]]; then
    report $STOPPED "$1"
    return
  fi
  if ((state != STOPPING)); then report $STOPPING "$1"; fi
  limit "$2"
}

# ---- Ways to the end

say_goodbye() { # RE
  if ((state == SHUTTING_DOWN)); then return; fi
  report $SHUTTING_DOWN "$1"
  until_ms= # that of a Stop counts no more
}

# Finishes what is in flight.
leave() { # MILLISECONDS
  state=$SHUTTING_DOWN
  if [[ ! $job ]]; then finish 0; fi
  limit "$1"
}

lose() {
  if ((state == CONNECTING)); then finish 0; fi
  leave "$loss_ms"
}

terminate() {
  if ((state == CONNECTING || state == SHUTTING_DOWN)); then finish 0; fi
  say_goodbye 0
  leave "$quit_ms"
}

# Keeps the earlier of two deadlines.
limit() { # MILLISECONDS
  now_ms
  if [[ ! $until_ms ]] || ((now + $1 < until_ms)); then
    until_ms=$((now + $1))
  fi
}

give_up() {
  give_back
  if ((state == SHUTTING_DOWN)); then finish 0; fi
  begin
  number 1 $STOPPED
  number 3 1 # abandoned
  number 4 1 # forced
  state=$STOPPED
  post "$stop_op" $STATE
}

finish() { # EXIT CODE
  give_back
  exit "$1"
}

# ---- The work

# Claims the first job there is: of several workers one can rename it.
take() {
  local found
  for found in "$directory"/*.job; do
    claim=${found%.job}.claimed-$$
    if mv -n "$found" "$claim" 2>/dev/null; then
      "${command[@]}" <"$claim" >"${claim%.claimed-*}.part-$$" {channel}>&- {never}>&- &
      job=$!
      return
    fi
  done
}

# What a worker left that was killed.
take_back() {
  local left
  for left in "$directory"/*.claimed-*; do
    if [[ ! -e /proc/${left##*-} ]]; then
      mv -n "$left" "${left%.claimed-*}.job"
    fi
  done
}

# Whether the job has ended; then its result is put in place.
reap() {
  local name=${claim%.claimed-*}
  if kill -0 "$job" 2>/dev/null; then return 1; fi
  if wait "$job"; then
    mv "$name.part-$$" "$name.done"
    rm "$claim"
  else
    rm "$name.part-$$"
    mv "$claim" "$name.failed"
  fi
  job= until_ms=
}

give_back() {
  if [[ ! $job ]]; then return; fi
  kill -KILL "$job" 2>/dev/null
  wait "$job" 2>/dev/null
  rm -f "${claim%.claimed-*}.part-$$"
  mv "$claim" "${claim%.claimed-*}.job"
  job= until_ms=
}

work() {
  if [[ $job ]] && reap; then
    if ((state == SHUTTING_DOWN)); then finish 0; fi
    if ((state == STOPPING)); then report $STOPPED "$stop_op"; fi
  fi
  now_ms
  if [[ $until_ms ]] && ((now >= until_ms)); then give_up; fi
  if ((state == STARTED)) && [[ ! $job ]]; then take; fi
}

# ---- The loop

run() {
  local gone= status
  while :; do
    if ((terminated)); then
      terminated=0
      terminate
    fi
    flush
    status=1
    if [[ ! $gone ]]; then
      fill
      status=$?
    fi
    case $status in
      0)
        handle
        inbox=()
        ;;
      1) read -r -t $TICK -u "$never" ;; # nothing ever comes there
      2)
        gone=1
        lose
        ;;
    esac
    work
  done
}

# ---- The program

offers_version_1() {
  [[ ",${DROVER_PROTOCOL-1}," == *,1,* ]]
}

say_hello() {
  local name=spec_bash
  begin
  number 1 1 # major
  number 3 $RESUME
  number 4 $$
  text 5 $name ${#name}
  number 8 1 # the main loop answers Ping
  post 0 $HELLO
}

main() {
  if [[ ! -v DROVER_FD ]]; then
    echo "worker.sh: not supervised; see README.md for how to run it"
    exit 0
  fi
  if ! is_channel "$DROVER_FD"; then
    echo "worker.sh: DROVER_FD is no connected unix stream socket;" \
      "a wrapper may have closed it" >&2
    exit $EX_CONFIG
  fi
  if ! offers_version_1; then
    echo "worker.sh: speaks version 1 alone" >&2
    exit $EX_CONFIG
  fi
  adopt "$DROVER_FD"
  trap : INT PIPE # commands have the defaults; nothing happens here
  trap 'terminated=1' TERM
  if (($# < 2)) || [[ ! -d $1 ]]; then
    local why="usage: worker.sh DIRECTORY COMMAND..."
    begin
    number 1 $EX_CONFIG
    text 2 "$why" ${#why}
    post 0 $FATAL
    exit $EX_CONFIG
  fi
  close_listeners
  exec {never}<> <(:)
  directory=$1
  command=("${@:2}")
  say_hello
  run
}

# Bash can neither accept on them nor should its commands.
close_listeners() {
  local entry number
  for entry in ${DROVER_LISTEN_FDS//,/ }; do
    number=${entry%%:*}
    if [[ $number =~ ^[0-9]+$ ]]; then exec {number}>&-; fi
  done
}

main "$@"
