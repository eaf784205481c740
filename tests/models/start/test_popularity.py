import numpy as np

from dog.models.start.histories import Histories
from dog.models.start.popularity import count_purchases_of


def test_the_hazard_counts_those_who_had_not_bought_the_product() -> None:
    found = count_purchases_of(Histories.of_lists([[0, 1], [1]], 3))

    assert found.buyers.tolist() == [1.0, 2.0, 0.0]
    assert found.at_risk.tolist() == [2.0, 3.0, 3.0]
    assert found.bought_next.tolist() == [1.0, 3.0, 0.0]
    assert np.isfinite(found.log_odds()).all()
