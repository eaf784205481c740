"""Methods that count and factorise: segments, attributes, EASE, alternating least squares, nearest items."""

import numpy as np

from benchmarks.few_shot.basics import Basics, Scorer, Seen
from benchmarks.few_shot.tasks import People
from dog.core.log_odds import logit
from dog.models.collaborative import fit_item_factors
from dog.models.start.fold_in import FoldIn
from dog.models.start.popularity import count_purchases_of
from dog.models.start.taste import FIRST_EVENTS, Floats

ATTRIBUTE_RIDGE = 30.0
ATTRIBUTE_STEPS = 10
EASE_RIDGE = 200.0
NEIGHBOURS = 50
COSINE_CONSTANT = 10.0
"""Contacts by which the similarity of two products is shrunk towards 0."""


def fit_popular(people: People, basics: Basics) -> Scorer:
    """Add nothing to popularity."""
    return lambda seen: []


def fit_segment_popular(people: People, basics: Basics) -> Scorer:
    """Count the hazard of each product in each segment, shrunk as in the model `start`."""
    levels = np.zeros((int(people.segments.max(initial=0)) + 2, len(basics.hazard)))
    for segment in np.unique(people.segments[people.segments >= 0]).tolist():
        counts = count_purchases_of(people.histories.select(people.segments == segment))
        levels[segment] = counts.log_odds(towards=basics.of_all)[0] - basics.hazard
    levels[-1] = 0.0  # of no segment, and of one that was never seen
    return lambda seen: [levels[np.minimum(seen.segments, len(levels) - 1)]]


def fit_attributes(people: People, basics: Basics) -> Scorer:
    """Fit a logistic regression of each product on the attributes: is it among the first 20 events?

    Newton's steps with the curvature at the start, which one decomposition gives for all products.
    """
    counts, first = len(people), people.histories.between(0, FIRST_EVENTS)
    bought = np.zeros((counts, len(basics.hazard) + 1))
    np.put_along_axis(bought, first, 1.0, axis=1)
    bought = bought[:, :-1]
    level = (bought.sum(axis=0) + 0.5) / (counts + 1)
    values, directions = np.linalg.eigh(people.encoded.T @ people.encoded)
    shrunk = values[:, None] * (level * (1 - level)) + ATTRIBUTE_RIDGE
    effects = np.zeros((people.encoded.shape[1], len(level)))
    for _ in range(ATTRIBUTE_STEPS):
        chance = 1 / (1 + np.exp(-(logit(level) + people.encoded @ effects)))
        slope = people.encoded.T @ (bought - chance) - ATTRIBUTE_RIDGE * effects
        effects += directions @ ((directions.T @ slope) / shrunk)
    return lambda seen: [seen.encoded @ effects]


def fit_ease(people: People, basics: Basics) -> Scorer:
    """Fit EASE (Steck 2019): a ridge regression of each product on all others."""
    bought = people.histories.matrix()
    inverse = np.linalg.inv((bought.T @ bought).toarray() + EASE_RIDGE * np.eye(bought.shape[1]))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return _sum_of_known(weights)


def fit_nearest(people: People, basics: Basics) -> Scorer:
    """Fit item-kNN: cosine similarity, the 50 nearest of each product."""
    bought = people.histories.matrix()
    both = (bought.T @ bought).toarray()
    buyers = np.diag(both)
    similarity = both / (np.sqrt(np.outer(buyers, buyers)) + COSINE_CONSTANT)
    np.fill_diagonal(similarity, 0.0)
    if len(similarity) > NEIGHBOURS:
        least = np.partition(similarity, -NEIGHBOURS, axis=0)[-NEIGHBOURS]
        similarity[similarity < least] = 0.0
    return _sum_of_known(similarity)


def _sum_of_known(weights: Floats) -> Scorer:
    """Score by the sum of the rows of the known products."""

    def score(seen: Seen) -> list[Floats]:
        total = np.zeros((len(seen.known), weights.shape[1]))
        for position in range(seen.known.shape[1]):
            total += weights[seen.known[:, position]]
        return [total]

    return score


def fit_als(people: People, basics: Basics) -> Scorer:
    """Fit alternating least squares, and fold contacts in as the product does."""
    folded = FoldIn(fit_item_factors(people.histories.matrix()))
    return lambda seen: [folded.fold_all(seen.known) @ folded.factors.T]
