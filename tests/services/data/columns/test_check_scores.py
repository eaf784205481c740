"""Rows of scores are validated by the models that are known, in the store or of earlier tables."""

import numpy as np

from dog.services.data.columns.check_scores import check_scores
from dog.services.data.columns.row_table import table_of_rows
from dog.services.data.data_rows import Row
from dog.services.data.import_rows import import_rows
from dog.services.data.mapping.file_columns import FILE_COLUMNS
from dog.services.runtime import Runtime
from dog.storage.model_dates import record_scores
from dog.storage.store import Store


def test_one_model_too_many_is_refused_and_known_ones_are_taken(runtime: Runtime, store: Store) -> None:
    for n in range(63):
        record_scores(store, f"m{n}", 1)
    rows = [
        {"contact_id": "c1", "model": model, "score": 0.5, "as_of": "2026-11-02"}
        for model in ("new", "more", "new", "m5")
    ]
    results = import_rows(store, "scores", rows, runtime.settings.zone)

    assert [result.code for result in results] == [None, "too_many_models", None, None]


def test_contacts_and_models_of_earlier_tables_count_as_known(runtime: Runtime, store: Store) -> None:
    zone = runtime.settings.zone
    import_rows(store, "contacts", [{"contact_id": "c1", "size": 1}], zone)
    row = {"score": 0.5, "as_of": "2026-11-02", "trained_until": ""}
    names = [("c2", "m63"), ("c3", "new"), ("c2", "new")]
    rows = [Row(line, {**row, "contact_id": one, "model": model}) for line, (one, model) in enumerate(names, 1)]
    table = table_of_rows(rows, FILE_COLUMNS["scores"].names)
    checked = check_scores(store, table, zone, {"c2"}, {f"m{n}" for n in range(64)})

    assert [(place, one.name) for place, one in checked.unknown.items()] == [(1, "c3")]
    assert (checked.places.tolist(), checked.cut_off.tolist()) == ([0], [-1])
    assert {one.code for one in checked.outcomes.others.values()} == {"too_many_models"}
    assert checked.rows().score.tolist() == [np.float32(0.5)]
