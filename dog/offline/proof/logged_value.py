"""What challenger and champion would have won on the decisions that were logged with propensities.

Each kept decision is made again by both policies from what was known then (`rank_counterfactual`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from dog.core.events import EventType
from dog.core.iso_weeks import week_of
from dog.core.policy.policy import Policy
from dog.errors import NotFound, NotReady
from dog.offline.history.sample_decisions import Decision, sample_decisions
from dog.offline.off_policy.estimators import Logged, Target
from dog.offline.off_policy.value_difference import ValueDifference, compare_values
from dog.offline.proof.counterfactual_lists import PastSnapshots, rank_counterfactual
from dog.offline.statistics.intervals import Clusters
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.event_log import Event, read_entry
from dog.storage.store import Store
from dog.storage.week_archive import read_log


def compare_on_log(
    runtime: Runtime, tenant: str, name: str, champion: Policy, challenger: Policy, seed: int = 0
) -> ValueDifference:
    """Compare two policies, without their controls, on the kept decisions of the policy `name`, which splits traffic.

    Values are wins per listed item; an item that is not won by now counts as not won for both. Raises `NotReady` where
    there are no decisions with propensities, or too few.
    """
    store = runtime.store(tenant)
    decisions = sample_decisions(runtime, store, lambda kept: kept["policy"] == name and "variant" in kept, seed=seed)
    if not decisions:
        raise NotReady(
            "no kept decision has propensities: the policy splits no traffic (docs/how-to/evaluation.md)",
            code="too_little_logged",
        )
    won = {contact: _won(store, contact) for contact in {decision["contact_id"] for decision in decisions}}
    now = runtime.shared(Snapshots).current(store)
    pasts = [PastSnapshots(store, now, policy, name) for policy in (champion, challenger)]
    rows = [
        row for decision in decisions for row in _rows(runtime, store, pasts, decision, won[decision["contact_id"]])
    ]
    contacts = {contact: number for number, contact in enumerate(won)}
    clusters = Clusters(
        np.array([contacts[row.contact] for row in rows], np.int64), np.array([row.week for row in rows], np.int64)
    )
    reward = np.array([row.reward for row in rows], np.float64)
    logged = Logged(reward, np.array([row.propensity for row in rows], np.float64))
    targets = [_target(rows, of, reward) for of in (0, 1)]
    return compare_values(clusters, logged, targets[0], targets[1], seed)


def _won(store: Store, contact_id: str) -> frozenset[tuple[str, str]]:
    """Return decision and product of each win in the contact's log."""
    read = read_log(store, store.tenant.contact(contact_id))
    entries = (read_entry(contact_id, entry) for entry in read.log.values())
    events = sorted((event for event in entries if event), key=lambda event: (event.occurred_at_ms, event.event_id))
    return frozenset(_named_wins(events))


def _named_wins(events: Sequence[Event]) -> Iterator[tuple[str, str]]:
    """Yield decision and product of each win: as reported, else of its pitch, else of the last pitch of its pair."""
    by_id: dict[str, str] = {}
    last: dict[str, str] = {}
    for event in events:
        product = event.product_id or ""
        if event.type is EventType.PITCH and event.decision_id:
            by_id[event.event_id] = last[product] = event.decision_id
        elif event.type is EventType.WIN:
            decision = event.decision_id or by_id.get(event.pitch_id or "") or last.get(product)
            if decision:
                yield decision, product


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One item of a logged list, and what champion and challenger would have done."""

    contact: str
    week: int
    reward: float
    propensity: float
    listed: tuple[bool, bool]
    expected: tuple[float, float]
    direct: tuple[float, float]


def _rows(
    runtime: Runtime, store: Store, pasts: Sequence[PastSnapshots], decision: Decision, won: frozenset[tuple[str, str]]
) -> Iterator[_Row]:
    under = [found for past in pasts if (found := past.under(decision["multiplier_version"])) is not None]
    if len(under) < len(pasts) or not decision["items"]:
        return
    try:
        lists = [rank_counterfactual(runtime, store, past, decision) for past in under]
    except NotFound:
        return
    week = week_of(round(datetime.fromisoformat(decision["generated_at"]).timestamp() * 1000), runtime.settings.zone)
    direct = [sum(one.consolidated[product] for product in one.products) / len(decision["items"]) for one in lists]
    for item in decision["items"]:
        product = item["product_id"]
        yield _Row(
            contact=decision["contact_id"],
            week=week,
            reward=float((decision["decision_id"], product) in won),
            propensity=item["propensity"],
            listed=(product in lists[0].products, product in lists[1].products),
            expected=(lists[0].consolidated.get(product, 0.0), lists[1].consolidated.get(product, 0.0)),
            direct=(direct[0], direct[1]),
        )


def _target(rows: Sequence[_Row], of: int, reward: np.ndarray) -> Target:
    """Return what a policy would have done with each row; expectations are scaled to the total reward."""
    listed = np.array([row.listed[of] for row in rows], np.float64)
    expected = np.array([row.expected[of] for row in rows], np.float64)
    direct = np.array([row.direct[of] for row in rows], np.float64)
    scale = reward.sum() / expected.sum() if expected.sum() else 0.0
    return Target(chance=listed, predicted=expected * scale, direct=direct * scale)
