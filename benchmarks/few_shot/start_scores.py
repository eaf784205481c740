"""The model `start` and its parts, as features: the product's own code, fitted to contacts to train on."""

import numpy as np

from benchmarks.few_shot.basics import Basics, Scorer, Seen
from benchmarks.few_shot.tasks import People
from dog.models.collaborative import fit_item_factors
from dog.models.start.fit_start import fit_start
from dog.models.start.fit_taste import event_moments, fit_prior
from dog.models.start.fold_in import FoldIn
from dog.models.start.taste import FIRST_EVENTS, Floats, TasteUpdate
from dog.offline.history.read_purchases import PurchaseEvents
from dog.offline.start_data import training_data


def fit_tastes(people: People, basics: Basics) -> TasteUpdate:
    """Fit how tastes are distributed."""
    events = people.histories.between(0, FIRST_EVENTS)
    moments = event_moments(basics.vectors, events)
    return TasteUpdate(moments, fit_prior(moments, basics.vectors, events, people.encoded))


def adapt(tastes: TasteUpdate, basics: Basics, seen: Seen) -> Floats:
    """Return the tastes of contacts, shape (contacts, 16)."""
    return tastes.adapt_all(tastes.prior.means(seen.encoded), seen.known, basics.vectors)


def fit_taste_alone(people: People, basics: Basics) -> Scorer:
    """Score by the taste alone."""
    tastes = fit_tastes(people, basics)
    return lambda seen: [adapt(tastes, basics, seen) @ basics.vectors.T]


def fit_taste_and_als(people: People, basics: Basics) -> Scorer:
    """Score by the taste and the fold-in."""
    tastes, folded = fit_tastes(people, basics), FoldIn(fit_item_factors(people.histories.matrix()))
    return lambda seen: [
        adapt(tastes, basics, seen) @ basics.vectors.T,
        folded.fold_all(seen.known) @ folded.factors.T,
    ]


def fit_whole_start(people: People, basics: Basics) -> Scorer:
    """Fit the model as `jobs train` does: with its own calibration, proof gate, segments and cold products."""
    histories = people.histories
    contact = np.repeat(np.arange(len(histories)), histories.sizes)
    events = PurchaseEvents(
        contact=contact,
        product=histories.products,
        at_ms=np.arange(len(contact)) - histories.starts[contact],
        records=list(people.records),
    )
    data, encoders = training_data(events, [{}] * histories.product_count)
    model, _ = fit_start(data, encoders, fit_item_factors)
    return lambda seen: [model.log_odds(model.read(seen.records, list(seen.known)))]
