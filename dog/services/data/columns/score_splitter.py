"""Split tables of scores by contact into the files of their parts, and keep what is refused until the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import tzinfo

import numpy as np

from dog.services.data.columns.check_scores import CheckedScores, check_scores
from dog.services.data.columns.known_rows import note_unknown
from dog.services.data.columns.row_table import RowTable
from dog.services.data.columns.write_score_part import SCORES_FILE, SPLIT_ROW
from dog.services.data.mapping.mapped_file import MappedFile
from dog.services.data.rejected_rows import Rejects
from dog.services.data.row_values import RowCounts, RowOutcome
from dog.services.data.spill import Spill, parts_of_contacts
from dog.services.lists.unknown_names import UnknownName
from dog.storage.store import Store


class ScoreSplitter:
    """Validates tables one after another, and appends their good rows to the files of their parts."""

    def __init__(self, store: Store, spill: Spill, parts: int, zone: tzinfo, counts: RowCounts) -> None:
        self.models: dict[str, int] = {}
        """The models with good rows, each with its place."""
        self._store, self._spill, self._parts, self._zone, self._counts = store, spill, parts, zone, counts
        self._contacts: set[str] = set()
        """Contacts that were unknown, and have good rows."""
        self._warnings: dict[UnknownName | None, int] = {None: 0}
        self._refused: list[tuple[np.ndarray, np.ndarray]] = []
        """Numbers of rows, and places of their outcomes."""
        self._outcomes: dict[RowOutcome, int] = {}

    def add(self, table: RowTable) -> None:
        """Take the next table."""
        checked = check_scores(self._store, table, self._zone, self._contacts, self.models.keys())
        outcomes = checked.outcomes
        self._contacts |= note_unknown(self._store, checked.unknown, checked.contact, outcomes, table.first)
        warned = {place: one.warning for place, one in outcomes.others.items() if one.warning is not None}
        self._counts.unknown.update((one.kind, one.name) for one in warned.values())
        places, results = outcomes.rejected()
        self._refuse(table.first + np.array(places, np.int64), results)
        records = self._records(checked, warned)
        records["row"] += table.first
        self._spill.add(SCORES_FILE, records, parts_of_contacts(records["contact"], self._parts))

    def refuse(self, rows: np.ndarray, outcome: RowOutcome) -> None:
        """Refuse rows that were split, given their numbers and warnings; nobody is warned of them any more."""
        self._refuse(rows["row"], [outcome] * len(rows))
        names = list(self._warnings)
        warned = (names[number] for number in rows["warning"].tolist())
        self._counts.unknown -= Counter((one.kind, one.name) for one in warned if one is not None)

    def write_refused(self, source: MappedFile, rejects: Rejects) -> None:
        """Read the refused rows again, and write them in the order of the file."""
        if not any(len(rows) for rows, _ in self._refused):
            return
        rows, codes = map(np.concatenate, zip(*self._refused, strict=True))
        order = np.argsort(rows)
        rows, codes, outcomes = rows[order], codes[order], list(self._outcomes)
        for table in source.again().tables():
            begin, end = np.searchsorted(rows, [table.first, table.first + table.size]).tolist()
            if begin < end:
                own = table.rows((rows[begin:end] - table.first).tolist())
                rejects.add(own, [outcomes[code] for code in codes[begin:end].tolist()])

    def _refuse(self, rows: np.ndarray, results: Sequence[RowOutcome]) -> None:
        self._counts.add(results)
        codes = [self._outcomes.setdefault(outcome, len(self._outcomes)) for outcome in results]
        self._refused.append((rows, np.array(codes, np.uint32)))

    def _records(self, checked: CheckedScores, warned: Mapping[int, UnknownName]) -> np.ndarray:
        """Return the good rows as records of `SPLIT_ROW`, numbered by their places in the table."""
        records = np.zeros(len(checked.places), SPLIT_ROW)
        digests = np.frombuffer(b"".join(self._store.tenant.contacts(checked.contact.values)), "V16")
        records["contact"] = digests[checked.contact.codes[checked.places]]
        found = [checked.model.values[code] for code in np.unique(checked.model.codes).tolist()]
        for model in found:
            self.models.setdefault(model, len(self.models))
        models = np.array([self.models.get(model, 0) for model in checked.model.values], np.uint8)
        records["model"] = models[checked.model.codes]
        records["row"], records["product"], records["score"] = checked.places, checked.product, checked.score
        records["as_of"], records["cut_off"] = checked.as_of, checked.cut_off
        numbers = [self._warnings.setdefault(name, len(self._warnings)) for name in warned.values()]
        if warned:
            records["warning"][np.searchsorted(checked.places, list(warned))] = numbers
        return records
