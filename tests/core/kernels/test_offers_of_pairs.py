import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.events import EventType
from dog.core.kernels.offers_of_pairs import EVENT, count_offers_of
from dog.core.records import OUTCOME, PAIRS

PITCH, WIN, LOSS = EventType.PITCH, EventType.WIN, EventType.LOSS

events = st.lists(
    st.tuples(st.integers(0, 4), st.sampled_from([PITCH, WIN, LOSS]), st.integers(0, 2**62)),
    max_size=12,
)


@given(events, st.lists(st.integers(0, 5), max_size=4))
def test_each_option_has_the_events_of_its_product(rows: list[tuple[int, EventType, int]], products: list[int]) -> None:
    ledger = np.zeros(len(rows), OUTCOME)
    for name, column in zip(("product", "type", "at"), zip(*rows, strict=True), strict=False):
        ledger[name] = column
    places = np.full(len(products), -1)

    counts, expected = count_offers_of(ledger.view(EVENT), np.array(products, np.int64), np.zeros(0, PAIRS), places)

    of = [[(kind, at_ms) for product, kind, at_ms in rows if product == wanted] for wanted in products]
    counted = [[sum(kind == one for kind, _ in own) for one in (PITCH, WIN, LOSS)] for own in of]
    assert counts.T.tolist() == [
        [max(pitched, won + lost), won, lost, next((at_ms for kind, at_ms in reversed(own) if kind == PITCH), 0)]
        for own, (pitched, won, lost) in zip(of, counted, strict=True)
    ]
    assert np.isnan(expected).all()
