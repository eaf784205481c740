from hypothesis import given
from hypothesis import strategies as st

from dog.services.partition_parts import group_partitions


@given(st.lists(st.integers(0, 50), min_size=1), st.integers(1, 100))
def test_every_partition_is_in_one_range_and_all_ranges_but_the_last_have_enough(sizes: list[int], least: int) -> None:
    parts = group_partitions(sizes, least)

    assert [partition for part in parts for partition in part] == list(range(len(sizes)))
    assert all(sum(sizes[partition] for partition in part) >= least for part in parts[:-1])
