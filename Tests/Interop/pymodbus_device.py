"""A Modbus TCP device made by pymodbus, for the tests to read.

usage: pymodbus_device.py '{"unit": 1, "input": {"1009": [0, 5000]}, "holding": {}}'
       pymodbus_device.py '[{"unit": 1, "input": {}}, {"unit": 2, "input": {}}]'

Prints the port it took on 127.0.0.1 and serves until its standard input closes.
"""

import asyncio
import json
import sys

from pymodbus.server import ModbusTcpServer
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


async def serve(descriptions):
    devices = [device(description) for description in descriptions]
    server = ModbusTcpServer(devices, address=("127.0.0.1", 0))
    await server.serve_forever(background=True)
    print(server.transport.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.shutdown()


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    asyncio.run(serve(asked if isinstance(asked, list) else [asked]))
