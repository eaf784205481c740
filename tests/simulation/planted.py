"""Bugs to plant into the product, which the simulation must find: a text of a script or a function that is replaced."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from dog.services.feedback import record_feedback
from dog.storage import apply_events, claims, retract, round_trip, votes

SHARED = ("count_votes",)
"""Scripts that are parts of others."""
Plant = Callable[[pytest.MonkeyPatch], None]


def script(name: str, text: str, instead: str) -> Plant:
    """Replace a text of `scripts/NAME.lua`."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        source = round_trip._source.__wrapped__
        old, new = text.encode(), instead.encode()

        @cache
        def planted(asked: str) -> bytes:
            found: bytes = source(asked)
            assert asked != name or old in found, f"{name}.lua has no {text!r}"
            return found.replace(old, new) if asked == name or name in SHARED else found

        patch.setattr(round_trip, "_source", planted)
        patch.setattr(round_trip, "_sha", cache(round_trip._sha.__wrapped__))

    return plant


def plant_wrong_sign(patch: pytest.MonkeyPatch) -> None:
    """Count accepts as discards."""
    original = votes.pack_vote

    def pack(*arguments: Any) -> bytes | None:
        packed = original(*arguments)
        return None if packed is None else packed.replace(b"\0+[", b"\0-[")

    patch.setattr(apply_events, "pack_vote", pack)
    patch.setattr(retract, "pack_vote", pack)


def plant_claimed_is_applied(patch: pytest.MonkeyPatch) -> None:
    """Do not apply an event whose id was claimed before, maybe by a process that died."""
    claim = claims.claim_ids

    def forget(store: Any, events: Any, weeks: Any) -> Any:
        found = claim(store, events, weeks)
        known = {event.event_id for event, answer in zip(events, found.answers, strict=True) if answer == 0}
        store.redis.known_claims = known
        return found

    def skip(store: Any, events: Any, numbers: Any, now_ms: int, contacts: Any) -> list[int]:
        known: set[str] = getattr(store.redis, "known_claims", set())
        new = [event for event in events if event.event_id not in known]
        applied = apply_events.apply_events(store, new, numbers, now_ms, contacts)
        answers = dict(zip([event.event_id for event in new], applied, strict=True))
        return [answers.get(event.event_id, 0) for event in events]

    patch.setattr(record_feedback, "claim_ids", forget)
    patch.setattr(record_feedback, "apply_events", skip)


def plant_vote_stays(patch: pytest.MonkeyPatch) -> None:
    """Leave the votes of events that are taken back."""
    patch.setattr(retract, "pack_vote", lambda *_: None)


def plant_one_voter(patch: pytest.MonkeyPatch) -> None:
    """Let many voters be one."""
    original = votes.PACKED_BALLOT

    class Packed:
        size = original.size

        @staticmethod
        def pack(kind: int, subject: int, within: int, voter: int) -> bytes:
            return original.pack(kind, subject, within, voter % 2)

    patch.setattr(votes, "PACKED_BALLOT", Packed)


COUNT_VOTES = "  count_votes(KEYS[4], KEYS[5], string.sub(ARGV[5], 1, BALLOT))"
CUT_OWN = "string.sub(records, 1, place - 1) .. string.sub(records, place + size)"
CUT_NEXT = "string.sub(records, 1, place - 1 + size) .. string.sub(records, place + 2 * size)"

BUGS: Mapping[str, Plant] = {
    "votes: the last of a ballot stays": script("count_votes", "return redis.call('HDEL', votes, ballot)", "return"),
    "votes: an accept is a discard": plant_wrong_sign,
    "votes: some voters are one": plant_one_voter,
    "retract: the vote stays": plant_vote_stays,
    "retract: the vote is still read": script("retract_event", COUNT_VOTES, ""),
    "retract: the id is forgotten": script(
        "retract_event", "call('HSET', KEYS[1], ARGV[1], ARGV[2])", "call('HDEL', KEYS[1], ARGV[1])"
    ),
    "retract: the next record is cut out": script("retract_event", CUT_OWN, CUT_NEXT),
    "claims: the last body wins": script("claim_ids", "if not before then", "if true then"),
    "claims: what is claimed counts as applied": plant_claimed_is_applied,
    "events: applied twice": script("apply_events", "elseif known[i] or seen[digest] then", "elseif seen[digest] then"),
    "events: a repeat votes again": script(
        "apply_events", "if answers[index] == 1 then", "if answers[index] >= 0 then"
    ),
}
"""The bugs by name."""
