"""Simulated worlds with a known truth: logs of a policy that served at random with known chances."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dog.offline.off_policy.estimators import Logged, Target

ACTIONS = 5


@dataclass(frozen=True, slots=True)
class World:
    """A log, a policy in question, and what that policy is truly worth."""

    contact: NDArray[np.int64]
    logged: Logged
    target: Target
    truth: float


def make_world(seed: int, contacts: int = 400, rows_each: int = 3, error: float = 0.3) -> World:
    """Make a log of contacts of three kinds, whose members win each option with their own chances.

    The truth is the value over the kinds and their members, not of the contacts drawn. The model behind `predicted`
    is wrong by up to `error` of the true chance.
    """
    chance = np.random.default_rng(seed)
    fixed = np.random.default_rng(99)
    win = fixed.uniform(0.05, 0.5, (3, ACTIONS))
    serves = fixed.dirichlet(np.ones(ACTIONS) * 1.5, 3) * 0.85 + 0.15 / ACTIONS
    wants = fixed.dirichlet(np.ones(ACTIONS), 3)
    model = win * fixed.uniform(1 - error, 1 + error, win.shape)
    kind = chance.integers(0, 3, contacts)
    own = chance.beta(8, 8, contacts) * 2  # of mean 1: some contacts win more than others
    contact = np.repeat(np.arange(contacts), rows_each)
    kinds = kind[contact]
    action = (chance.random(len(contact))[:, None] > np.cumsum(serves, axis=1)[kinds]).sum(axis=1)
    reward = (chance.random(len(contact)) < win[kinds, action] * own[contact]).astype(float)
    direct = (wants * model).sum(axis=1)[kinds]
    return World(
        contact,
        Logged(reward, serves[kinds, action]),
        Target(wants[kinds, action], model[kinds, action], direct),
        float((wants * win).sum(axis=1).mean()),
    )
