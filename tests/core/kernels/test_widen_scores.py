import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.widen_scores import widen_arrays
from dog.core.records import CONTACT_LEVEL, SCORES
from dog.storage.packed_scores import pack_scores

scores = st.sampled_from([30, 300, 70_000, CONTACT_LEVEL]).flatmap(
    lambda most: st.dictionaries(st.integers(0, most), st.floats(width=32, allow_nan=False), max_size=20)
)


@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(0, 1 << 48), scores)), max_size=6))
def test_arrays_of_any_form_are_widened_to_their_time_and_records(
    held: list[tuple[int, dict[int, float]] | None],
) -> None:
    own = [None if one is None else (one[0], np.array(sorted(one[1].items()), SCORES)) for one in held]
    packed = [b"" if one is None else pack_scores(*one) for one in own]
    words, starts = widen_arrays(packed)

    wide = [b"" if one is None else one[0].to_bytes(8, "little") + one[1].tobytes() for one in own]
    assert words.tobytes() == b"".join(wide)
    assert (8 * starts).tolist() == np.cumsum([0, *map(len, wide)]).tolist()
