"""The tenant that the protocol is tried on: few contacts, products and senders, so that what is done meets often."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from dog.storage.sender import FILE, Sender
from tests.properties.protocol.plain_verdicts import Facts, Streak

CHANNELS, TIMES, MODELS = ("call", "email", "visit"), ("am", "pm"), ("cf", "frequency")
WEIGHTS = {"cf": 0.6, "frequency": 0.4}
CONTACTS: dict[str, dict[str, str]] = {
    "c1": {"account_id": "a1", "segment": "gold", "channels": "call;email", "times": "pm;am"},
    "c2": {"account_id": "a1", "segment": "gold"},
    "c3": {"account_id": "a2", "segment": "iron", "channels": "visit"},
    "c4": {},
}
PRODUCTS: dict[str, dict[str, str]] = {
    "p1": {"category": "Cereal"},
    "p2": {"category": "Cereal", "channels": "visit;email"},
    "p3": {"category": "Dairy", "times": "am"},
    "p4": {},
    "p5": {"category": "Dairy"},  # no model has a score of it
}
SCORED = ("p1", "p2", "p3", "p4")
UNLOADED = "p9"
"""A product that events name before its row is loaded."""
ACTORS = ("ann", "ben")
SENDERS = {
    "rep": Sender(key_id="rep"),
    "crm": Sender(key_id="crm", names_actors=True),
    "admin": Sender(key_id="admin", is_admin=True),
    "boss": Sender(key_id="boss", is_admin=True, names_actors=True),
    "file": FILE,
}
OUTCOMES = ("pitch", "win", "loss")
START_MS = round(datetime(2026, 9, 2, 12, tzinfo=UTC).timestamp() * 1000)
"""A Wednesday, in 2026-W36."""
DAY_MS = 86_400_000
WEEK_MS = 7 * DAY_MS
FIRST_MONDAY_MS = 4 * DAY_MS  # 1970-01-05


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The settings of the tenant's policy that decide what feedback does."""

    method: str = "stacking"
    on: str = "odds"
    neutral: str | float = "expected"  # a number: raw win rates, on a straight line
    trust: tuple[float, float] = (0.6, 0.5)
    max_step: float = 1.25
    maturation_days: int = 10
    market: str = "consolidated"
    business: str = "consolidated"
    until: date | None = None
    streak: Streak = field(default_factory=Streak)

    @property
    def is_expected(self) -> bool:
        """Whether wins are compared with those that the models expected."""
        return self.neutral == "expected"

    @property
    def acts_on_odds(self) -> bool:
        """Whether the multiplier is a factor on the odds."""
        return self.on == "odds"

    def document(self) -> dict[str, Any]:
        """Return the policy."""
        until = {} if self.until is None else {"until": self.until}
        curve = {"trust": list(self.trust)} if self.is_expected else {"family": "linear", "rate": "raw"}
        return {
            "name": "recommended",
            "models": {name: {"weight": weight} for name, weight in WEIGHTS.items()},
            "consolidation": {"method": self.method},
            "reinforcement": {
                "neutral": self.neutral,
                "on": self.on,
                "explore": 0.0,
                "absorb": 0.0,
                "max_step": self.max_step,
                "maturation_days": self.maturation_days,
                "streak": {name: getattr(self.streak, name) for name in Streak.__slots__},
                **curve,
            },
            "triggers": {"market": {"apply_to": self.market}, "business": {"apply_to": self.business, **until}},
            "attributes": {"channels": list(CHANNELS), "times": list(TIMES)},
        }


FACTS = Facts(
    accounts={c: more.get("account_id") for c, more in CONTACTS.items()},
    segments={c: more.get("segment") for c, more in CONTACTS.items()},
    categories={p: more.get("category") for p, more in PRODUCTS.items()},
)


RAW = {
    (c, p, m): round(0.1 + 0.07 * n + 0.02 * i + 0.05 * (m == "cf") * (n % 2), 4)
    for i, c in enumerate(CONTACTS)
    for n, p in enumerate(SCORED)
    for m in MODELS
    if (p, m) != ("p4", "frequency")
}
"""The models' scores by contact, product and model; one is missing."""


def scores() -> list[dict[str, Any]]:
    """Return the rows of the models' scores."""
    return [
        {"contact_id": c, "product_id": p, "model": m, "score": score, "as_of": "2026-08-01"}
        for (c, p, m), score in RAW.items()
    ]


def week_of(at_ms: int) -> int:
    """Return the number of a time's week, in weeks since the first Monday of 1970."""
    return (at_ms - FIRST_MONDAY_MS) // WEEK_MS


def week_end_ms(week: int) -> int:
    """Return the first instant after a week."""
    return FIRST_MONDAY_MS + (week + 1) * WEEK_MS


def iso(at_ms: int) -> str:
    """Write a time as events do."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat()


def ms(text: str) -> int:
    """Read a time."""
    return round(datetime.fromisoformat(text).timestamp() * 1000)
