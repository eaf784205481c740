"""Fit the reference models on the loaded transactions and write their scores."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from dog.core.records import CONTACT_LEVEL, SCORES
from dog.errors import NotReady
from dog.models.replacement_check import YARDSTICKS, why_worse
from dog.models.train import REFERENCE_MODELS, TrainedModel, train
from dog.storage.catalogue import put_model, read_catalogue, read_models
from dog.storage.contacts import pack_scores, write_arrays
from dog.storage.model_dates import record_scores
from dog.storage.purchase_counts import rebuild_purchases
from dog.storage.store import Store

NO_TRANSACTIONS = "there are no transactions to train on; load some first: python -m dog load transactions FILE"


def train_models(
    store: Store,
    transactions: pd.DataFrame,
    names: Collection[str],
    seed: int,
    report: Callable[[float, str], None],
    *,
    force: bool = False,
) -> list[TrainedModel]:
    """Fit reference models, measure them on held-out weeks, and store the scores of those that are not worse.

    With `force` the scores of worse models are stored, too. `refused` of a model says why its scores were not stored
    and the old ones stay. Raises `NotReady` where there are no transactions.
    """
    if transactions.empty:
        raise NotReady(NO_TRANSACTIONS, code="no_transactions")
    as_of, catalogue = as_of_last(transactions), read_catalogue(store)
    trained = train(
        transactions,
        pd.DataFrame({"contact_id": transactions["contact_id"].unique()}),
        pd.DataFrame({"product_id": list(catalogue.ids)}),
        as_of,
        seed=seed,
        progress=lambda share, text: report(share * 0.9, text),
        names=names,
    )
    if not force:
        trained = _refuse_worse(store, trained)
    for model in trained:
        if not model.refused:
            report(0.95, f"writing {model.name}")
            _write_scores(store, model, catalogue.numbers, round(as_of.timestamp() * 1000))
    rebuild_purchases(store)
    report(1.0, "done")
    return trained


def as_of_last(transactions: pd.DataFrame) -> pd.Timestamp:
    """Return the first instant after the last transaction: up to there the models are fitted."""
    return transactions["occurred_at"].max() + pd.Timedelta(seconds=1)


def models_to_refit(store: Store, transactions: pd.DataFrame) -> list[str]:
    """Return the reference models to fit again without being asked; `NotReady` says why there are none.

    A model whose scores were loaded from outside is left alone, and so are all where no transaction is newer than the
    last fit.
    """
    if transactions.empty:
        raise NotReady(NO_TRANSACTIONS, code="no_transactions")
    records, newest_ms = read_models(store), round(as_of_last(transactions).timestamp() * 1000)
    own = [name for name in REFERENCE_MODELS if _is_own(records.get(name, {}))]
    if not own:
        raise NotReady("their scores are loaded from outside")
    fitted = [records[name].get("trained_until_ms", 0) for name in own if name in records]
    if fitted and max(fitted) >= newest_ms:
        raise NotReady("no transaction is newer than the last fit")
    return own


def _is_own(record: Mapping[str, Any]) -> bool:
    """Return whether the newest scores of a model are ones that DOG has fitted, or there are none yet."""
    return not record or ("quality" in record and record.get("as_of_ms") == record.get("trained_until_ms"))


def _refuse_worse(store: Store, trained: list[TrainedModel]) -> list[TrainedModel]:
    """Mark the models that are worse than the ones in use."""
    records, marked = read_models(store), []
    for model in trained:
        in_use = records.get(model.name, {})
        known = in_use.get("quality", {}), in_use.get("baseline", {})
        marked.append(replace(model, refused=why_worse(model.name, (model.quality, model.baseline), known)))
    return marked


def gains_of(trained: Sequence[TrainedModel]) -> dict[str, float]:
    """Return by how many percent each measured model beats its naive baseline, 0 where it does not."""
    gains = {}
    for model in trained:
        yardstick = YARDSTICKS[model.name]
        gain = yardstick.gain(model.quality, model.baseline)
        if gain is not None:
            gains[f"{model.name}, {yardstick.figure}"] = max(0.0, 100 * gain / abs(model.baseline[yardstick.naive]))
    return gains


def _write_scores(store: Store, model: TrainedModel, numbers: Mapping[str, int], as_of_ms: int) -> None:
    arrays = {}
    for contact_id, rows in model.scores.groupby("contact_id", sort=False):
        found = np.zeros(len(rows), SCORES)
        found["product"] = [numbers[product] if product else CONTACT_LEVEL for product in rows["product_id"]]
        found["score"] = rows["score"]
        arrays[store.tenant.contact(str(contact_id))] = pack_scores(as_of_ms, np.sort(found, order="product"))
    write_arrays(store, "scores", model.name, arrays)
    record_scores(store, model.name, as_of_ms, trained_until_ms=as_of_ms)
    record = read_models(store)[model.name]
    put_model(store, model.name, {**record, "quality": dict(model.quality), "baseline": dict(model.baseline)})
