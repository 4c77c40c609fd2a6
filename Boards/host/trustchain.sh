# Sourced, after common.sh, by what compares with TrustChain: pyipv8 2.4.0 from PyPI.
# shellcheck shell=bash

# Makes .venv-trustchain, and again when its list changes; false, with a word about it, where it
# can't.
make_trustchain() {
  make_venv .venv-trustchain Tests/Bench/requirements-trustchain.txt "pyipv8 2.4.0 from PyPI (60 MB)"
}
