# Sourced, after common.sh, by what compares with TrustChain: pyipv8 2.4.0 from PyPI.
# shellcheck shell=bash

# Makes .venv-trustchain, and again when its list changes; false, with a word about it, where it
# can't.
make_trustchain() {
  local list=$HELIOGRAPH_ROOT/Tests/Bench/requirements-trustchain.txt
  local venv=$HELIOGRAPH_ROOT/.venv-trustchain
  if cmp -s "$list" "$venv/installed.txt"; then return 0; fi
  say "Installing pyipv8 2.4.0 from PyPI in .venv-trustchain (60 MB)"
  rm -rf "$venv"
  if python3 -m venv "$venv" && "$venv/bin/pip" -q install -r "$list"; then
    cp "$list" "$venv/installed.txt"
  else
    rm -rf "$venv"
    return 1
  fi
}
