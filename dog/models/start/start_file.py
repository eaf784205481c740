"""The model `start` as bytes, and back: arrays as numpy's npz, the rest as JSON."""

from collections.abc import Mapping
from dataclasses import asdict
from io import BytesIO
from typing import Any

import numpy as np
import orjson

from dog.core.learning.win_rates import NO_EVIDENCE_RATE
from dog.core.log_odds import logit
from dog.models.start.attribute_encoder import AttributeEncoder
from dog.models.start.bands import BAND_NAMES, Band
from dog.models.start.cold_products import ColdPrior
from dog.models.start.cold_terms import ColdTerms, ColdWeights, ContactTerms
from dog.models.start.fold_in import FoldIn
from dog.models.start.offset_prior import OffsetPrior
from dog.models.start.start_model import StartModel
from dog.models.start.taste import MOST_EVENTS, Floats, Moments, TastePrior, TasteUpdate

FORMAT = 1
FIRST_ROWS = 21
"""Position sums that are written; the others follow from the mean."""
COLD_TERMS = ("products", "rows", "centres")
AVERAGE = ("tastes", "folded", "likeness")


def write_start(model: StartModel) -> bytes:
    """Return a model as bytes; reals have the precision of 32 bits."""
    plain = {
        "format": FORMAT,
        "segments": model.segments,
        "bands": [asdict(band) for band in model.bands],
        "segment_bands": [asdict(band) for band in model.segment_bands],
        "weights": asdict(model.weights),
        "contacts": model.offset_prior.contacts,
        "activity_mean": model.activity_mean,
        "contact_encoder": model.contact_encoder.to_document(),
        "product_encoder": model.product_encoder.to_document(),
        "repeats": model.repeats,
        "events": model.events,
    }
    arrays: dict[str, np.ndarray] = {
        "plain": np.frombuffer(orjson.dumps(plain), np.uint8),
        "vectors": model.vectors,
        "warm": model.warm,
        "factors": model.fold_in.factors,
        "offsets": model.offsets,
        "offset_means": model.offset_prior.means,
        "offset_effects": model.offset_prior.effects,
        "encoded_products": model.encoded_products,
        **{f"average_{name}": getattr(model.average, name) for name in AVERAGE},
        **{f"cold_{name}": getattr(model.cold, name) for name in COLD_TERMS},
        **_update_arrays("taste", model.update, FIRST_ROWS),
        **_update_arrays("buyers", model.cold_prior.update, FIRST_ROWS),
    }
    file = BytesIO()
    small = {name: array.astype(np.float32) if array.dtype == np.float64 else array for name, array in arrays.items()}
    np.savez_compressed(file, **small)  # type: ignore[arg-type]  # numpy's stub takes the keyword for a flag
    return file.getvalue()


def read_start(packed: bytes) -> StartModel:
    """Return the model that `write_start` wrote; what another release wrote counts as not trained."""
    with np.load(BytesIO(packed), allow_pickle=False) as file:
        plain = orjson.loads(file["plain"].tobytes())
        if plain["format"] != FORMAT:
            return untrained_start()
        arrays = {name: _widen(file[name]) for name in file.files if name != "plain"}
    return StartModel(
        vectors=arrays["vectors"],
        warm=arrays["warm"],
        update=_update("taste", arrays, MOST_EVENTS),
        fold_in=FoldIn(arrays["factors"]),
        offsets=arrays["offsets"],
        segments=tuple(plain["segments"]),
        bands=tuple(Band(**band) for band in plain["bands"]),
        segment_bands=tuple(Band(**band) for band in plain["segment_bands"]),
        cold=ColdTerms(**{name: arrays[f"cold_{name}"] for name in COLD_TERMS}),
        weights=ColdWeights(
            terms=tuple((taste, factors, alike) for taste, factors, alike in plain["weights"]["terms"]),
            activity=plain["weights"]["activity"],
        ),
        cold_prior=ColdPrior(_update("buyers", arrays, FIRST_ROWS - 1)),
        offset_prior=OffsetPrior(
            means=arrays["offset_means"], effects=arrays["offset_effects"], contacts=plain["contacts"]
        ),
        average=ContactTerms(**{name: arrays[f"average_{name}"] for name in AVERAGE}),
        activity_mean=plain["activity_mean"],
        contact_encoder=AttributeEncoder.read(plain["contact_encoder"]),
        product_encoder=AttributeEncoder.read(plain["product_encoder"]),
        encoded_products=arrays["encoded_products"],
        repeats=plain["repeats"],
        events=plain["events"],
    )


def untrained_start() -> StartModel:
    """Return the model before any training: it knows no product, and all that are added are equally popular."""
    flat = TasteUpdate(
        Moments(mean=np.zeros(1), covariance=np.eye(1), position_sums=np.zeros((MOST_EVENTS + 1, 1))),
        TastePrior(mean=np.zeros(1), attribute_effects=np.zeros((0, 1)), covariance=np.eye(1)),
    )
    nothing = np.zeros((0, 1))
    return StartModel(
        vectors=nothing,
        warm=np.zeros(0, bool),
        update=flat,
        fold_in=FoldIn(nothing),
        offsets=np.zeros((1, 0)),
        segments=(),
        bands=(Band(),) * len(BAND_NAMES),
        segment_bands=(Band(),) * len(BAND_NAMES),
        cold=ColdTerms(products=np.zeros(0, np.int64), rows=np.zeros((0, 2)), centres=np.zeros((2, 0))),
        weights=ColdWeights(),
        cold_prior=ColdPrior(flat),
        offset_prior=OffsetPrior(means=logit([NO_EVIDENCE_RATE] * 2), effects=np.zeros((0, 2)), contacts=0.0),
        average=ContactTerms(tastes=np.zeros((1, 1)), folded=np.zeros((1, 1)), likeness=np.zeros((1, 0))),
        activity_mean=0.0,
        contact_encoder=AttributeEncoder(),
        product_encoder=AttributeEncoder(),
        encoded_products=np.zeros((0, 0)),
        repeats=True,
        events=0,
    )


def _update_arrays(name: str, update: TasteUpdate, rows: int) -> dict[str, Floats]:
    return {
        f"{name}_mean": update.moments.mean,
        f"{name}_moments": update.moments.covariance,
        f"{name}_positions": update.moments.position_sums[:rows],
        f"{name}_prior": update.prior.mean,
        f"{name}_effects": update.prior.attribute_effects,
        f"{name}_covariance": update.prior.covariance,
    }


def _update(name: str, arrays: Mapping[str, Any], events: int) -> TasteUpdate:
    moments = Moments(
        mean=arrays[f"{name}_mean"], covariance=arrays[f"{name}_moments"], position_sums=arrays[f"{name}_positions"]
    )
    prior = TastePrior(
        mean=arrays[f"{name}_prior"],
        attribute_effects=arrays[f"{name}_effects"],
        covariance=arrays[f"{name}_covariance"],
    )
    return TasteUpdate(moments.extended(events), prior)


def _widen(array: np.ndarray) -> np.ndarray:
    return array.astype(np.float64) if array.dtype == np.float32 else array
