"""The model `start` and its parts, as features: the product's own code, fitted to contacts to train on."""

import numpy as np

from benchmarks.few_shot.basics import Basics, Scorer, Seen
from benchmarks.few_shot.count_methods import als_factors
from benchmarks.few_shot.tasks import SEGMENT, People
from dog.models.start.attribute_encoder import AttributeEncoder
from dog.models.start.fit_start import fit_start
from dog.models.start.fit_taste import event_moments, fit_prior
from dog.models.start.fold_in import FoldIn
from dog.models.start.start_parts import TrainingData
from dog.models.start.taste import FIRST_EVENTS, Floats, TasteUpdate


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
    tastes, folded = fit_tastes(people, basics), FoldIn(als_factors(people.histories.matrix()))
    return lambda seen: [
        adapt(tastes, basics, seen) @ basics.vectors.T,
        folded.fold_all(seen.known) @ folded.factors.T,
    ]


def fit_whole_start(people: People, basics: Basics) -> Scorer:
    """Fit the model as `jobs train` does: with its own calibration, proof gate, segments and cold products."""
    count = people.histories.product_count
    names = tuple(sorted({str(record[SEGMENT]) for record in people.records if SEGMENT in record}))
    numbers = [names.index(str(record[SEGMENT])) if SEGMENT in record else -1 for record in people.records]
    encoder = AttributeEncoder.fit(people.records)
    data = TrainingData(
        histories=people.histories,
        encoded=encoder.encode_all(people.records),
        segments=np.array(numbers, np.int64),
        segment_names=names,
        encoded_products=np.zeros((count, 0)),
        exposure=np.ones(count),
        repeats=False,
    )
    model, _ = fit_start(data, (encoder, AttributeEncoder()), als_factors)
    return lambda seen: [model.log_odds(model.read(seen.records, list(seen.known)))]
