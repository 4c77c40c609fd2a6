"""SunSpec devices made of pysunspec2's model definitions and served by pymodbus.

usage: sunspec_device.py '[{"unit": 1, "models": [{"id": 103, "W": 4200, "W_SF": 0}, {"id": 160,
                          "N": 1, "module": [{"DCW": 7}]}]}]'

Points are set by name, as counts; those not named are "not implemented". "base" moves the marker
from 40000, "end": false leaves the end marker out. Prints each device's port on a line of its own
and serves them until its standard input closes.
"""

import asyncio
import json
import sys

import pymodbus_device
import sunspec2.device

MARKER = [0x5375, 0x6E53]
END = [0xFFFF, 0]


def words(model):
    """The registers of one model, laid out by its definition."""
    data = {name: value for name, value in model.items() if name != "id"}
    bytes_ = sunspec2.device.Model(model["id"], data=data).get_mb()
    return [high << 8 | low for high, low in zip(bytes_[::2], bytes_[1::2])]


def description(device):
    """What pymodbus_device serves."""
    registers = MARKER + [word for model in device["models"] for word in words(model)]
    if device.get("end", True):
        registers += END
    return {"unit": device["unit"], "holding": {str(device.get("base", 40000)): registers}}


async def serve(devices):
    served = [pymodbus_device.device(description(device)) for device in devices]
    await asyncio.gather(*[pymodbus_device.serve_tcp([device]) for device in served])


if __name__ == "__main__":
    asyncio.run(serve(json.loads(sys.argv[1])))
