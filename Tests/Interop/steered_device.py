"""A Modbus TCP device made by pymodbus that can be steered and has a watchdog of its own.

usage: steered_device.py '{"unit": 1, "holding": {"0": [0, 5000]}, "seconds": 4}' [PORT]

Optional: `stubborn` registers keep what they hold whatever is written, `refused` ones are answered
with exception 3, writes to `slow` ones are taken and answered three seconds later.

Register 40 is its mode: unless 0, registers 40 to 42 must be written again within `seconds`, or
the device sets 40 back to 0 by itself. Prints `port N`, then a line for each write that it took
(`write 40 1 1500 4`) and for each time that it fell back (`fell back`). Serves until its standard
input closes.
"""

import asyncio
import json
import sys
import time

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

MODE = 40
CONTROLS = range(40, 43)


def say(line):
    print(line, flush=True)


class Watchdog:
    """Sets the mode back when nobody has written for too long; looked at with every access."""

    def __init__(self, description):
        self.seconds = description["seconds"]
        self.stubborn = description.get("stubborn", [])
        self.refused = description.get("refused", [])
        self.slow = description.get("slow", [])
        self.written = None

    async def access(self, function, start, address, count, registers, values):
        late = self.written is not None and time.monotonic() - self.written > self.seconds
        if late and start <= MODE < start + len(registers):
            registers[MODE - start] = 0
            self.written = None
            say("fell back")
        if values is not None:
            if any(address <= register < address + len(values) for register in self.refused):
                return ExcCodes.ILLEGAL_VALUE
            say(" ".join(["write", str(address)] + [str(value) for value in values]))
            for register in self.stubborn:
                if address <= register < address + len(values):
                    values[register - address] = registers[register - start]
            if address in CONTROLS:
                released = address == MODE and values[0] == 0
                self.written = None if released else time.monotonic()
            if address in self.slow:
                await asyncio.sleep(3)
        return None


async def serve(description, port):
    bits = [SimData(0, values=[False] * 16, datatype=DataType.BITS)]
    nothing = [SimData(65535, values=[0], datatype=DataType.REGISTERS)]
    end = max(int(address) + len(values) for address, values in description["holding"].items())
    words = [0] * max(end, 100)
    for address, values in description["holding"].items():
        words[int(address) : int(address) + len(values)] = values
    holding = [SimData(0, values=words, datatype=DataType.REGISTERS)]
    device = SimDevice(
        description["unit"],
        simdata=(bits, bits, holding, nothing),
        action=Watchdog(description).access,
    )
    server = ModbusTcpServer(device, address=("127.0.0.1", port))
    await server.serve_forever(background=True)
    say(f"port {server.transport.sockets[0].getsockname()[1]}")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.shutdown()


asyncio.run(serve(json.loads(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
