"""Simulate a tenant, one segment of which wins more often by call, over the service itself: which channel is offered?

Each week every contact gets a list of two products. In three of ten the rep asks for a call (`context`), else the
list's own channel is used. Pitches name their decision; a day later each is won or lost; then the weekly job runs. In
segment `gold` a call wins `--lift` times as often as an email, elsewhere as often; with a lift of 1 nothing is to be
found. The models know nothing of channels, and their level is wrong on purpose.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import click
import numpy as np
import orjson

from benchmarks.bench_feedback import embedded
from dog.core.iso_weeks import DAY_MS, WEEK_MS, iso_time
from dog.services.data.import_rows import import_rows
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_request
from dog.services.lists.recommend import pack_decision, request_fingerprint
from dog.services.lists.write_decision import write_decision
from dog.services.lists.write_receipts import write_items
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.decisions import keep_decisions
from dog.storage.sender import FILE

START_MS = round(datetime(2026, 1, 6, 9, tzinfo=UTC).timestamp() * 1000)  # a Tuesday
SEGMENTS = ("gold", "iron", "lead")
PRODUCTS, PITCHED = 4, 2
BASE_CHANCE, ASKED_TO_CALL = 0.15, 0.3
EVENTS_A_CALL = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelWorld:
    """How large the tenant is, and what there is to be found."""

    contacts: int = 40  # of each segment
    weeks: int = 16
    lift: float = 2.0  # of calls in segment gold
    seed: int = 0


def simulate(runtime: Runtime, world: ChannelWorld) -> Iterator[dict[str, float]]:
    """Sell for some weeks; yield after each by segment the share of contacts whose list offers a call."""
    store = runtime.store("default", create=True)
    rng = np.random.default_rng(world.seed)
    contacts = {f"{segment}-{n}": segment for segment in SEGMENTS for n in range(world.contacts)}
    _load(runtime, contacts, rng)
    for week in range(world.weeks):
        at_ms = START_MS + week * WEEK_MS
        _go_to(runtime, at_ms)
        events: list[dict[str, Any]] = []
        for contact, segment in contacts.items():
            context = {"channel": "call"} if rng.random() < ASKED_TO_CALL else {}
            request = ListRequest(contact, k=PITCHED, context=context, decision_id=f"{contact}/{week}")
            ranking = rank_request(runtime, store, request)
            made = write_decision(ranking, f"{contact}/{week}")
            keep_decisions(store, [pack_decision(made, request_fingerprint(request))])
            decision = orjson.loads(made.kept())
            for item in decision["items"]:
                events += _outcome(decision, item, at_ms, world.lift if segment == "gold" else 1.0, rng)
        _go_to(runtime, at_ms + DAY_MS)
        for start in range(0, len(events), EVENTS_A_CALL):
            some = events[start : start + EVENTS_A_CALL]
            answer_feedback(runtime, "default", some, substitute=False, sender=FILE)
        _go_to(runtime, at_ms + WEEK_MS)
        run_recompute(runtime, "default")
        yield _offered(runtime, contacts)


def _go_to(runtime: Runtime, now_ms: int) -> None:
    runtime.clock = lambda: now_ms


def _load(runtime: Runtime, contacts: dict[str, str], rng: np.random.Generator) -> None:
    store, zone = runtime.store("default"), runtime.settings.zone
    import_rows(store, "products", [{"product_id": f"p{n}", "name": f"Product {n}"} for n in range(PRODUCTS)], zone)
    rows = [{"contact_id": contact, "segment": segment} for contact, segment in contacts.items()]
    import_rows(store, "contacts", rows, zone)
    scores = [
        {"contact_id": contact, "product_id": f"p{n}", "model": "cf", "score": rng.random(), "as_of": "2026-01-01"}
        for contact in contacts
        for n in range(PRODUCTS)
    ]
    import_rows(store, "scores", scores, zone)


def _outcome(
    decision: dict[str, Any], item: dict[str, Any], at_ms: int, lift: float, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Return a pitch of an item by the item's channel, and whether it is won."""
    chance = BASE_CHANCE * (lift if item["attributes"]["channel"] == "call" else 1.0)
    named = {"contact_id": decision["contact_id"], "product_id": item["product_id"]}
    pitch = f"{decision['decision_id']}/{item['rank']}"
    kind = "win" if rng.random() < chance else "loss"
    return [
        {**named, "event_id": pitch, "type": "pitch", "occurred_at": iso_time(at_ms)}
        | {"decision_id": decision["decision_id"]},
        {**named, "event_id": f"{pitch}!", "type": kind, "occurred_at": iso_time(at_ms + DAY_MS), "pitch_id": pitch},
    ]


def _offered(runtime: Runtime, contacts: dict[str, str]) -> dict[str, float]:
    store, calls = runtime.store("default"), dict.fromkeys(SEGMENTS, 0)
    for contact, segment in contacts.items():
        ranking = rank_request(runtime, store, ListRequest(contact, k=1, dry_run=True))
        (item,) = write_items(ranking).documents()
        calls[segment] += item["attributes"]["channel"] == "call"
    size = len(contacts) / len(SEGMENTS)
    return {segment: count / size for segment, count in calls.items()}


@click.command()
@click.option("--contacts", default=40, show_default=True, help="Of each of three segments.")
@click.option("--weeks", default=16, show_default=True)
@click.option("--lift", default=2.0, show_default=True)
@click.option("--seeds", default=3, show_default=True)
def main(contacts: int, weeks: int, lift: float, seeds: int) -> None:
    """Print a row each four weeks: the share of lists that offer a call, by segment, mean over the seeds."""
    found = []
    for seed in range(seeds):
        with embedded("volatile") as runtime:
            found.append(list(simulate(runtime, ChannelWorld(contacts=contacts, weeks=weeks, lift=lift, seed=seed))))
    click.echo("| week | " + " | ".join(SEGMENTS) + " |\n|---|" + "---|" * len(SEGMENTS))
    for week in range(3, weeks, 4):
        shares = (np.mean([run[week][segment] for run in found]) for segment in SEGMENTS)
        click.echo(f"| {week + 1} | " + " | ".join(f"{share:.0%}" for share in shares) + " |")


if __name__ == "__main__":
    main()
