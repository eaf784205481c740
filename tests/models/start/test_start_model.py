import numpy as np

from dog.models.start.fit_start import fit_start
from tests.models.start.worlds import factorise, simulate

WORLD = simulate()
MODEL, _ = fit_start(WORLD.data, WORLD.encoders, factorise)


def test_contacts_together_get_the_log_odds_that_each_gets_alone() -> None:
    records, events = WORLD.contact_records[:5], [np.arange(count) for count in (0, 1, 2, 7, 0)]

    together = MODEL.log_odds(MODEL.read(records, events))

    for record, own, found in zip(records, events, together, strict=True):
        np.testing.assert_allclose(MODEL.log_odds(MODEL.read([record], [own]))[0], found, atol=1e-9)
