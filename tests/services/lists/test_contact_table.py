"""A table of contacts holds what each contact holds."""

import numpy as np

from dog.core.records import OUTCOME, SCORES, VERDICT
from dog.services.lists.contact_table import MISSING, ContactTable, PackedScores, bounds_of, joined
from dog.services.lists.read_contact import ContactState
from dog.storage.packed_scores import pack_scores


def contact(name: str, models: dict[str, bytes | None], verdicts: int = 0, outcomes: int = 0) -> ContactState:
    return ContactState.unpack(
        name.encode() * 16,
        record={"contact_id": name, "segment": name.upper()},
        scores=models,
        laps=0,
        multipliers=None,
        verdicts=np.full(verdicts, ord(name), VERDICT).tobytes(),
        outcomes=np.full(outcomes, ord(name), OUTCOME).tobytes(),
        purchases=None,
    )


def packed(products: int, as_of_ms: int = 7) -> bytes:
    scores = np.zeros(products, SCORES)
    scores["product"] = np.arange(products)
    return pack_scores(as_of_ms, scores)


def test_a_contact_read_from_a_table_is_what_was_put_into_it() -> None:
    contacts = [
        contact("a", {"cf": packed(3), "churn": None}, verdicts=2),
        contact("b", {"cf": None, "churn": packed(1)}),
        contact("c", {"cf": packed(2), "churn": packed(1)}, outcomes=3),
    ]
    table = ContactTable.of(contacts)

    assert len(table) == 3
    for one, other in zip(contacts, table, strict=True):
        assert (one.digest, one.record, one.packed_scores) == (other.digest, other.record, other.packed_scores)
        assert one.verdict_ledger.tobytes() == other.verdict_ledger.tobytes()
        assert one.outcome_ledger.tobytes() == other.outcome_ledger.tobytes()
    assert list(table.verdicts) == [0]
    assert list(table.outcomes) == [2]
    assert ContactTable.of(table) is table


def test_attributes_are_read_by_the_names_of_conditions() -> None:
    table = ContactTable.of([contact("a", {}), ContactState.unknown(b"0" * 16)])

    assert table.attribute("contact.id") == ["a", None]
    assert table.attribute("contact.segment") == ["A", None]
    assert table.attribute("contact.size") == [None, None]


def test_scores_of_one_product_come_as_a_time_and_a_record_a_contact() -> None:
    missing = MISSING.to_bytes(4, "little") * 4
    scores = PackedScores.of_product(missing + packed(1) + missing + packed(1, as_of_ms=9))

    assert [scores[place] for place in range(4)] == [None, packed(1), None, packed(1, as_of_ms=9)]


def test_arrays_are_joined_in_the_order_of_the_contacts() -> None:
    arrays = {4: np.full(2, 1, VERDICT), 9: np.full(1, 2, VERDICT)}

    assert joined(arrays, VERDICT)["at"].tolist() == [1, 1, 2]
    assert bounds_of(arrays, 11).tolist() == [0, 0, 0, 0, 0, 2, 2, 2, 2, 2, 3, 3]
    assert joined({}, VERDICT).tolist() == []


def test_scores_of_one_contact_are_joined_as_those_of_many() -> None:
    one = contact("a", {"cf": packed(3), "churn": None})
    models = ("cf", "start", "churn")

    joined_scores, bounds = ContactTable.of([one]).join_scores(models)
    of_two, ends = ContactTable.of([one, contact("b", {"cf": None})]).join_scores(models)

    assert joined_scores.tobytes() == of_two.tobytes() == packed(3)
    assert bounds.tolist() == [0, 6, 6, 6]
    assert ends.tolist() == [0, 6, 6, 6, 6, 6, 6]


def test_events_of_both_ledgers_come_contact_by_contact() -> None:
    events, bounds = ContactTable.of([contact("a", {}, verdicts=2), contact("b", {}, verdicts=1, outcomes=1)]).events()

    assert bounds.tolist() == [0, 2, 4]
    assert events[:, 0].tolist() == [97, 97, 98, 98]
