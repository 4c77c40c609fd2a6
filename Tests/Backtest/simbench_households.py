#!/usr/bin/env python3
"""Writes households for `heliosim backtest`: a CSV each, and households.tsv that lists them.

    simbench_households.py OUTDIR

The recorded ones are the 2016 profiles that the PyPI package simbench carries (University of
Kassel, Fraunhofer IEE, RWTH Aachen, TU Dortmund; ODbL), scaled to a household's yearly load and
to 950 kWh a year from each kWp. Its rows are quarter-hours without a gap, though their labels
jump with summer time; read as UTC from 2016-01-01 00:00 on, the panels' noon is the sun's in
Germany. The others are made up here, from a seed, to differ: another latitude, an east-west roof,
a shift worker, a heat pump.

Needs nothing but the package's files: it is installed without what it depends on.
"""

import csv
import datetime
import importlib.util
import math
import os
import random
import sys

START = datetime.datetime(2016, 1, 1, tzinfo=datetime.timezone.utc)
QUARTERS = 366 * 96
GERMANY = ("51.3", "9.5", "Europe/Berlin")

# name, group, load profile, kWh a year, panel profile, kWp, battery kWh, W, export limit W
RECORDED = [
    ("a1", "tune", "H0-A", 3500, "PV1", 5, 5, 2500, 2500),
    ("b4", "tune", "H0-B", 4200, "PV4", 8, 10, 5000, 0),
    ("c3", "tune", "H0-C", 2500, "PV3", 3, 0, 0, 900),
    ("g6", "tune", "H0-G", 3000, "PV6", 6, 7, 3000, 3000),
    ("l5", "report", "H0-L", 2600, "PV5", 4, 5, 2500, 0),
    ("c8", "report", "H0-C", 5000, "PV8", 10, 10, 4600, 5000),
    ("b2", "report", "H0-B", 3800, "PV2", 6, 0, 0, 1800),
    ("g7", "report", "H0-G", 6000, "PV7", 9, 13, 5000, 4500),
    ("a3", "report", "H0-A", 4500, "PV3", 7, 8, 3000, 0),
]

# name, group, maker's arguments, battery kWh, W, export limit W, latitude, longitude, zone
MADE = [
    ("lagos", "report", {"latitude": 6.5, "longitude": 3.4, "roofs": [(10, 180, 3.0)],
     "kwh": 2600, "habit": "evening", "seed": 11, "cloud": (0.55, 0.25)},
     5, 2500, 0, "6.5", "3.4", "Africa/Lagos"),
    ("eastwest", "report", {"latitude": 55.7, "longitude": 12.6,
     "roofs": [(35, 90, 4.0), (35, 270, 4.0)],
     "kwh": 4000, "habit": "shift", "seed": 12, "cloud": (0.5, 0.3)},
     7, 3000, 3000, "55.7", "12.6", "Europe/Copenhagen"),
    ("heatpump", "report", {"latitude": 47.4, "longitude": 8.5, "roofs": [(30, 180, 8.0)],
     "kwh": 3500, "habit": "evening", "heat_kwh": 3500, "seed": 13, "cloud": (0.55, 0.3)},
     10, 5000, 4000, "47.4", "8.5", "Europe/Zurich"),
]


def simbench_folder():
    """The package's networks, found without importing it."""
    spec = importlib.util.find_spec("simbench")
    if spec is None or not spec.submodule_search_locations:
        sys.exit("simbench_households: the package simbench is not installed")
    return os.path.join(
        spec.submodule_search_locations[0], "networks", "1-complete_data-mixed-all-1-sw")


def columns(path, wanted):
    """The named columns of a semicolon-separated file as lists of numbers."""
    with open(path, newline="") as file:
        reader = csv.reader(file, delimiter=";")
        header = next(reader)
        positions = [header.index(name) for name in wanted]
        rows = [[float(row[position]) for position in positions] for row in reader]
    if len(rows) != QUARTERS:
        sys.exit(f"simbench_households: {path}: {len(rows)} rows, expected {QUARTERS}")
    return {name: [row[index] for row in rows] for index, name in enumerate(wanted)}


def scaled(values, kwh):
    """Values in watts that come to `kwh` in all."""
    factor = kwh * 1000 / (sum(values) / 4)
    return [value * factor for value in values]


def sun(latitude, longitude, quarter):
    """Height and azimuth of the sun in the middle of a quarter-hour, to about half a degree."""
    hours = quarter / 4 + 0.125
    day = hours / 24
    declination = math.radians(23.44) * math.sin(2 * math.pi * (day - 80) / 365.25)
    angle = 2 * math.pi * (day - 81) / 364
    equation = 9.87 * math.sin(2 * angle) - 7.53 * math.cos(angle) - 1.5 * math.sin(angle)
    solar = hours % 24 + longitude / 15 + equation / 60
    hour = math.radians(15 * (solar - 12))
    north = math.radians(latitude)
    height = math.asin(
        math.sin(north) * math.sin(declination)
        + math.cos(north) * math.cos(declination) * math.cos(hour))
    azimuth = math.pi + math.atan2(
        math.sin(hour),
        math.cos(hour) * math.sin(north) - math.tan(declination) * math.cos(north))
    return height, azimuth


def made_sun(random_source, latitude, longitude, roofs, cloud):
    """Watts of the roofs, quarter by quarter: clear sky, under clouds that come and go."""
    mean, spread = cloud
    weather = mean
    flicker = 0.0
    result = []
    for quarter in range(QUARTERS):
        if quarter % 96 == 0:
            weather = 0.6 * weather + 0.4 * random_source.gauss(mean, spread * 1.6)
        flicker = 0.85 * flicker + random_source.gauss(0, 0.09)
        covered = min(1.0, max(0.0, weather + flicker))
        height, azimuth = sun(latitude, longitude, quarter)
        if height <= 0.01:
            result.append(0.0)
            continue
        beam = 0.8 ** (1 / max(0.05, math.sin(height))) * (1 - covered) ** 1.3
        diffuse = 0.1 + 0.18 * covered
        watts = 0.0
        for tilt, facing, peak in roofs:
            slope = math.radians(tilt)
            cosine = (
                math.cos(slope) * math.sin(height)
                + math.sin(slope) * math.cos(height) * math.cos(azimuth - math.radians(facing)))
            watts += peak * 1000 * 0.9 * (
                beam * max(0.0, cosine) + diffuse * math.sin(height) * (1 + math.cos(slope)) / 2)
        result.append(watts)
    return result


def made_load(random_source, habit, kwh, heat_kwh, latitude, longitude):
    """Watts of a household: base, meals, evenings, a shift that changes weekly, heat in winter."""
    base, heat = [], []
    for quarter in range(QUARTERS):
        day = quarter // 96
        hour = (quarter % 96) / 4 + longitude / 15
        if habit == "shift":
            # Early, late and night shifts take turns; at home one sleeps or cooks.
            home = [(15, 22), (9, 13), (16, 21)][day // 7 % 3]
        else:
            home = (17, 22.5) if day % 7 not in (1, 2) else (9, 22.5)
        watts = 0.25 + (1.0 if home[0] <= hour % 24 < home[1] else 0.0)
        watts += 0.8 * math.exp(-((hour % 24 - 7) ** 2) / 0.8)
        watts *= random_source.lognormvariate(0, 0.35)
        if random_source.random() < 0.012:
            watts += random_source.uniform(2, 8)
        base.append(watts)
        season = math.cos(2 * math.pi * (day - 20) / 366) * (1 if latitude > 0 else -1)
        cold = max(0.0, season + 0.25 + 0.2 * math.sin(day * 1.7))
        runs = random_source.random() < min(1.0, 0.25 + 0.5 * cold)
        heat.append(cold * (1.3 if runs else 0.1))
    load = scaled(base, kwh)
    if heat_kwh:
        load = [a + b for a, b in zip(load, scaled(heat, heat_kwh))]
    return load


def write(path, load, pv):
    """One household's file."""
    with open(path, "w") as file:
        file.write("time,load,pv\n")
        for quarter in range(QUARTERS):
            at = START + datetime.timedelta(minutes=15 * quarter)
            file.write(f"{at:%Y-%m-%dT%H:%M:%SZ},{load[quarter]:.1f},{pv[quarter]:.1f}\n")


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: simbench_households.py OUTDIR")
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    folder = simbench_folder()
    loads = columns(
        os.path.join(folder, "LoadProfile.csv"),
        sorted({row[2] + "_pload" for row in RECORDED}))
    panels = columns(
        os.path.join(folder, "RESProfile.csv"), sorted({row[4] for row in RECORDED}))
    listed = []
    for name, group, load, kwh, pv, peak, battery, watts, limit in RECORDED:
        write(
            os.path.join(out, name + ".csv"), scaled(loads[load + "_pload"], kwh),
            scaled(panels[pv], peak * 950))
        what = f"{load} {kwh} kWh, {pv} {peak} kWp"
        listed.append((name, group, battery, watts, limit, *GERMANY, what))
    for name, group, made, battery, watts, limit, latitude, longitude, zone in MADE:
        source = random.Random(made["seed"])
        pv = made_sun(source, made["latitude"], made["longitude"], made["roofs"], made["cloud"])
        load = made_load(
            source, made["habit"], made["kwh"], made.get("heat_kwh", 0), made["latitude"],
            made["longitude"])
        write(os.path.join(out, name + ".csv"), load, pv)
        peak = sum(roof[2] for roof in made["roofs"])
        what = f"made up, {made['kwh'] + made.get('heat_kwh', 0)} kWh, {peak:g} kWp"
        listed.append((name, group, battery, watts, limit, latitude, longitude, zone, what))
    with open(os.path.join(out, "households.tsv"), "w") as file:
        for row in listed:
            file.write("\t".join(str(field) for field in row) + "\n")


if __name__ == "__main__":
    main()
