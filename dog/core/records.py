"""Packed records of events, pairs and scores: the dtypes that storage writes and the core computes with.

Two ledgers are kept for each contact, one record an event, always in the order of (occurred_at, event_id):
*outcomes* (pitch, win, loss), which act through the weekly job, and *verdicts* (accept, discard,
restructure), which act on the next recommendation.
"""

import numpy as np

NO_PRODUCT = 0xFFFFFFFF
"""The product of a discard that is about a whole account, contact, channel or time."""

OUTCOME = np.dtype(
    [
        ("at", ">u8"),  # occurred_at, milliseconds since 1970; big-endian, so that bytes sort as times do
        ("event", "<u8"),  # digest of the event's id
        ("pitch", "<u8"),  # digest of the pitch it says it settles, 0 where it names none; of a pitch its log ratios
        ("product", "<u4"),  # dense number of the product
        ("score", "<f4"),  # calibrated consolidated score when pitched, NaN where not known
        ("type", "u1"),  # EventType
        ("pitched_by", "u1", (3,)),  # of a pitch: numbers of channel, time and the contact's segment, 0 where not known
        ("arrival", "<u4"),  # running number of its arrival in the partition: the weekly job's frozen cut
    ]
)
"""One pitch, win or loss: 40 bytes."""

LOG_RATIOS = np.dtype([("product", "<f4"), ("pair", "<f4")])
"""What a pitch has in its field `pitch`: ln r_j and ln r_ij as known when it was made, 0 where not known."""

CARRIED = np.dtype(
    [
        ("at", ">u8"),  # 0: it sorts first
        ("wins", "<u4"),
        ("losses", "<u4"),
        ("expected", "<f8"),  # scores at pitch time, summed over the pitches that carry one
        ("product", "<u4"),
        ("scored", "<u4"),
        ("type", "u1"),  # EventType.CARRIED
        ("spare", "u1", (3,)),
        ("arrival", "<u4"),  # 0: seen by every week
    ]
)
"""What the archived weeks of a contact-product pair come to, in the place of their outcomes: 40 bytes."""

VERDICT = np.dtype(
    [
        ("at", ">u8"),
        ("event", "<u8"),
        ("value", "<u8"),  # digest of the refused attribute's value, 0 where none
        ("substitute", "<u8"),  # digest of what replaced it (of a product: its number plus 1), 0 where none
        ("actor", "<u8"),  # digest of who said it, 0 where not known
        ("product", "<u4"),  # NO_PRODUCT where about no product
        ("type", "u1"),
        ("trigger", "u1"),
        ("attribute", "u1"),
        ("spare", "u1"),
    ]
)
"""One accept, discard or restructure: 48 bytes."""

BALLOT = np.dtype([("kind", "u1"), ("subject", ">u8"), ("within", ">u8"), ("voter", ">u8")])
"""What a vote is about and who gave it: kind of vote, digests of category or account, of segment or actor, of the
voter."""

VOTE = np.dtype([*BALLOT.descr, ("at", ">u8"), ("sign", "i1")])
"""One accept (+1) or discard (-1) that acts beyond its contact."""

PAIRS = np.dtype(
    [
        ("product", "<u4"),
        ("pending", "<u4"),
        ("wins", "<u4"),
        ("losses", "<u4"),  # matured pitches included
        ("expected", "<f8"),  # calibrated scores at pitch time, summed over resolved pitches
        ("scored", "<u4"),  # resolved pitches that carry such a score
        ("evidence_scored", "<f4"),
        ("evidence_expected", "<f8"),
        ("evidence_wins", "<f8"),
        ("evidence_pitches", "<f8"),
        ("multiplier", "<f8"),
        ("part_pitches", "<f4"),  # what pending pitches counted for in this version, as far as their wins had come
        ("part_expected", "<f4"),
        ("part_scored", "<f4"),
    ]
)
"""What a version holds of one contact-product pair: all that was settled, and the evidence left of it."""

VALUE_COUNTS = np.dtype(
    [
        ("attribute", "u1"),  # place in `ATTRIBUTES`
        ("value", "u1"),  # number of the value
        ("wins", "<u4"),
        ("pitches", "<f4"),  # resolved ones; pending ones in part
        ("expected", "<f4"),  # their calibrated scores, each times the ratio of its segment and value, summed
    ]
)
"""What a version holds of a contact's pitches by one channel or at one time: 14 bytes."""

ATTRIBUTES = ("channel", "time")
"""What a pitch goes by, as far as it is learned: the first numbers in `pitched_by`."""
SEGMENT = len(ATTRIBUTES)
"""Place of the segment's number in `pitched_by`."""

CONTACT_LEVEL = 0xFFFFFFFF
"""The product number of a score that holds for all products of a contact (churn)."""

SCORES = np.dtype([("product", "<u4"), ("score", "<f4")])
"""One model's score of one product for a contact."""

SCORES_HEAD = np.dtype([("as_of", "<u8"), ("first", "<u4")])
"""What one model's packed scores of a contact begin with: time, in its last byte the form, and the lowest product."""
FORM_PLACE = 7
"""Place of the form in `SCORES_HEAD`."""
RECORDS = 0
"""Form: the time, then records of `SCORES` in the order of products."""
BESIDE = 1
"""Form: the head, all scores, then how far the number of each product is from the lowest, in 0 bytes each: the numbers
are consecutive. The next two forms have 1 and 2 bytes for it."""
CELL_BYTES = 4
"""The size of packed scores is a multiple of this: zeros follow what is shorter."""

PURCHASES = np.dtype([("product", "<u4"), ("count", "<u4"), ("last", "<u4")])
"""How often a contact bought one product (baskets, without returns), and when last, in seconds since 1970."""


def pitch_log_ratios(pitches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the log ratios of product and pair that records of pitches hold, shape (pitches,) each."""
    ratios = np.ascontiguousarray(pitches["pitch"]).view(LOG_RATIOS)
    return ratios["product"], ratios["pair"]


def pair_keys(contact: np.ndarray, product: np.ndarray) -> np.ndarray:
    """Return one sortable number a pair: contact index in the upper 32 bits, product below; shape (pairs,)."""
    return np.asarray((contact.astype(np.uint64) << np.uint64(32)) | product.astype(np.uint64))
