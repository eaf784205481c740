"""Verdicts in words: what the reason of a discard would do, what a verdict did, and where votes act."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from dog.console.widgets import count
from dog.core.spoken import YEAR_SHOWN_DAYS, day_and_month
from dog.core.verdicts.cross_contact import REST_DAYS
from dog.services.feedback.preview_scopes import ScopePreview

RESTS = re.compile(r"the (?P<who>contact|account) rests until (?P<until>\S+): (?P<why>.+)")
"""The note of a list whose contact or account rests."""
WAYS = (("channel", "by"), ("time", "in the"))
VOTED = ("segment", "tenant", "actor", "admin")
"""Scopes that raise or lower a category."""
Row = Mapping[str, Any]


def end_day(until: str, today: date, zone: tzinfo) -> str:
    """Return the day of an end, with its year where that is far.

    Examples
    --------
    >>> from datetime import UTC
    >>> [end_day(f"{day}T08:00:00Z", date(2026, 11, 29), UTC) for day in ("2027-03-21", "2027-11-24")]
    ['21 Mar', '24 Nov 2027']

    """
    day = datetime.fromisoformat(until).astimezone(zone).date()
    return day_and_month(day, today if (day - today).days >= YEAR_SHOWN_DAYS else day)


def rest_words(notes: Sequence[str], day: Callable[[str], str]) -> str | None:
    """Return the note of a list that the contact or its account rests, with the day of the end; None without one."""
    for note in notes:
        if found := RESTS.fullmatch(note):
            return f"The {found['who']} rests until {day(found['until'])}: {found['why']}."
    return None


def substitute_words(item: Row, contact: str | None = None) -> str:
    """Return the sentence that offers a substitute; `contact` is its contact's name where that is another."""
    attributes = item["attributes"]
    named = f"{attributes['product']} for {contact}" if contact else str(attributes["product"])
    ways = [f"{word} {attributes[name]}" for name, word in WAYS if attributes.get(name)]
    return f"Instead: {', '.join(filter(None, [named, ' '.join(ways)]))}."


def place_of(scope: str, within: str, reader: str = "") -> str:
    """Return where votes act: in segment gold, for everybody, in your lists."""
    if scope == "segment":
        return f"in segment {within}" if within else "for contacts without a segment"
    if scope == "actor":
        return "in your lists" if within == reader else f"in the lists of {within}"
    return "for everybody"


def preview_words(pair: str, contact: str, reason: Row, scopes: Sequence[ScopePreview], reader: str) -> str:
    """Return what a discard would do: what rests, then what it lowers or how many votes that needs.

    Parameters
    ----------
    pair
        The product and its contact, such as: Cereal for Ann.
    reason
        Trigger and attribute of the discard; empty without one.
    scopes
        The scopes that count votes on the reason.
    reader
        Who would give it.

    """
    attribute, rests = reason.get("attribute"), f"rests {pair}"
    if attribute == "contact":
        return f"rests {contact} for {REST_DAYS} days"
    if scopes and attribute == "account":
        return _account_preview(scopes[0])
    if attribute in ("channel", "time"):
        return f"{rests}; {reason['attribute_value']} is chosen last for this contact"
    if scopes:
        return "; ".join([rests, *_vote_previews(scopes, reader)])
    scored = reason.get("trigger", "performance") == "performance" or attribute == "product"
    return f"{rests} for {REST_DAYS} days" + (", then lowers it" if scored else "")


def _account_preview(scope: ScopePreview) -> str:
    rests = f"all contacts of account {scope.subject} for {REST_DAYS} days"
    return f"{_more(scope)} rests {rests}" if scope.missing else f"rests {rests}"


def _vote_previews(scopes: Sequence[ScopePreview], reader: str) -> Iterator[str]:
    acting, following = acting_and_next([scope.missing for scope in scopes])
    if acting is not None:
        scope = scopes[acting]
        lowers = f"lowers {_named(scope)}" if scope.adds else f"keeps {_named(scope)} lowered"
        yield f"{lowers} {_where(scope, reader)}"
    if following is not None:
        scope = scopes[following]
        lower, what = ("lowers" if scope.missing == 1 else "lower"), (_named(scope) if acting is None else "it")
        yield f"{_more(scope)} {lower} {what} {_where(scope, reader)}"


def _named(scope: ScopePreview) -> str:
    return "this model" if scope.scope == "rationale" else f"the category {scope.subject}"


def _where(scope: ScopePreview, reader: str) -> str:
    return "for this contact" if scope.scope == "rationale" else place_of(scope.scope, scope.within, reader)


def _more(scope: ScopePreview) -> str:
    """Return the votes that are still needed: 1 more vote, 2 more of your verdicts."""
    if scope.scope == "rationale":
        return f"{scope.missing} more"
    if scope.scope == "actor":
        return f"{scope.missing} more of your verdicts"
    return f"{scope.missing} more {'vote' if scope.missing == 1 else 'votes'}" + ("" if scope.adds else " of others")


def acting_and_next(missing: Sequence[int]) -> tuple[int | None, int | None]:
    """Return the place of the widest scope that acts, and of the wider one that needs fewest votes.

    Parameters
    ----------
    missing
        Votes that each scope still needs, the narrowest first.

    Examples
    --------
    >>> [acting_and_next(missing) for missing in ([1, 2], [0, 1], [1, 0], [1, 1])]
    [(None, 0), (0, 1), (1, None), (None, 1)]

    """
    places = range(len(missing))
    acting = max((place for place in places if not missing[place]), default=None)
    wider = [place for place in places if acting is None or place > acting]
    return acting, min(wider, key=lambda place: (missing[place], -place), default=None)


def effect_words(scopes: Sequence[Row], *, product: str, contact: str, reader: str, day: Callable[[str], str]) -> str:
    """Return what a verdict did, as sentences: what rests until when, what is lowered, how many votes that needs.

    Parameters
    ----------
    scopes
        Those of the answer to feedback.
    reader
        Who gave the verdict.
    day
        Writes the day of an end.

    """
    by_name = {scope["scope"]: scope for scope in scopes}
    wider = [name for name in ("contact", "account") if by_name.get(name, {}).get("until")]
    sentences = []
    for scope in scopes:
        if scope["scope"] == "pair" and not wider:
            sentences += _pair_effect(scope, product, day)
        elif scope["scope"] in ("contact", "account"):
            sentences += _rest_effect(scope, contact, day)
        elif scope["scope"] in ("channel", "time") and scope["factor"] != 1:
            sentences.append(f"{scope['key']} is chosen {'last' if scope['factor'] < 1 else 'first'}")
        elif scope["scope"] == "rationale":
            sentences.append(_model_effect(scope))
    sentences += _vote_effects([scope for scope in scopes if scope["scope"] in VOTED], reader, day)
    return ". ".join(sentences)


def _pair_effect(scope: Row, product: str, day: Callable[[str], str]) -> list[str]:
    if scope["until"]:
        return [f"{product} rests until {day(scope['until'])}"]
    return [f"{product} is {_changed(scope['factor'])} for this contact"] if scope["factor"] != 1 else []


def _rest_effect(scope: Row, contact: str, day: Callable[[str], str]) -> list[str]:
    is_account = scope["scope"] == "account"
    if not scope["until"]:
        return [f"{_so_far(scope)} to rest account {scope['key']}"] if is_account else []
    rests = f"All contacts of account {scope['key']} rest" if is_account else f"{contact} rests"
    return [f"{rests} until {day(scope['until'])}"]


def _model_effect(scope: Row) -> str:
    if scope["factor"] == 1:
        return f"{_so_far(scope, 'verdict')} to lower the model {scope['key']} for this contact"
    return f"The model {scope['key']} is {_changed(scope['factor'])} for this contact"


def _vote_effects(scopes: Sequence[Row], reader: str, day: Callable[[str], str]) -> Iterator[str]:
    missing = [0 if scope["until"] else scope["needed"] - _votes_against(scope) for scope in scopes]
    acting, following = acting_and_next(missing)
    categories = {scope["scope"]: scope["key"] for scope in scopes}

    def named(scope: Row) -> tuple[str, str]:
        """Return category and place; the key of a segment or actor is the category, a stroke, and its name."""
        known = categories.get("tenant")
        if scope["scope"] == "segment" and known is not None:
            return known, place_of("segment", scope["key"].removeprefix(f"{known}/"))
        if scope["scope"] == "actor":
            return scope["key"].removesuffix(f"/{reader}"), place_of("actor", reader, reader)
        return scope["key"], place_of(scope["scope"], "")

    if acting is not None:
        scope, (category, place) = scopes[acting], named(scopes[acting])
        yield f"{category} is {_changed(scope['factor'])} {place} until {day(scope['until'])}"
    if following is not None:
        scope, (category, place) = scopes[following], named(scopes[following])
        noun = "verdict" if scope["scope"] == "actor" else "vote"
        yield f"{_so_far(scope, noun)} to lower {category} {place}"


def _votes_against(scope: Row) -> int:
    """Return the votes against, less those for."""
    votes: int = scope["votes"]
    return -votes if scope.get("direction") == "for" else votes


def _so_far(scope: Row, noun: str = "vote") -> str:
    return f"{max(_votes_against(scope), 0)} of {count(scope['needed'], noun)}"


def _changed(factor: float) -> str:
    return f"{'lowered' if factor < 1 else 'raised'} ×{factor:.2f}"
