"""Ranked lists of many contacts at once: what `consider.weigh` does to one, done to all their options end to end.

Only for contacts about whom nobody said anything that acts on their own lists: no verdicts, no traffic split, no
ranks in the pool. The others take the long way; either gives the same list to the last bit, a test compares them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dog.core.pipeline import Scored, score_options
from dog.core.ranking_many import select_many
from dog.core.records import OUTCOME
from dog.core.rulebook.columns import Column, TextColumn, encode
from dog.core.rulebook.effect_context import EventCounts
from dog.core.verdicts.verdict_multipliers import Influences
from dog.services.lists.many_options import ManyOptions, lay_out
from dog.services.lists.product_event_counts import ProductEventCounts
from dog.services.lists.rank_request import offered
from dog.services.lists.read_contact import ContactState
from dog.services.lists.rule_columns import count_events, past_columns
from dog.services.lists.snapshot import ActivePolicy, Snapshot
from dog.services.runtime import Runtime
from dog.storage.store import Store

NO_OUTCOMES = np.zeros(0, OUTCOME)


@dataclass(frozen=True, slots=True)
class ReadContacts:
    """What is read of some contacts, one of each a contact, in one order.

    Parameters
    ----------
    records
        What is known of them.
    multipliers
        Their parts of the multiplier version, packed.
    scores
        Of each model of the policy, their scores, packed.
    outcomes
        Their outcome ledgers; None where there is none, or no rule asks for it.

    """

    records: Sequence[Mapping[str, Any]]
    multipliers: Sequence[bytes | None]
    scores: Sequence[Sequence[bytes | None]]
    outcomes: Sequence[bytes | None]


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of some contacts, end to end, best first in each; arrays of shape (items,)."""

    sizes: np.ndarray  # items of each contact, shape (contacts,)
    products: np.ndarray
    scores: np.ndarray
    consolidated: np.ndarray  # before any multiplier


def all_plain(snapshot: Snapshot, active: ActivePolicy) -> bool:
    """Tell whether lists may be made together at all, contacts with verdicts of their own apart."""
    return not (
        snapshot.wide.any
        or active.controls
        or active.policy.consolidation == "rrf"
        or any(name.startswith("days_since.") for name in active.columns)
    )


def weigh_many(
    runtime: Runtime, store: Store, snapshot: Snapshot, active: ActivePolicy, read: ReadContacts, k: int
) -> Lists:
    """Rank the options of contacts that have no verdicts, under a policy for which `all_plain` holds."""
    if not read.records:
        return Lists(*(np.zeros(0, np.int64) for _ in range(4)))
    now_ms = runtime.clock()
    many = lay_out(snapshot, active, read.scores, read.multipliers, now_ms)
    products = many.options.products
    influences = Influences.neutral(len(products))
    scored = score_options(
        many.options.raw,
        active.models,
        active.policy.consolidation,
        many.performance,
        influences,
        {},
        active.targets,
    )
    today = runtime.day_of(now_ms)
    frame = snapshot.products.take(products).with_columns(_columns(active, read, many, scored, now_ms))
    counts = _counts(runtime, store, snapshot, active, read, many, now_ms)
    rules = active.rulebook.apply(frame, today, counts, active.product_masks.take(products, axis=1))
    eligible = ~rules.excluded & offered(snapshot, many.options, influences, [], today.toordinal())
    scores = scored.score * rules.factor
    caps, pins = list(rules.caps), list(rules.pins)
    order = snapshot.id_rank[products]
    places, sizes = select_many(many.starts, scores, eligible, order, k, caps=caps, pins=pins)
    return Lists(sizes, products[places], scores[places], scored.plain[places])


def _columns(
    active: ActivePolicy, read: ReadContacts, many: ManyOptions, scored: Scored, now_ms: int
) -> dict[str, Column]:
    """Build the columns of conditions beside the products', each as long as the options."""
    nobody = ContactState(b"", {}, {}, 0, 0, many.pairs, NO_OUTCOMES, NO_OUTCOMES)
    columns = past_columns(active, nobody, many.options, many.places, scored, {}, now_ms)
    for name in active.columns:
        root, _, field = name.partition(".")
        if root == "contact":
            field = "contact_id" if field == "id" else field
            column = encode([record.get(field) for record in read.records])
            columns[name] = _repeated(column, many.contact)
    return columns


def _repeated(column: Column, contact: np.ndarray) -> Column:
    return TextColumn(column.codes[contact], column.vocabulary) if isinstance(column, TextColumn) else column[contact]


def mixes_kinds(active: ActivePolicy, records: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether a column that conditions read is text for some contacts and a number for others."""
    fields = [name.removeprefix("contact.") for name in active.columns if name.startswith("contact.")]
    for field in fields:
        one_of_each_type = {type(value): value for record in records if (value := record.get(field)) is not None}
        if field != "id" and len({isinstance(encode([value]), TextColumn) for value in one_of_each_type.values()}) > 1:
            return True
    return False


def _counts(
    runtime: Runtime,
    store: Store,
    snapshot: Snapshot,
    active: ActivePolicy,
    read: ReadContacts,
    many: ManyOptions,
    now_ms: int,
) -> EventCounts:
    """Count the past events that rules limit, for every option."""
    windows, products = active.rulebook.limits, many.options.products
    of_products = runtime.shared(ProductEventCounts).of(store, windows, len(snapshot.catalogue), now_ms)
    counts = {window: np.zeros(len(products), np.int64) for window in windows}
    counts |= {window: of_products[window][products] for window in windows if window.by == "product"}
    own = [window for window in windows if window.by != "product"]
    for place, ledger in enumerate(read.outcomes if own else ()):
        if ledger:
            state = ContactState(b"", {}, {}, 0, 0, many.pairs[:0], NO_OUTCOMES, np.frombuffer(ledger, OUTCOME))
            options = slice(many.starts[place], many.starts[place + 1])
            for window, found in count_events(own, snapshot, state, products[options], now_ms, {}).items():
                counts[window][options] = found
    return counts
