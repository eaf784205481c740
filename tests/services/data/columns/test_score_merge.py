import numpy as np

from dog.core.records import SCORES
from dog.services.data.columns.score_merge import ScoreRows, merge_new_scores
from dog.storage.packed_scores import pack_scores


def packed(as_of_ms: int, **scores: float) -> bytes:
    return pack_scores(as_of_ms, np.array([(int(name[1:]), score) for name, score in scores.items()], SCORES))


def rows(*scores: tuple[int, int, float, int]) -> ScoreRows:
    contact, product, score, as_of = zip(*scores, strict=True)
    return ScoreRows(
        contact=np.array(contact),
        product=np.array(product, np.uint32),
        score=np.array(score, np.float32),
        as_of=np.array(as_of),
    )


def test_newer_scores_replace_equal_ones_add_and_older_ones_are_stale() -> None:
    stored = [packed(5, p1=0.5, p2=0.25), packed(5, p1=0.5), packed(5, p1=0.5), None]
    new = rows((0, 3, 1.0, 5), (0, 2, 0.25, 5), (1, 9, 1.0, 6), (2, 1, 1.0, 4), (3, 2, 0.5, 4), (3, 1, 0.5, 4))
    merged = merge_new_scores(new, stored)

    assert merged.stale.tolist() == [False, False, False, True, False, False]
    assert merged.duplicate.tolist() == [False, True, False, False, False, False]
    assert merged.contacts == [0, 1, 3]
    assert merged.packed == [packed(5, p1=0.5, p2=0.25, p3=1.0), packed(6, p9=1.0), packed(4, p1=0.5, p2=0.5)]
    assert merged.bases == [stored[0], b"", b""]


def test_the_order_of_a_contact_s_rows_counts() -> None:
    merged = merge_new_scores(rows((0, 1, 0.5, 2), (0, 2, 0.5, 1), (0, 1, 0.25, 2), (0, 1, 0.5, 3)), [None])

    assert merged.stale.tolist() == [False, True, False, False]
    assert merged.packed == [packed(3, p1=0.5)]


def test_what_changes_nothing_is_not_written() -> None:
    merged = merge_new_scores(rows((0, 1, -0.0, 2), (0, 1, 0.0, 2)), [packed(2, p1=0.0)])

    assert (merged.duplicate.tolist(), merged.contacts, merged.packed) == ([True, True], [], [])


def test_an_array_of_an_earlier_release_is_read_and_gets_the_new_form_with_the_next_change() -> None:
    stored = (5).to_bytes(8, "little") + np.array([(1, 0.5), (2, 0.25)], SCORES).tobytes()
    merged = merge_new_scores(rows((0, 1, 0.5, 5)), [stored])
    changed = merge_new_scores(rows((0, 3, 1.0, 5)), [stored])

    assert (merged.duplicate.tolist(), merged.packed) == ([True], [])
    assert (changed.packed, changed.bases) == ([packed(5, p1=0.5, p2=0.25, p3=1.0)], [stored])
    assert len(changed.packed[0]) == len(stored)
