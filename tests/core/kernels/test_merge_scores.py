from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.merge_scores import ANY, HAS_NONE, HAS_SCORES, TOO_OLD, MergedScores, merge_scores
from dog.core.records import CONTACT_LEVEL, SCORES
from dog.storage.packed_scores import pack_scores

NOW_MS, PRODUCTS = 1_000, 6
Packed = tuple[int, dict[int, float]] | None
"""When a model's scores of one contact were made, and the scores by product."""

scores = st.dictionaries(
    st.one_of(st.integers(0, PRODUCTS), st.just(CONTACT_LEVEL)), st.floats(0, 1, width=32), max_size=6
)
held = st.one_of(st.none(), st.tuples(st.sampled_from([200, 800, 900]), scores))
models = st.tuples(st.lists(held, min_size=3, max_size=3), st.booleans(), st.sampled_from([500.0, np.inf]))


def packed_as(one: Packed, *, of_old: bool) -> bytes:
    """Pack scores as this release does, or as releases did that knew one form."""
    if one is None:
        return b""
    records = np.array(sorted(one[1].items()), SCORES)
    return one[0].to_bytes(8, "little") + records.tobytes() if of_old else pack_scores(one[0], records)


def merged(given_models: list[Any], offered: list[bool], wanted: list[int], old: list[bool]) -> MergedScores:
    arrays = [
        packed_as(one, of_old=of_old)
        for contacts, _, _ in given_models
        for one, of_old in zip(contacts, old, strict=True)
    ]
    return merge_scores(
        np.frombuffer(b"".join(arrays), "<u4"),
        np.cumsum([0, *map(len, arrays)]) // 4,
        np.array([max_age_ms for _, _, max_age_ms in given_models]),
        np.array([falls_back for _, falls_back, _ in given_models]),
        NOW_MS,
        np.array(offered),
        np.array(wanted, np.int64),
    )


def by_dictionaries(given_models: list[Any], contact: int, offered: list[bool], wanted: int) -> dict[str, Any]:
    """Merge the scores of one contact as `merge_scores` states it."""
    of_products: list[dict[int, float]] = []
    dates, states, levels = [], [], []
    for contacts, falls_back, max_age_ms in given_models:
        one = contacts[contact]
        state = HAS_NONE if one is None else TOO_OLD if NOW_MS - one[0] > max_age_ms else HAS_SCORES
        own = dict(one[1]) if state == HAS_SCORES else {}
        states.append(state)
        levels.append(own.pop(CONTACT_LEVEL, np.nan))
        of_products.append(own)
        dates.append(one[0] if own and not falls_back else 0)
    fallbacks = [falls_back for _, falls_back, _ in given_models]
    primary = {
        product for own, falls_back in zip(of_products, fallbacks, strict=True) if not falls_back for product in own
    }
    every = sorted({product for own in of_products for product in own if product < len(offered)})
    options = [product for product in every if offered[product]]
    alone = not options and not np.isnan(levels).all()
    if alone:
        options = np.flatnonzero(offered).tolist()
    raw = [
        [
            np.nan if falls_back and product in primary else own.get(product, level)
            for own, level, falls_back in zip(of_products, levels, fallbacks, strict=True)
        ]
        for product in options
        if wanted in (ANY, product)
    ]
    listed = [product for product in options if wanted in (ANY, product)]
    return {
        "products": listed,
        "raw": raw,
        "scored": [product in primary for product in listed],
        "of_contact_alone": [alone] * len(listed),
        "as_of_ms": max(dates) if any(product in primary for product in every if offered[product]) else 0,
        "levels": levels,
        "states": states,
        "dropped": [product for product in every if not offered[product]],
    }


@given(
    st.lists(models, min_size=1, max_size=4),
    st.lists(st.booleans(), min_size=PRODUCTS, max_size=PRODUCTS),
    st.lists(st.one_of(st.just(ANY), st.integers(0, PRODUCTS - 1)), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
)
def test_scores_of_many_contacts_are_merged_as_those_of_each_alone(
    given_models: list[Any], offered: list[bool], wanted: list[int], old: list[bool]
) -> None:
    found = merged(given_models, offered, wanted, old)
    alone = [by_dictionaries(given_models, contact, offered, wanted[contact]) for contact in range(3)]

    assert np.diff(found.starts).tolist() == [len(one["products"]) for one in alone]
    for name in ("products", "scored", "of_contact_alone", "dropped"):
        assert getattr(found, name).tolist() == [value for one in alone for value in one[name]]
    np.testing.assert_array_equal(
        found.raw.T, np.array([row for one in alone for row in one["raw"]]).reshape(-1, len(given_models))
    )
    assert found.as_of_ms.tolist() == [one["as_of_ms"] for one in alone]
    np.testing.assert_array_equal(found.levels.T, [one["levels"] for one in alone])
    assert found.states.T.tolist() == [one["states"] for one in alone]
