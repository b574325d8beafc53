#!/usr/bin/env bash
# Installs what is missing of bazel/packages.txt; with --dev, of packages-dev.txt
# too. Where nothing is missing it asks neither for rights nor for the network.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")

die() {
  echo "install-dependencies: $*" >&2
  exit 1
}

lists=("$here/packages.txt")
case "${1-}" in
  "") ;;
  --dev) lists+=("$here/packages-dev.txt") ;;
  *) die "unknown argument '$1'; usage: $0 [--dev]" ;;
esac

entries() { sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' "${lists[@]}"; }

# Packages in the order of the lists, alternatives still apart by '|'.
missing=()
if command -v dpkg-query >/dev/null; then
  installed=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' | sed -n 's/^ii  *//p')
else
  installed=
fi
while IFS= read -r entry; do
  names=${entry%%:*}
  command=${entry#"$names"}
  command=${command#: }
  if [ -n "$command" ] && command -v "$command" >/dev/null; then continue; fi
  found=
  for name in ${names//|/ }; do
    if grep -qxF -- "$name" <<<"$installed"; then found=yes; fi
  done
  if [ -z "$found" ]; then missing+=("${names// /}"); fi
done < <(entries)
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null ||
  die "this needs Debian or Ubuntu (apt-get). Elsewhere install the equivalents of: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null ||
    die "run as root, or install sudo. Missing: ${missing[*]}"
  as_root=(sudo)
fi

echo "Installing: ${missing[*]}" >&2
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${as_root[@]}" apt-get update -q >"$log" 2>&1 ||
  { tail -n 5 "$log" >&2; die "apt-get update failed; see above. Is the network up?"; }

chosen=()
for names in "${missing[@]}"; do
  pick=
  for name in ${names//|/ }; do
    if [ -z "$pick" ] && apt-cache show "$name" >/dev/null 2>&1; then pick=$name; fi
  done
  [ -n "$pick" ] || die "no package source offers ${names//|/ or }; on Ubuntu enable 'universe'."
  chosen+=("$pick")
done
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -q -y --no-install-recommends "${chosen[@]}" >"$log" 2>&1 ||
  { tail -n 15 "$log" >&2; die "apt-get install failed; see above. By hand: apt-get install ${chosen[*]}"; }
