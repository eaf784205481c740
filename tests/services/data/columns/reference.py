"""Scores imported row by row, in the plainest way: what the import by columns has to come to."""

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import Any

import numpy as np

from dog.core.records import CONTACT_LEVEL
from dog.errors import InvalidInput
from dog.services.data.row_values import parse_number, parse_row_time, refuse_columns, refuse_computed
from dog.storage.ids import clean_id, clean_optional_id, clean_slug

COLUMNS = {"contact_id", "model", "score", "as_of", "product_id", "trained_until"}
Pair = tuple[str, str]
Held = tuple[int, dict[str | int, float]]
"""The time of a contact's scores of a model, and each by its product (`CONTACT_LEVEL` without one)."""


class PlainScores:
    """Scores by contact and model."""

    def __init__(self) -> None:
        self.held: dict[Pair, Held] = {}

    def load(self, rows: Sequence[Mapping[str, Any]], erased: set[str]) -> list[tuple[str, str | None, str | None]]:
        """Load rows; return status, code and message of each."""
        found: list[tuple[str, str | None, str | None]] = []
        for row in rows:
            try:
                found.append((self._load(row, erased), None, None))
            except InvalidInput as error:
                found.append(("rejected", error.code, error.message))
        return found

    def _load(self, row: Mapping[str, Any], erased: set[str]) -> str:
        if row.get("contact_id") in erased:
            raise InvalidInput("the contact was erased, and no more of its data are accepted", code="contact_erased")
        refuse_columns(row, COLUMNS)
        contact = clean_id(row.get("contact_id"), "contact_id")
        model = clean_slug(clean_id(row.get("model"), "model"), "model")
        refuse_computed(model)
        score = parse_number(row.get("score"), "score")
        if abs(score) > 1e30:
            raise InvalidInput("score must be within +-1e+30", code="invalid_row")
        at_ms = parse_row_time(row.get("as_of"), "as_of", UTC)
        product = clean_optional_id(row.get("product_id"), "product_id") or CONTACT_LEVEL
        if row.get("trained_until") not in (None, ""):
            parse_row_time(row["trained_until"], "trained_until", UTC)
        as_of_ms, scores = self.held.get((contact, model), (-1, {}))
        value = float(np.float32(score))
        if at_ms < as_of_ms:
            raise InvalidInput("as_of is older than the stored scores of this model and contact", code="stale_score")
        if at_ms == as_of_ms and scores.get(product) == value:
            return "duplicate"
        self.held[contact, model] = at_ms, {**(scores if at_ms == as_of_ms else {}), product: value}
        return "accepted"
