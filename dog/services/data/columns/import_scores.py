"""Import a table of scores: validate by distinct values and masks, merge by contact, write what changed."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np

from dog.core.records import CONTACT_LEVEL
from dog.errors import InvalidInput
from dog.services.data.columns.coded_values import NONE, REFUSED, Coded, read_ids
from dog.services.data.columns.known_rows import find_unknown, note_unknown, withhold_erased
from dog.services.data.columns.number_products import number_products
from dog.services.data.columns.row_table import RowTable
from dog.services.data.columns.score_merge import ScoreMerge, ScoreRows, merge_new_scores
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.data.row_values import RowOutcome, parse_number, parse_row_time, refuse_columns, refuse_computed
from dog.storage.catalogue import read_models
from dog.storage.contacts import read_arrays
from dog.storage.event_log import Status
from dog.storage.ids import clean_id, clean_optional_id, clean_slug
from dog.storage.model_dates import record_scores
from dog.storage.score_arrays import write_scores
from dog.storage.store import Store

MAX_MODELS = 64
SCORE_COLUMNS = frozenset(FILE_COLUMNS["scores"].names)
LARGEST_SCORE = 1e30
"""Scores are stored as 32-bit floats."""
CONTACTS_AT_ONCE = 5_000
"""Contacts whose scores are merged and written at once."""
STALE = RowOutcome(Status.REJECTED, "stale_score", "as_of is older than the stored scores of this model and contact")


def import_scores(store: Store, table: RowTable, zone: tzinfo) -> TableOutcomes:
    """Import scores; a row of a contact that has newer ones of the model is refused."""
    outcomes = TableOutcomes(table)
    contact = read_ids(table.coded("contact_id"), "contact_id")
    product = read_ids(table.coded("product_id"), "product_id", is_optional=True)
    withhold_erased(store, contact, outcomes)
    unknown = find_unknown(store, contact, product, outcomes)
    known = set(read_models(store))
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
    moments = np.array([*as_of.values, 0], np.int64)
    digests = store.tenant.contacts(contact.values)
    for code, name in enumerate(model.values):
        places = np.flatnonzero(good & (model.codes == code))
        order = np.argsort(contact.codes[places], kind="stable")
        places = places[order]
        rows = ScoreRows(
            contact=contact.codes[places].astype(np.int64),
            product=numbers[product.codes[places]].astype(np.uint32),
            score=score[places].astype(np.float32),
            as_of=moments[as_of.codes[places]],
        )
        cut_offs = np.array([*trained.values, -1, -1], np.int64)[trained.codes[places]]
        _import_model(store, name, rows, cut_offs, digests, places, outcomes)
    note_unknown(store, unknown, contact, outcomes, table.first)
    return outcomes


def _import_model(
    store: Store,
    model: str,
    rows: ScoreRows,
    cut_offs: np.ndarray,
    digests: Sequence[bytes],
    places: np.ndarray,
    outcomes: TableOutcomes,
) -> None:
    """Merge and write the scores of one model, some contacts at a time; rows are sorted by contact."""
    contacts, starts = np.unique(rows.contact, return_index=True)
    for first in range(0, len(contacts), CONTACTS_AT_ONCE):
        begin = starts[first]
        end = starts[first + CONTACTS_AT_ONCE] if first + CONTACTS_AT_ONCE < len(starts) else len(places)
        left = np.arange(begin, end)
        while len(left):
            own, contact = np.unique(rows.contact[left], return_inverse=True)
            names = [digests[number] for number in own.tolist()]
            some = rows.at(left)
            some = ScoreRows(contact=contact, product=some.product, score=some.score, as_of=some.as_of)
            merged = merge_new_scores(some, read_arrays(store, "scores", model, names))
            _note_model(store, model, some, merged, cut_offs[left])
            changed = [names[number] for number in merged.contacts]
            refused = write_scores(store, model, changed, merged.packed, merged.bases)
            again = np.isin(contact, [merged.contacts[place] for place in refused])
            outcomes.duplicate[places[left[merged.duplicate & ~again]]] = True
            outcomes.reject(places[left[merged.stale & ~again]].tolist(), STALE)
            left = left[again]


def _note_model(store: Store, model: str, rows: ScoreRows, merged: ScoreMerge, cut_offs: np.ndarray) -> None:
    """Record the dates of a model before its scores are written: a load that was killed left none without a record."""
    changes = rows.as_of[~(merged.stale | merged.duplicate)]
    told = cut_offs[~merged.stale & (cut_offs >= 0)]
    if len(changes) or len(told):
        as_of_ms = int(changes.max()) if len(changes) else None
        record_scores(store, model, as_of_ms, int(told.max()) if len(told) else None)


def _read_model(value: Any) -> str:
    name = clean_slug(clean_id(value, "model"), "model")
    refuse_computed(name)
    return name


def _read_cut_off(value: Any, zone: tzinfo) -> int | None:
    return None if value in (None, "") else parse_row_time(value, "trained_until", zone)


def _new_models(model: Coded, named: np.ndarray, known: set[str]) -> list[str]:
    """Return the models that are not known, in the order of their first rows."""
    codes, first = np.unique(model.codes[named], return_index=True)
    names = [model.values[code] for code in codes[np.argsort(first)]]
    return [name for name in names if name not in known]


def _mark_known_columns(table: RowTable) -> np.ndarray:
    """Mark the rows without unknown columns; those of a file with a head have none."""
    if not table.given:
        return np.ones(table.size, bool)
    return np.array([row.fields.keys() <= SCORE_COLUMNS for row in table.given])


def _check_row(row: Mapping[str, Any], models: set[str], zone: tzinfo) -> None:
    """Raise `InvalidInput` for the first fault of a row."""
    refuse_columns(row, SCORE_COLUMNS)
    clean_id(row.get("contact_id"), "contact_id")
    model = _read_model(row.get("model"))
    if model not in models:
        raise InvalidInput(f"model '{model}' would be one more than {MAX_MODELS}", code="too_many_models")
    if abs(parse_number(row.get("score"), "score")) > LARGEST_SCORE:
        raise InvalidInput(f"score must lie within +-{LARGEST_SCORE:g}", code="invalid_row")
    parse_row_time(row.get("as_of"), "as_of", zone)
    clean_optional_id(row.get("product_id"), "product_id")
    _read_cut_off(row.get("trained_until"), zone)
