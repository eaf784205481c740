from dog.models.start.fit_cold_terms import fit_cold_weights
from tests.models.start.worlds import factorise, simulate


def test_the_buyers_of_hidden_products_are_found_better_than_by_activity() -> None:
    _, verdict = fit_cold_weights(simulate().data, factorise)

    assert verdict is not None
    assert verdict.on
    assert verdict.auc[0] > verdict.auc_most_active[0] + 0.05
