"""Parts of a tenant for tasks: ranges of partitions with enough contacts each."""

from collections.abc import Sequence


def group_partitions(contact_counts: Sequence[int], least: int) -> list[range]:
    """Divide partitions, given how many contacts each has, into ranges of `least` contacts or more; the last has fewer.

    Examples
    --------
    >>> group_partitions([3, 0, 4, 9, 1], 5)
    [range(0, 3), range(3, 4), range(4, 5)]

    """
    parts, first, contacts = [], 0, 0
    for partition, count in enumerate(contact_counts):
        contacts += count
        if contacts >= least or partition == len(contact_counts) - 1:
            parts.append(range(first, partition + 1))
            first, contacts = partition + 1, 0
    return parts
