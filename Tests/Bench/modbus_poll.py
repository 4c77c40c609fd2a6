"""Polls as modbus_poll.c does, by pymodbus's client; prints requests a second.

usage: modbus_poll.py PORT POLLS
"""

import sys
import time

from pymodbus.client import ModbusTcpClient

PLAN = [(0, 60), (1000, 125), (3000, 10)]

port, polls = int(sys.argv[1]), int(sys.argv[2])
client = ModbusTcpClient("127.0.0.1", port=port)
if not client.connect():
    raise SystemExit("modbus_poll.py: nobody at the port")
start = time.monotonic()
for _ in range(polls):
    for address, count in PLAN:
        words = client.read_holding_registers(address, count=count, device_id=1).registers
        if words[0] != address * 7 % 65536:
            raise SystemExit("modbus_poll.py: the device holds something else")
elapsed = time.monotonic() - start
client.close()
print(int(polls * len(PLAN) / elapsed))
