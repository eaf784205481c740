"""Write the files of a large tenant: contacts, products, scores of three models, feedback, as Parquet."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.progress import track

PRODUCTS, MODELS, PITCHES_A_CONTACT, WIN_RATE = 100, ("cf", "frequency", "lead"), 10, 0.2
CONTACTS_A_GROUP = 10_000
WEEKS, WEEK_SECONDS = 3, 7 * 86_400
AS_OF = "2026-01-01T00:00:00Z"


def write_files(
    folder: Path, contact_count: int, now_seconds: int, *, weeks: int = WEEKS, with_losses: bool = False
) -> list[Path]:
    """Write the files in the order in which they are to be loaded; one pair in ten has feedback.

    Pitches were made in `weeks` weeks; `with_losses`, those that were not won were lost, else they are open.
    """
    numbers = np.arange(PRODUCTS)
    products = {"product_id": _ids("p", numbers), "category": _ids("g", numbers % 10)}
    files = [_write(folder / "products.parquet", iter([products]), 1)]
    groups = [
        np.arange(first, min(first + CONTACTS_A_GROUP, contact_count))
        for first in range(0, contact_count, CONTACTS_A_GROUP)
    ]
    contacts = ({"contact_id": _ids("c", some), "segment": _ids("s", some % 7)} for some in groups)
    files.append(_write(folder / "contacts.parquet", contacts, len(groups)))
    for number, model in enumerate(MODELS):
        scores = (_scores(some, model, np.random.default_rng([number, int(some[0])])) for some in groups)
        files.append(_write(folder / f"scores_{model}.parquet", scores, len(groups)))
    events = (
        _events(some, now_seconds, np.random.default_rng([9, int(some[0])]), weeks=weeks, with_losses=with_losses)
        for some in groups
    )
    return [*files, _write(folder / "feedback.parquet", events, len(groups))]


def _scores(contacts: np.ndarray, model: str, chance: np.random.Generator) -> dict[str, pa.Array]:
    count = len(contacts) * PRODUCTS
    return {
        "contact_id": _ids("c", contacts.repeat(PRODUCTS)),
        "product_id": _ids("p", np.tile(np.arange(PRODUCTS), len(contacts))),
        "model": pa.array([model]).take(pa.array(np.zeros(count, np.int8))),
        "score": pa.array(chance.beta(1, 8, count).astype(np.float32)),
        "as_of": pa.array([AS_OF]).take(pa.array(np.zeros(count, np.int8))),
    }


def _events(
    contacts: np.ndarray, now_seconds: int, chance: np.random.Generator, *, weeks: int, with_losses: bool
) -> dict[str, pa.Array]:
    """Return pitches of ten products to each contact over some weeks, and the wins of a fifth of them a day later."""
    owner = contacts.repeat(PITCHES_A_CONTACT)
    product = chance.integers(PRODUCTS, size=len(owner)) + np.tile(np.arange(PITCHES_A_CONTACT), len(contacts)) * 10
    at = now_seconds - chance.integers(WEEK_SECONDS, (weeks + 1) * WEEK_SECONDS, len(owner))
    is_won = chance.random(len(owner)) < WIN_RATE
    answered = np.flatnonzero(is_won | with_losses)
    number = owner * PITCHES_A_CONTACT + np.tile(np.arange(PITCHES_A_CONTACT), len(contacts))
    order = np.argsort(np.concatenate([owner, owner[answered]]), kind="stable")
    columns = {
        "event_id": pa.concat_arrays([_ids("e", number), _ids("w", number[answered])]),
        "type": pa.array(np.append(np.full(len(owner), "pitch"), np.where(is_won, "win", "loss")[answered])),
        "contact_id": _ids("c", np.concatenate([owner, owner[answered]])),
        "product_id": _ids("p", np.concatenate([product, product[answered]]) % PRODUCTS),
        "occurred_at": pa.array(np.concatenate([at, at[answered] + 86_400]) * 1000, pa.timestamp("ms", "UTC")),
    }
    return {name: column.take(pa.array(order)) for name, column in columns.items()}


def _ids(prefix: str, numbers: np.ndarray) -> pa.Array:
    """Return ids as strings, such as `c17`."""
    import pyarrow.compute as pc  # noqa: PLC0415  # slow to import

    return pc.binary_join_element_wise(prefix, pa.array(numbers).cast(pa.string()), "")


def _write(path: Path, groups: Iterator[dict[str, pa.Array]], count: int) -> Path:
    writer = None
    for columns in track(groups, description=f"writing {path.name}", total=count):
        table = pa.table(columns)
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()
    return path
