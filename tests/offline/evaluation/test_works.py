"""Works that run in this process."""

from functools import partial

from dog.offline.evaluation.works import run_in_turn


def test_works_return_their_results_in_order() -> None:
    assert run_in_turn([partial(max, 1, 2), partial(min, 1, 2)]) == [2, 1]
    assert run_in_turn([]) == []
