"""Verdicts in words: what the reason of a discard would do, what a verdict did, and where votes act."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dog.console.texts import _, ngettext, number
from dog.core.verdicts.cross_contact import REST_DAYS
from dog.services.feedback.preview_scopes import ScopePreview

RESTS = re.compile(r"the (?P<who>contact|account) rests until (?P<until>\S+): .+")
"""The note of a list whose contact or account rests, as it was discarded."""
VOTED = ("segment", "tenant", "actor", "admin")
"""Scopes that raise or lower a category."""
Row = Mapping[str, Any]


def rest_words(notes: Sequence[str], day: Callable[[str], str]) -> str | None:
    """Return the note of a list that the contact or its account rests, with the day of the end; None without one."""
    for note in notes:
        if found := RESTS.fullmatch(note):
            until = day(found["until"])
            if found["who"] == "account":
                return _("The account rests until %(day)s: it was discarded.", day=until)
            return _("The contact rests until %(day)s: it was discarded.", day=until)
    return None


def substitute_words(item: Row, contact: str | None = None) -> str:
    """Return the sentence that offers a substitute; `contact` is its contact's name where that is another."""
    attributes = item["attributes"]
    product, channel, time = (attributes.get(name) for name in ("product", "channel", "time"))
    named = _("%(product)s for %(contact)s", product=product, contact=contact) if contact else str(product)
    by = _("by %(channel)s", channel=channel) if channel else ""
    when = _("in the %(time)s", time=time) if time else ""
    ways = " ".join(filter(None, [by, when]))
    return _("Instead: %(what)s.", what=f"{named}, {ways}" if ways else named)


def place_of(scope: str, within: str, reader: str = "") -> str:
    """Return where votes act: in segment gold, for everybody, in your lists."""
    if scope == "segment":
        return _("in segment %(name)s", name=within) if within else _("for contacts without a segment")
    if scope == "actor":
        return _("in your lists") if within == reader else _("in the lists of %(name)s", name=within)
    return _("for everybody")


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
    attribute, rests = reason.get("attribute"), _("rests %(what)s", what=pair)
    if attribute == "contact":
        return _rests_for_days(contact)
    if scopes and attribute == "account":
        return _account_preview(scopes[0])
    if attribute in ("channel", "time"):
        last = _("%(value)s is chosen last for this contact", value=reason["attribute_value"])
        return f"{rests}; {last}"
    if scopes:
        return "; ".join([rests, *_vote_previews(scopes, reader)])
    scored = reason.get("trigger", "performance") == "performance" or attribute == "product"
    return _("%(rests)s, then lowers it", rests=_rests_for_days(pair)) if scored else _rests_for_days(pair)


def _rests_for_days(what: str) -> str:
    return ngettext("rests %(what)s for %(n)s day", "rests %(what)s for %(n)s days", REST_DAYS, what=what)


def _account_preview(scope: ScopePreview) -> str:
    rests = _rests_for_days(_("all contacts of account %(name)s", name=scope.subject))
    return f"{_more(scope)} {rests}" if scope.missing else rests


def _vote_previews(scopes: Sequence[ScopePreview], reader: str) -> Iterator[str]:
    acting, following = acting_and_next([scope.missing for scope in scopes])
    if acting is not None:
        scope = scopes[acting]
        names = {"what": _named(scope), "where": _where(scope, reader)}
        yield _("lowers %(what)s %(where)s", **names) if scope.adds else _("keeps %(what)s lowered %(where)s", **names)
    if following is not None:
        scope = scopes[following]
        names = {"what": _named(scope) if acting is None else _("it"), "where": _where(scope, reader)}
        lowers = ngettext("lowers %(what)s %(where)s", "lower %(what)s %(where)s", scope.missing, **names)
        yield f"{_more(scope)} {lowers}"


def _named(scope: ScopePreview) -> str:
    return _("this model") if scope.scope == "rationale" else _("the category %(name)s", name=scope.subject)


def _where(scope: ScopePreview, reader: str) -> str:
    return _("for this contact") if scope.scope == "rationale" else place_of(scope.scope, scope.within, reader)


def _more(scope: ScopePreview) -> str:
    """Return the votes that are still needed: 1 more vote, 2 more of your verdicts."""
    if scope.scope == "rationale":
        return ngettext("%(n)s more", "%(n)s more", scope.missing)
    if scope.scope == "actor":
        return ngettext("%(n)s more of your verdicts", "%(n)s more of your verdicts", scope.missing)
    if scope.adds:
        return ngettext("%(n)s more vote", "%(n)s more votes", scope.missing)
    return ngettext("%(n)s more vote of others", "%(n)s more votes of others", scope.missing)


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
            last, first = _("%(value)s is chosen last"), _("%(value)s is chosen first")
            sentences.append((last if scope["factor"] < 1 else first) % {"value": scope["key"]})
        elif scope["scope"] == "rationale":
            sentences.append(_model_effect(scope))
    sentences += _vote_effects([scope for scope in scopes if scope["scope"] in VOTED], reader, day)
    return ". ".join(sentences)


def _pair_effect(scope: Row, product: str, day: Callable[[str], str]) -> list[str]:
    if scope["until"]:
        return [_("%(name)s rests until %(day)s", name=product, day=day(scope["until"]))]
    changed = _("%(name)s is %(changed)s for this contact", name=product, changed=_changed(scope["factor"]))
    return [changed] if scope["factor"] != 1 else []


def _rest_effect(scope: Row, contact: str, day: Callable[[str], str]) -> list[str]:
    is_account, account = scope["scope"] == "account", scope["key"]
    if not scope["until"]:
        return [_("%(votes)s to rest account %(name)s", votes=_so_far(scope), name=account)] if is_account else []
    until = day(scope["until"])
    if is_account:
        return [_("All contacts of account %(name)s rest until %(day)s", name=account, day=until)]
    return [_("%(name)s rests until %(day)s", name=contact, day=until)]


def _model_effect(scope: Row) -> str:
    if scope["factor"] == 1:
        votes = _so_far(scope, are_votes=False)
        return _("%(votes)s to lower the model %(name)s for this contact", votes=votes, name=scope["key"])
    changed = _changed(scope["factor"])
    return _("The model %(name)s is %(changed)s for this contact", name=scope["key"], changed=changed)


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
        names = {"name": category, "changed": _changed(scope["factor"]), "where": place, "day": day(scope["until"])}
        yield _("%(name)s is %(changed)s %(where)s until %(day)s", **names)
    if following is not None:
        scope, (category, place) = scopes[following], named(scopes[following])
        votes = _so_far(scope, are_votes=scope["scope"] != "actor")
        yield _("%(votes)s to lower %(name)s %(where)s", votes=votes, name=category, where=place)


def _votes_against(scope: Row) -> int:
    """Return the votes against, less those for."""
    votes: int = scope["votes"]
    return -votes if scope.get("direction") == "for" else votes


def _so_far(scope: Row, *, are_votes: bool = True) -> str:
    """Return how many votes, or verdicts of one person, there are of those needed: 1 of 2 votes."""
    needed, given = scope["needed"], max(_votes_against(scope), 0)
    if are_votes:
        return ngettext("%(given)s of %(n)s vote", "%(given)s of %(n)s votes", needed, given=given)
    return ngettext("%(given)s of %(n)s verdict", "%(given)s of %(n)s verdicts", needed, given=given)


def _changed(factor: float) -> str:
    """Return how votes change a score: lowered ×0.82."""
    by = number(factor, "0.00")
    return _("lowered ×%(factor)s", factor=by) if factor < 1 else _("raised ×%(factor)s", factor=by)
