"""History of a pair: its events week by week, with win rate and multiplier at the end of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.events import EventType
from dog.core.iso_weeks import DAY_MS, format_week, week_end_ms, week_of
from dog.core.learning.settlement import settle
from dog.core.records import CARRIED, OUTCOME
from dog.errors import NotFound
from dog.services.lists.read_contact import read_contact
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.read_multipliers import read_multipliers
from dog.services.pairs.week_figures import Proportion, proportion
from dog.services.runtime import Runtime
from dog.storage.archived_versions import read_archived_arrays
from dog.storage.contacts import read_arrays
from dog.storage.multiplier_versions import read_versions
from dog.storage.pair_records import unpack_pairs
from dog.storage.store import Store

VERDICT_TYPES = (EventType.ACCEPT, EventType.DISCARD, EventType.RESTRUCTURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerWeek:
    """One week of a pair; `wins`, `losses` and `pending` count all settled pitches up to the end of the week."""

    week: str
    pitched: int
    won: int
    lost: int
    verdicts: Mapping[str, int]
    wins: int
    losses: int
    pending: int
    win_rate: Proportion
    multiplier: float | None  # of the version of that week; None if it is not kept


@dataclass(frozen=True, slots=True, kw_only=True)
class PairLedger:
    """The weeks of a pair with events or a published multiplier, oldest first, and its current numbers."""

    contact: Mapping[str, Any]
    product: Mapping[str, Any]
    weeks: tuple[LedgerWeek, ...]
    carried: Mapping[str, int]  # wins and losses of archived weeks
    now: Mapping[str, Any] | None  # the pair in the active version


def read_pair_ledger(runtime: Runtime, tenant: str, contact_id: str, product_id: str, policy: str | None) -> PairLedger:
    """Return the history of a pair by a policy, None for the default; raise `NotFound` if one of them is unknown."""
    store = runtime.store(tenant)
    snapshot = runtime.shared(Snapshots).current(store)
    number = snapshot.catalogue.numbers.get(product_id)
    _, state = read_contact(store, snapshot, contact_id, policy)
    if number is None or state.record is None:
        what = f"product '{product_id}'" if number is None else f"contact '{contact_id}'"
        raise NotFound(f"{what} is not known; check the id", code="unknown_contact")
    outcomes = state.outcome_ledger[state.outcome_ledger["product"] == number]
    verdicts = state.verdict_ledger[state.verdict_ledger["product"] == number]
    chosen = snapshot.policy(policy).policy
    maturation_ms = round(chosen.reinforcement.maturation_days * DAY_MS)
    multipliers = _published(store, state.digest, number, chosen.name)
    zone = runtime.settings.zone
    happened = outcomes[outcomes["type"] != EventType.CARRIED]
    of_outcomes = np.array([week_of(int(at), zone) for at in happened["at"]], np.int64)
    of_verdicts = np.array([week_of(int(at), zone) for at in verdicts["at"]], np.int64)
    weeks = []
    for week in sorted({*of_outcomes.tolist(), *of_verdicts.tolist(), *multipliers}):
        end_ms = min(week_end_ms(week, zone), runtime.clock() + 1)
        settled = settle(outcomes, np.zeros(1, np.int64), end_ms, maturation_ms) if len(outcomes) else None
        wins, losses, pending = (
            (int(settled.wins[0]), int(settled.losses[0]), int(settled.pending[0])) if settled else (0, 0, 0)
        )
        event_types = happened["type"][of_outcomes == week]
        verdict_types = verdicts["type"][of_verdicts == week]
        pitched, won, lost = (
            int((event_types == kind).sum()) for kind in (EventType.PITCH, EventType.WIN, EventType.LOSS)
        )
        weeks.append(
            LedgerWeek(
                week=format_week(week),
                pitched=pitched,
                won=won,
                lost=lost,
                verdicts={
                    kind.name.lower(): int((verdict_types == kind).sum())
                    for kind in VERDICT_TYPES
                    if (verdict_types == kind).any()
                },
                wins=wins,
                losses=losses,
                pending=pending,
                win_rate=proportion(wins, wins + losses),
                multiplier=multipliers.get(week),
            )
        )
    page = read_multipliers(
        runtime, tenant, contact_id=contact_id, product_id=product_id, policy=policy, cursor=None, limit=1
    )
    record = snapshot.catalogue.records[number]
    now = page["items"][0] if page["items"] else None
    return PairLedger(contact=state.record, product=record, weeks=tuple(weeks), carried=_carried(outcomes), now=now)


def _published(store: Store, contact: bytes, product: int, policy: str) -> dict[int, float]:
    """Return the pair's multiplier in each kept version, by week."""
    found = {}
    for version in read_versions(store):
        archived = read_archived_arrays(store, version.version, contact)
        if archived is None:
            packed = read_arrays(store, "multipliers", f"{version.version}:{policy}", [contact])[0]
        else:
            packed = archived.get(f"multipliers:{policy}")
        if packed is not None:
            pairs = unpack_pairs(packed)[2]
            own = pairs[pairs["product"] == product]
            if len(own):
                found[version.week] = float(own["multiplier"][0])
    return found


def _carried(outcomes: np.ndarray) -> dict[str, int]:
    records = outcomes[outcomes["type"] == EventType.CARRIED].astype(OUTCOME).view(CARRIED)
    return {"wins": int(records["wins"].sum()), "losses": int(records["losses"].sum())}
