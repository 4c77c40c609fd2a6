"""The planning problem as a mixed-integer program, for HiGHS.

Says in another way what Planner.swift optimises: nothing here is taken from it but the objective
and the constraints that plan_value.py checks. Powers are in watts, or the numbers would span too
many magnitudes.
"""

import time

import highspy
import numpy

from plan_value import MONEY, end_worth, export_price, idle, initial, is_whole, part_value, usable

WATT = 1000
CREDITS = MONEY * WATT
# Of the gain over doing nothing.
RELATIVE_GAP = 1e-4


class Program:
    """Columns and rows, as little as needed around HiGHS."""

    def __init__(self, offset, seconds):
        self.highs = highspy.Highs()
        for name, value in (
            ("output_flag", False), ("time_limit", float(seconds)), ("threads", 1),
            ("mip_rel_gap", RELATIVE_GAP)):
            self.highs.setOptionValue(name, value)
        self.highs.changeObjectiveOffset(offset)
        self.columns = 0

    def column(self, least=0.0, most=highspy.kHighsInf, cost=0.0, integer=False):
        self.highs.addVar(least, most)
        self.highs.changeColCost(self.columns, cost)
        if integer:
            self.highs.changeColIntegrality(self.columns, highspy.HighsVarType.kInteger)
        self.columns += 1
        return self.columns - 1

    def switch(self, cost=0.0):
        return self.column(0, 1, cost, integer=True)

    def row(self, least, most, terms):
        """Terms may name a column more than once."""
        sums = {}
        for column, factor in terms:
            sums[column] = sums.get(column, 0) + factor
        self.highs.addRow(
            least, most, len(sums), numpy.array(list(sums), dtype=numpy.int32),
            numpy.array(list(sums.values()), dtype=numpy.float64))

    def at_most(self, most, terms):
        self.row(-highspy.kHighsInf, most, terms)


def house(program, instance):
    """Grid and battery; returns each slot's terms of the balance, still without its jobs."""
    limit = instance["exportLimit"]
    most = highspy.kHighsInf if limit is None else limit / WATT
    balance = []
    for slot in range(instance["slots"]):
        bought = program.column(cost=instance["importPrices"][slot] * CREDITS)
        sold = program.column(most=most, cost=-export_price(instance, slot) * CREDITS)
        balance.append([(bought, 1), (sold, -1), (program.column(), -1)])
    if instance["battery"]:
        store(program, instance, balance)
    return balance


def store(program, instance, balance):
    battery = instance["battery"]
    before, start = None, initial(instance) / WATT
    for terms in balance:
        charge = program.column(most=battery["charge"] / WATT)
        given = program.column(
            most=battery["discharge"] / WATT, cost=battery["wearPrice"] * CREDITS)
        stored = program.column(most=usable(instance) / WATT)
        terms += [(charge, -1), (given, 1)]
        change = [(stored, 1), (charge, -battery["efficiencyPermille"] / 1000), (given, 1)]
        if before is None:
            program.row(start, start, change)
        else:
            program.row(0, 0, change + [(before, -1)])
        before = stored
    need, night, rest = end_worth(instance)
    kept = program.column(most=need / WATT, cost=-night * CREDITS)
    more = program.column(cost=-rest * CREDITS)
    program.row(0, 0, [(before, 1), (kept, -1), (more, -1)])


def place(program, instance, job):
    """A job's slots: 1 where it runs."""
    whole = is_whole(job)
    limit = job["deadline"] if whole else instance["slots"]
    costs = [0 if whole else -part_value(instance, job, slot) for slot in range(limit)]
    if job["interruptible"]:
        return in_runs(program, job, costs, whole)
    return in_one_run(program, instance, job, costs, whole)


def in_one_run(program, instance, job, costs, whole):
    running = [program.column(0, 1, cost) for cost in costs]
    starts = []
    for slot in range(len(costs)):
        end = slot + job["slots"]
        if end <= len(costs):
            starts.append((program.switch(-job["value"] / 1000 if whole else 0), slot, end))
        elif not whole:
            # It goes on beyond the plan's end.
            starts.append((program.switch(), slot, instance["slots"]))
    program.at_most(1, [(start, 1) for start, _, _ in starts])
    for slot, column in enumerate(running):
        covering = [(start, -1) for start, first, end in starts if first <= slot < end]
        program.row(0, 0, [(column, 1)] + covering)
    return running


def in_runs(program, job, costs, whole):
    running = [program.switch(cost) for cost in costs]
    total = [(column, 1) for column in running]
    if whole:
        done = program.switch(-job["value"] / 1000)
        program.row(0, 0, total + [(done, -job["slots"])])
    else:
        program.at_most(job["slots"], total)
    shortest = min(job["minimumRun"], job["slots"])
    if shortest > 1 or job["minimumPause"] > 1:
        finals = shape_runs(program, running, shortest, job["minimumPause"])
        if finals:
            # One run may be shorter: the one that finishes the job.
            program.at_most(1, [(final, 1) for final in finals])
            if not whole:
                finished = [(final, -job["slots"]) for final in finals]
                program.row(0, highspy.kHighsInf, total + finished)
    return running


def shape_runs(program, running, shortest, pause):
    """Ties each run's start to its length and to the pause before; returns the short last runs."""
    limit, finals = len(running), []
    for slot in range(limit):
        start = program.switch()
        starts = [(start, 1)]
        if slot + shortest > limit:
            program.highs.changeColBounds(start, 0, 0)
        else:
            for later in range(shortest):
                program.at_most(0, [(start, 1), (running[slot + later], -1)])
        for length in range(1, shortest):
            if slot + length > limit:
                break
            final = program.switch()
            finals.append(final)
            starts.append((final, 1))
            for later in range(length):
                program.at_most(0, [(final, 1), (running[slot + later], -1)])
            rest = running[slot + length:]
            if rest:
                program.at_most(len(rest), [(column, 1) for column in rest] + [(final, len(rest))])
        before = [(running[slot - 1], -1)] if slot else []
        program.at_most(0, [(running[slot], 1)] + before + [(k, -a) for k, a in starts])
        for earlier in range(max(0, slot - pause), slot):
            program.at_most(1, [(running[earlier], 1)] + starts)
    return finals


def build(instance, jobs, seconds):
    program = Program(idle(instance), seconds)
    balance = house(program, instance)
    busy = [[] for _ in balance]
    places = []
    for job in jobs:
        running = place(program, instance, job)
        for slot, column in enumerate(running):
            balance[slot].append((column, -job["power"] / WATT))
            busy[slot].append((column, 1))
            for number in job["after"]:
                done = [(column, -1) for column in places[number - 1][:slot]]
                program.at_most(0, [(column, jobs[number - 1]["slots"])] + done)
        places.append(running)
    for terms in busy:
        if len(terms) > instance["engineCapacity"]:
            program.at_most(instance["engineCapacity"], terms)
    for slot, terms in enumerate(balance):
        sun = -instance["net"][slot] / WATT
        program.row(sun, sun, terms)
    return program


def solve(instance, seconds):
    """The best gain over doing nothing, its bound, and the battery's alone, in credits."""
    alone = build(instance, [], seconds)
    alone.highs.run()
    program = build(instance, instance["jobs"], seconds)
    start = time.perf_counter()
    program.highs.run()
    elapsed = time.perf_counter() - start
    found = program.highs.getInfo()
    proven = program.highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    known = found.primal_solution_status == highspy.kSolutionStatusFeasible
    return {
        "seed": instance["seed"],
        "proven": proven,
        "gain": -found.objective_function_value if known else None,
        "bound": -found.mip_dual_bound if instance["jobs"] else -found.objective_function_value,
        "alone": -alone.highs.getInfo().objective_function_value,
        "seconds": elapsed,
    }
