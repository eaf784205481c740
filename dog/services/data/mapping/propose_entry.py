"""Propose what a file is and which column is which: by the names of its columns, then by their values.

Loading guesses nothing; this does, because `dog init` shows the result before anything is loaded.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dog.services.data.mapping.cell_contents import are_ids, are_numbers, are_times, types_of_words
from dog.services.data.mapping.file_columns import ALIASES, FILE_COLUMNS, OWN_ID
from dog.services.data.mapping.file_head import FileHead
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.mapping.match_columns import IGNORED, fold_name

NUMBERED = r"(id|uid|ref|nr|no|num|number|nummer|code|key)"
PERSON = r"(customer|cust|client|contact|kunden?|kd|kontakt|person|household|user|member)"
COMPANY = r"(lead|account|acct|konto|company|firmen?|firma)"
CONTACT = f"({PERSON}|{COMPANY})"
PRODUCT = r"(product|prod|produkt|article|artikel|art|item|sku|material|service)"
PATTERNS: Mapping[str, Sequence[str]] = {
    "contact_id": (
        rf"{PERSON}s?{NUMBERED}",
        rf"{COMPANY}s?{NUMBERED}",
        rf"{CONTACT}s?",
        rf"{CONTACT}s?(name|key)?",
        "(e?mail|emailaddress)",
    ),
    "product_id": (rf"{PRODUCT}s?{NUMBERED}", rf"{PRODUCT}s?", rf"{PRODUCT}s?(name|description)?", "bezeichnung"),
    "event_id": (
        rf"(event|deal|opportunity|opp|activity|order|offer|angebots?|vorgangs?|auftrags?|quote){NUMBERED}",
        NUMBERED,
    ),
    "score": (r".*(score|probability|prob|propensity|likelihood|wahrscheinlichkeit).*",),
    "occurred_at": (r".*(clos|abschluss|won|event|occur).*", r".*(date|datum|time|zeit).*", r".*"),
    "as_of": (r".*(scor|date|datum|stand|time).*", r".*"),
    "value": (r".*(value|wert|amount|betrag|revenue|umsatz|price|preis).*",),
    "amount": (r".*(amount|betrag|revenue|umsatz|total|summe).*",),
    "name": (r".*name", "bezeichnung|description|beschreibung"),
    "segment": (r".*segment", "branche|industry|kundentyp|customertype"),
    "actor_id": (r"(sales)?(rep|owner|verantwortlicher?|betreuer|vertreter|zustaendig).*",),
}
"""What folded names of columns look like, the surest first."""
WIDEST_OF_SCORES = 5
"""Columns of a file of one score for each contact; a wider one is of contacts that have a score as attribute."""
OF_CONTENT = {
    **dict.fromkeys(("occurred_at", "as_of"), are_times),
    **dict.fromkeys(("score", "value", "amount"), are_numbers),
}
"""Columns whose values are looked at, too."""
NOTHING_KNOWN: Mapping[str, Collection[str]] = {}
STEMS = {
    "scores": r"(score|churn|propens|probab)",
    "products": r"(product|produkt|article|artikel|item|sku|sortiment|catalog|katalog)",
    "contacts": r"(contact|kontakt|customer|kunde|client|person|people|lead|account|firm|compan)",
}
"""What files and sheets of a kind are called; the id of products and contacts may have a name such as No."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a file or sheet may be; `missing` are the required columns for which it has nothing."""

    head: FileHead
    entry: FileEntry
    missing: Sequence[str] = ()
    unknown_words: Sequence[str] = ()  # of its column `type`: what they stand for is not known


def propose_entry(
    head: FileHead, kind: str | None = None, known_ids: Mapping[str, Collection[str]] = NOTHING_KNOWN
) -> Proposal | None:
    """Propose how a file or sheet is loaded; None where it seems to be none of the kinds.

    Parameters
    ----------
    head
        Its columns and first rows.
    kind
        What it is, where that is known.
    known_ids
        The ids of `contact_id` and `product_id` in files of contacts and products: a column with such values is one.

    """
    found = _Columns(head, known_ids)
    kind = kind or _find_kind(head, found)
    if kind is None:
        return None
    columns = {target: source for target in _targets(kind) if (source := found.of(target, kind)) is not None}
    constants = _find_constants(kind, head, columns)
    missing = [name for name in FILE_COLUMNS[kind].required if name not in {*columns, *constants}]
    words = types_of_words(head.values(columns["type"])) if "type" in columns else {}
    values = {word: meaning for word, meaning in words.items() if meaning is not None and meaning != word.casefold()}
    entry = FileEntry(
        kind=kind,
        path=None if head.query else head.path.name,
        sheet=head.sheet,
        columns=_renamed(kind, head.columns, columns),
        values={"type": values} if values else {},
        constants=constants,
    )
    return Proposal(
        head=head,
        entry=entry,
        missing=missing,
        unknown_words=[word for word, meaning in words.items() if meaning is None],
    )


class _Columns:
    """The columns of a file by what they may be; none is taken twice."""

    def __init__(self, head: FileHead, known_ids: Mapping[str, Collection[str]]) -> None:
        self._head, self._known_ids = head, known_ids
        self._folded = {column: fold_name(column) for column in head.columns}
        self._taken: dict[str, str] = {}
        self.by_ids: set[str] = set()
        """What was recognized by the ids of other files alone: two columns of small numbers may agree by chance."""

    def of(self, target: str, kind: str) -> str | None:
        """Return the column that is `target` in a file of a kind; None where there is none."""
        if target not in self._taken:
            source = next((it for it in self._candidates(target, kind) if it not in self._taken.values()), None)
            if source is None:
                return None
            self._taken[target] = source
        return self._taken[target]

    def _candidates(self, target: str, kind: str) -> Iterator[str]:
        if target == "type":
            yield from (column for column in self._folded if types_of_words(self._head.values(column)))
            return
        yield from (column for column, name in self._folded.items() if name == fold_name(target))
        patterns = PATTERNS.get(target, ())
        names = {fold_name(alias) for alias in ALIASES.get(target, ())}
        tiers = [*patterns[:1], "|".join(map(re.escape, sorted(names))) or "(?!)", *patterns[1:]]
        named = [
            column
            for tier in tiers
            for column, name in self._folded.items()
            if re.fullmatch(tier, name) and self._fits(target, column)
        ]
        known = self._known_ids.get(target, ())
        yield from sorted(named, key=lambda column: bool(known) and not _are_among(self._head.values(column), known))
        for column in self._folded:
            if known and _are_among(self._head.values(column), known):
                self.by_ids.add(target)
                yield column
        if target == OWN_ID.get(kind):
            yield from (column for column in self._folded if re.fullmatch(NUMBERED, self._folded[column]))

    def _fits(self, target: str, column: str) -> bool:
        values = self._head.values(column)
        if target == "event_id":
            return are_ids(values)
        return OF_CONTENT[target](values) if target in OF_CONTENT else True


def _find_kind(head: FileHead, found: _Columns) -> str | None:
    """Return the kind of a file by what its columns are, the most telling first."""
    own = _kind_of_name(head.sheet or "") or _kind_of_name(head.path.stem)
    contact, product = found.of("contact_id", ""), found.of("product_id", "")
    if contact and product:
        telling = {"feedback": "type", "scores": "score", "transactions": "occurred_at"}
        return next((kind for kind, column in telling.items() if found.of(column, "")), own)
    if contact and "contact_id" not in found.by_ids:
        narrow = own in (None, "scores") and len(head.columns) <= WIDEST_OF_SCORES and found.of("score", "")
        return "scores" if narrow else "contacts"
    if product and "product_id" not in found.by_ids:
        return "products"
    return own if own in OWN_ID and found.of(OWN_ID[own], own) else None


def _kind_of_name(name: str) -> str | None:
    return next((kind for kind, stem in STEMS.items() if re.search(stem, fold_name(name))), None)


def _targets(kind: str) -> Sequence[str]:
    columns = FILE_COLUMNS[kind]
    ids = [name for name in columns.required if name in ("contact_id", "product_id")]
    return [*ids, *(name for name in columns.required if name not in ids), *columns.optional]


def _find_constants(kind: str, head: FileHead, columns: Mapping[str, str]) -> dict[str, str]:
    """Return what a file of scores need not say: its model is called as the file, its scores are as old as it."""
    if kind != "scores":
        return {}
    model = re.sub(r"[^a-z0-9_-]+", "-", head.path.stem.casefold()).strip("-") or "scores"
    found = {"model": model, "as_of": head.day}
    return {name: value for name, value in found.items() if name not in columns}


def _renamed(kind: str, found: Sequence[str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return what `dog.toml` says of the columns: those with another name, and those that are to be ignored."""
    renamed = {source: target for target, source in columns.items() if source != target}
    if FILE_COLUMNS[kind].refuses_others:
        renamed |= {source: IGNORED for source in found if source not in columns.values()}
    return renamed


def _are_among(values: Sequence[Any], known: Collection[str]) -> bool:
    texts = {*map(str, values)}
    return bool(texts) and len(texts.intersection(known)) >= 0.8 * len(texts)
