"""The scopes that an answer to feedback must name, by the plain model."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from tests.properties.protocol.plain_verdicts import SCOPES, PlainVerdicts, Said

Scope = dict[str, Any]
HALF_LIFE_DAYS = 28


def plain_scopes(plain: PlainVerdicts, one: Said) -> list[Scope]:
    """Return where a verdict acts now, in the order of the answer."""
    return [*_pair(plain, one), *_contact(plain, one), *_values(plain, one), *_votes(plain, one)]


def _scope(name: str, key: str, votes: int, needed: int, factor: float, until_ms: int | None) -> Scope:
    until = None if until_ms is None else shown(until_ms)
    return {"scope": name, "key": key, "votes": votes, "needed": needed, "factor": factor, "until": until}


def shown(at_ms: int) -> str:
    """Return a time as answers show it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _pair(plain: PlainVerdicts, one: Said) -> Iterator[Scope]:
    if one.product is None or (one.type == "restructure" and one.attribute not in ("product", "contact", "account")):
        return
    run, until_ms = plain.run(one.contact, "product", one.product)[0], plain.pair_rests_until(one.contact, one.product)
    if until_ms > plain.now_ms():
        yield _scope("pair", one.product, max(-run, 1), 1, 0.0, until_ms)
    else:
        yield _scope("pair", one.product, abs(run), 1, plain.streak_factor(one.contact, one.product), None)


def _contact(plain: PlainVerdicts, one: Said) -> Iterator[Scope]:
    if one.type == "restructure" or one.trigger != "discomfort" or one.attribute != "contact":
        return
    until_ms = plain.contact_rests_until(one.contact)
    rests = until_ms > plain.now_ms()
    yield _scope("contact", one.contact, int(rests), 1, 0.0 if rests else 1.0, until_ms if rests else None)


def _values(plain: PlainVerdicts, one: Said) -> Iterator[Scope]:
    attribute = one.is_about
    if attribute not in ("channel", "time", "rationale"):
        return
    needed = 2 if attribute == "rationale" else 1
    for value in filter(None, (one.value, one.replacement)):
        run = plain.run(one.contact, attribute, value)[0]
        factor = plain.run_factor(one.contact, attribute, value, needed=needed, half_life_days=HALF_LIFE_DAYS)
        yield _scope(attribute, value, abs(run), needed, factor, None)


def _votes(plain: PlainVerdicts, one: Said) -> Iterator[Scope]:
    for key in plain.keys(one):
        factor, until_ms = plain.factor(key), plain.ends(key)
        if key[0] in ("actor", "admin"):
            factor = factor if plain.now_ms() < plain.business_ends_ms else 1.0
            until_ms = plain.business_end(until_ms)
        net = plain.net(key)
        direction = "against" if net < 0 else "for" if net > 0 else "even"
        found = _scope(key[0], "/".join(key[1:]), abs(net), SCOPES[key[0]].needed, factor, until_ms)
        yield {**found, "direction": direction}
