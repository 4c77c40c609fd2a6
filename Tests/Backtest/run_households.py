#!/usr/bin/env python3
"""Runs `heliosim backtest` over households and prints one table.

    run_households.py HELIOSIM FOLDER [--first] [name ...]

With --first only the first of the three jobs, which is the one with a bar on sun.
FOLDER holds what simbench_households.py wrote. Each household runs with and without its export
limit, two at a time. Ends with 1 when any book doesn't balance; a bar that is missed is shown.
"""

import concurrent.futures
import json
import os
import subprocess
import sys

SUN_BAR = 960_000  # of perfect foresight, on the first job
MEMORY_BAR = 8192  # kB
SECONDS_BAR = 20
CALIBRATION_BAR = 40  # thousandths off 10, 50 and 90 %


def households(folder, names):
    """The lines of households.tsv, or those of the names."""
    with open(os.path.join(folder, "households.tsv")) as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    unknown = set(names) - {row[0] for row in rows}
    if unknown:
        sys.exit(f"run_households: no household named {', '.join(sorted(unknown))}")
    return [row for row in rows if not names or row[0] in names]


def run(heliosim, folder, row, limited, only_first):
    """The results of one household; the station is told where it stands."""
    name, _, battery, watts, limit, latitude, longitude, zone, _ = row
    command = [
        heliosim, "backtest", "--json", "--data", os.path.join(folder, name + ".csv"),
        "--battery", battery, "--charge", watts, "--discharge", watts, "--latitude", latitude,
        "--longitude", longitude, "--zone", zone]
    if only_first:
        command += ["--job", "300Wx4h"]
    if limited:
        command += ["--export-limit", limit]
    done = subprocess.run(command, capture_output=True, text=True)
    if not done.stdout:
        sys.exit(f"run_households: {' '.join(command)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def tick(holds):
    return "yes" if holds else "NO"


def lines(row, limited, patterns):
    """Table lines of one household, and how many bars each group of lines missed."""
    for number, pattern in enumerate(patterns):
        results = pattern["results"]
        station = results[0]
        cheapest = min(
            (result for result in results[1:] if not result["foresight"]),
            key=lambda result: result["cost"])
        by_name = {result["name"]: result for result in results}
        share = station["sunOfBest"]
        sun_ok = number > 0 or share is None or share >= SUN_BAR
        cost_ok = station["cost"] < cheapest["cost"]
        in_time = station["inTime"] == station["jobs"]
        yield {
            "sun_ok": sun_ok, "cost_ok": cost_ok, "in_time": in_time, "first": number == 0,
            "text": (
                f"{row[0]:9}{row[1]:7}{'limit' if limited else '-':6}{pattern['job']:15}"
                f"{(station['sun'] or 0) / 1e4:7.2f}{(share or 0) / 1e4:8.2f}"
                f"{(by_name['threshold']['sunOfBest'] or 0) / 1e4:8.2f}"
                f"{(by_name['persistence']['sunOfBest'] or 0) / 1e4:8.2f}"
                f"{station['cost'] / 1000:10.2f}"
                f"{(cheapest['cost'] - station['cost']) / 1000:+9.2f} {cheapest['name']:12}"
                f"{(station['cost'] - by_name['foresight']['cost']) / 1000:+9.2f}"
                f"{station['imported'] / 1000:9.0f}{(station['cyclesPermille'] or 0) / 1000:8.1f}"
                f"{station['inTime']:5}/{station['jobs']:<5}{station['starts']:5}"
                f"{pattern['milliseconds'] / 1000:7.1f}"
                f"  {tick(sun_ok) if number == 0 else '-':4}{tick(cost_ok):4}{tick(in_time):4}")}


def calibration(row, pattern):
    """The forecast's shares, a line for each quantity, and whether all are within the bar."""
    forecast = pattern["forecast"]
    for subject in ("pv", "load", "surplus"):
        cells = forecast[subject]
        worst = max(
            abs(cell[place] - wanted)
            for cell in cells if cell for place, wanted in ((0, 100), (1, 500), (2, 900)))
        shown = "  ".join(
            "/".join(f"{cell[place] / 10:.0f}" for place in range(3)) if cell else "-"
            for cell in cells)
        yield worst <= CALIBRATION_BAR, (
            f"{row[0]:9}{row[1]:7}{subject:9}{shown}  worst off {worst / 10:.1f}")


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: run_households.py HELIOSIM FOLDER [--first] [name ...]")
    heliosim, folder = sys.argv[1:3]
    names = sys.argv[3:]
    only_first = "--first" in names
    rows = households(folder, [name for name in names if name != "--first"])
    cases = [(row, limited) for row in rows for limited in (False, True)]
    problems = 0
    slowest = memory = 0
    kept = []
    marks = []
    print(
        "household group limit job               sun %  of best  thresh persist      cost"
        "   less than cheapest   less best import   cycles  in time starts     s  sun cost time")
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        running = [
            pool.submit(run, heliosim, folder, row, limited, only_first)
            for row, limited in cases]
        for (row, limited), future in zip(cases, running):
            patterns = future.result()
            for line in lines(row, limited, patterns):
                print(line["text"], flush=True)
                marks.append((row[1], line))
            problems += sum(pattern["problems"] for pattern in patterns)
            slowest = max([slowest] + [pattern["milliseconds"] for pattern in patterns])
            memory = max(memory, patterns[0]["memoryKilobytes"])
            if not limited:
                kept.append((row, patterns[0]))
    print("\nForecast: truth below 10/50/90 %, ahead 15 min, 1, 3, 6, 12, 24, 36 h")
    calibrated = []
    for row, pattern in kept:
        for holds, text in calibration(row, pattern):
            calibrated.append(holds)
            print(text)
    print()
    for group in ("tune", "report"):
        of_group = [line for name, line in marks if name == group]
        if not of_group:
            continue
        first = [line for line in of_group if line["first"]]
        print(
            f"{group}: sun at least 96% of foresight on the first job in "
            f"{sum(line['sun_ok'] for line in first)} of {len(first)}, cheaper than every way "
            f"without foresight in {sum(line['cost_ok'] for line in of_group)} of {len(of_group)}, "
            f"all in time in {sum(line['in_time'] for line in of_group)} of {len(of_group)}")
    print(f"quantiles within 4 points everywhere in {sum(calibrated)} of {len(calibrated)}")
    print(f"a year in {slowest / 1000:.1f} s at most (bar {SECONDS_BAR} s): "
          + tick(slowest <= SECONDS_BAR * 1000))
    print(f"memory grew by {memory} kB at most (bar {MEMORY_BAR} kB): "
          + tick(memory <= MEMORY_BAR))
    print(f"books that don't balance, jobs with more sun than there was: {problems}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
