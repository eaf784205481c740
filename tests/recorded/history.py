"""Eight weeks of feedback: pitches, wins and losses, in time, late, implied and doubled."""

import random
from datetime import datetime, timedelta
from typing import Any

from tests.recorded.world import ACTORS, FIRST_MONDAY, WEEKS, World

Event = dict[str, Any]

PITCHES_A_WEEK = 450
BUSY = 12
"""Contacts who get many lists a week, so that they reach recursions."""


def monday_of(week: int) -> datetime:
    """Return the first instant of a week, counted from the first one with feedback."""
    return FIRST_MONDAY + timedelta(days=7 * week)


def make_history(world: World) -> list[list[Event]]:
    """Make the events of each week in the order in which they arrive; some are older than their week."""
    rng = random.Random(11)
    arriving: list[list[Event]] = [[] for _ in range(WEEKS)]
    offered: dict[str, list[str]] = {}
    liking: dict[tuple[str, str], float] = {}
    for row in world.scores:
        if row["model"] == "frequency":
            offered.setdefault(row["contact_id"], []).append(row["product_id"])
        if row["model"] in ("frequency", "cf"):
            place = row["contact_id"], row["product_id"]
            liking[place] = liking.get(place, 0.0) + float(row["score"]) / 2
    charm = {contact: rng.betavariate(2, 5) for contact in world.contact_ids}
    appeal = {product: rng.betavariate(2, 3) for product in world.product_ids}
    for week in range(WEEKS):
        for number in range(PITCHES_A_WEEK):
            skewed = rng.random() if rng.random() < 0.6 else rng.random() * BUSY / len(world.contact_ids)
            contact = world.contact_ids[int(len(world.contact_ids) * skewed)]
            product = offered[contact][int(40 * rng.random() ** 2.5)]
            at = monday_of(week) + timedelta(seconds=rng.randrange(4 * 86400))
            pitch = _event(rng, f"e{week}-{number}", "pitch", contact, product, at)
            if rng.random() < 0.92:  # else the pitch is implied by its outcome
                arriving[min(week + (rng.random() < 0.05) * rng.randrange(1, 4), WEEKS - 1)].append(pitch)
            if rng.random() < 0.7:
                won = rng.random() < (charm[contact] + appeal[product] + liking[contact, product]) / 3
                after = timedelta(minutes=rng.choice([5, 60, 2000, 12000]))
                outcome = _event(rng, f"{pitch['event_id']}-o", "win" if won else "loss", contact, product, at + after)
                if rng.random() < 0.5:
                    outcome["pitch_id"] = pitch["event_id"]
                if won and rng.random() < 0.5:
                    outcome["value"] = rng.randrange(1, 500)
                arriving[_week_of(at + after)].append(outcome)
        arriving[week] += rng.sample(arriving[week], 8)  # sent twice
        other = dict(arriving[week][0], product_id=arriving[week][1]["product_id"] + "x")
        arriving[week].append(other)  # the same id with another body
    return arriving


def _event(rng: random.Random, name: str, kind: str, contact: str, product: str, at: datetime) -> Event:
    event: Event = {
        "event_id": name,
        "type": kind,
        "contact_id": contact,
        "product_id": product,
        "occurred_at": at.isoformat().replace("+00:00", "Z"),
    }
    if rng.random() < 0.6:
        event["actor_id"] = rng.choice(ACTORS)
    return event


def _week_of(at: datetime) -> int:
    """Return the week in which an event is sent; on Friday all of the week's until then are."""
    return min((at - FIRST_MONDAY + timedelta(days=3)).days // 7, WEEKS - 1)


def at_sending(week: int) -> datetime:
    """Return the Friday noon on which a week's events are sent."""
    return monday_of(week) + timedelta(days=4, hours=12)
