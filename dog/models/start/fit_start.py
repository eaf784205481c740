"""Fit the model `start`, in order: parts, weights of cold products, calibration and proof on folds, the model.

What is not proved on contacts and products that it was not fitted to stays switched off.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from dog.models.start.attribute_encoder import AttributeEncoder
from dog.models.start.bands import BAND_NAMES, Band
from dog.models.start.cold_terms import ColdWeights, activity_of
from dog.models.start.cross_fit import CrossFit
from dog.models.start.fit_cold_terms import ColdVerdict, fit_cold_weights
from dog.models.start.gate import LEAST_CONTACTS, Verdict, finite_mean
from dog.models.start.memory_gate import MemoryVerdict
from dog.models.start.offset_prior import fit_offset_prior
from dog.models.start.popularity import Popularity
from dog.models.start.start_model import StartModel
from dog.models.start.start_parts import Factorise, StartParts, TrainingData, average_of, cold_terms, fit_parts
from dog.models.start.taste import Floats

MOST_CONTACTS = 20_000
"""Contacts that the model is fitted to: a sample of more."""
SEED = 0
Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StartReport:
    """What the proof gate decided; None where there are too few contacts or products to judge."""

    contacts: int
    products: int
    bands: tuple[Verdict | None, ...]
    segments: Verdict | None
    segment_bands: tuple[Verdict | None, ...]  # of contacts whose segment has a level; empty where none has
    cold: ColdVerdict | None
    memory: MemoryVerdict | None = None  # of past cases; None without enough pitches that carry a score

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "contacts": self.contacts,
            "products": self.products,
            "bands": _by_band(self.bands),
            "segment_bands": _by_band(self.segment_bands),
            "segments": self.segments and self.segments.to_document(),
            "cold": self.cold and self.cold.to_document(),
            "memory": self.memory and self.memory.to_document(),
        }


def _by_band(verdicts: tuple[Verdict | None, ...]) -> dict[str, Any]:
    return {name: verdict and verdict.to_document() for name, verdict in zip(BAND_NAMES, verdicts, strict=False)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """What the folds calibrated and proved.

    Where segments have levels, `bands` are those of contacts without any known attribute, and `segment_bands` those of
    the others: a segment may say all that events would.
    """

    popularity: Popularity = field(default_factory=Popularity)
    by_segment: bool = False
    bands: tuple[Band, ...] = (Band(),) * len(BAND_NAMES)
    verdicts: tuple[Verdict | None, ...] = (None,) * len(BAND_NAMES)
    segment_bands: tuple[Band, ...] = (Band(),) * len(BAND_NAMES)
    segment_band_verdicts: tuple[Verdict | None, ...] = ()
    segment_verdict: Verdict | None = None


def fit_start(
    data: TrainingData,
    encoders: tuple[AttributeEncoder, AttributeEncoder],
    factorise: Factorise,
    progress: Progress = lambda _share, _text: None,
) -> tuple[StartModel, StartReport]:
    """Fit the model to contacts.

    `encoders` are those of contacts and products with which `data` was encoded; `progress` gets the share done and the
    next step.
    """
    if len(data.histories) > MOST_CONTACTS:
        chosen = np.random.default_rng(SEED).permutation(len(data.histories))[:MOST_CONTACTS]
        data = data.select(np.sort(chosen))
    progress(0.0, "fitting to all contacts")
    parts = fit_parts(data, factorise)
    progress(0.1, "hiding products and finding their buyers")
    weights, cold_verdict = fit_cold_weights(data, factorise)
    calibrated = Calibrated()
    if (data.histories.sizes > 1).sum() >= LEAST_CONTACTS:
        calibrated = _calibrate(data, factorise, weights, progress)
    report = StartReport(
        contacts=len(data.histories),
        products=int((parts.counts.buyers > 0).sum()),
        bands=calibrated.verdicts,
        segments=calibrated.segment_verdict,
        segment_bands=calibrated.segment_band_verdicts,
        cold=cold_verdict,
    )
    return _assemble(data, encoders, parts, weights, calibrated), report


def _calibrate(data: TrainingData, factorise: Factorise, weights: ColdWeights, progress: Progress) -> Calibrated:
    proof = CrossFit.of(data, factorise, weights, lambda share, text: progress(0.3 + 0.4 * share, text))
    progress(0.7, "proving it on contacts of the other folds")
    popularity = proof.fit_popularity()
    verdict = proof.judge_segments(popularity)
    by_segment = verdict is not None and verdict.on
    bands, verdicts = _fit_bands(proof.without_attributes() if by_segment else proof, popularity, by_segment=False)
    found = Calibrated(popularity=popularity, bands=bands, verdicts=verdicts, segment_verdict=verdict)
    if not by_segment:
        return found
    bands, verdicts = _fit_bands(proof, popularity, by_segment=True)
    return replace(found, by_segment=True, segment_bands=bands, segment_band_verdicts=verdicts)


def _fit_bands(
    proof: CrossFit, popularity: Popularity, *, by_segment: bool
) -> tuple[tuple[Band, ...], tuple[Verdict | None, ...]]:
    found = [proof.fit_band(band, popularity, by_segment=by_segment) for band in range(len(BAND_NAMES))]
    return tuple(band for band, _ in found), tuple(verdict for _, verdict in found)


def _assemble(
    data: TrainingData,
    encoders: tuple[AttributeEncoder, AttributeEncoder],
    parts: StartParts,
    weights: ColdWeights,
    calibrated: Calibrated,
) -> StartModel:
    offsets = parts.offsets(calibrated.popularity, by_segment=calibrated.by_segment)
    shares = parts.counts.log_odds()[1]
    warm = parts.warm
    prior = fit_offset_prior(offsets[0, warm], shares[warm], data.encoded_products[warm], float(len(data.histories)))
    if warm.any():
        offsets[:, ~warm] = _cold_offsets(data, parts, prior.offsets)
    return StartModel(
        vectors=parts.vectors,
        warm=warm,
        update=parts.update,
        fold_in=parts.fold_in,
        offsets=offsets,
        segments=data.segment_names if calibrated.by_segment else (),
        bands=calibrated.bands,
        segment_bands=calibrated.segment_bands,
        cold=cold_terms(parts, data, weights),
        weights=weights,
        cold_prior=parts.cold,
        offset_prior=prior,
        average=average_of(parts, data),
        activity_mean=finite_mean(activity_of(data.histories.sizes)),
        contact_encoder=encoders[0],
        product_encoder=encoders[1],
        encoded_products=data.encoded_products,
        repeats=data.repeats,
        events=len(data.histories.products),
    )


def _cold_offsets(data: TrainingData, parts: StartParts, offsets: Callable[[Floats, Floats, Floats], Floats]) -> Floats:
    cold = ~parts.warm
    return offsets(data.encoded_products[cold], parts.counts.buyers[cold], data.exposure[cold])
