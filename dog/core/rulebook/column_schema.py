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
ROOTS: tuple[str, ...] = ("product", "contact", "context", "score", "days_since")


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
        if dot and root in ROOTS:
            known = self._leaves(root)
            if known is None or leaf in known or self.open:
                standard = self._standard(root)
                return (known or standard).get(leaf, standard.get(leaf))
        raise LookupError(f"unknown column {name}{nearest(name, self.names())}")

    def names(self) -> list[str]:
        """Return the names of all known columns."""
        listed = [f"{root}.{leaf}" for root in ROOTS for leaf in (self._leaves(root) or self._standard(root))]
        return [*listed, *OPTION_COLUMNS]

    def _leaves(self, root: str) -> Mapping[str, Kind | None] | None:
        if root == "score":
            return dict.fromkeys(self.models, "number")
        if root == "days_since":
            return dict.fromkeys(EVENTS, "number")
        attributes = {"product": self.product, "contact": self.contact, "context": None}[root]
        return None if attributes is None else {**attributes, **self._standard(root)}

    @staticmethod
    def _standard(root: str) -> Mapping[str, Kind]:
        return {"product": PRODUCT_COLUMNS, "contact": CONTACT_COLUMNS}.get(root, {})
