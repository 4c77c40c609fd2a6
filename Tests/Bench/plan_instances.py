"""Planning problems made from a seed: a house, its prices, its battery and its jobs.

Powers are in mW, energies in mWh, prices in millicredits a kWh, values in millicredits; times are
counted in slots of a quarter of an hour. Lists hold one slot more than `slots`, for the plan that
follows.
"""

import math
import random

DAY = 96
SIZES = (24, 48, 96, 96, 144, 192)


def weather(source, start, slots):
    """PV less load: a sun with better and worse days, a load with a morning and an evening."""
    peak = source.choice([0, 1500, 3000, 6000, 9000])
    base = source.choice([150, 300, 600, 1200])
    days = [source.choice([0.15, 0.4, 0.7, 1.0]) for _ in range(4)]
    net = []
    for index in range(slots):
        quarter, day = (start + index) % DAY, (start + index) // DAY
        sun = math.sin(math.pi * (quarter - 24) / 48) if 24 <= quarter < 72 else 0
        pv = peak * sun * days[day] * source.uniform(0.6, 1.0) if sun > 0 else 0
        evening = 1.5 * math.exp(-(((quarter - 76) / 8) ** 2))
        morning = 0.6 * math.exp(-(((quarter - 30) / 6) ** 2))
        load = base * (1 + evening + morning) * source.uniform(0.5, 1.5)
        net.append(int((pv - load) * 1000))
    return net


def prices(source, seed, start, slots):
    """Import and export prices: flat, in bands, or an exchange's hours."""
    kind = source.choice(["flat", "bands", "spot", "spot"])
    imports, exports = [], []
    for index in range(slots):
        quarter = (start + index) % DAY
        if kind == "flat":
            price, paid = 30000, 8000
        elif kind == "bands":
            night = quarter < 24 or quarter >= 88
            price = 18000 if night else 42000 if 68 <= quarter < 80 else 30000
            paid = 8000
        else:
            hour = random.Random(seed * 1000 + (start + index) // 4)
            spot = 15000 + 10000 * math.sin((quarter - 40) / DAY * 4 * math.pi)
            spot += hour.uniform(-6000, 6000)
            price = int(max(2000, spot + 12000))
            paid = min(price, int(max(0, spot - 6000)) if seed % 2 else 6000)
        imports.append(price)
        exports.append(paid)
    return imports, exports


def battery(source):
    capacity = source.choice([2, 5, 10, 15]) * 1_000_000
    return {
        "capacity": capacity,
        "stateOfChargePermille": source.randrange(200, 1000),
        "reservePermille": source.choice([0, 100, 200]),
        "charge": capacity // 2,
        "discharge": capacity // 2,
        "efficiencyPermille": source.choice([850, 900, 950]),
        "wearPrice": source.choice([0, 1000, 3000]),
    }


def job(source, number, slots):
    """Worth from a fifth to two and a half times what it would cost at 30 credits a kWh."""
    length = min(slots, source.choice([1, 2, 3, 4, 6, 8, 8, 12, 16, 24]))
    power = source.choice([60, 150, 300, 300, 600, 1000, 2000]) * 1000
    deadline = source.randint(length, slots) if source.random() < 0.7 else None
    cost = power * length / 4e6 * 30000
    interruptible = source.random() < 0.65
    return {
        "power": power,
        "slots": length,
        "deadline": deadline,
        "value": max(1, int(cost * source.choice([0.2, 0.4, 0.7, 1.0, 1.5, 2.5]))),
        "interruptible": interruptible,
        "minimumRun": source.choice([1, 1, 2, 4]) if interruptible else 1,
        "minimumPause": source.choice([1, 1, 2, 4]) if interruptible else 1,
        "after": [source.randint(1, number - 1)] if number > 1 and source.random() < 0.1 else [],
    }


def instance(seed, slots=None, jobs=None):
    """The problem of a seed, of a random size unless one is asked for."""
    source = random.Random(seed)
    slots = slots or source.choice(SIZES)
    count = jobs if jobs is not None else source.randint(1, max(2, 30 * slots // 192))
    start = source.randrange(DAY)
    net = weather(source, start, slots + 1)
    imports, exports = prices(source, seed, start, slots + 1)
    return {
        "seed": seed,
        "slots": slots,
        "net": net,
        "importPrices": imports,
        "exportPrices": exports,
        "battery": battery(source) if source.random() < 0.75 else None,
        "exportLimit": None if source.random() < 0.5 else source.choice([0, 600, 3000]) * 1000,
        "engineCapacity": source.choice([1, 1, 2, 3]),
        "jobs": [job(source, number + 1, slots) for number in range(count)],
    }
