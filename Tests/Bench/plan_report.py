#!/usr/bin/env python3
"""Holds the planner's plans against the exact optimum and prints one table.

    plan_report.py HELIOBENCH [--instances N] [--seconds S] [--processes P] [--first SEED]
                   [--solved FILE] [--details FILE] [--short]

Every instance comes from its seed (plan_instances.py); each twenty-fifth is of the largest size,
192 slots and 30 jobs. `heliobench plan` plans them all, one after another; plan_value.py checks
and prices each plan by itself; HiGHS then solves the same problems (plan_milp.py), each for at
most S seconds on one processor.

The share is the plan's gain over doing nothing, of the optimum's: no job, the battery still. Where
HiGHS proves its optimum (to a ten-thousandth of the gain), the optimum is its bound. Where it does
not within its time, the plan is held against that bound all the same, which no plan may be able to
reach, and shown apart; of these only the comparison with the best solution that HiGHS did find
counts against the planner. The time of a problem that HiGHS gave up is the time it had.

Ends with 1 when a bar is missed or a plan is not allowed. --solved keeps HiGHS's answers, which
take nearly all of the time, for the next run; --details writes a JSON line for each instance;
--short: 14 small instances, and the bars on shares alone.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import statistics
import subprocess
import sys

from plan_instances import instance
from plan_value import Broken, idle, plan_value
from report_table import Table

MEAN_BAR = 0.995
WORST_BAR = 0.98
TIME_BAR = 1 / 20
COLD_BAR = 20  # ms, the median for 192 slots and 30 jobs
LATER_BAR = 0.5  # ms, the mean
LARGEST = {"slots": 192, "jobs": 30}
# Small ones in which a battery couples the slots of a long job.
COUPLED = (308, 338)
# Planned for the time they take, and not solved.
TIMED = 60
TIMED_SEED = 1_000_000
# Credits: what the rounding of money and energy may come to.
ROUNDING = 0.005


def instances(options):
    """The problems to compare; of the short form small ones only."""
    seeds = range(options.first, options.first + options.instances)
    if options.short:
        short = [instance(seed, slots=24, jobs=1 + seed % 4) for seed in seeds]
        return short + [instance(seed) for seed in COUPLED]
    return [instance(seed, **(LARGEST if seed % 25 == 24 else {})) for seed in seeds]


def plans(heliobench, problems):
    """What heliobench makes of them."""
    lines = "".join(json.dumps(problem) + "\n" for problem in problems)
    done = subprocess.run([heliobench, "plan"], input=lines, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"plan_report: {heliobench} plan: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def gain(problem, plan):
    """What the plan brings beyond doing nothing, in credits, by our own account."""
    value = plan_value(problem, plan["runs"], plan["battery"])
    claimed = plan["objective"] / 1000
    if abs(value - claimed) > ROUNDING + 1e-5 * abs(value):
        raise Broken(f"says that it is worth {claimed}, and is worth {value}")
    return value - idle(problem)


def share(part, whole):
    """Part of whole; all of it where they differ by no more than rounding."""
    return 1.0 if whole - part <= ROUNDING else part / whole


def compare(problem, plan, solved):
    """One row: the shares of the optimum, or of the bound."""
    mine = gain(problem, plan)
    best = solved["bound"] if solved["bound"] < 1e15 else None
    found = solved["gain"]
    return {
        "seed": problem["seed"], "slots": problem["slots"], "jobs": len(problem["jobs"]),
        "engines": problem["engineCapacity"], "battery": problem["battery"] is not None,
        "proven": solved["proven"], "gain": mine, "bound": best, "found": found,
        "share": None if best is None else share(mine, best),
        "beyondBattery": None if best is None else share(
            mine - solved["alone"], best - solved["alone"]),
        "ofFound": None if found is None else share(mine, found),
        "milliseconds": plan["coldNanoseconds"] / 1e6, "seconds": solved["seconds"],
        "timeRatio": plan["coldNanoseconds"] / 1e9 / solved["seconds"],
    }


def key(problem, seconds):
    """What tells an answer's problem from any other."""
    text = json.dumps([problem, seconds], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def solve_all(problems, options):
    """HiGHS's answers, in order, with a word on the way."""
    from plan_milp import solve

    known = {}
    if options.solved and os.path.exists(options.solved):
        with open(options.solved, encoding="utf-8") as file:
            known = {line["key"]: line for line in map(json.loads, file)}
    keys = [key(problem, options.seconds) for problem in problems]
    left = [index for index, name in enumerate(keys) if name not in known]
    with concurrent.futures.ProcessPoolExecutor(options.processes) as pool:
        work = [pool.submit(solve, problems[index], options.seconds) for index in left]
        for number, (index, future) in enumerate(zip(left, work), 1):
            known[keys[index]] = answer = future.result() | {"key": keys[index]}
            if options.solved:
                with open(options.solved, "a", encoding="utf-8") as file:
                    file.write(json.dumps(answer) + "\n")
            if number % 25 == 0:
                print(f"  solved {number} of {len(work)}", file=sys.stderr, flush=True)
    return [known[name] for name in keys]


def shares(table, rows):
    proven = [row for row in rows if row["proven"]]
    table.line("instances, of which HiGHS proved", f"{len(rows)}, {len(proven)}")
    if proven:
        values = [row["share"] for row in proven]
        table.line(
            "share of the optimum's gain, mean (bar 99.5 %)", f"{statistics.mean(values):.3%}",
            statistics.mean(values) >= MEAN_BAR)
        table.line(
            "  worst (bar 98 %)", f"{min(values):.3%}", min(values) >= WORST_BAR)
        beyond = [row["beyondBattery"] for row in proven]
        table.line("  beyond what the battery alone gains, mean", f"{statistics.mean(beyond):.3%}")
        table.line("    worst", f"{min(beyond):.3%}")
    bounded = [row for row in rows if not row["proven"] and row["share"] is not None]
    if bounded:
        values = [row["share"] for row in bounded]
        table.line(f"not proven, {len(bounded)}: share of the bound, mean",
                   f"{statistics.mean(values):.3%}")
        table.line("  worst", f"{min(values):.3%}")
    found = [row["ofFound"] for row in rows if not row["proven"] and row["ofFound"] is not None]
    if found:
        table.line("  of the best that HiGHS found, worst (bar 98 %)", f"{min(found):.3%}",
                   min(found) >= WORST_BAR)
    held = [row["share"] for row in rows if row["share"] is not None]
    table.line("all, those not proven held against the bound, mean (99.5 %)",
               f"{statistics.mean(held):.3%}", statistics.mean(held) >= MEAN_BAR)
    unheld = len(rows) - len(held)
    if unheld:
        table.line("of which HiGHS had not even a bound, left out", f"{unheld}")


def times(table, rows, large, answers):
    ratio = statistics.median(row["timeRatio"] for row in rows)
    table.line("time, of HiGHS's, median (bar 1/20)", f"1/{1 / ratio:.0f}", ratio <= TIME_BAR)
    cold = [plan["coldNanoseconds"] / 1e6 for plan in large]
    median = statistics.median(cold)
    table.line(f"192 slots, 30 jobs, cold, median of {len(cold)} (bar 20 ms)",
               f"{median:.1f} ms", median <= COLD_BAR)
    table.line("  worst", f"{max(cold):.1f} ms")
    later = [plan["laterNanoseconds"] / 1e6 for plan in answers]
    mean = statistics.mean(later)
    table.line("planned again a slot later, mean (bar 0.5 ms)", f"{mean:.3f} ms", mean <= LATER_BAR)
    table.line("  worst", f"{max(later):.2f} ms")
    later = [plan["laterNanoseconds"] / 1e6 for plan in large]
    table.line("  192 slots, 30 jobs, mean", f"{statistics.mean(later):.3f} ms")


def later_losses(table, rows, answers):
    """What planning from the last plan loses beside planning anew, of the plan's gain."""
    losses = []
    for row, plan in zip(rows, answers):
        loss = (plan["laterColdObjective"] - plan["laterObjective"]) / 1000
        losses.append(loss / row["gain"] if loss > ROUNDING and row["gain"] > 0 else 0)
    table.line("  lost against a plan from nothing, of the gain, mean",
               f"{statistics.mean(losses):.3%}")
    table.line("    worst", f"{max(losses):.3%}")


def show_weak(rows):
    """The seeds to look at, the weakest first."""
    weak = [row for row in rows if row["share"] is not None and row["share"] < WORST_BAR + 0.01]
    for row in sorted(weak, key=lambda row: row["share"])[:20]:
        kind = "optimum" if row["proven"] else "bound"
        battery = "with" if row["battery"] else "without"
        print(f"  seed {row['seed']}: {row['slots']} slots, {row['jobs']} jobs, "
              f"{row['engines']} at once, {battery} a battery: {row['share']:.3%} of the {kind}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("heliobench")
    parser.add_argument("--instances", type=int)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--solved")
    parser.add_argument("--details")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    options.instances = options.instances or (12 if options.short else 500)
    try:
        import highspy  # noqa: F401
    except ImportError as error:
        print(f"SKIPPED: {error}; Tests/Interop/requirements.txt names it")
        return 0
    problems = instances(options)
    answers = plans(options.heliobench, problems)
    large = []
    if not options.short:
        seeds = range(TIMED_SEED, TIMED_SEED + TIMED)
        large = plans(options.heliobench, [instance(seed, **LARGEST) for seed in seeds])
    for problem, plan in zip(problems, answers):
        try:
            gain(problem, plan)
        except Broken as error:
            print(f"NOT ALLOWED: seed {problem['seed']}: {error}")
            return 1
    solved = solve_all(problems, options)
    rows = [compare(*three) for three in zip(problems, answers, solved)]
    if options.details:
        with open(options.details, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    table = Table()
    shares(table, rows)
    if not options.short:
        times(table, rows, large, answers)
        later_losses(table, rows, answers)
    show_weak(rows)
    print("Every bar is met" if table.met else "A bar is missed: see NO above")
    return 0 if table.met else 1


if __name__ == "__main__":
    sys.exit(main())
