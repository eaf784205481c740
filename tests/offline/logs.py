"""Logs given as own data: past wins predict strongly, predict nothing, or the chances of serving are known."""

import numpy as np

from dog.core.events import EventType
from dog.offline.replay.calibrated_scores import ModelScores
from dog.offline.replay.replay_policy import ReplayInput
from dog.offline.statistics.discrimination import Floats
from tests.offline.histories import DAY_MS, START_MS, OutcomeEvent, settle

PITCHED_SHARE = 0.3
SEASON = 0.3
"""Standard deviation, in log odds, of the chances of all pitches of a week."""


def make_log(chances: Floats, scores: Floats, weeks: int, seed: int = 0) -> ReplayInput:
    """Pitch a random third of the pairs each week; some weeks go better than others.

    `chances` of a win and calibrated `scores` have shape (contacts, products).
    """
    chance = np.random.default_rng(seed)
    events = []
    for week in range(weeks):
        season = np.exp(chance.normal(0.0, SEASON))
        for contact, product in np.argwhere(chance.random(chances.shape) < PITCHED_SHARE).tolist():
            odds = season * chances[contact, product] / (1 - chances[contact, product])
            at_ms = START_MS + week * 7 * DAY_MS + int(chance.integers(0, 4 * DAY_MS))
            kind = EventType.WIN if chance.random() < odds / (1 + odds) else EventType.LOSS
            name = f"{week:03}-{contact:04}-{product:03}"
            events += [
                OutcomeEvent(contact=contact, product=product, at_ms=at_ms, kind=EventType.PITCH, event_id=f"p{name}"),
                OutcomeEvent(
                    contact=contact,
                    product=product,
                    at_ms=at_ms + 3 * DAY_MS,
                    kind=kind,
                    event_id=f"q{name}",
                    pitch_id=f"p{name}",
                ),
            ]
    pitches = settle(events, START_MS + 10**12, 90 * DAY_MS)
    score = scores[pitches.contact, pitches.product]
    return ReplayInput(
        pitches=pitches,
        models=[ModelScores(name="m", weight=1.0, lower_is_better=False, raw=score)],
        calibrated=[score],
        week_starts_ms=START_MS + np.arange(weeks + 2, dtype=np.int64) * 7 * DAY_MS,
        product_count=chances.shape[1],
    )


def predictive_log(contacts: int = 200, products: int = 10, weeks: int = 30) -> ReplayInput:
    """Make a log in which pairs differ widely and the scores do not know how."""
    chance = np.random.default_rng(1)
    chances = np.clip(chance.beta(0.6, 4.0, (contacts, products)), 0.005, 0.95)
    scores = np.clip(chances.mean() * np.exp(chance.normal(0.0, 0.3, chances.shape)), 0.01, 0.9)
    return make_log(chances, scores, weeks)


def known_log(contacts: int = 200, products: int = 10, weeks: int = 30) -> ReplayInput:
    """Make a log in which pairs differ and the scores know all of it: past wins add nothing."""
    chances = np.clip(np.random.default_rng(1).beta(1.0, 8.0, (contacts, products)), 0.01, 0.9)
    return make_log(chances, chances, weeks)


def equal_log(contacts: int = 200, products: int = 10, weeks: int = 30) -> ReplayInput:
    """Make a log in which all pairs are equal, and scores are noise around the rate: past wins are noise too."""
    noise = np.exp(np.random.default_rng(1).normal(0.0, 0.3, (contacts, products)))
    return make_log(np.full((contacts, products), 0.1), np.clip(0.1 * noise, 0.01, 0.9), weeks)
