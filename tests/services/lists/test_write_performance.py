from dataclasses import replace

import orjson

from dog.core.receipt import no_performance
from dog.services.lists.rank_request import Ranking
from dog.services.lists.winners import winners_of
from dog.services.lists.write_performance import write_performance


def written(ranking: Ranking) -> list[bytes]:
    winners = winners_of(ranking)
    return write_performance(ranking, winners, [None] * len(winners))


def test_a_pair_without_feedback_has_the_same_text_again(ruled: Ranking) -> None:
    first = written(ruled)

    assert {product for product, *_ in ruled.active.receipts.performance} == {2, 4}
    assert written(ruled) == first


def test_a_pair_with_feedback_has_its_own_counts(ruled: Ranking) -> None:
    shown = {
        product: orjson.loads(text) for product, text in zip(winners_of(ruled).products, written(ruled), strict=True)
    }

    assert {product: (row["wins"], row["pitches"]) for product, row in shown.items()} == {
        2: (0, 0),
        1: (1, 1),
        4: (0, 0),
    }


def test_before_the_first_version_nothing_is_known(ruled: Ranking) -> None:
    unknown = replace(ruled, active=replace(ruled.active, multipliers=None))

    settings = ruled.active.policy.reinforcement
    assert [orjson.loads(text) for text in written(unknown)] == [no_performance(settings)] * 3
