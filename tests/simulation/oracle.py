"""Lists of a run's tenant beside those of a fresh tenant that got the events that count in one go, without faults."""

from collections.abc import Iterator
from typing import Any

import pytest

from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from tests.pair_rows import every_row
from tests.properties.protocol.world import CONTACTS, SENDERS
from tests.simulation.tenant import TENANT, VerdictTenant
from tests.simulation.world import Ground

NAMES = ("version", "laps", "recursions")
"""What is not compared: the version's name hashes the order of arrival, and lists that were served count laps."""


def lists_differ(ground: Ground, runtime: Runtime, events: list[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """Yield what differs, given the sender and the body of each event; the tenant of the run is gone afterwards."""
    run_recompute(runtime, TENANT, replay=True, force=True)
    found = _shown(runtime)
    ground.reset()
    fresh = ground.runtime(runtime.clock(), runtime.settings.data_dir)
    for key in dict.fromkeys(sender for sender, _ in events):
        bodies = [body for sender, body in events if sender == key]
        answer_feedback(fresh, TENANT, bodies, substitute=False, sender=SENDERS[key])
    run_recompute(fresh, TENANT, force=True)
    expected = _shown(fresh)
    for place in expected.keys() | found.keys():
        if found.get(place) != expected.get(place):
            yield f"{place}: {found.get(place)} where a fresh tenant has {expected.get(place)}"


def _shown(runtime: Runtime) -> dict[Any, Any]:
    """Return the numbers of all pairs, and the scores of all lists."""
    tenant = VerdictTenant(runtime)
    rows = {
        ("pair", row["contact_id"], row["product_id"]): _near(
            {name: value for name, value in row.items() if name not in NAMES}
        )
        for row in every_row(runtime, tenant.store, "recommended")
    }
    lists = {
        ("list", contact): [
            (item["product_id"], pytest.approx(item["score"])) for item in tenant.read_list(contact, None)["items"]
        ]
        for contact in CONTACTS
    }
    return rows | lists


def _near(row: dict[str, Any]) -> dict[str, Any]:
    return {name: pytest.approx(value) if isinstance(value, float) else value for name, value in row.items()}
