"""A chance in words, and a receipt as one sentence of factors, each with plain words and the field's term."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dog.console.texts import N_, _, number, percent

LEVELS = (
    (3.0, N_("Very good")),
    (1.5, N_("Good")),
    (0.75, N_("Usual")),
    (0.35, N_("Low")),
    (0.0, N_("Very low")),
)
"""From how many times the usual chance on a chance is called so."""
LEAST, MOST = 0.001, 0.99
"""Chances beyond are shown as under 0.1 % and over 99 %."""
FEW = 0.375
"""From this chance on the odds are in tenths: 4 in 10."""
UNMOVED = 0.005
"""A factor this close to 1 is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChance:
    """A chance as a person says it: Good, 1 in 4, 25 %; no word where the usual chance is not known."""

    level: str
    odds: str
    percent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFactor:
    """One factor of a receipt: plain words, the field's term, the value as text."""

    words: str
    term: str
    value: str


def describe_chance(chance: float, usual: float | None) -> ShownChance:
    """Return a chance in words."""
    level = next(word for least, word in LEVELS if chance >= least * usual) if usual else ""
    bounded = min(max(chance, LEAST), MOST)
    bound = _("under %(odds)s") if chance < LEAST else _("over %(odds)s") if chance > MOST else "%(odds)s"
    return ShownChance(
        level=_(level) if level else "",
        odds=bound % {"odds": _odds(bounded)},
        percent=bound % {"odds": percent(bounded, "#,##0.# %" if bounded < 0.0095 else "#,##0 %")},
    )


def _odds(chance: float) -> str:
    """Return a chance as 1 in 4, in tenths from 4 in 10 on."""
    if chance >= MOST:
        return _("%(n)s in %(of)s", n=99, of=100)
    if chance < FEW:
        return _("%(n)s in %(of)s", n=1, of=number(round(1 / chance), "#,##0"))
    tenths = min(round(chance * 10), 9)
    return _("%(n)s in %(of)s", n=1, of=2) if tenths == 5 else _("%(n)s in %(of)s", n=tenths, of=10)


def probability(item: Mapping[str, Any]) -> float | None:
    """Return the chance that an offer wins, of an item with full explanation; None where its policy has none.

    Where multipliers act on scores, not on odds, it is that of the models alone: the product may exceed 1.
    """
    factors = item["factors"]
    if item["inputs"]["consolidation"] == "rrf":
        return None
    performance = factors["performance"]
    chance = factors["consolidated"] * (performance["multiplier"] if "odds" in performance else 1.0)
    return float(min(max(chance, 0.0), 1.0))


def describe_factors(item: Mapping[str, Any]) -> list[ShownFactor]:
    """Return the factors that differ from 1, after the score of the models; they multiply to the result."""
    factors = item["factors"]
    is_chance = item["inputs"]["consolidation"] != "rrf"
    consolidated = factors["consolidated"]
    first = ShownFactor(
        words=_("Chance by the models") if is_chance else _("Score by the models"),
        term=_("consolidated score: the calibrated scores of the models, pooled"),
        value=percent(consolidated, "#,##0.0 %") if is_chance else number(consolidated, "0.000"),
    )
    moved = (one for one in _factors(item) if abs(one[2] - 1) >= UNMOVED)
    return [first, *(ShownFactor(words=words, term=term, value=number(by, "0.00")) for words, term, by in moved)]


def describe_result(item: Mapping[str, Any]) -> ShownFactor:
    """Return what the factors multiply to, and what the list is sorted by."""
    return ShownFactor(
        words=_("rank value"),
        term=_("order score: what the list is sorted by; no chance, so it may exceed 1"),
        value=number(item["order_score"], "0.000"),
    )


def _factors(item: Mapping[str, Any]) -> Iterator[tuple[str, str, float]]:
    """Yield words, term and value of each factor."""
    factors, score = item["factors"], item["score"]
    multiplier = factors["performance"]["multiplier"]
    if multiplier >= 1:
        yield _("wins more often than expected"), _("performance multiplier: boost (ARM)"), multiplier
    else:
        yield _("wins less often than expected"), _("performance multiplier: damp (DRM)"), multiplier
    streak = factors["streak"]
    yield _("accepted lately") if streak > 1 else _("discarded lately"), _("streak of verdicts"), streak
    yield _("verdicts on the market"), _("trigger market"), factors["market"]
    yield _("verdicts on business needs"), _("trigger business"), factors["business"]
    yield _("kept within bounds"), _("clamp of all factors together"), factors["clamp"]
    for rule in factors["rules"]:
        name = rule.get("reason") or rule["id"]
        yield _("rule “%(name)s”", name=name), _("rule %(name)s of the policy", name=rule["id"]), rule["factor"]
    if score:
        yield _("shown to learn"), _("exploration: acts on the order alone"), item["order_score"] / score
