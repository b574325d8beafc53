# The channel to the supervisor: frames on a socket, and the fields of the
# envelopes in them (SPEC.md, chapters 3, 4 and 21). Sourced by worker.sh.
#
# A frame is an array of numbers from 0 to 255, because a string of bash cannot
# hold a zero byte.

readonly FRAME_MAX=65536
readonly FRAME_SIZE=1 PARSE=2 # codes of ProtocolError

channel=      # its descriptor
inbox=()      # bytes of the frame that has begun
outbox=()     # frames that wait, as escapes for printf

# is_channel NUMBER: whether that is a connected unix stream socket. The list of
# sockets changes while it is read, so a line may be missed at first.
is_channel() {
  local inode attempt row
  [[ $1 =~ ^[0-9]+$ && -S /proc/$$/fd/$1 ]] || return
  inode=$(readlink "/proc/$$/fd/$1")
  inode=${inode//[^0-9]/}
  for attempt in 1 2 3 4 5; do
    # Number, references, protocol, flags, type, state, inode, path.
    while read -r -a row; do
      if [[ ${row[6]-} == "$inode" ]]; then
        [[ ${row[4]} == 0001 && ${row[5]} == 03 ]]
        return
      fi
    done < <(grep -w "$inode" /proc/net/unix)
  done
  return 1
}

# adopt NUMBER: keeps the channel from the programs that are executed here, and
# lets no write to it wait. The builtin is in Debian's bash-builtins; without it
# each command has to be told to close the descriptor, as worker.sh does, and a
# supervisor that reads nothing makes the worker wait.
adopt() {
  channel=$1
  if enable fdflags 2>/dev/null; then
    fdflags -s +cloexec,+nonblock "$channel"
  fi
}

# fill: appends what is there to inbox, up to the end of a frame. 0: the frame
# is whole; 1: nothing more is there; 2: the stream has ended.
fill() {
  local want
  fill_to 4 || return
  frame_size
  fill_to "$want"
}

# fill_to SIZE: the same up to that size. It never waits, and uses no limit of
# time: `read -t 1` can lose a byte that comes when the time is over, while
# `read -t 0` reads nothing.
fill_to() {
  local byte number
  while ((${#inbox[@]} < $1)); do
    read -r -u "$channel" -t 0 || return 1
    IFS= read -r -u "$channel" -d '' -n 1 byte || return 2
    # A zero byte ends the read with nothing. Above 127 it may be negative.
    printf -v number %d "'$byte"
    inbox+=($((number & 255)))
  done
}

# frame_size: how many bytes the frame in inbox has with its header, in $want.
frame_size() {
  local size=$((inbox[0] << 24 | inbox[1] << 16 | inbox[2] << 8 | inbox[3]))
  ((size >= 1 && size <= FRAME_MAX)) || broken $FRAME_SIZE "length $size"
  want=$((4 + size))
}

# ---- Reading fields

declare -A fields # "number/wire type", below a message "number.number/..."
at=0              # where in inbox
value=0           # of the last varint

read_varint() { # END
  local i
  value=0
  for ((i = 0; i < 10; i++)); do
    ((at < $1)) || broken $PARSE "a varint is cut off"
    ((value |= (inbox[at] & 127) << 7 * i))
    ((inbox[at++] < 128)) && return
  done
  broken $PARSE "a varint of more than ten bytes"
}

# parse PREFIX FROM END: fills fields with the last value of each; of bytes it
# is "FROM END" in inbox. Groups are skipped.
parse() {
  local prefix=$1 end=$3 groups=() key
  at=$2
  while ((at < end)); do
    read_varint "$end"
    key=$value
    ((key >> 3 > 0)) || broken $PARSE "a field without number"
    case $((key & 7)) in
      3) groups+=($((key >> 3))) && continue ;;
      4)
        ((${#groups[@]} && groups[-1] == key >> 3)) ||
          broken $PARSE "the end of no group"
        unset 'groups[-1]'
        continue
        ;;
    esac
    read_value $((key & 7)) "$end"
    if ((${#groups[@]} == 0)); then
      fields[$prefix$((key >> 3))/$((key & 7))]=$value
    fi
  done
  ((${#groups[@]} == 0)) || broken $PARSE "a group is cut off"
}

read_value() { # KIND END
  local size
  case $1 in
    0) read_varint "$2" && return ;;
    1) size=8 ;;
    2) read_varint "$2" && size=$value ;;
    5) size=4 ;;
    *) broken $PARSE "wire type $1" ;;
  esac
  ((size >= 0 && size <= $2 - at)) || broken $PARSE "a field is cut off"
  value="$at $((at + size))"
  ((at += size))
}

# ---- Writing

# varint NUMBER: as escapes for printf, in $escaped.
varint() {
  local left=$1 octal
  escaped=
  while ((left > 127 || left < 0)); do
    printf -v octal '\\%03o' $((left & 127 | 128))
    escaped+=$octal
    ((left = left >> 7 & (1 << 57) - 1)) # without the sign
  done
  printf -v octal '\\%03o' "$left"
  escaped+=$octal
}

# number FIELD VALUE and text FIELD ESCAPES SIZE append a field to $content, of
# which $size counts the bytes.
number() {
  varint $(($1 << 3))
  content+=$escaped
  ((size += ${#escaped} / 4))
  varint "$2"
  content+=$escaped
  ((size += ${#escaped} / 4))
}

text() {
  varint $(($1 << 3 | 2))
  content+=$escaped
  ((size += ${#escaped} / 4))
  varint "$3"
  content+=$escaped$2
  ((size += ${#escaped} / 4 + $3))
}

# begin, then number and text, then post RE BODY: one frame. It is written by
# one printf, and a socket takes so little whole or not at all.
begin() { content= size=0; }

post() {
  local body=$content body_size=$size header
  begin
  if (($1)); then number 2 "$1"; fi
  text "$2" "$body" "$body_size"
  printf -v header '\\%03o' 0 0 $((size >> 8)) $((size & 255))
  outbox+=("$header$content")
  flush
}

# flush: writes what the socket takes. That the supervisor has left is read, not
# written.
flush() {
  while ((${#outbox[@]})); do
    # shellcheck disable=SC2059  # the escapes are the format
    printf "${outbox[0]}" >&"$channel" 2>/dev/null || return
    outbox=("${outbox[@]:1}")
  done
}
