"""The entries of a `dog.toml`: files, database queries, topics and hooks, each with how its rows are mapped."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any

from dog.core.documents.choice_fields import ChoiceField
from dog.core.documents.fields import DocumentField, TextField, TextsField, read_text
from dog.core.documents.section import Section
from dog.core.documents.tables import DocumentTable
from dog.core.documents.text_maps import TextMapField, TextMapsField
from dog.errors import InvalidInput
from dog.services.data.file_dialect import DELIMITERS
from dog.services.data.mapping.cell_times import parse_time_format
from dog.services.data.mapping.file_columns import KINDS

DECIMALS = (".", ",")
SCHEMES = ("standard", "hubspot", "segment", "rudderstack", "token", "basic")
"""Ways in which a sender of a hook proves who it is; `dog/services/hooks/schemes.py` has each."""


def check_encoding(name: str) -> None:
    """Raise `InvalidInput` where Python has no text encoding of this name."""
    try:
        "".encode(name)
    except (LookupError, ValueError):
        raise InvalidInput(
            f"{name[:60]!r} is not an encoding; write utf-8, cp1252, utf-16, iso-8859-15 or the like"
        ) from None


def parse_period(text: str) -> int:
    """Return the seconds of a time such as 30s, 15m, 2h or 1d.

    Examples
    --------
    >>> parse_period("15m")
    900

    """
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", text.strip(), re.ASCII)
    if found is None:
        raise InvalidInput(f"{text[:60]!r} is not a time between two readings; write 30s, 15m, 2h or 1d")
    return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[found[2]]


@dataclass(frozen=True, slots=True)
class CheckedTextField(DocumentField):
    """A text that a function refuses by raising `InvalidInput`."""

    check: Callable[[str], object] = field(kw_only=True)

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it."""
        text = read_text(section, key, default)
        try:
            if text:
                self.check(text)
        except InvalidInput as error:
            section.fault(key, "unknown_value", error.message)
            return default
        return text or None

    def _shape(self) -> dict[str, Any]:
        return {"type": "string"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RowMapping(DocumentTable):
    """How rows are mapped to the contract's columns and values, whatever they are read from."""

    columns: Annotated[
        Mapping[str, str],
        TextMapField('Columns of the contract by the names they have here; "" ignores a column.'),
    ] = field(default_factory=dict)
    values: Annotated[
        Mapping[str, Mapping[str, str]],
        TextMapsField("By column of the contract: its values, by the texts that the file has for them."),
    ] = field(default_factory=dict)
    constants: Annotated[
        Mapping[str, str], TextMapField("Columns of the contract that have one value in all rows, and that value.")
    ] = field(default_factory=dict)
    decimal: Annotated[str | None, ChoiceField("Decimal sign of numbers.", choices=DECIMALS)] = None
    date_format: Annotated[
        str | None, CheckedTextField("How dates are written, such as dd.mm.yyyy.", check=parse_time_format)
    ] = None
    ids: Annotated[
        str | None,
        ChoiceField(
            "salesforce: ids of 15 characters become those of 18, which name the same.", choices=("salesforce",)
        ),
    ] = None

    @property
    def mapping(self) -> dict[str, Any]:
        """These keys alone, for an entry of another class."""
        return {it.name: getattr(self, it.name) for it in fields(RowMapping)}


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry(RowMapping):
    """One file: how it is written and mapped."""

    kind: Annotated[str | None, ChoiceField("What its rows are; by default the entry's name.", choices=KINDS)] = None
    path: Annotated[str | None, TextField("The file, relative to the folder of dog.toml.")] = None
    sheet: Annotated[str | None, TextField("Sheet of a workbook.")] = None
    delimiter: Annotated[str | None, ChoiceField("What separates the fields.", choices=tuple(DELIMITERS))] = None
    encoding: Annotated[str | None, CheckedTextField("Encoding of the text.", check=check_encoding)] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry(RowMapping):
    """A query of a database: where it is, and how its rows are mapped."""

    kind: Annotated[str | None, ChoiceField("What its rows are; by default the entry's name.", choices=KINDS)] = None
    url: Annotated[str, TextField("URL of the database, or env:NAME: the variable that has it.")]
    query: Annotated[str, TextField("The query.")]
    cursor: Annotated[str | None, TextField("Column that grows with each new or changed row.")] = None
    every: Annotated[
        str | None, CheckedTextField("How often the scheduler reads it, such as 15m.", check=parse_period)
    ] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEntry(RowMapping):
    """A topic of Kafka: where it is, and how its messages are mapped."""

    kind: Annotated[str | None, ChoiceField("What its rows are; by default the entry's name.", choices=KINDS)] = None
    brokers: Annotated[str, TextField("HOST:PORT of some brokers, separated by commas.")]
    topic: Annotated[str, TextField("The topic.")]
    group: Annotated[str, TextField("The consumer group, under which Kafka keeps how far it was read.")] = "dog"
    settings: Annotated[
        Mapping[str, str], TextMapField("Settings of librdkafka, such as security.protocol; env:NAME for secrets.")
    ] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PathsField(TextsField):
    """A path in a JSON body, or a list of them."""

    def read(self, section: Section, key: str, default: Any) -> Any:
        """Read it as a tuple, empty where it is missing."""
        value = section.given(key)
        return (value,) if isinstance(value, str) and value else TextsField.read(self, section, key, default)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookEntry(RowMapping):
    """One hook: who may push events to it, where they are in its bodies, and how they are mapped."""

    scheme: Annotated[str, ChoiceField("How the sender proves who it is.", choices=SCHEMES)]
    items: Annotated[str | None, TextField("Path of the events in the body; by default the body itself.")] = None
    id: Annotated[tuple[str, ...], PathsField("Paths of what identifies an event for its sender.")] = ()
    only_with: Annotated[tuple[str, ...], PathsField("Paths without which an event is ignored.")] = ()


PLAIN = FileEntry()
