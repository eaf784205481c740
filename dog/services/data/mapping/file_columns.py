"""The columns of each kind of file: which are required, which hold times, numbers or one of some words, other names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dog.services.feedback.parse_event import ATTRIBUTES, TRIGGERS, TYPES
from dog.storage.event_rows import FEEDBACK_COLUMNS


@dataclass(frozen=True, slots=True, kw_only=True)
class FileColumns:
    """The columns of one kind of file."""

    required: Sequence[str]
    optional: Sequence[str] = ()
    times: Sequence[str] = ()
    numbers: Sequence[str] = ()
    choices: Mapping[str, Sequence[str]]  # the words that a column may have
    keeps_others: bool = False  # whether other columns are kept, as attributes
    refuses_others: bool = False  # else they are ignored
    takes_days: bool = True  # whether a time may be a day such as 2026-11-20

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all columns."""
        return (*self.required, *self.optional)


REQUIRED_OF_FEEDBACK = ("type", "contact_id", "product_id", "occurred_at")
NO_CHOICES: Mapping[str, Sequence[str]] = {}
FILE_COLUMNS: Mapping[str, FileColumns] = {
    "products": FileColumns(
        required=("product_id",),
        optional=("name", "category", "value", "active_from", "active_to"),
        times=("active_from", "active_to"),
        numbers=("value",),
        choices=NO_CHOICES,
        keeps_others=True,
    ),
    "contacts": FileColumns(
        required=("contact_id",),
        optional=("account_id", "name", "segment", "channels"),
        choices=NO_CHOICES,
        keeps_others=True,
    ),
    "scores": FileColumns(
        required=("contact_id", "model", "score", "as_of"),
        optional=("product_id", "trained_until"),
        times=("as_of", "trained_until"),
        numbers=("score",),
        choices=NO_CHOICES,
        refuses_others=True,
    ),
    "feedback": FileColumns(
        required=REQUIRED_OF_FEEDBACK,
        optional=[name for name in FEEDBACK_COLUMNS if name not in REQUIRED_OF_FEEDBACK],
        times=("occurred_at",),
        numbers=("value", "propensity"),
        choices={"type": tuple(TYPES), "trigger": tuple(TRIGGERS), "attribute": tuple(ATTRIBUTES)},
        takes_days=False,
    ),
    "transactions": FileColumns(
        required=("contact_id", "product_id", "occurred_at"),
        optional=("quantity", "amount"),
        times=("occurred_at",),
        numbers=("quantity", "amount"),
        choices=NO_CHOICES,
    ),
}
KINDS = tuple(FILE_COLUMNS)

OWN_ID = {"products": "product_id", "contacts": "contact_id", "feedback": "event_id"}
"""What a column named `id` is."""

ALIASES: Mapping[str, Sequence[str]] = {
    "contact_id": (
        *("contact", "contact no", "contact number", "customer", "customer id", "customer no", "customer number"),
        *("client", "client id", "client no", "person id", "household id", "user id", "lead id"),
        *("kunde", "kunden id", "kundennr", "kundennummer", "kontakt", "kontakt id"),
    ),
    "product_id": (
        *("product", "product no", "product number", "product code", "sku", "item", "item id", "item no", "article"),
        *("article id", "article no", "article number", "produkt", "produkt id", "produktnr", "produktnummer"),
        *("artikel", "artikel id", "artikelnr", "artikelnummer"),
    ),
    "account_id": ("account", "account no", "company id", "firma", "firmen id", "konto"),
    "event_id": ("event no", "activity id", "opportunity id", "deal id", "vorgang", "vorgangsnummer"),
    "occurred_at": (
        *("date", "time", "timestamp", "datetime", "occurred", "occurred on", "event date", "event time"),
        *("order date", "purchase date", "transaction date", "close date", "closed at", "datum", "zeitpunkt"),
        *("bestelldatum", "kaufdatum"),
    ),
    "type": ("event type", "stage", "outcome", "result", "status", "art", "typ", "ergebnis"),
    "actor_id": ("actor", "rep", "owner", "owner id", "sales rep", "seller", "bearbeiter", "verkäufer"),
    "pitch_id": ("pitch",),
    "decision_id": ("decision",),
    "quantity": ("qty", "units", "menge", "anzahl", "stück"),
    "amount": ("total", "revenue", "sales value", "betrag", "umsatz"),
    "value": ("amount", "revenue", "price", "betrag", "umsatz", "wert", "preis"),
    "name": ("full name", "product name", "contact name", "customer name", "bezeichnung"),
    "category": ("product category", "product group", "kategorie", "warengruppe", "produktgruppe"),
    "segment": ("customer segment", "customer group", "kundengruppe", "kundensegment"),
    "channels": ("channel", "kanal", "kanäle"),
    "model": ("model name", "modell"),
    "score": ("probability", "wahrscheinlichkeit"),
    "as_of": ("date", "scored at", "score date", "datum", "stand"),
    "active_from": ("valid from", "start date", "gültig ab", "gültig von"),
    "active_to": ("valid to", "valid until", "end date", "gültig bis"),
}
"""Other names of columns, used where a file lacks a required column's own name; case, spaces and signs do not count."""
