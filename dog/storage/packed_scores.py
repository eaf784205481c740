"""One model's scores of a contact, packed: their time, the products' numbers as narrow as they allow, the scores.

Product numbers take 2 bytes each where they lie within 65,536 of each other, 1 within 256, none where they are
consecutive, else 4 (`RECORDS`). Arrays of releases that knew the last form alone stay as they are until they change.
"""

from collections.abc import Sequence

import numpy as np

from dog.core.records import BESIDE, CELL_BYTES, FORM_PLACE, RECORDS, SCORES, SCORES_HEAD

TIME_BYTES = 8
SCORE_BYTES, HEAD_BYTES = SCORES["score"].itemsize, SCORES_HEAD.itemsize
DISTANCES = ("u1", "<u2")
"""What the distances from the lowest product are stored as."""


def pack_scores(as_of_ms: int, scores: np.ndarray) -> bytes:
    """Pack one model's scores of one contact: records of `SCORES` in the order of products."""
    if not len(scores):
        return as_of_ms.to_bytes(TIME_BYTES, "little")
    return pack_many(np.array([as_of_ms]), scores["product"], scores["score"], np.array([0, len(scores)]))[0]


def pack_many(as_of_ms: np.ndarray, product: np.ndarray, score: np.ndarray, bounds: np.ndarray) -> list[bytes]:
    """Pack one model's scores of some contacts, one after the other, each in the order of products.

    `as_of_ms` has one time a contact; `bounds` where each contact's scores begin, and the end of the last. Each contact
    has at least one.
    """
    counts, firsts = np.diff(bounds), product[bounds[:-1]].astype(np.int64)
    heads, forms = np.empty(len(counts), SCORES_HEAD), _forms(counts, product[bounds[1:] - 1] - firsts)
    heads["as_of"], heads["first"] = as_of_ms, firsts
    heads.view("u1").reshape(-1, HEAD_BYTES)[:, FORM_PLACE] = forms
    head, scores = heads.tobytes(), score.astype("<f4").tobytes()
    after = [_after_scores(size, product, firsts, counts, (forms == BESIDE + size).any()) for size in range(3)]
    records = _records(product, score) if (forms == RECORDS).any() else b""
    packed, at = list[bytes](), 0
    for form, first, end in zip(forms.tolist(), bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if form == RECORDS:
            packed.append(head[at : at + TIME_BYTES] + records[first * SCORES.itemsize : end * SCORES.itemsize])
        else:
            size = form - BESIDE
            own, numbers = scores[first * SCORE_BYTES : end * SCORE_BYTES], after[size][first * size : end * size]
            packed.append(head[at : at + HEAD_BYTES] + own + numbers + bytes(-len(numbers) % CELL_BYTES))
        at += HEAD_BYTES
    return packed


def _after_scores(size: int, product: np.ndarray, firsts: np.ndarray, counts: np.ndarray, is_used: bool) -> bytes:
    """Return the distances of all products, `size` bytes each."""
    return (product - np.repeat(firsts, counts)).astype(DISTANCES[size - 1]).tobytes() if size and is_used else b""


def _records(product: np.ndarray, score: np.ndarray) -> bytes:
    records = np.empty(len(product), SCORES)
    records["product"], records["score"] = product, score
    return records.tobytes()


def _forms(counts: np.ndarray, spans: np.ndarray) -> np.ndarray:
    """Return the narrowest form of each array, given how many scores it has and how far its products are apart."""
    wide, wider = np.iinfo(DISTANCES[0]).max, np.iinfo(DISTANCES[1]).max
    forms = np.select([counts == 1, spans == counts - 1, spans <= wide, spans <= wider], [RECORDS, 1, 2, 3], RECORDS)
    return forms.astype(np.uint8)


def unpack_scores(packed: bytes) -> tuple[int, np.ndarray]:
    """Return the time in milliseconds since 1970 and the records of `SCORES`, in the order of products."""
    form = packed[FORM_PLACE]
    if form == RECORDS:
        return int.from_bytes(packed[:TIME_BYTES], "little"), np.frombuffer(packed, SCORES, offset=TIME_BYTES)
    size = form - BESIDE
    scores = np.empty((len(packed) - HEAD_BYTES) // (SCORE_BYTES + size), SCORES)
    scores["score"] = np.frombuffer(packed, "<f4", len(scores), HEAD_BYTES)
    end = HEAD_BYTES + scores["score"].nbytes
    scores["product"] = np.frombuffer(packed, DISTANCES[size - 1], len(scores), end) if size else np.arange(len(scores))
    scores["product"] += np.frombuffer(packed, SCORES_HEAD, 1)["first"]
    return int.from_bytes(packed[:FORM_PLACE], "little"), scores


def only_scores(arrays: Sequence[bytes]) -> np.ndarray:
    """Return the scores of packed arrays, without what they are of; shape (scores,)."""
    return np.frombuffer(b"".join(map(_only_scores, arrays)), "<f4")


def _only_scores(packed: bytes) -> bytes:
    if len(packed) == HEAD_BYTES + SCORE_BYTES:  # one score, as most contacts have of some models
        return packed[HEAD_BYTES:]
    form = packed[FORM_PLACE]
    if form == RECORDS:
        return np.frombuffer(packed, SCORES, offset=TIME_BYTES)["score"].tobytes()
    count = (len(packed) - HEAD_BYTES) // (SCORE_BYTES + form - BESIDE)
    return packed[HEAD_BYTES : HEAD_BYTES + count * SCORE_BYTES]
