"""Gather what the rationale of each item tells: purchases, offers, chance, verdicts, rules; nothing is read for it."""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from math import isfinite
from typing import Any

import orjson

from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.core.offers import count_offers
from dog.core.rationale import (
    Influence,
    LastVerdicts,
    Offers,
    PairFacts,
    ProvenValue,
    PurchaseCount,
    SimilarContacts,
    StartReason,
    rationale,
)
from dog.core.rulebook.rules import Rule
from dog.core.spoken import as_told
from dog.core.verdicts.triggers import ContactVerdicts
from dog.services.lists.active_policy import ActivePolicy
from dog.services.lists.item_choices import ChosenValue, learned_values, proven_values
from dog.services.lists.memory_reasons import similar_contacts
from dog.services.lists.rank_request import Ranking
from dog.services.lists.snapshot import Snapshot
from dog.services.lists.winners import Winners

LEAST_SETTLED = 30
"""Settled pitches of a tenant from which on it has a usual chance."""
NOT_BOUGHT = PurchaseCount(0, None)
FEEDBACK = ("Market feedback", "Feedback on business needs")


def write_rationales(
    ranking: Ranking,
    winners: Winners,
    influences: Sequence[Sequence[Influence]],
    starts: Sequence[StartReason | None],
    choices: Sequence[Mapping[str, ChosenValue]],
    memories: Sequence[Mapping[str, Any] | None],
) -> list[bytes]:
    """Return the rationale of each chosen option as JSON.

    `influences` are the rules that acted on each, `starts` what the model start says of each, `choices` its channel and
    time, `memories` what `describe_memory` says of it.
    """
    today = ranking.context.runtime.day_of(ranking.context.now_ms)
    bought, offers = _purchases(ranking, winners.products), _offers(ranking)
    verdicts = ranking.contact.verdicts
    usual = usual_chance(ranking.snapshot, ranking.active)
    known = ranking.degraded is None or ranking.contact.record is not None
    factors = (winners.number(name).tolist() for name in ("streak", "market", "business"))
    told = (_proven(ranking, choices), map(similar_contacts, memories))
    rows = zip(winners.products, offers, _chances(ranking, winners), influences, starts, *factors, *told, strict=True)
    texts = []
    for place, (product, offered, chance, moved, start, streak, market, business, proven, similar) in enumerate(rows):
        purchases = None if bought is None else bought.get(product, NOT_BOUGHT)
        facts = (
            _name(ranking, winners.options[place], product) if purchases and purchases.baskets else "",
            today,
            purchases,
            offered,
            chance,
            usual,
            _last_verdicts(ranking, verdicts, product) if verdicts and streak != 1 else None,
            moved if market == business == 1 else (*_feedback(market, business), *moved),
            known,
            start,
        )
        texts.append(_rationale(facts, proven, similar))
    return texts


Facts = tuple[
    str,
    date,
    PurchaseCount | None,
    Offers | None,
    float | None,
    float | None,
    LastVerdicts | None,
    Sequence[Influence],
    bool,
    StartReason | None,
]
"""The fields of `PairFacts`: as a plain tuple they are made in a fifth of the time."""


@lru_cache(maxsize=16_384)  # most options of a list have the same facts
def _rationale(facts: Facts, proven: Sequence[ProvenValue], similar: SimilarContacts | None) -> bytes:
    return orjson.dumps(rationale(PairFacts(*facts), proven, similar))


def _proven(ranking: Ranking, choices: Sequence[Mapping[str, ChosenValue]]) -> list[tuple[ProvenValue, ...]]:
    """Return the proven values of each option; many options have the same choices."""
    if not learned_values(ranking):
        return [()] * len(choices)
    made = {id(chosen): chosen for chosen in choices}
    proven = {key: tuple(proven_values(ranking, chosen)) for key, chosen in made.items()}
    return [proven[id(chosen)] for chosen in choices]


def _name(ranking: Ranking, option: int, product: int) -> str:
    names = ranking.snapshot.spoken_names
    return names[product] if product < len(names) else ranking.options.product_ids[option]


def usual_chance(snapshot: Snapshot, active: ActivePolicy) -> float | None:
    """Return the win rate of all offers; None where too few are settled."""
    if snapshot.version is None or snapshot.version.counts.get("pitches", 0) < LEAST_SETTLED:
        return None
    return active.multipliers.priors.global_rate if active.multipliers else NO_EVIDENCE_RATE


def _chances(ranking: Ranking, winners: Winners) -> Sequence[float | None]:
    """Return each option's chance before verdicts and rules, as exact as words are; None where there is none."""
    if ranking.active.policy.consolidation == "rrf":
        return [None] * len(winners)
    multipliers = ranking.active.multipliers
    told = winners.number("consolidated")
    if multipliers is not None and multipliers.settings.on_odds:  # else score x multiplier may exceed 1
        told = told * winners.number("performance")
    return [as_told(chance) if isfinite(chance) else None for chance in told.tolist()]


def _purchases(ranking: Ranking, products: Sequence[int]) -> dict[int, PurchaseCount] | None:
    """Return what the contact has bought, by product number; None where no purchases of it were loaded."""
    rows, day_of = ranking.contact.purchases, ranking.context.runtime.day_of
    if rows is None or not len(rows):
        return None if rows is None else {}
    places = rows["product"].searchsorted(products).tolist()
    found: dict[int, PurchaseCount] = {}
    for product, (own, count, last) in zip(products, rows.take(places, mode="clip").tolist(), strict=True):
        if own == product:
            found[product] = PurchaseCount(count, day_of(last * 1000))
    return found


def _offers(ranking: Ranking) -> list[Offers | None]:
    """Return what the contact was offered of each chosen option; None where it never was."""
    options, chosen, day_of = ranking.options, ranking.ranked.chosen, ranking.context.runtime.day_of
    products, places = options.products.take(chosen), options.pair_places.take(chosen)
    return [
        found
        and Offers(
            found.pitches, found.wins, found.losses, day_of(found.last_ms) if found.last_ms else None, found.expected
        )
        for found in count_offers(ranking.contact.outcome_ledger, products, options.pairs, places)
    ]


def _last_verdicts(ranking: Ranking, verdicts: ContactVerdicts, product: int) -> LastVerdicts | None:
    """Return the run of verdicts on a pair, and whether the last of them is the reader's own."""
    if product not in verdicts.pairs:
        return None
    run, last_ms = verdicts.pairs[product]
    ledger, reader = ranking.contact.verdict_ledger, ranking.scopes[0].actor
    own = (ledger["product"] == product) & (ledger["at"] == last_ms) & (ledger["actor"] == reader)
    return LastVerdicts(
        run=run, last=ranking.context.runtime.day_of(last_ms), by_reader=bool(reader) and bool(own.any())
    )


def _feedback(market: float, business: float) -> list[Influence]:
    """Return what feedback beyond the pair does to an option, given its factors."""
    factors = zip(FEEDBACK, (market, business), strict=True)
    return [Influence("feedback", says, factor) for says, factor in factors if factor != 1]


def influence_of(rule: Rule, factor: float) -> Influence:
    """Return what a rationale tells of a rule that acted: its reason."""
    return Influence("pin" if rule.effect.kind == "pin" else "rule", rule.reason or f"rule {rule.id}", factor)
