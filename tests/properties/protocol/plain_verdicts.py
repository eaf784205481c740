"""What docs/reference/verdicts.md says, as lists and loops: no numpy, nothing of `dog.core.verdicts`."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

DAY_MS = 86_400_000
REST_MS = 14 * DAY_MS
Key = tuple[str, ...]
"""A scope by name, and what it is about there: a category, a category and a segment, ..."""


class Row(NamedTuple):
    """How a scope beyond a contact acts."""

    needed: int
    lasts_days: float
    half_life_days: float


SCOPES = {
    "segment": Row(2, 112, 28),
    "tenant": Row(3, 112, 28),
    "actor": Row(3, 360, 90),
    "admin": Row(1, 360, 90),
    "account": Row(1, 14, math.inf),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One verdict, and who sent it."""

    event_id: str
    type: str
    contact: str
    product: str | None
    at_ms: int
    trigger: str | None = None
    attribute: str | None = None
    value: str | None = None
    replacement: str | None = None
    actor: str | None = None
    voter: str = ""
    by_admin: bool = False

    @property
    def is_about(self) -> str | None:
        """The attribute that it refuses or praises, where it does."""
        if self.type == "restructure" or self.trigger == "discomfort":
            return self.attribute
        return "product" if self.trigger in (None, "performance") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of contacts and products; None where there is nothing."""

    accounts: Mapping[str, str | None]
    segments: Mapping[str, str | None]
    categories: Mapping[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """The policy's settings."""

    accept: float = 1.25
    discard: float = 0.5
    half_life_days: float = 28.0


class Vote(NamedTuple):
    """A vote that counts, for (1) or against (-1)."""

    voter: str
    at_ms: int
    weight: int


class Rest(NamedTuple):
    """Until when a contact rests, and because of what."""

    until_ms: int
    scope: str


@dataclass(slots=True, kw_only=True)
class PlainVerdicts:
    """The verdicts of a tenant, and what follows from them at a time."""

    facts: Facts
    streak: Streak
    now_ms: Callable[[], int]
    business_ends_ms: float = math.inf  # of the policy
    said: dict[str, Said] = field(default_factory=dict)  # by id; retracted ones are gone
    lifted: dict[Key, int] = field(default_factory=dict)

    def of_contact(self, contact: str) -> list[Said]:
        """Return a contact's verdicts in their order."""
        return _in_order(one for one in self.said.values() if one.contact == contact)

    # the contact itself

    def pair_rests_until(self, contact: str, product: str) -> int:
        """Return until when a pair rests; a time past if it does not."""
        until_ms = 0
        for one in self.of_contact(contact):
            if one.product == product:
                replaces = one.type == "restructure" and one.attribute in ("product", "contact", "account")
                if one.type == "discard" or replaces:
                    until_ms = one.at_ms + REST_MS
                elif one.type == "accept":
                    until_ms = 0
            if one.type == "restructure" and one.attribute == "product" and one.replacement == product:
                until_ms = 0
        return until_ms

    def contact_rests_until(self, contact: str) -> int:
        """Return until when a contact was refused as such."""
        until_ms = 0
        for one in self.of_contact(contact):
            if one.trigger == "discomfort" and one.attribute == "contact" and one.type != "restructure":
                until_ms = one.at_ms + REST_MS if one.type == "discard" else 0
        return until_ms

    def rest(self, contact: str) -> Rest | None:
        """Return the rest of a contact or its account, the longer."""
        rests = [Rest(self.contact_rests_until(contact), "contact")]
        account = self.facts.accounts.get(contact)
        if account and self.net(("account", account)) <= -1:
            rests.append(Rest(self.ends(("account", account)) or 0, "account"))
        longest = max(rests)
        return longest if longest.until_ms > self.now_ms() else None

    def run(self, contact: str, attribute: str, value: str) -> tuple[int, int]:
        """Return the run of like verdicts on a value (a product, a channel, a model), and the time of its last."""
        run, last_ms = 0, 0
        for one in self.of_contact(contact):
            if one.is_about != attribute:
                continue
            refused = one.product if attribute == "product" else one.value
            signs = [1 if one.type == "accept" else -1] if refused == value else []
            signs += [1] if one.type == "restructure" and one.replacement == value else []
            for sign in signs:
                run, last_ms = (run + sign if run * sign > 0 else sign), one.at_ms
        return run, last_ms

    def run_factor(self, contact: str, attribute: str, value: str, *, needed: int, half_life_days: float) -> float:
        """Return the factor of a run."""
        run, last_ms = self.run(contact, attribute, value)
        return self._strength(run, needed, last_ms, half_life_days)

    def streak_factor(self, contact: str, product: str) -> float:
        """Return the factor of a pair's run."""
        half_life_days = self.streak.half_life_days
        return self.run_factor(contact, "product", product, needed=1, half_life_days=half_life_days)

    def model_factor(self, contact: str, model: str) -> float:
        """Return the factor of a model's scores for a contact."""
        return self.run_factor(contact, "rationale", model, needed=2, half_life_days=28)

    def choice(self, contact: str, attribute: str, values: Sequence[str]) -> str | None:
        """Return the value that is chosen: the first of the best."""
        if not values:
            return None
        return max(values, key=lambda value: self.run_factor(contact, attribute, value, needed=1, half_life_days=28))

    # beyond the contact

    def keys(self, one: Said) -> list[Key]:
        """Return what a verdict votes on."""
        category, account = self.facts.categories.get(one.product or ""), self.facts.accounts.get(one.contact)
        found: list[Key] = []
        if one.type != "restructure":
            if one.trigger == "discomfort" and one.attribute == "account" and account:
                found = [("account", account)]
            elif category and one.trigger == "market":
                found = [("segment", category, self.facts.segments.get(one.contact) or ""), ("tenant", category)]
            elif category and one.trigger == "business" and one.by_admin:
                found = [("admin", category)]
            elif category and one.trigger == "business" and one.actor:
                found = [("actor", category, one.actor)]
        return found

    def votes(self, key: Key) -> list[Vote]:
        """Return the votes on something, ended ones too: one a voter, of an actor each verdict."""
        lifted_ms = self.lifted.get(key, -1)
        given = _in_order(one for one in self.said.values() if key in self.keys(one) and one.at_ms > lifted_ms)
        if key[0] == "actor":
            return [Vote(str(one.actor), one.at_ms, 1 if one.type == "accept" else -1) for one in given]
        of_voters: dict[str, Vote] = {}
        refused: set[str] = set()
        for one in given:
            if one.type == "discard":
                refused.add(one.voter)
            weight = -1 if one.type == "discard" else 0 if one.voter in refused else 1
            of_voters[one.voter] = Vote(one.voter, one.at_ms, weight)
        return list(of_voters.values())

    def counting(self, key: Key, at_ms: int | None = None) -> list[Vote]:
        """Return the votes that count at a time, by default now."""
        now_ms, lasts_ms = self.now_ms() if at_ms is None else at_ms, SCOPES[key[0]].lasts_days * DAY_MS
        return [vote for vote in self.votes(key) if vote.at_ms + lasts_ms > now_ms]

    def net(self, key: Key, at_ms: int | None = None) -> int:
        """Return the votes for less those against."""
        return sum(vote.weight for vote in self.counting(key, at_ms))

    def factor(self, key: Key) -> float:
        """Return the factor of the votes on something; 0 where an account rests."""
        net, row = self.net(key), SCOPES[key[0]]
        if key[0] == "account":
            return 0.0 if net <= -1 else 1.0
        last_ms = max((vote.at_ms for vote in self.counting(key) if vote.weight * net > 0), default=0)
        return self._strength(net, row.needed, last_ms, row.half_life_days)

    def ends(self, key: Key) -> int | None:
        """Return when the votes on something stop to act if no others come; None where they do not act."""
        net, row = self.net(key), SCOPES[key[0]]
        if abs(net) < row.needed:
            return None
        for end_ms in sorted(vote.at_ms + round(row.lasts_days * DAY_MS) for vote in self.counting(key)):
            later = self.net(key, end_ms)
            if later * net <= 0 or abs(later) < row.needed:
                return end_ms
        raise AssertionError("votes end")

    def market(self, contact: str, product: str) -> float:
        """Return the factor of a pair: of segment and tenant the one farther from 1."""
        category = self.facts.categories.get(product)
        if not category:
            return 1.0
        keys: tuple[Key, ...] = (("segment", category, self.facts.segments.get(contact) or ""), ("tenant", category))
        return max((self.factor(key) for key in keys), key=lambda factor: abs(math.log(factor)))

    def business(self, product: str, actor: str | None) -> float:
        """Return the factor of a product in the list of an actor."""
        category = self.facts.categories.get(product)
        if not category or self.now_ms() >= self.business_ends_ms:
            return 1.0
        return self.factor(("admin", category)) * (self.factor(("actor", category, actor)) if actor else 1.0)

    def business_end(self, until_ms: int | None) -> int | None:
        """Return an end of votes on business needs, or that of the policy where it is earlier."""
        if until_ms is None or self.now_ms() >= self.business_ends_ms:
            return None
        return until_ms if math.isinf(self.business_ends_ms) else min(until_ms, round(self.business_ends_ms))

    def subjects(self) -> Iterator[Key]:
        """Yield what has votes that count."""
        for key in sorted({key for one in self.said.values() for key in self.keys(one)}):
            if self.counting(key):
                yield key

    def _strength(self, count: int, needed: int, last_ms: int, half_life_days: float) -> float:
        limit = self.streak.accept if count > 0 else self.streak.discard
        reached = 1 - 2 ** (-max(abs(count) - needed + 1, 0) / 2)
        days = max(self.now_ms() - last_ms, 0) / DAY_MS
        return float(limit ** (reached * 2 ** (-days / half_life_days)))


def _in_order(verdicts: Iterable[Said]) -> list[Said]:
    return sorted(verdicts, key=lambda one: (one.at_ms, one.event_id.encode()))
