"""Modbus devices made by pymodbus, for the tests to read.

usage: pymodbus_device.py '{"unit": 1, "input": {"1009": [0, 5000]}, "holding": {}}'
       pymodbus_device.py '[{"unit": 1, "input": {}}, {"unit": 2, "input": {}}]'
       pymodbus_device.py '{"serial": {"baud": 9600}, "units": [{"unit": 1, "input": {}}, …]}'

Over TCP it prints the port it took on 127.0.0.1. With "serial" it joins two pseudo-terminals by
socat and prints the path of the end that is not its own. It serves until its standard input closes.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice


def blocks(table):
    """Register blocks by start address, as pymodbus wants them; it refuses an empty table."""
    data = [
        SimData(int(address), values=words, datatype=DataType.REGISTERS)
        for address, words in sorted(table.items(), key=lambda item: int(item[0]))
    ]
    return data or [SimData(65535, values=[0], datatype=DataType.REGISTERS)]


def device(description):
    bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    return SimDevice(
        description["unit"],
        simdata=(
            bits,
            bits,
            blocks(description.get("holding", {})),
            blocks(description.get("input", {})),
        ),
    )


async def until_input_closes():
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def serve_tcp(devices):
    server = ModbusTcpServer(devices, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await until_input_closes()
    await server.shutdown()


async def serve(description):
    await serve_tcp([device(description)])


async def serve_serial(devices, baud):
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = os.path.join(folder, "device"), os.path.join(folder, "line")
        socat = subprocess.Popen(
            ["socat", f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}"],
            stdin=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + 30
            while not (os.path.exists(ours) and os.path.exists(theirs)):
                if time.monotonic() > deadline or socat.poll() is not None:
                    raise SystemExit("socat made no line")
                await asyncio.sleep(0.02)
            # As on a real line, what is meant for other units goes unanswered.
            server = ModbusSerialServer(
                devices, port=ours, baudrate=baud, ignore_missing_devices=True
            )
            await server.serve_forever(background=True)
            print(theirs, flush=True)
            await until_input_closes()
            await server.shutdown()
        finally:
            socat.terminate()
            socat.wait()


def main():
    # A test's thread may have signals blocked, and socat would never hear that it is to end.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    description = json.loads(sys.argv[1])
    if isinstance(description, list):
        description = {"units": description}
    devices = [device(unit) for unit in description.get("units", [description])]
    if "serial" in description:
        asyncio.run(serve_serial(devices, description["serial"].get("baud", 9600)))
    else:
        asyncio.run(serve_tcp(devices))


if __name__ == "__main__":
    main()
