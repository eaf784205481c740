"""Fields that are tables of texts by free names, and tables of such tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dog.core.documents.fields import MAX_LIST, MAX_TEXT_CHARACTERS, DocumentField
from dog.core.documents.section import Section


@dataclass(frozen=True, slots=True)
class TextMapField(DocumentField):
    """A table of texts by free names."""

    def read(self, section: Section, key: str, _default: Any) -> Any:
        """Read it, empty where it is missing."""
        return read_texts(section.section(key))

    def write(self, value: Any) -> Any:
        """Return a table; an empty one is left out."""
        return dict(value) or None

    def _shape(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {"type": "string", "maxLength": MAX_TEXT_CHARACTERS}}


@dataclass(frozen=True, slots=True)
class TextMapsField(DocumentField):
    """A table of tables of texts, all by free names."""

    def read(self, section: Section, key: str, _default: Any) -> Any:
        """Read it, empty where it is missing."""
        tables = section.section(key)
        return {str(name): read_texts(tables.section(str(name))) for name in tables.table}

    def write(self, value: Any) -> Any:
        """Return a table; an empty one is left out."""
        return {name: dict(texts) for name, texts in value.items()} or None

    def _shape(self) -> dict[str, Any]:
        return {
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
        }


def read_texts(section: Section) -> Mapping[str, str]:
    """Read a table of texts by free names; what is not a text is a fault at its key."""
    texts: dict[str, str] = {}
    if len(section.table) > MAX_LIST:
        section.fault(None, "too_many", f"has {len(section.table):,} entries; {MAX_LIST:,} are the most")
        return texts
    for name, value in section.table.items():
        if isinstance(value, str) and len(value) <= MAX_TEXT_CHARACTERS:
            texts[str(name)] = value
        else:
            section.fault(str(name), "wrong_type", f"must be text of at most {MAX_TEXT_CHARACTERS:,} characters")
    return texts
