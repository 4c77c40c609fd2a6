"""Discovers a SunSpec device with pysunspec2 and prints what it found as one line of JSON.

usage: sunspec_scan.py PORT UNIT

The answer: {"models": [1, 103, ...], "points": {"103.W": 4200.0, "160.module.0.DCW": 7.0, ...}};
a point that the device says is not implemented is null.
"""

import json
import sys

import sunspec2.modbus.client as client

device = client.SunSpecModbusClientDeviceTCP(
    slave_id=int(sys.argv[2]), ipaddr="127.0.0.1", ipport=int(sys.argv[1]), timeout=10
)
device.scan()
models = [key for key in device.models if isinstance(key, int)]
points = {}
for identity in models:
    model = device.models[identity][0]
    for name, point in model.points.items():
        points[f"{identity}.{name}"] = point.cvalue
    for name, groups in model.groups.items():
        for index, group in enumerate(groups if isinstance(groups, list) else [groups]):
            for member, point in group.points.items():
                points[f"{identity}.{name}.{index}.{member}"] = point.cvalue
print(json.dumps({"models": models, "points": points}), flush=True)
device.close()
