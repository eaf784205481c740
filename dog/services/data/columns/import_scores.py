"""Import a table of scores: validate it, merge by contact, write what changed."""

from datetime import tzinfo

import numpy as np

from dog.services.data.columns.check_scores import check_scores
from dog.services.data.columns.known_rows import note_unknown
from dog.services.data.columns.merge_model import STALE, merge_model
from dog.services.data.columns.row_table import RowTable
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.storage.store import Store


def import_scores(store: Store, table: RowTable, zone: tzinfo) -> TableOutcomes:
    """Import scores; a row of a contact that has newer ones of the model is refused."""
    checked = check_scores(store, table, zone)
    outcomes = checked.outcomes
    digests = store.tenant.contacts(checked.contact.values)
    for code, name in enumerate(checked.model.values):
        own = np.flatnonzero(checked.model.codes == code)
        own = own[np.argsort(checked.contact.codes[checked.places[own]], kind="stable")]
        merged = merge_model(store, name, checked.rows(own), checked.cut_off[own], digests)
        places = checked.places[own]
        outcomes.duplicate[places[merged.duplicate]] = True
        outcomes.reject(places[merged.stale].tolist(), STALE)
    note_unknown(store, checked.unknown, checked.contact, outcomes, table.first)
    return outcomes
