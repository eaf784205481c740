"""Validate a table of scores by distinct values and masks."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np

from dog.core.records import CONTACT_LEVEL
from dog.errors import InvalidInput
from dog.services.data.columns.coded_values import NONE, REFUSED, Coded, read_ids
from dog.services.data.columns.known_rows import find_unknown, withhold_erased
from dog.services.data.columns.number_products import number_products
from dog.services.data.columns.row_table import RowTable
from dog.services.data.columns.score_merge import ScoreRows
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.row_values import parse_number, parse_row_time, refuse_columns, refuse_computed
from dog.services.lists.unknown_names import UnknownName
from dog.storage.catalogue import read_models
from dog.storage.ids import clean_id, clean_optional_id, clean_slug
from dog.storage.store import Store

MAX_MODELS = 64
SCORE_COLUMNS = frozenset(FILE_COLUMNS["scores"].names)
LARGEST_SCORE = 1e30
"""Scores are stored as 32-bit floats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedScores:
    """The rows of a table of scores that are good, by columns, and the result of the others."""

    outcomes: TableOutcomes
    unknown: Mapping[int, UnknownName]  # as `find_unknown` returns it
    contact: Coded  # of all rows
    places: np.ndarray  # of the good rows in the table, as all that follow
    model: Coded
    product: np.ndarray  # dense numbers
    score: np.ndarray
    as_of: np.ndarray
    cut_off: np.ndarray  # training cut-offs, -1 for none

    def rows(self, order: np.ndarray | slice = slice(None)) -> ScoreRows:
        """Return some of the good rows; the number of a contact is its code."""
        return ScoreRows(
            contact=self.contact.codes[self.places[order]].astype(np.int64),
            product=self.product[order],
            score=self.score[order],
            as_of=self.as_of[order],
        )


def check_scores(
    store: Store,
    table: RowTable,
    zone: tzinfo,
    known_contacts: AbstractSet[str] = frozenset(),
    known_models: AbstractSet[str] = frozenset(),
) -> CheckedScores:
    """Validate scores; new products get their numbers. Some contacts and models count as known besides the stored."""
    outcomes = TableOutcomes(table)
    contact = read_ids(table.coded("contact_id"), "contact_id")
    product = read_ids(table.coded("product_id"), "product_id", is_optional=True)
    withhold_erased(store, contact, outcomes)
    unknown = find_unknown(store, contact, product, outcomes, known_contacts)
    known = known_models | set(read_models(store))
    model = table.coded("model").read(_read_model)
    has_known_columns = _mark_known_columns(table)
    named = outcomes.open() & has_known_columns & (contact.codes >= 0) & (model.codes >= 0)
    admitted = known | {*_new_models(model, named, known)[: max(MAX_MODELS - len(known), 0)]}
    score = table.numbers("score")
    as_of = table.coded("as_of").read(lambda value: parse_row_time(value, "as_of", zone))
    trained = table.coded("trained_until").read(lambda value: _read_cut_off(value, zone))
    good = named & model.mark([name in admitted for name in model.values]) & (np.abs(score) <= LARGEST_SCORE)
    good &= (as_of.codes >= 0) & (product.codes != REFUSED) & (trained.codes != REFUSED)
    outcomes.refuse(~good, lambda row: _check_row(row, admitted, zone))
    good = outcomes.open()
    numbers = np.array([*number_products(store, product, good, table.first), 0, CONTACT_LEVEL], np.int64)
    numbers[[NONE, REFUSED]] = CONTACT_LEVEL
    places = np.flatnonzero(good)
    return CheckedScores(
        outcomes=outcomes,
        unknown=unknown,
        contact=contact,
        places=places,
        model=Coded(model.codes[places], model.values),
        product=numbers[product.codes[places]].astype(np.uint32),
        score=score[places].astype(np.float32),
        as_of=np.array([*as_of.values, 0], np.int64)[as_of.codes[places]],
        cut_off=np.array([*trained.values, -1, -1], np.int64)[trained.codes[places]],
    )


def _read_model(value: Any) -> str:
    name = clean_slug(clean_id(value, "model"), "model")
    refuse_computed(name)
    return name


def _read_cut_off(value: Any, zone: tzinfo) -> int | None:
    return None if value in (None, "") else parse_row_time(value, "trained_until", zone)


def _new_models(model: Coded, named: np.ndarray, known: AbstractSet[str]) -> list[str]:
    """Return the models that are not known, in the order of their first rows."""
    codes, first = np.unique(model.codes[named], return_index=True)
    names = [model.values[code] for code in codes[np.argsort(first)]]
    return [name for name in names if name not in known]


def _mark_known_columns(table: RowTable) -> np.ndarray:
    """Mark the rows without unknown columns; those of a file with a head have none."""
    if not table.given:
        return np.ones(table.size, bool)
    return np.array([row.fields.keys() <= SCORE_COLUMNS for row in table.given])


def _check_row(row: Mapping[str, Any], models: AbstractSet[str], zone: tzinfo) -> None:
    """Raise `InvalidInput` for the first fault of a row."""
    refuse_columns(row, SCORE_COLUMNS)
    clean_id(row.get("contact_id"), "contact_id")
    model = _read_model(row.get("model"))
    if model not in models:
        raise InvalidInput(f"model '{model}' would be one more than {MAX_MODELS}", code="too_many_models")
    if abs(parse_number(row.get("score"), "score")) > LARGEST_SCORE:
        raise InvalidInput(f"score must be within +-{LARGEST_SCORE:g}", code="invalid_row")
    parse_row_time(row.get("as_of"), "as_of", zone)
    clean_optional_id(row.get("product_id"), "product_id")
    _read_cut_off(row.get("trained_until"), zone)
