"""Fit the reference models on the loaded transactions and write their scores."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import orjson
import pandas as pd

from dog.core.records import CONTACT_LEVEL, SCORES
from dog.errors import NotReady
from dog.offline.models.refresh import YARDSTICKS, why_worse
from dog.offline.models.train import TrainedModel, train
from dog.services.policies.policy_store import default_policy
from dog.services.run_records import fingerprint, keep_run
from dog.services.runtime import Runtime
from dog.services.svg_charts import sketch_bars
from dog.services.weekly.calibrate_models import calibrate_models
from dog.storage.catalogue import read_catalogue
from dog.storage.contacts import TRANSACTIONS, pack_scores, read_partitions, write_arrays
from dog.storage.model_records import put_model, read_models
from dog.storage.store import Store

Report = Callable[[float, str], None]


def train_models(
    runtime: Runtime, tenant: str, seed: int, report: Report, *, force: bool = False
) -> list[TrainedModel]:
    """Fit all reference models, judge them on held-out weeks, and store the scores of those that are not worse.

    Parameters
    ----------
    runtime, tenant
        Whose models.
    seed
        The same seed and data give the same scores.
    report
        Told the share done and what comes next.
    force
        Take also the scores of a model that is worse than the one in use.

    Returns
    -------
    What was fitted; `refused` says why a model's scores were not taken, and the old ones stay.

    Raises
    ------
    NotReady
        No transactions are loaded.

    """
    store, started_ms = runtime.store(tenant), runtime.clock()
    transactions = read_transactions(store)
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
    numbers = catalogue.numbers
    as_of_ms = round(as_of.timestamp() * 1000)
    if not force:
        trained = _gated(store, trained)
    for model in trained:
        if not model.refused:
            report(0.95, f"writing {model.name}")
            _write_scores(store, model, numbers, as_of_ms)
    calibrate_models(store, default_policy(store))
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


def _gated(store: Store, trained: list[TrainedModel]) -> list[TrainedModel]:
    """Mark the models that are worse than the ones in use."""
    records, gated = read_models(store), []
    for model in trained:
        in_use = records.get(model.name, {})
        known = in_use.get("quality", {}), in_use.get("baseline", {})
        gated.append(replace(model, refused=why_worse(model.name, (model.quality, model.baseline), known)))
    return gated


def _gains(trained: Sequence[TrainedModel]) -> dict[str, float]:
    """Tell by how many percent each model that was judged beats its naive rival, 0 where it does not."""
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


def read_transactions(store: Store) -> pd.DataFrame:
    """Read all transactions of a tenant as a table."""
    ids = np.array(read_catalogue(store).ids, dtype=object)
    contact_ids: list[str] = []
    arrays: list[np.ndarray] = []
    records = read_partitions(store, "contacts")
    for packed, known in zip(read_partitions(store, "transactions"), records, strict=True):
        for digest, array in packed.items():
            contact_ids.append(orjson.loads(known[digest])["contact_id"])
            arrays.append(np.frombuffer(array, TRANSACTIONS))
    if not arrays:
        return pd.DataFrame()
    rows = np.concatenate(arrays)
    return pd.DataFrame(
        {
            "contact_id": np.repeat(np.array(contact_ids, dtype=object), [len(array) for array in arrays]),
            "product_id": ids[rows["product"]],
            "occurred_at": pd.to_datetime(rows["at"].astype(np.int64), unit="s", utc=True),
            "quantity": rows["quantity"].astype(np.float64),
            "amount": rows["amount"].astype(np.float64),
        }
    )


def _write_scores(store: Store, model: TrainedModel, numbers: Mapping[str, int], as_of_ms: int) -> None:
    arrays = {}
    for contact_id, rows in model.scores.groupby("contact_id", sort=False):
        found = np.zeros(len(rows), SCORES)
        found["product"] = [numbers[product] if product else CONTACT_LEVEL for product in rows["product_id"]]
        found["score"] = rows["score"]
        arrays[store.tenant.contact(str(contact_id))] = pack_scores(as_of_ms, np.sort(found, order="product"))
    write_arrays(store, "scores", model.name, arrays)
    record = read_models(store).get(model.name, {})
    previous = record.get("as_of_ms")
    if previous is None or as_of_ms > previous:
        record = {**record, "as_of_ms": as_of_ms, "previous_as_of_ms": previous}
    put_model(store, model.name, {**record, "quality": dict(model.quality), "baseline": dict(model.baseline)})
