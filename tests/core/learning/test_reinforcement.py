import numpy as np
import pytest

from dog.core.learning.evidence import Evidence, damp, no_evidence
from dog.core.learning.priors import Priors, fit_priors, sum_pairs
from dog.core.learning.recursion import damping
from dog.core.learning.reinforcement import Multipliers, limit_step, product_multipliers, reinforce
from dog.core.learning.reinforcement_settings import Recursion, Reinforcement
from dog.core.learning.win_rates import fit_pair_strength, fit_product_strength

PUBLISHED = Reinforcement(
    family="linear",
    neutral=0.5,
    a_max=2.0,
    d_min=0.5,
    rate="raw",
    recursion=Recursion("literal", 1.0),
    explore=0.0,
    max_step=1000.0,
)


def evidence(wins: list[float], pitches: list[float], expected: list[float], scored: list[float]) -> Evidence:
    fields = {"wins": wins, "pitches": pitches, "expected": expected, "scored": scored}
    return Evidence(**{name: np.array(values, float) for name, values in fields.items()})


def unscored(wins: list[float], pitches: list[float]) -> Evidence:
    return evidence(wins, pitches, [0.0] * len(wins), [0.0] * len(wins))


def priors(global_rate: float, product_rate: float, score_ratio: float = 1.0) -> Priors:
    return Priors(
        global_rate=global_rate,
        product_rates=np.array([product_rate]),
        product_strength=50.0,
        pair_strength=20.0,
        score_ratios=np.array([score_ratio]),
        product_ratios=np.ones(1),
    )


def read(
    held: Evidence, expected: Priors, settings: Reinforcement, recursions: int = 0, previous: float = np.nan
) -> Multipliers:
    return reinforce(np.zeros(len(held.wins), int), held, expected, recursions, previous, settings)


def test_a_pair_reads_as_its_posterior_over_the_tenants_rate() -> None:
    tenant = 121 / 1010
    product = (50 * tenant + 9) / 100

    result = read(unscored([1], [3]), priors(tenant, product), Reinforcement(neutral="global", explore=0.0))

    assert result.prior[0] == pytest.approx(0.149900990099, abs=1e-12)
    assert result.win_rate[0] == pytest.approx(0.173826947912, abs=1e-12)
    assert result.neutral[0] == pytest.approx(0.119801980198, abs=1e-12)
    assert result.value[0] == pytest.approx(1.450952209845, abs=1e-12)


def test_exploration_is_reported_apart() -> None:
    result = read(unscored([1], [5]), priors(0.2, 0.2), Reinforcement(neutral="global", explore=1.0))

    assert result.curve[0] == 1.0
    assert result.explore[0] == pytest.approx(1.392232270276, abs=1e-12)


def test_a_recursion_of_the_evidence_brings_a_winner_back_towards_its_prior() -> None:
    held, expected, settings = unscored([9], [10]), priors(0.12, 0.12), Reinforcement(neutral="global", explore=0.0)

    before = read(held, expected, settings)
    after = read(damp(held, damping(held.raw_rates, 1.0)), expected, settings)

    assert before.win_rate[0] == pytest.approx(0.38, abs=1e-12)
    assert before.value[0] == 3.0
    assert after.win_rate[0] == pytest.approx(0.157142857143, abs=1e-12)
    assert after.value[0] == pytest.approx(1.309523809524, abs=1e-12)


def test_the_score_is_the_neutral_point_where_so_set() -> None:
    # one product: this pair with 2 wins of 5 at p = 0.2, another with 28 of 195; all 200 pitches at 0.2
    held = evidence([2, 28], [5, 195], [1, 39], [5, 195])
    expected = fit_priors(sum_pairs(np.zeros(2, int), held, 1))

    result = read(held, expected, Reinforcement(neutral="score", explore=0.0))

    assert expected.score_ratios[0] == pytest.approx(0.777777777778, abs=1e-12)
    assert result.prior[0] == pytest.approx(0.155555555556, abs=1e-12)
    assert result.win_rate[0] == pytest.approx(0.237037037037, abs=1e-12)
    assert result.value[0] == pytest.approx(1.185185185185, abs=1e-12)


def test_without_any_score_a_product_is_judged_against_the_tenant() -> None:
    # both products at the tenant's rate, up to its pseudo-pitches: no ratio strays from 1
    expected = fit_priors(sum_pairs(np.array([0, 1]), unscored([100, 100], [1000, 1000]), 2))

    np.testing.assert_allclose(expected.score_ratios, [1, 1], rtol=0.01)


def test_a_pair_without_scores_reads_the_ratio_of_its_product() -> None:
    settings = Reinforcement(neutral="score", explore=0.0)

    result = product_multipliers(priors(0.1, 0.1, score_ratio=1.5), np.nan, settings)

    assert result.value[0] == pytest.approx(1.5, abs=1e-12)


def test_priors_are_the_moments_of_the_products() -> None:
    wins, pitches = np.array([0.0, 1.0, 2.0, 5.0]), np.full(4, 10.0)

    expected = fit_priors(sum_pairs(np.arange(4), unscored(list(wins), list(pitches)), 5))

    assert expected.global_rate == 9 / 50
    assert expected.product_strength == fit_product_strength(wins, pitches)
    assert expected.pair_strength == fit_pair_strength(
        wins, pitches, wins**2 / pitches, np.ones(4), expected.product_rates[:4]
    )
    assert expected.product_rates[4] == pytest.approx(9 / 50)


def test_a_tenant_without_evidence_expects_a_tenth_of_everything() -> None:
    expected = fit_priors(sum_pairs(np.zeros(0, int), no_evidence(0), 2))

    assert expected.global_rate == 0.1
    np.testing.assert_allclose(expected.product_rates, [0.1, 0.1])
    np.testing.assert_array_equal(expected.score_ratios, [1, 1])


def test_the_published_profile_reads_the_published_example() -> None:
    result = read(unscored([9], [10]), priors(0.1, 0.1), PUBLISHED, recursions=1)

    assert result.value[0] == pytest.approx(0.18, abs=1e-12)


@pytest.mark.parametrize("recursions", [0, 3])
def test_a_raw_rate_without_evidence_reads_exactly_one(recursions: int) -> None:
    result = read(unscored([0], [0]), priors(0.1, 0.3), PUBLISHED, recursions=recursions)

    assert (result.curve[0], result.explore[0], result.value[0]) == (1.0, 1.0, 1.0)
    assert result.win_rate[0] == 0.5


def test_without_evidence_a_pair_has_its_products_multiplier() -> None:
    expected = priors(0.1, 0.15)

    pair = read(unscored([0], [0]), expected, Reinforcement(neutral="global", explore=0.5))
    product = product_multipliers(expected, np.nan, Reinforcement(neutral="global", explore=0.5))

    assert pair.value[0] == product.value[0]
    assert product.curve[0] == pytest.approx(1.5, abs=1e-12)


def test_a_product_as_its_own_neutral_point_only_explores() -> None:
    product = product_multipliers(priors(0.1, 0.15), np.nan, Reinforcement(neutral="product", explore=0.5))

    assert product.curve[0] == 1.0
    assert product.explore[0] > 1.0


def test_no_multiplier_moves_by_more_than_the_step() -> None:
    held = unscored([9, 0], [10, 500])

    result = read(held, priors(0.12, 0.12), Reinforcement(neutral="global", explore=0.5), previous=1.0)

    np.testing.assert_allclose(result.value, [1.25, 0.8], rtol=1e-14)


def test_a_literally_damped_winner_sinks_and_rises_by_steps_too() -> None:
    settings = Reinforcement(
        family="linear", neutral=0.5, a_max=2.0, d_min=0.5, rate="raw", recursion=Recursion("literal", 1.0), explore=0.0
    )

    sunk = read(unscored([5], [5]), priors(0.1, 0.1), settings, recursions=1, previous=1.0)
    risen = read(unscored([5], [10]), priors(0.1, 0.1), settings, recursions=0, previous=float(sunk.value[0]))

    assert sunk.value[0] == pytest.approx(0.8)
    assert risen.value[0] == pytest.approx(1.0)


def test_an_unknown_previous_multiplier_limits_nothing() -> None:
    np.testing.assert_array_equal(limit_step(np.array([3.0, 0.1]), np.nan, 1.25), [3.0, 0.1])


def test_the_factors_multiply_to_the_value() -> None:
    result = read(
        unscored([3, 0], [5, 40]), priors(0.12, 0.2), Reinforcement(neutral="global", explore=0.5), previous=1.1
    )

    np.testing.assert_array_equal(result.value, result.curve * result.explore * result.step)
