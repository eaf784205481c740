"""Fit the reference models on the loaded transactions and write their scores."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from dog.core.records import CONTACT_LEVEL, SCORES
from dog.errors import NotReady
from dog.models.replacement_check import YARDSTICKS, why_worse
from dog.models.train import REFERENCE_MODELS, TrainedModel, train
from dog.services.runner import Runner
from dog.services.runtime import Runtime
from dog.storage.catalogue import put_model, read_catalogue, read_models
from dog.storage.contacts import write_arrays
from dog.storage.model_dates import record_scores
from dog.storage.packed_scores import pack_many
from dog.storage.purchase_counts import rebuild_purchases
from dog.storage.store import Store

NO_TRANSACTIONS = "there are no transactions to train on; load some first: dog load transactions FILE"


def train_models(
    runner: Runner,
    store: Store,
    transactions: pd.DataFrame,
    names: Collection[str],
    seed: int,
    report: Callable[[float, str], None],
    *,
    force: bool = False,
) -> list[TrainedModel]:
    """Fit reference models, each a task, measure them on held-out weeks, and store the scores of the not worse ones.

    With `force` the scores of worse models are stored, too. `refused` of a model says why its scores were not stored
    and the old ones stay. Raises `NotReady` where there are no transactions.
    """
    if transactions.empty:
        raise NotReady(NO_TRANSACTIONS, code="no_transactions")
    chosen = [name for name in REFERENCE_MODELS if name in names]
    report(0.0, f"fitting {', '.join(chosen)}")
    with threadpool_limits(1, "blas"):  # sums are in one order, as in the workers
        fitted = runner.map(
            _train_model,
            chosen,
            store.tenant.name,
            transactions,
            seed,
            force,
            edge=lambda share: report(0.95 * share, "fitting"),
        )
        trained = [model for model in fitted if model is not None]
    for model in trained:
        if not model.refused:
            _record_scores(store, model)
    rebuild_purchases(store)
    report(1.0, "done")
    return trained


def _train_model(
    runtime: Runtime, name: str, tenant: str, transactions: pd.DataFrame, seed: int, force: bool
) -> TrainedModel | None:
    """Fit a model and write its scores, unless it is worse than the one in use; None where it cannot be fitted."""
    store = runtime.store(tenant)
    catalogue, in_use = read_catalogue(store), read_models(store).get(name, {})
    found = train(
        transactions,
        pd.DataFrame({"contact_id": transactions["contact_id"].unique()}),
        pd.DataFrame({"product_id": list(catalogue.ids)}),
        as_of_last(transactions),
        seed=seed,
        names=[name],
    )
    if not found:
        return None
    model = found[0]
    known = in_use.get("quality", {}), in_use.get("baseline", {})
    refused = "" if force else why_worse(name, (model.quality, model.baseline), known)
    if not refused:
        _write_scores(store, model, catalogue.numbers)
    return replace(model, refused=refused, scores=model.scores[:0])


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


def gains_of(trained: Sequence[TrainedModel]) -> dict[str, float]:
    """Return by how many percent each measured model beats its naive baseline, 0 where it does not."""
    gains = {}
    for model in trained:
        yardstick = YARDSTICKS[model.name]
        gain = yardstick.gain(model.quality, model.baseline)
        if gain is not None:
            gains[f"{model.name}, {yardstick.figure}"] = max(0.0, 100 * gain / abs(model.baseline[yardstick.naive]))
    return gains


def _write_scores(store: Store, model: TrainedModel, numbers: Mapping[str, int]) -> None:
    """Write a model's scores, partition by partition."""
    owner, contact_ids = pd.factorize(model.scores["contact_id"])
    digests = store.tenant.contacts(contact_ids.tolist())
    scores = np.zeros(len(owner), SCORES)
    scores["product"] = model.scores["product_id"].map({**numbers, "": CONTACT_LEVEL})
    scores["score"] = model.scores["score"]
    partition = np.array(store.tenant.partition_numbers(digests), np.int64)[owner]
    order = np.lexsort((scores["product"], owner, partition))
    for rows in np.split(order, np.flatnonzero(np.diff(partition[order])) + 1):
        bounds = np.flatnonzero(np.diff(owner[rows], prepend=-1, append=-1))
        as_of_ms, own = np.full(len(bounds) - 1, _as_of_ms(model)), scores[rows]
        packed = pack_many(as_of_ms, own["product"], own["score"], bounds)
        contacts = [digests[number] for number in owner[rows[bounds[:-1]]].tolist()]
        write_arrays(store, "scores", model.name, dict(zip(contacts, packed, strict=True)))


def _record_scores(store: Store, model: TrainedModel) -> None:
    record_scores(store, model.name, _as_of_ms(model), trained_until_ms=_as_of_ms(model))
    record = read_models(store)[model.name]
    put_model(store, model.name, {**record, "quality": dict(model.quality), "baseline": dict(model.baseline)})


def _as_of_ms(model: TrainedModel) -> int:
    return round(model.as_of.timestamp() * 1000)
