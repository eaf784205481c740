"""The columns that a condition may name, and their kinds."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace

from dog.core.documents.section import nearest
from dog.core.rulebook.columns import Kind

PRODUCT_COLUMNS: Mapping[str, Kind] = {
    "id": "text",
    "name": "text",
    "category": "text",
    "value": "number",
    "active_from": "date",
    "active_to": "date",
}
CONTACT_COLUMNS: Mapping[str, Kind] = {
    "id": "text",
    "account_id": "text",
    "name": "text",
    "segment": "text",
    "channels": "text",
}
OPTION_COLUMNS: tuple[str, ...] = ("consolidated", "win_rate", "pitches", "wins", "multiplier")
EVENTS: tuple[str, ...] = ("pitch", "win", "loss", "accept", "discard")
STANDARD: Mapping[str, Mapping[str, Kind]] = {
    "product": PRODUCT_COLUMNS,
    "contact": CONTACT_COLUMNS,
    "context": {},
    "score": {},
    "days_since": dict.fromkeys(EVENTS, "number"),
}
"""The columns after each root that every tenant has."""
ROOTS: tuple[str, ...] = tuple(STANDARD)


@dataclass(frozen=True, slots=True)
class ColumnSchema:
    """The columns of one tenant."""

    # kind of each attribute besides the standard columns; `None` where the attributes are not known yet: then
    # any name is accepted, and its kind follows from its use
    product: Mapping[str, Kind] | None = None
    contact: Mapping[str, Kind] | None = None
    _: KW_ONLY
    models: Collection[str] = field(default_factory=tuple)  # names after `score.`
    # whether any name after a known root is accepted, with a kind that follows from its use: for stored
    # policies whose columns may be gone
    open: bool = False

    def with_models(self, names: Iterable[str]) -> "ColumnSchema":
        """Return the schema with more names after `score.`."""
        return replace(self, models={*self.models, *names})

    def kind(self, name: str) -> Kind | None:
        """Return the kind of a column by its full name; `None` where it follows from its use (`context.*`).

        Raises
        ------
        LookupError
            There is no such column; the message has the nearest name.

        Examples
        --------
        >>> ColumnSchema().kind("days_since.win")
        'number'

        """
        root, dot, leaf = name.partition(".")
        if not dot and name in OPTION_COLUMNS:
            return "number"
        if dot and root in STANDARD:
            if leaf in STANDARD[root]:
                return STANDARD[root][leaf]
            if root == "score" and leaf in self.models:
                return "number"
            attributes = self._attributes(root)
            if attributes is None or leaf in attributes:
                return None if attributes is None else attributes[leaf]
            if self.open:
                return None
        raise LookupError(f"unknown column {name}{nearest(name, self.names())}")

    def names(self) -> list[str]:
        """Return the names of all known columns."""
        leaves = {root: [*(self._attributes(root) or ()), *standard] for root, standard in STANDARD.items()}
        leaves["score"] = sorted(self.models)
        return [*(f"{root}.{leaf}" for root, named in leaves.items() for leaf in named), *OPTION_COLUMNS]

    def _attributes(self, root: str) -> Mapping[str, Kind] | None:
        """Return the tenant's own columns after a root; None where there may be any."""
        return {"product": self.product, "contact": self.contact, "context": None}.get(root, {})
