"""The model `start` and its parts, as features: the product's own code, fitted to contacts to train on."""

from benchmarks.few_shot.basics import Basics, Scorer, Seen
from benchmarks.few_shot.count_methods import als_factors
from benchmarks.few_shot.tasks import People
from dog.models.start.fit_taste import event_moments, fit_prior
from dog.models.start.fold_in import FoldIn
from dog.models.start.taste import MOST_EVENTS, Floats, TasteUpdate


def fit_tastes(people: People, basics: Basics) -> TasteUpdate:
    """Fit how tastes are distributed."""
    events = people.histories.between(0, MOST_EVENTS)
    moments = event_moments(basics.vectors, events)
    return TasteUpdate(moments, fit_prior(moments, basics.vectors, events, people.encoded))


def adapt(tastes: TasteUpdate, basics: Basics, seen: Seen) -> Floats:
    """Return the tastes of contacts, shape (contacts, 16)."""
    return tastes.adapt_all(tastes.prior.means(seen.encoded), seen.known, basics.vectors)


def fit_taste_alone(people: People, basics: Basics) -> Scorer:
    """Score by the taste alone."""
    tastes = fit_tastes(people, basics)
    return lambda seen: [adapt(tastes, basics, seen) @ basics.vectors.T]


def fit_start(people: People, basics: Basics) -> Scorer:
    """Score by the taste and the fold-in."""
    tastes, folded = fit_tastes(people, basics), FoldIn(als_factors(people.histories.matrix()))
    return lambda seen: [
        adapt(tastes, basics, seen) @ basics.vectors.T,
        folded.fold_all(seen.known) @ folded.factors.T,
    ]
