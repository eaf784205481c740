"""Tell readably where the answers to random cases differ."""

from collections import Counter
from itertools import islice

from tests.recorded.answers import Record, text_differences

MOST_TOLD = 8
MOST_PLACES = 6


def tell_random_differences(found: list[Record], others: list[Record]) -> str:
    """Return which answers differ from the others, by kind of case, and of the first ones where; else nothing."""
    here, there = ({record.name: record.text for record in records} for records in (found, others))
    differing = [name for name in dict.fromkeys([*there, *here]) if here.get(name) != there.get(name)]
    if not differing:
        return ""
    kinds = Counter(name.split()[-1] for name in differing)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    told = [f"{len(differing)} of {len(there)} answers differ: {counts}"]
    for name in differing[:MOST_TOLD]:
        told.append(f"\n{name}")
        if name not in here or name not in there:
            told.append("    is played only " + ("here" if name in here else "there"))
            continue
        told += [f"    {line}" for line in islice(text_differences(there[name], here[name]), MOST_PLACES)]
        told.append(f"    asked: {here[name].splitlines()[-1][:2000]}")
    return "\n".join(told)
