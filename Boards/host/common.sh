# Sourced by the scripts beside it: how they speak, become root and find the tree.
# shellcheck shell=bash

set -euo pipefail

# Where the tree is: two folders above this file.
HELIOGRAPH_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

# One line for the person watching.
say() { printf '%s\n' "$*"; }

# One clear line for what went wrong, and the end.
fail() {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Runs a command as root: directly where we are root, through sudo otherwise.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    fail "needs root for '$1' and there is no sudo: run it as root"
  fi
}

# Whether a Debian package is installed.
is_installed() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# Installs those of the named packages that are missing; silent when none is.
install_missing() {
  local missing=() name
  for name in "$@"; do
    is_installed "$name" || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null 2>&1 \
    || fail "needs ${missing[*]}, and this system has no apt-get: install them by its own means"
  say "Installing from Debian: ${missing[*]}"
  # A fresh image comes without package lists; older lists may name packages that are gone.
  if ! apt_install "${missing[@]}"; then
    say "Reading the package lists anew"
    as_root apt-get -qq update || fail "apt-get update failed: is this machine online?"
    apt_install "${missing[@]}" || {
      cat "$APT_LOG" >&2
      fail "apt-get could not install ${missing[*]}: its words are above"
    }
  fi
  rm -f "$APT_LOG"
}

APT_LOG=${TMPDIR:-/tmp}/heliograph-apt.$$.log

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" >"$APT_LOG" 2>&1 </dev/null
}

# The address that this machine's apt takes Debian from (its security archive with "security").
# Nothing in the tree names a mirror: whoever runs this has chosen one already.
debian_mirror() {
  local label=Debian variable=${DEBIAN_MIRROR:-}
  if [ "${1:-}" = security ]; then
    label=Debian-Security variable=${DEBIAN_SECURITY_MIRROR:-}
  fi
  if [ -n "$variable" ]; then
    printf '%s\n' "$variable"
    return 0
  fi
  apt-get indextargets --format '$(LABEL) $(SITE)' 2>/dev/null \
    | awk -v label="$label" '$1 == label && !found++ { print $2 }'
}

# Makes a virtual environment of the root's from a list of packages, and again when that changes;
# false, with a word about it, where it can't.
make_venv() { # name, list, what it brings
  local venv=$HELIOGRAPH_ROOT/$1 list=$HELIOGRAPH_ROOT/$2
  if cmp -s "$list" "$venv/installed.txt"; then return 0; fi
  say "Installing $3 in $1"
  rm -rf "$venv"
  if python3 -m venv "$venv" && "$venv/bin/pip" -q install -r "$list"; then
    cp "$list" "$venv/installed.txt"
  else
    rm -rf "$venv"
    return 1
  fi
}
