"""Ranked lists of all contacts at once, for a campaign or a warehouse; no laps are counted, nothing is stored."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from dog.errors import InvalidInput, NotFound
from dog.services.consider import request_of, weigh
from dog.services.house import House
from dog.services.read_contact import read_contact
from dog.services.table_files import csv_line
from dog.storage.contacts import each_partition

COLUMNS = (
    "contact_id",
    "rank",
    "product_id",
    "score",
    "consolidated",
    "multiplier",
    "policy_version",
    "multiplier_version",
)


def batch_recommend(house: House, tenant: str, k: int, policy: str) -> Iterator[tuple[float, list[tuple[Any, ...]]]]:
    """Rank the options of every contact.

    Parameters
    ----------
    house
        What bootstrap built.
    tenant
        Whose contacts.
    k
        Items a contact at most.
    policy
        Active policy to use.

    Yields
    ------
    After each partition: the share done, and its rows in the order of `COLUMNS`.

    """
    store = house.store(tenant)
    snapshot = house.snapshots.current(store)
    if policy not in snapshot.policies:
        known = ", ".join(snapshot.policies)
        raise NotFound(f"policy '{policy}' is not active; active are {known}", code="unknown_policy")
    for partition, records in enumerate(each_partition(store, "contacts"), 1):
        rows: list[tuple[Any, ...]] = []
        for record in records.values():
            contact_id = str(orjson.loads(record)["contact_id"])
            _, state = read_contact(store, snapshot, contact_id, policy)
            request = request_of(contact_id, k=k, policy=policy, dry_run=True)
            found = weigh(house, store, request, snapshot, state, seed=house.clock())
            version = snapshot.version.version if snapshot.version else None
            scored, ranked = found.scored, found.ranked
            multipliers = found.scores[ranked] / np.where(scored.plain[ranked] > 0, scored.plain[ranked], 1.0)
            rows += [
                (
                    contact_id,
                    rank,
                    found.options.product_ids[option],
                    float(found.scores[option]),
                    float(scored.plain[option]),
                    float(multiplier),
                    found.active.version,
                    version,
                )
                for rank, (option, multiplier) in enumerate(zip(ranked.tolist(), multipliers.tolist(), strict=True), 1)
            ]
        yield partition / store.tenant.partition_count, rows


def write_batch(house: House, tenant: str, out: Path, k: int, policy: str, report: Callable[[float], None]) -> int:
    """Write the ranked lists of every contact to a Parquet or CSV file, whole or not at all; how many rows.

    Raises
    ------
    InvalidInput
        The ending is neither .parquet nor .csv.
    NotFound
        No such policy is active.

    """
    import pandas as pd  # noqa: PLC0415  # half a second to import, for files alone

    if out.suffix not in (".parquet", ".csv"):
        raise InvalidInput(f"{out.name}: the ending must be .parquet or .csv")
    rows: list[tuple[Any, ...]] = []
    for share, found in batch_recommend(house, tenant, k, policy):
        rows += found
        report(share)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    unfinished = out.with_name(out.name + ".part")
    if out.suffix == ".csv":
        with unfinished.open("w", encoding="utf-8", newline="") as lines:
            lines.writelines(map(csv_line, (COLUMNS, *rows)))
    else:
        table.to_parquet(unfinished, index=False)
    unfinished.replace(out)
    return len(rows)
