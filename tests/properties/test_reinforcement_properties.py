"""What holds for every tenant, policy and history, whatever the numbers."""

import math
from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dog.core.calibration import standard_line
from dog.core.consolidation import POOLS, Pool, consolidate
from dog.core.consolidator import Consolidator, Model
from dog.core.describe_load import describe_load
from dog.core.learning.curves import multiplier
from dog.core.learning.evidence import Evidence, absorb, add_news, damp, no_evidence
from dog.core.learning.priors import fit_priors, sum_pairs
from dog.core.learning.recursion import damped_multiplier, damping
from dog.core.learning.reinforcement import product_multipliers, reinforce
from dog.core.learning.reinforcement_settings import (
    FAMILIES,
    NEUTRALS,
    RATES,
    READINGS,
    Family,
    NeutralName,
    Rate,
    Reading,
    Recursion,
    Reinforcement,
    Streak,
)
from dog.core.learning.win_rates import shrunk_rates
from dog.core.verdicts.streaks import streak_multiplier

ROUNDING = 1e-12
RATES_IN_0_1 = st.floats(0.0, 1.0)
INNER_RATES = st.floats(1e-4, 1 - 1e-4)
families = st.sampled_from(FAMILIES)
a_maxes = st.floats(1.0, 20.0)
d_mins = st.floats(0.01, 1.0)
policies = st.builds(
    Reinforcement,
    family=families,
    neutral=st.one_of(st.sampled_from(["global", "score", "product"]), st.floats(0.01, 0.99)),
    a_max=a_maxes,
    d_min=d_mins,
    rate=st.sampled_from(RATES),
    recursion=st.builds(Recursion, reading=st.sampled_from(READINGS), n=st.floats(0.0, 3.0)),
    explore=st.floats(0.0, 5.0),
    max_step=st.floats(1.0, 5.0),
)


@st.composite
def evidences(draw: st.DrawFn, size: int = 6) -> Evidence:
    """Draw fractional evidence with 0 <= W <= N, some pairs without any, some without scores."""
    column = st.lists(RATES_IN_0_1, min_size=size, max_size=size).map(np.array)
    pitches = np.array(draw(st.lists(st.one_of(st.just(0.0), st.floats(0.01, 200)), min_size=size, max_size=size)))
    scored = pitches * np.round(draw(column))
    return Evidence(wins=pitches * draw(column), pitches=pitches, expected=scored * draw(column), scored=scored)


PRODUCT = np.array([0, 0, 1, 1, 2, 2])


@settings(deadline=None)
@given(INNER_RATES, families, a_maxes, d_mins)
def test_the_neutral_point_reads_exactly_one(neutral: float, family: Family, a_max: float, d_min: float) -> None:
    curve = Reinforcement(family=family, a_max=a_max, d_min=d_min)

    assert multiplier(np.array([neutral]), neutral, curve)[0] == 1.0


@settings(deadline=None)
@given(st.lists(RATES_IN_0_1, min_size=2), INNER_RATES, families, a_maxes, d_mins)
def test_a_curve_keeps_bounds_and_order(
    rates: list[float], neutral: float, family: Family, a_max: float, d_min: float
) -> None:
    values = multiplier(np.sort(rates), neutral, Reinforcement(family=family, a_max=a_max, d_min=d_min))

    assert (values >= d_min).all()
    assert (values <= a_max).all()
    assert (np.diff(values) >= -ROUNDING * a_max).all()


@settings(deadline=None)
@given(INNER_RATES, families, a_maxes, d_mins)
def test_a_curve_is_continuous_at_the_neutral_point(neutral: float, family: Family, a_max: float, d_min: float) -> None:
    near = multiplier(
        np.array([neutral - 1e-12, neutral + 1e-12]),
        neutral,
        Reinforcement(family=family, neutral=0.5, a_max=a_max, d_min=d_min),
    )

    np.testing.assert_allclose(near, 1.0, atol=1e-5)


@settings(deadline=None)
@given(RATES_IN_0_1, INNER_RATES, families)
def test_without_room_every_multiplier_is_one(rate: float, neutral: float, family: Family) -> None:
    assert (
        multiplier(np.array([rate]), neutral, Reinforcement(family=family, neutral=0.5, a_max=1.0, d_min=1.0))[0] == 1.0
    )


@settings(deadline=None)
@given(INNER_RATES, families, a_maxes, d_mins, st.floats(0, 3), st.integers(0, 20), st.sampled_from(READINGS))
def test_damped_curves_keep_their_sides_of_one_but_for_the_literal_arm(
    neutral: float, family: Family, a_max: float, d_min: float, n: float, recursions: int, reading: Reading
) -> None:
    curve = Reinforcement(family=family, neutral=0.5, a_max=a_max, d_min=d_min, recursion=Recursion(reading, n))
    rates = np.union1d(np.linspace(0, 1, 21), [neutral])

    values = damped_multiplier(rates, neutral, recursions, curve)

    assert np.isfinite(values).all()
    assert (values > 0).all()
    assert (values <= a_max + ROUNDING * a_max).all()
    assert (values[rates <= neutral] <= 1 + ROUNDING).all()
    if reading != "literal":
        assert (values[rates >= neutral] >= 1 - ROUNDING).all()
        assert (values >= d_min - ROUNDING).all()


@settings(deadline=None)
@given(st.floats(0, 1000), RATES_IN_0_1, INNER_RATES, st.floats(0.5, 500), st.floats(0.01, 50))
def test_a_win_never_lowers_and_a_lost_pitch_never_raises_a_rate(
    pitches: float, share: float, prior: float, strength: float, more: float
) -> None:
    wins = np.array([share * pitches])
    rate = shrunk_rates(wins, np.array([pitches]), prior, strength)

    with_win = shrunk_rates(wins + more, np.array([pitches + more]), prior, strength)
    turned = shrunk_rates(np.minimum(wins + more, pitches), np.array([pitches]), prior, strength)
    with_loss = shrunk_rates(wins, np.array([pitches + more]), prior, strength)

    assert with_win[0] >= rate[0] - ROUNDING
    assert turned[0] >= rate[0] - ROUNDING
    assert with_loss[0] <= rate[0] + ROUNDING


@settings(deadline=None)
@given(st.integers(0, 1000), RATES_IN_0_1, INNER_RATES, st.floats(0.5, 500), st.booleans())
def test_one_more_pitch_moves_a_rate_little(
    pitches: int, share: float, prior: float, strength: float, won: bool
) -> None:
    wins = round(share * pitches)

    before = shrunk_rates(np.array([wins]), np.array([pitches]), prior, strength)[0]
    after = shrunk_rates(np.array([wins + won]), np.array([pitches + 1]), prior, strength)[0]

    assert 0 < before < 1
    assert abs(after - before) <= 1 / (strength + pitches + 1) + ROUNDING


@settings(deadline=None)
@given(evidences(), evidences(), evidences(), RATES_IN_0_1, st.floats(0, 3))
def test_wins_stay_between_none_and_all_pitches(
    held: Evidence, then: Evidence, now: Evidence, share: float, n: float
) -> None:
    gathered = add_news(held, then, now)
    absorbed = absorb(gathered, then, now, share)
    damped = damp(absorbed, damping(absorbed.raw_rates, n))

    for evidence in (gathered, absorbed, damped):
        assert (evidence.wins >= 0).all()
        assert (evidence.wins <= evidence.pitches).all()
        assert (evidence.scored <= evidence.pitches).all()
        assert (evidence.expected >= 0).all()


@settings(max_examples=300, deadline=None)
@given(evidences(), policies, st.integers(0, 20), st.one_of(st.just(math.nan), st.floats(0.05, 20)))
def test_multipliers_are_numbers_above_zero_within_their_step(
    evidence: Evidence, policy: Reinforcement, recursions: int, previous: float
) -> None:
    priors = fit_priors(sum_pairs(PRODUCT, evidence, 4))

    pairs = reinforce(PRODUCT, evidence, priors, recursions, previous, policy)
    products = product_multipliers(priors, previous, policy)

    for result in (pairs, products):
        for values in (result.win_rate, result.prior, result.neutral, result.curve, result.explore, result.step):
            assert np.isfinite(values).all()
        assert np.isfinite(result.value).all()
        assert (result.value > 0).all()
        np.testing.assert_array_equal(result.value, result.curve * result.explore * result.step)
        if not math.isnan(previous):
            assert (result.value <= previous * policy.max_step * (1 + ROUNDING)).all()
            assert (result.value >= previous / policy.max_step * (1 - ROUNDING)).all()


@settings(deadline=None)
@given(evidences(), policies, st.integers(0, 20))
def test_before_the_step_multipliers_keep_the_bounds(
    evidence: Evidence, policy: Reinforcement, recursions: int
) -> None:
    assume(policy.recursion.reading != "literal")

    result = reinforce(PRODUCT, evidence, fit_priors(sum_pairs(PRODUCT, evidence, 3)), recursions, math.nan, policy)

    assert (result.value >= policy.d_min * (1 - ROUNDING)).all()
    assert (result.value <= policy.a_max * (1 + ROUNDING)).all()


@settings(deadline=None)
@given(evidences(), families, st.sampled_from(NEUTRALS), st.sampled_from(RATES))
def test_more_wins_never_lower_a_multiplier(
    evidence: Evidence, family: Family, neutral: NeutralName, rate: Rate
) -> None:
    policy = Reinforcement(family=family, neutral=neutral, rate=rate, explore=0.0)
    priors = fit_priors(sum_pairs(PRODUCT, evidence, 3))
    luckier = replace(evidence, wins=(evidence.wins + evidence.pitches) / 2)

    before = reinforce(PRODUCT, evidence, priors, 0, math.nan, policy).value
    after = reinforce(PRODUCT, luckier, priors, 0, math.nan, policy).value

    assert (after >= before - ROUNDING * before).all()


@settings(deadline=None)
@given(evidences(), policies)
def test_a_pair_without_evidence_has_its_products_multiplier_or_one(evidence: Evidence, policy: Reinforcement) -> None:
    priors = fit_priors(sum_pairs(PRODUCT, evidence, 3))
    products = product_multipliers(priors, math.nan, policy)

    none = no_evidence(6)
    pairs = reinforce(PRODUCT, none, priors, 0, math.nan, policy)

    np.testing.assert_array_equal(pairs.value, products.value[PRODUCT])
    if policy.rate == "raw":
        np.testing.assert_array_equal(pairs.value, 1.0)
    if policy.neutral == "product":
        np.testing.assert_array_equal(pairs.curve, 1.0)


@settings(deadline=None)
@given(evidences(), policies, st.integers(0, 5))
def test_the_same_state_gives_the_same_bits_and_is_left_as_it_was(
    evidence: Evidence, policy: Reinforcement, recursions: int
) -> None:
    copies = [values.copy() for values in (evidence.wins, evidence.pitches, evidence.expected, evidence.scored)]

    first = reinforce(PRODUCT, evidence, fit_priors(sum_pairs(PRODUCT, evidence, 3)), recursions, 1.0, policy)
    second = reinforce(PRODUCT, evidence, fit_priors(sum_pairs(PRODUCT, evidence, 3)), recursions, 1.0, policy)

    assert first.value.tobytes() == second.value.tobytes()
    for copy, kept in zip(copies, (evidence.wins, evidence.pitches, evidence.expected, evidence.scored), strict=True):
        np.testing.assert_array_equal(copy, kept)


@settings(deadline=None)
@given(st.integers(-500, 500), st.floats(0, 1e5), st.integers(0, 3), st.floats(0.1, 1e4), st.floats(1, 5), d_mins)
def test_a_streak_stays_between_its_limits(
    run: int, days: float, free_run: int, half_life_days: float, accept: float, discard: float
) -> None:
    value = streak_multiplier(np.array([run]), np.array([days]), free_run, half_life_days, Streak(accept, discard))[0]

    assert discard * (1 - ROUNDING) <= value <= accept * (1 + ROUNDING)
    assert run > 0 or value <= 1
    assert run < 0 or value >= 1


@st.composite
def scores(draw: st.DrawFn) -> np.ndarray:
    """Draw calibrated scores, shape (3, 8), some absent; apart by enough that rounding cannot swap them."""
    cells = st.one_of(st.just(math.nan), st.integers(1, 999).map(lambda thousandths: thousandths / 1000))
    return np.array(draw(st.lists(cells, min_size=24, max_size=24))).reshape(3, 8)


WEIGHTS = st.lists(st.floats(0.01, 10), min_size=3, max_size=3).map(np.array)


@settings(deadline=None)
@given(scores(), WEIGHTS, st.floats(0.01, 100), st.sampled_from(POOLS))
def test_only_the_ratios_of_weights_count(
    calibrated: np.ndarray, weights: np.ndarray, factor: float, method: Pool
) -> None:
    pooled = consolidate(calibrated, weights, method)

    np.testing.assert_allclose(consolidate(calibrated, weights * factor, method), pooled, rtol=1e-10)


@settings(deadline=None)
@given(scores(), WEIGHTS, st.permutations(range(8)), st.sampled_from(POOLS))
def test_the_order_of_options_does_not_matter(
    calibrated: np.ndarray, weights: np.ndarray, order: list[int], method: Pool
) -> None:
    pooled = consolidate(calibrated, weights, method)

    np.testing.assert_array_equal(consolidate(calibrated[:, order], weights, method), pooled[order])


@settings(deadline=None)
@given(scores(), WEIGHTS, st.sampled_from(POOLS[:2]))
def test_a_pool_lies_between_its_models(calibrated: np.ndarray, weights: np.ndarray, method: Pool) -> None:
    pooled = consolidate(calibrated, weights, method)

    known = ~np.isnan(calibrated).all(axis=0)
    assert (np.isnan(pooled) == ~known).all()
    assert (pooled[known] >= np.nanmin(calibrated[:, known], axis=0) - ROUNDING).all()
    assert (pooled[known] <= np.nanmax(calibrated[:, known], axis=0) + ROUNDING).all()


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e30, 1e30), min_size=1),
    st.lists(st.floats(-1e6, 1e6), min_size=1),
    INNER_RATES,
    st.booleans(),
    st.data(),
)
def test_calibrated_scores_are_probabilities_in_the_models_order(
    raw: list[float], loaded: list[float], base_rate: float, lower_is_better: bool, data: st.DataObject
) -> None:
    load = describe_load(np.array(loaded))
    axis = data.draw(st.sampled_from(list(load.scales)))
    calibration = standard_line(load, base_rate, lower_is_better=lower_is_better, axis=axis)

    consolidator = Consolidator(models=(Model("m", 1.0, calibration),), method="mean")
    calibrated = consolidator.calibrate(np.sort(raw)[None])[0]

    assert ((calibrated >= 0) & (calibrated <= 1)).all()
    assert (np.diff(calibrated) * (-1 if lower_is_better else 1) >= 0).all()
