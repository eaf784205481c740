"""Gather what the rationale of each item tells: purchases, offers, chance, verdicts, rules; nothing is read for it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dog.core.offers import OfferCounts, count_offers
from dog.core.rationale import Influence, LastVerdicts, Offers, PairFacts, PurchaseCount, StartReason
from dog.core.records import PAIRS
from dog.core.verdicts.triggers import ContactVerdicts
from dog.services.lists.rank_request import Ranking

LEAST_SETTLED = 30
"""Settled pitches of a tenant from which on it has a usual chance."""
NOT_BOUGHT = PurchaseCount(0, None)
FEEDBACK = {
    "market": "Market feedback",
    "business": "Feedback on business needs",
}


def pair_facts(
    ranking: Ranking, base: float, factors: Sequence[Mapping[str, Any]], started: Sequence[StartReason | None]
) -> Iterator[PairFacts]:
    """Yield the facts of each chosen option, best first.

    `base` is the win rate of all offers; `factors` are the receipts of the chosen options, `started` what the model
    start says of each.
    """
    chosen, today = ranking.ranked.chosen, ranking.context.runtime.day_of(ranking.context.now_ms)
    products = ranking.options.products[chosen].tolist()
    names, ids = ranking.snapshot.spoken_names, ranking.options.product_ids
    bought, offers = _purchases(ranking, products), _offers(ranking, products)
    version, verdicts = ranking.snapshot.version, ranking.contact.verdicts
    usual = base if version is not None and version.counts.get("pitches", 0) >= LEAST_SETTLED else None
    rows = zip(chosen.tolist(), products, _chances(ranking), factors, started, strict=True)
    known = ranking.degraded is None or ranking.contact.record is not None
    for option, product, chance, found, start in rows:
        yield PairFacts(
            names[product] if product < len(names) else ids[option],
            today,
            None if bought is None else bought.get(product, NOT_BOUGHT),
            offers.get(product),
            chance,
            usual,
            _last_verdicts(ranking, verdicts, product) if verdicts and found["streak"] != 1 else None,
            _influences(found),
            known,
            start,
        )


def _chances(ranking: Ranking) -> Sequence[float | None]:
    """Return the probability of each chosen option before verdicts and rules; None where scores are no probability."""
    chosen, scored = ranking.ranked.chosen, ranking.ranked.scored
    if ranking.active.policy.consolidation == "rrf":
        return [None] * len(chosen)
    multipliers = ranking.active.multipliers
    told = scored.consolidated
    if multipliers is not None and multipliers.settings.on_odds:  # else score x multiplier may exceed 1
        told = told * scored.performance
    chances: list[float] = told[chosen].tolist()
    return chances


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


def _offers(ranking: Ranking, products: Sequence[int]) -> dict[int, Offers]:
    """Return what the contact was offered, by product number, and what the models expected where all is settled."""
    counts = count_offers(ranking.contact.outcome_ledger, products) if products else None
    if not counts:
        return {}
    places = ranking.options.pair_places[ranking.ranked.chosen]
    rows = ranking.options.pairs.take(places[places >= 0]).tolist()  # whole records: faster than some of their fields
    records = {record[PRODUCT]: record for record in rows}
    return {product: _offer(ranking, found, records.get(product)) for product, found in counts.items()}


PRODUCT, PENDING, WINS, LOSSES, EXPECTED, SCORED = (
    list(PAIRS.fields or ()).index(name) for name in ("product", "pending", "wins", "losses", "expected", "scored")
)


def _offer(ranking: Ranking, counts: OfferCounts, record: tuple[Any, ...] | None) -> Offers:
    """Describe the offers of a pair; its record of the last week counts only while nothing has come since."""
    losses, expected = counts.losses, None
    if record is not None and record[WINS] == counts.wins:
        settled = record[WINS] + record[LOSSES]
        if settled + record[PENDING] == counts.pitches:
            losses = record[LOSSES]
            expected = record[EXPECTED] if record[SCORED] == settled == counts.pitches else None
    last = ranking.context.runtime.day_of(counts.last_ms) if counts.last_ms else None
    return Offers(pitches=counts.pitches, wins=counts.wins, losses=losses, last=last, expected=expected)


def _last_verdicts(ranking: Ranking, verdicts: ContactVerdicts, product: int) -> LastVerdicts | None:
    """Return the run of verdicts on a pair, and whether the last of them is the reader's own."""
    run, last_ms = verdicts.pairs.last(product)
    if not run:
        return None
    ledger, reader = ranking.contact.verdict_ledger, ranking.scopes[0].actor
    own = (ledger["product"] == product) & (ledger["at"] == last_ms) & (ledger["actor"] == reader)
    return LastVerdicts(
        run=run, last=ranking.context.runtime.day_of(last_ms), by_reader=bool(reader) and bool(own.any())
    )


def _influences(factors: Mapping[str, Any]) -> Sequence[Influence]:
    """Return what else moves an option: feedback beyond the pair, and the rules by their reasons."""
    rules = factors["rules"]
    if not rules and factors["market"] == factors["business"] == 1:
        return ()  # the usual case
    found = [Influence("feedback", says, factors[name]) for name, says in FEEDBACK.items() if factors[name] != 1]
    for rule in rules:
        says = rule["reason"] or f"rule {rule['id']}"
        found.append(Influence("pin" if rule["effect"] == "pin" else "rule", says, rule["factor"]))
    return found
