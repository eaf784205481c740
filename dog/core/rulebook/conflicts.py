"""Warnings about rules that contradict each other, as far as their text shows it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from dog.core.rulebook.cap import Cap
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.pin import Pin
from dog.core.rulebook.rules import Rule
from dog.errors import InputFault

Numbered = tuple[int, Rule]


def find_conflicts(rules: Sequence[Rule]) -> list[InputFault]:
    """Return warnings: an exclusion of everything, an option pinned and excluded, a rank or cap without effect.

    Two conditions are the same if they differ only in spaces. A policy with warnings is accepted. O(rules).
    """
    by_condition: defaultdict[str, list[Numbered]] = defaultdict(list)
    for place, rule in enumerate(rules):
        by_condition[" ".join(rule.when.split())].append((place, rule))
    warnings = [
        InputFault(f"/rules/{place}", "excludes_all", f"{rule.id} excludes every option: every list is empty")
        for place, rule in enumerate(rules)
        if isinstance(rule.effect, Exclude) and rule.when.strip().lower() == "true"
    ]
    for alike in by_condition.values():
        warnings += _pinned_and_excluded(alike)
        warnings += _same_cap(alike)
        warnings += _same_rank(alike)
    return sorted(warnings, key=lambda warning: int(warning.pointer.split("/")[2]))


def _overlap(one: Rule, other: Rule) -> bool:
    starts_in_time = one.start is None or other.end is None or one.start <= other.end
    return starts_in_time and (other.start is None or one.end is None or other.start <= one.end)


def _pinned_and_excluded(rules: list[Numbered]) -> Iterator[InputFault]:
    excluding = [rule for _, rule in rules if isinstance(rule.effect, Exclude)]
    for place, rule in rules:
        rival = next((it for it in excluding if _overlap(it, rule)), None)
        if isinstance(rule.effect, Pin) and rival is not None:
            message = f"{rule.id} pins what {rival.id} excludes: it never acts"
            yield InputFault(f"/rules/{place}", "pinned_and_excluded", message)


def _same_cap(rules: list[Numbered]) -> Iterator[InputFault]:
    caps = [(place, rule, rule.effect) for place, rule in rules if isinstance(rule.effect, Cap)]
    ordered = sorted(caps, key=lambda it: (it[2].by, it[2].at_most, it[0]))
    for (_, tight, cap), (place, loose, other) in pairwise(ordered):
        if cap.by == other.by and _overlap(tight, loose):
            message = f"{tight.id} already allows at most {cap.at_most} by {cap.by}: {loose.id} never acts"
            yield InputFault(f"/rules/{place}", "contradictory_caps", message)


def _same_rank(rules: list[Numbered]) -> Iterator[InputFault]:
    pins = [(place, rule, rule.effect.rank) for place, rule in rules if isinstance(rule.effect, Pin)]
    ordered = sorted(pins, key=lambda it: (it[2], -it[1].priority, it[0]))
    for (_, first, rank), (place, second, other_rank) in pairwise(ordered):
        if rank == other_rank and _overlap(first, second):
            message = f"{first.id} already takes rank {rank} for the same options: {second.id} never acts"
            yield InputFault(f"/rules/{place}", "same_rank", message)
