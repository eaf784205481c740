"""Fit the reference models on the loaded transactions and write their scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from dog.core.records import CONTACT_LEVEL, SCORES
from dog.errors import NotReady
from dog.models.replacement_check import YARDSTICKS, why_worse
from dog.models.train import TrainedModel, train
from dog.offline.held_out_scores import hold_out
from dog.offline.history.read_history import read_transactions
from dog.services.run_records import fingerprint, keep_run
from dog.services.runtime import Runtime
from dog.services.svg_charts import sketch_bars
from dog.services.weekly.fit_policies import refresh_consolidation
from dog.storage.catalogue import put_model, read_catalogue, read_models
from dog.storage.contacts import pack_scores, write_arrays
from dog.storage.model_dates import record_scores
from dog.storage.purchase_counts import rebuild_purchases
from dog.storage.store import Store


def train_models(
    runtime: Runtime,
    tenant: str,
    seed: int,
    report: Callable[[float, str], None],
    *,
    force: bool = False,
    needs_transactions: bool = True,
) -> list[TrainedModel]:
    """Fit all reference models, measure them on held-out weeks, and store the scores of those that are not worse.

    With `force` the scores of worse models are stored, too. `refused` of a model says why its scores were not stored
    and the old ones stay. Raises `NotReady` where no transactions are loaded, unless `needs_transactions` is False.
    """
    store, started_ms = runtime.store(tenant), runtime.clock()
    transactions = read_transactions(store)
    if transactions.empty and not needs_transactions:
        return []
    if transactions.empty:
        raise NotReady(
            "there are no transactions to train on; load some first: python -m dog load transactions FILE",
            code="no_transactions",
        )
    as_of = transactions["occurred_at"].max() + pd.Timedelta(seconds=1)
    catalogue = read_catalogue(store)
    contacts = pd.DataFrame({"contact_id": transactions["contact_id"].unique()})
    products = pd.DataFrame({"product_id": list(catalogue.ids)})
    trained = train(
        transactions,
        contacts,
        products,
        as_of,
        seed=seed,
        progress=lambda share, text: report(share * 0.9, text),
    )
    if not force:
        trained = _refuse_worse(store, trained)
    for model in trained:
        if not model.refused:
            report(0.95, f"writing {model.name}")
            _write_scores(store, model, catalogue.numbers, round(as_of.timestamp() * 1000))
    rebuild_purchases(store)
    taken = [model.name for model in trained if not model.refused]
    refresh_consolidation(store, runtime.clock(), hold_out(store, taken, transactions, as_of, seed))
    keep_run(
        runtime,
        tenant,
        "train",
        started_ms=started_ms,
        settings={"force": force},
        data=_fingerprint(transactions),
        seed=seed,
        metrics={f"{model.name}.{name}": value for model in trained for name, value in model.quality.items()},
        outcome="; ".join(f"{model.name}: {model.refused or 'taken'}" for model in trained),
        files={"gain.svg": sketch_bars("better than the naive answer by, %", _gains(trained))},
    )
    report(1.0, "done")
    return trained


def _refuse_worse(store: Store, trained: list[TrainedModel]) -> list[TrainedModel]:
    """Mark the models that are worse than the ones in use."""
    records, marked = read_models(store), []
    for model in trained:
        in_use = records.get(model.name, {})
        known = in_use.get("quality", {}), in_use.get("baseline", {})
        marked.append(replace(model, refused=why_worse(model.name, (model.quality, model.baseline), known)))
    return marked


def _gains(trained: Sequence[TrainedModel]) -> dict[str, float]:
    """Return by how many percent each measured model beats its naive baseline, 0 where it does not."""
    gains = {}
    for model in trained:
        yardstick = YARDSTICKS[model.name]
        gain = yardstick.gain(model.quality, model.baseline)
        if gain is not None:
            gains[f"{model.name}, {yardstick.figure}"] = max(0.0, 100 * gain / abs(model.baseline[yardstick.naive]))
    return gains


def _fingerprint(transactions: pd.DataFrame) -> str:
    rows = pd.util.hash_pandas_object(transactions, index=False).to_numpy()
    return fingerprint(np.sort(rows))


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
