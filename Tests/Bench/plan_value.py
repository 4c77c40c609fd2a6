"""What a plan is worth, and whether it is allowed: worked out from the problem alone.

The objective as Planner.swift states it, in credits: what the meter's prices and the battery's wear
come to, what is left in the battery at the end, and the worth of what is done of the jobs.
"""

# Credits of a milliwatt that lasts a slot, at a millicredit a kWh.
MONEY = 1 / 4e6 / 1000
DAY = 96


class Broken(Exception):
    """A plan that its problem doesn't allow."""


def export_price(instance, slot):
    """Made convex: never above what import costs."""
    return min(instance["exportPrices"][slot], instance["importPrices"][slot])


def usable(instance):
    """What the battery holds between its reserve and full, in milliwatt-slots."""
    battery = instance["battery"]
    return battery["capacity"] * 4 * (1000 - battery["reservePermille"]) / 1000


def initial(instance):
    """What lies above the reserve at first, in milliwatt-slots."""
    battery = instance["battery"]
    above = battery["stateOfChargePermille"] - battery["reservePermille"]
    return max(0, battery["capacity"] * 4 * above / 1000)


def end_worth(instance):
    """What is left at the end is worth: so many milliwatt-slots at one price, the rest at another.

    What comes after the end is taken to be like the last day of the plan.
    """
    slots, wear = instance["slots"], instance["battery"]["wearPrice"]
    day = range(max(0, slots - DAY), slots)
    need, lack = 0, 0
    for slot in day:
        lack -= instance["net"][slot]
        need = max(need, lack)
    mean_import = sum(instance["importPrices"][slot] for slot in day) / len(day)
    mean_export = sum(export_price(instance, slot) for slot in day) / len(day)
    night = max(0, mean_import - wear) * 0.9
    return min(need, usable(instance)), night, min(night, max(0, mean_export - wear) * 0.9)


def left_over(instance, stored):
    """Credits for what is left in the battery."""
    need, night, rest = end_worth(instance)
    return (min(stored, need) * night + max(0, stored - need) * rest) * MONEY


def is_whole(job):
    """Whether it counts only when all of it is done by its deadline."""
    return job["deadline"] is not None and job["slots"] <= job["deadline"]


def part_value(instance, job, slot):
    """Credits for a slot of a job that counts in parts; a late one loses a quarter over the plan."""
    waning = slot / (4 * instance["slots"]) if job["deadline"] is not None else 0
    return job["value"] / job["slots"] * (1 - waning) / 1000


def idle(instance):
    """What it comes to when no job runs and the battery stands still."""
    still = [0] * instance["slots"]
    return house_value(instance, still, still)


def house_value(instance, draws, powers):
    """Credits of the meter, the battery's wear and what is left in it."""
    battery, limit, value = instance["battery"], instance["exportLimit"], 0
    stored = initial(instance) if battery else 0
    for slot in range(instance["slots"]):
        power = powers[slot]
        if battery:
            if not -battery["discharge"] <= power <= battery["charge"]:
                raise Broken(f"battery power {power} in slot {slot}")
            stored += power * battery["efficiencyPermille"] / 1000 if power > 0 else power
            # Whole milliwatts a slot, rounded down, in each of up to 192 slots.
            if not -300 <= stored <= usable(instance) + 300:
                raise Broken(f"battery at {stored} after slot {slot}")
            value -= max(0, -power) * battery["wearPrice"] * MONEY
        elif power:
            raise Broken("a battery where there is none")
        grid = draws[slot] - instance["net"][slot] + power
        if grid > 0:
            value -= grid * instance["importPrices"][slot] * MONEY
        else:
            sold = -grid if limit is None else min(-grid, limit)
            value += sold * export_price(instance, slot) * MONEY
    return value + left_over(instance, stored) if battery else value


def plan_value(instance, runs, powers):
    """The objective of a plan; raises Broken where it isn't allowed."""
    slots, jobs = instance["slots"], instance["jobs"]
    draws, busy, value = [0] * slots, [0] * slots, 0
    for job, taken in zip(jobs, runs):
        check_job(instance, job, taken, runs)
        for slot in taken:
            draws[slot] += job["power"]
            busy[slot] += 1
        if is_whole(job):
            value += job["value"] / 1000 if taken else 0
        else:
            value += sum(part_value(instance, job, slot) for slot in taken)
    if max(busy, default=0) > instance["engineCapacity"]:
        raise Broken("too many jobs at once")
    return value + house_value(instance, draws, powers)


def check_job(instance, job, taken, runs):
    """Raises Broken where a job's slots aren't allowed."""
    complete = len(taken) == job["slots"]
    if taken != sorted(set(taken)) or len(taken) > job["slots"]:
        raise Broken(f"slots {taken} of {job}")
    if not taken:
        return
    if is_whole(job) and not (complete and taken[-1] < job["deadline"]):
        raise Broken(f"not whole by its deadline: {taken} of {job}")
    for number in job["after"]:
        before = runs[number - 1]
        if len(before) < instance["jobs"][number - 1]["slots"] or before[-1] >= taken[0]:
            raise Broken(f"runs before job {number} is done: {job}")
    spans = []
    for slot in taken:
        if spans and spans[-1][1] == slot:
            spans[-1][1] = slot + 1
        else:
            spans.append([slot, slot + 1])
    if not job["interruptible"]:
        if len(spans) > 1 or not (complete or taken[-1] == instance["slots"] - 1):
            raise Broken(f"interrupted: {taken} of {job}")
        return
    for index, (start, end) in enumerate(spans):
        last = complete and index == len(spans) - 1
        if not last and end - start < min(job["minimumRun"], job["slots"]):
            raise Broken(f"a short run: {taken} of {job}")
        if index and start - spans[index - 1][1] < job["minimumPause"]:
            raise Broken(f"a short pause: {taken} of {job}")
