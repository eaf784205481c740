"""Draw policies and events: all types, every trigger and attribute, often about the same few things."""

from collections.abc import Callable
from datetime import date
from typing import Any

from hypothesis import strategies as st

from tests.properties.protocol.plain_verdicts import Streak
from tests.properties.protocol.world import (
    ACTORS,
    CHANNELS,
    CONTACTS,
    DAY_MS,
    MODELS,
    OUTCOMES,
    PRODUCTS,
    TIMES,
    Plan,
)

KINDS = ("pitch", "pitch", "win", "win", "loss", "accept", "accept", "discard", "discard", "discard", "restructure")
DAYS_AGO = (0, 0, 0, 0, 1, 5, 9, 13, 14, 20)
VERDICT_DAYS_AGO = (*DAYS_AGO, 40, 100, 112, 355)
VALUES = {"channel": CHANNELS, "time": TIMES, "rationale": MODELS, "product": tuple(PRODUCTS)}
TRIGGERS = (None, "performance", "market", "market", "market", "business", "business", "discomfort", "discomfort")
ATTRIBUTES = ("product", "contact", "account", "account", "channel", "time", "rationale")
WITHOUT_PRODUCT = ("contact", "account", "channel", "time")

plans = st.builds(
    Plan,
    method=st.sampled_from(["stacking", "mean", "log_pool"]),
    on=st.just("odds"),
    neutral=st.sampled_from(["expected", "expected", 0.3]),
    trust=st.sampled_from([(0.6, 0.5), (1.0, 1.0)]),
    max_step=st.sampled_from([1.25, 1000.0]),
    maturation_days=st.sampled_from([3, 10, 90]),
    market=st.sampled_from(["consolidated", "consolidated", *MODELS]),
    business=st.sampled_from(["consolidated", "consolidated", *MODELS]),
    until=st.sampled_from([None, None, date(2026, 9, 20), date(2027, 1, 15)]),
    streak=st.sampled_from([Streak(), Streak(accept=1.1, discard=0.8, half_life_days=10.0)]),
)


@st.composite
def bodies(draw: Callable[..., Any]) -> dict[str, Any]:
    """Draw an event without its id, with its age in milliseconds (`ago_ms`)."""
    kind = draw(st.sampled_from(KINDS))
    body = {
        "type": kind,
        "contact_id": draw(st.sampled_from(sorted(CONTACTS))),
        "product_id": draw(st.sampled_from(sorted(PRODUCTS))),
        "ago_ms": draw(st.sampled_from(DAYS_AGO if kind in OUTCOMES else VERDICT_DAYS_AGO)) * DAY_MS,
    }
    if actor := draw(st.sampled_from([None, *ACTORS])):
        body["actor_id"] = actor
    if kind in ("accept", "discard"):
        _give_reason(draw, body)
    elif kind == "restructure":
        attribute = draw(st.sampled_from(ATTRIBUTES))
        ends = draw(st.permutations(VALUES.get(attribute, ("this", "that"))))
        body["replace"] = {"attribute": attribute, "from": ends[0], "to": ends[1]}
        if attribute == "product":
            body["product_id"] = ends[0]
    return body


def _give_reason(draw: Callable[..., Any], body: dict[str, Any]) -> None:
    trigger = draw(st.sampled_from(TRIGGERS))
    reason = {} if trigger is None else {"trigger": trigger}
    if trigger == "discomfort" or draw(st.integers(0, 9)) == 0:
        reason["attribute"] = draw(st.sampled_from(ATTRIBUTES))
        if reason["attribute"] in ("channel", "time", "rationale"):
            reason["attribute_value"] = draw(st.sampled_from(VALUES[reason["attribute"]]))
        if body["type"] == "discard" and reason["attribute"] in WITHOUT_PRODUCT and draw(st.booleans()):
            del body["product_id"]
    if reason:
        body["reason"] = reason
