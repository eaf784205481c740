from dataclasses import replace

import numpy as np

from dog.models.start.band_calibration import FOLDS
from dog.models.start.cold_terms import ColdWeights
from dog.models.start.cross_fit import CrossFit
from dog.models.start.histories import Histories
from dog.models.start.popularity import Popularity
from dog.models.start.start_parts import TrainingData
from tests.models.start.worlds import factorise, simulate

DATA = simulate(160, 40).data


def cross_fit(data: TrainingData) -> CrossFit:
    return CrossFit.of(data, factorise, ColdWeights(), lambda _share, _text: None)


PROOF = cross_fit(DATA)


def test_each_contact_has_at_most_one_episode_a_band() -> None:
    for band in range(4):
        contacts = np.concatenate([numbers for _, _, numbers in PROOF.episodes(band)])
        assert len(set(contacts.tolist())) == len(contacts)


def test_the_folds_share_no_contact() -> None:
    assert np.bincount(PROOF.folds).tolist() == [40] * FOLDS
    for band in range(4):
        for fold, _, contacts in PROOF.episodes(band):
            assert (PROOF.folds[contacts] == fold).all()


def test_what_a_contact_bought_does_not_change_the_parts_that_score_it() -> None:
    lists = [own[own >= 0].tolist() for own in DATA.histories.between(0, 40)]
    changed = [[0, 1] if fold == 2 else own for own, fold in zip(lists, PROOF.folds.tolist(), strict=True)]

    other = cross_fit(replace(DATA, histories=Histories.of_lists(changed, 40)))

    assert PROOF.parts[2].vectors.tolist() == other.parts[2].vectors.tolist()
    assert PROOF.parts[2].counts.buyers.tolist() == other.parts[2].counts.buyers.tolist()
    assert PROOF.parts[2].fold_in.factors.tolist() == other.parts[2].fold_in.factors.tolist()
    assert PROOF.parts[1].counts.buyers.tolist() != other.parts[1].counts.buyers.tolist()


def test_without_segments_there_is_nothing_to_judge() -> None:
    without = replace(PROOF, data=replace(DATA, segment_names=()))

    assert without.judge_segments(Popularity()) is None


def test_segments_that_go_with_kinds_rank_better() -> None:
    verdict = PROOF.judge_segments(Popularity())

    assert verdict is not None
    assert verdict.auc.mean > 0.01
