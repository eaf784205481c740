"""Outcomes and weeks of docs/explanation/mathematics.md as dicts and loops: nothing of `dog.core.learning`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from tests.properties.protocol.world import DAY_MS, WEEK_MS, Plan, week_end_ms

Pair = tuple[str, str]
"""Contact and product."""
A_MAX, D_MIN = 3.0, 1 / 3
NO_EVIDENCE_RATE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A pitch, win or loss; the score of a pitch as it was when it was made."""

    event_id: str
    type: str
    contact: str
    product: str
    at_ms: int
    pitch_id: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What became of a pair's pitches."""

    wins: int = 0
    losses: int = 0
    pending: int = 0
    expected: float = 0.0
    scored: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a pair's multiplier is made from."""

    wins: float = 0.0
    pitches: float = 0.0
    expected: float = 0.0
    scored: float = 0.0

    def with_news(self, before: Counts, now: Counts) -> "Evidence":
        """Return it with what was settled since, within its bounds."""
        wins = max(0.0, self.wins + now.wins - before.wins)
        pitches = self.pitches + now.wins + now.losses - before.wins - before.losses
        pitches = max(wins, pitches)
        scored, expected = self.scored + now.scored - before.scored, self.expected + now.expected - before.expected
        expected = max(0.0, expected) * (pitches / scored if scored > pitches else 1.0)
        return Evidence(wins=wins, pitches=pitches, expected=expected, scored=min(max(scored, 0.0), pitches))

    def expected_wins(self, rate: float) -> float:
        """Return the wins that the models expected."""
        return self.expected * self.pitches / self.scored if self.scored else self.pitches * rate


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRecord:
    """A pair in a version."""

    counts: Counts
    evidence: Evidence
    multiplier: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """The multipliers of a week."""

    week: int
    plan: Plan
    rate: float
    baseline: Mapping[str, float]  # of pairs without a record, by product
    pairs: Mapping[Pair, PairRecord] = field(default_factory=dict)

    def without(self, contact: str) -> "Version":
        """Return it as after the contact's erasure."""
        return replace(self, pairs={pair: record for pair, record in self.pairs.items() if pair[0] != contact})

    def multiplier(self, pair: Pair) -> float:
        """Return a pair's multiplier."""
        return self.pairs[pair].multiplier if pair in self.pairs else self.baseline.get(pair[1], 1.0)


def in_order(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Return outcomes in the order in which they settle each other."""
    return sorted(outcomes, key=lambda one: (one.at_ms, one.event_id.encode()))


def open_pitches(outcomes: Iterable[Outcome]) -> set[str]:
    """Return the ids of a pair's pitches that none of its outcomes, which are in order, settles."""
    waiting: list[str] = []
    for one in outcomes:
        if one.type == "pitch":
            waiting.append(one.event_id)
        elif waiting:
            waiting.remove(one.pitch_id if one.pitch_id in waiting else waiting[0])
    return set(waiting)


def settle(outcomes: Iterable[Outcome], carried: Counts, as_of_ms: int, maturation_ms: int) -> Counts:
    """Return what became of a pair's pitches at an instant."""
    seen = [one for one in in_order(outcomes) if one.at_ms < as_of_ms]
    waiting = open_pitches(seen)
    pending = {one.event_id for one in seen if one.event_id in waiting and one.at_ms > as_of_ms - maturation_ms}
    scores = [one.score for one in seen if one.score is not None and one.event_id not in pending]
    return Counts(
        wins=carried.wins + sum(one.type == "win" for one in seen),
        losses=carried.losses + sum(one.type == "loss" for one in seen) + len(waiting) - len(pending),
        pending=len(pending),
        expected=carried.expected + sum(scores),
        scored=carried.scored + len(scores),
    )


def carry_forward(outcomes: list[Outcome], carried: Counts, closed_ms: int, matured_ms: int) -> tuple[set[str], Counts]:
    """Return which of a pair's outcomes the archive takes, and the counts that it leaves in their place."""
    ordered = in_order(outcomes)
    closed = [one for one in ordered if one.at_ms < closed_ms]
    open_then, open_now = open_pitches(closed), open_pitches(ordered)
    stay = {
        one.event_id
        for one in closed
        if one.event_id in open_then and (one.event_id not in open_now or one.at_ms >= matured_ms)
    }
    gone = [one for one in closed if one.event_id not in stay]
    scores = [one.score for one in gone if one.score is not None]
    lost = sum(one.event_id in open_now for one in gone)
    left = Counts(
        wins=carried.wins + sum(one.type == "win" for one in gone),
        losses=carried.losses + sum(one.type == "loss" for one in gone) + lost,
        expected=carried.expected + sum(scores),
        scored=carried.scored + len(scores),
    )
    return {one.event_id for one in gone}, left


def recompute_week(
    week: int,
    plan: Plan,
    before: Version | None,
    outcomes: Iterable[Outcome],
    carried: Mapping[Pair, Counts],
    products: Iterable[str],
    score_today: Callable[[Pair, float], float | None],
) -> Version:
    """Return the version of a week, given that of the week before; `score_today` takes a pair and the tenant's rate."""
    end_ms, maturation_ms = week_end_ms(week), plan.maturation_days * DAY_MS
    of_pair: defaultdict[Pair, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        if one.at_ms < end_ms:
            of_pair[one.contact, one.product].append(one)
    counts, evidence = {}, {}
    for pair in of_pair.keys() | carried.keys():
        now = settle(of_pair.get(pair, []), carried.get(pair, Counts()), end_ms, maturation_ms)
        if now.wins + now.losses + now.pending == 0:
            continue
        held = before.pairs.get(pair) if before else None
        found = held.evidence.with_news(held.counts, now) if held else Evidence().with_news(Counts(), now)
        if plan.is_expected and now.wins + now.losses > now.scored:
            score = score_today(pair, before.rate if before else NO_EVIDENCE_RATE)
            missing = max(found.pitches - found.scored, 0.0)
            if score is not None:
                found = replace(found, expected=found.expected + missing * score, scored=found.scored + missing)
        counts[pair], evidence[pair] = now, found
    wins, settled = sum(one.wins for one in counts.values()), sum(one.wins + one.losses for one in counts.values())
    rate = (wins + 1) / (settled + 10)
    factors = _Factors(plan, rate, evidence, {p: _weeks(p, of_pair, end_ms) for p in products})
    limits = before is None or (before.plan.neutral, before.plan.on) == (plan.neutral, plan.on)

    def step(target: float, last: float) -> float:
        return min(max(target, last / plan.max_step), last * plan.max_step) if limits else target

    baseline = {
        product: step(factors.of(product, Evidence()), before.baseline.get(product, 1.0) if before else 1.0)
        for product in products
    }
    pairs = {
        pair: PairRecord(
            counts=counts[pair],
            evidence=found,
            multiplier=step(factors.of(pair[1], found), before.multiplier(pair) if before else 1.0),
        )
        for pair, found in evidence.items()
    }
    return Version(week=week, plan=plan, rate=rate, baseline=baseline, pairs=pairs)


def _weeks(product: str, of_pair: Mapping[Pair, list[Outcome]], end_ms: int) -> int:
    """Return in how many weeks a product was pitched; without any pitch, won or lost."""
    of_product = [one for pair, some in of_pair.items() if pair[1] == product for one in some]
    pitches = [one for one in of_product if one.type == "pitch"] or of_product
    return max(1, len({(end_ms - 1 - one.at_ms) // WEEK_MS for one in pitches}))


class _Factors:
    """The multipliers of a week's pairs before the limited step."""

    def __init__(
        self, plan: Plan, rate: float, evidence: Mapping[Pair, Evidence], pitch_weeks: Mapping[str, int]
    ) -> None:
        self._plan, self._rate = plan, rate
        wins, expected = dict.fromkeys(pitch_weeks, 0.0), dict.fromkeys(pitch_weeks, 0.0)
        for (_, product), one in evidence.items():
            wins[product] += one.wins
            expected[product] += one.expected_wins(rate)
        self._tenant = (sum(wins.values()) + 5) / (sum(expected.values()) + 5)
        self._products = {}
        for product, weeks in pitch_weeks.items():
            scaled = self._tenant * expected[product]
            damping = 1 / (1 + scaled / weeks)
            self._products[product] = (5 + damping * wins[product]) / (5 + damping * scaled)

    def of(self, product: str, evidence: Evidence) -> float:
        """Return the multiplier of a pair of a product."""
        plan = self._plan
        if not isinstance(plan.neutral, str):
            return _line(evidence.wins / evidence.pitches, plan.neutral) if evidence.pitches else 1.0
        ratio = self._products[product]
        believed = min(evidence.pitches, self._tenant * ratio * evidence.expected_wins(self._rate))
        odds = ratio ** plan.trust[0] * ((2 + evidence.wins) / (2 + believed)) ** plan.trust[1]
        return float(min(max(odds, D_MIN), A_MAX))


def _line(rate: float, neutral: float) -> float:
    if rate >= neutral:
        return 1 + (A_MAX - 1) * (rate - neutral) / (1 - neutral)
    return 1 - (1 - D_MIN) * (neutral - rate) / neutral
