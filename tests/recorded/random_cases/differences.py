"""Tell readably where the answers to random cases differ."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice, takewhile

from tests.recorded.answers import Record, text_differences

MOST_TOLD = 8
MOST_PLACES = 6
MOST_CHARACTERS = 3000
POLICY = re.compile(r'"policy":"(\w+)"')


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
        told += ["", name]
        if name not in here or name not in there:
            told.append("    is played only " + ("here" if name in here else "there"))
            continue
        told += [f"    {line}" for line in islice(text_differences(there[name], here[name]), MOST_PLACES)]
        told += [f"    {line[:MOST_CHARACTERS]}" for line in _circumstances(name, found)]
    return "\n".join(told)


def _circumstances(name: str, records: list[Record]) -> Iterator[str]:
    """Yield what was asked, and the policy of the list as it was last published."""
    *before, case = [*takewhile(lambda record: record.name != name, records), _named(name, records)]
    yield from (f"asked: {line}" for line in case.text.splitlines()[-2:])
    used = POLICY.search(case.text)
    published = f"\nPUT /v1/policies/{used[1] if used else ''}\n"
    world = name.split(maxsplit=1)[0] + " "
    for record in reversed(before):
        if record.name.startswith(world) and published in record.text and record.text.startswith("HTTP 200"):
            yield f"policy: {record.text.splitlines()[-1]}"
            return


def _named(name: str, records: list[Record]) -> Record:
    return next(record for record in records if record.name == name)
