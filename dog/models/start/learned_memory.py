"""The memory of past cases as requests use it, as bytes and back: cases, how keys are made, categories, trust."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import numpy as np
import orjson

from dog.models.start.memory import CaseKeys, CaseMemory
from dog.models.start.start_model import StartModel
from dog.models.start.taste import Floats

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedMemory:
    """A memory with what reads need besides it.

    Parameters
    ----------
    cases
        The slots.
    keys
        How attributes and tastes become keys.
    categories
        Names of the categories that are remembered, by number.
    trust
        Exponent of the ratio, in [0, 1].
    on
        Whether it was proved on pitches that it did not hold.

    """

    cases: CaseMemory
    keys: CaseKeys
    categories: tuple[str, ...]
    trust: float
    on: bool

    def number(self, products: Sequence[Record]) -> np.ndarray:
        """Return the number of each product's category; of one that is not remembered, one past the last."""
        return number_categories(self.categories, products)


def number_categories(categories: Sequence[str], products: Sequence[Record]) -> np.ndarray:
    """Return the number of each product's category, `len(categories)` where it is none of them.

    >>> number_categories(("snacks",), [{"category": "snacks"}, {"category": "wine"}, {}]).tolist()
    [0, 1, 1]

    """
    places = {name: place for place, name in enumerate(categories)}
    return np.array([places.get(str(record.get("category") or ""), len(places)) for record in products], np.int64)


def keys_of(model: StartModel, keys: CaseKeys, records: Sequence[Record], events: Sequence[np.ndarray]) -> Floats:
    """Return the keys of contacts, given their attributes and the products that each bought (`StartModel.read`)."""
    encoded = model.contact_encoder.encode_all(records)
    return keys.of(encoded, model.tastes(encoded, events))


def write_memory(memory: LearnedMemory) -> bytes:
    """Return a memory as bytes; reals have the precision of 32 bits. Slots without a case are left out."""
    held = memory.cases.used > 0
    plain = {
        "categories": memory.categories,
        "trust": memory.trust,
        "on": memory.on,
        "temperature": memory.cases.temperature,
        "lengths": {name: value for name, value in asdict(memory.keys).items() if name != "centre"},
    }
    file = BytesIO()
    np.savez_compressed(
        file,
        plain=np.frombuffer(orjson.dumps(plain), np.uint8),
        centre=memory.keys.centre.astype(np.float32),
        keys=memory.cases.keys[held].astype(np.float32),
        records=memory.cases.records[:, held].astype(np.float32),
        owners=memory.cases.owners[held],
        used=memory.cases.used[held],
    )
    return file.getvalue()


def read_memory(packed: bytes) -> LearnedMemory:
    """Return the memory that `write_memory` wrote."""
    with np.load(BytesIO(packed), allow_pickle=False) as file:
        plain = orjson.loads(file["plain"].tobytes())
        reals = {name: file[name].astype(np.float64) for name in ("centre", "keys", "records")}
        owners, used = file["owners"], file["used"]
    return LearnedMemory(
        cases=CaseMemory(
            keys=reals["keys"],
            records=reals["records"],
            owners=owners,
            used=used,
            temperature=plain["temperature"],
        ),
        keys=CaseKeys(centre=reals["centre"], **plain["lengths"]),
        categories=tuple(plain["categories"]),
        trust=plain["trust"],
        on=plain["on"],
    )
