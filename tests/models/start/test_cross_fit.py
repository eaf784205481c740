import numpy as np

from dog.models.start.cold_terms import ColdWeights
from dog.models.start.cross_fit import CrossFit
from tests.models.start.worlds import factorise, simulate


def test_each_contact_has_at_most_one_episode_a_band() -> None:
    proof = CrossFit.of(simulate(120).data, factorise, ColdWeights(), lambda _share, _text: None)

    for band in range(4):
        contacts = np.concatenate([numbers for _, _, numbers in proof.episodes(band)])
        assert len(set(contacts.tolist())) == len(contacts)
