"""What goes wrong, when, and how often: drawn from the seed.

Each seed has some kinds of faults and not the others (swarm testing): a run with all of them at once seldom gets far.
"""

import random
from collections.abc import Callable
from enum import Enum, StrEnum

from tests.simulation.scheduler import Process


class Fate(StrEnum):
    """What becomes of a request."""

    DELIVERED = "delivered"
    SLOW = "delivered, slowly"
    LOST = "lost"
    LATE = "timed out, executed later"
    NO_ANSWER = "executed, answer lost"
    CUT = "cut off after some commands"
    CRASH = "executed, process killed"


class Refusal(Enum):
    """Why the server refuses commands, and what it says in place of NOREPLICAS."""

    FULL = b""
    DISK_FULL = b"MISCONF Errors writing to the AOF file: No space left on device"
    READ_ONLY = b"READONLY You can't write against a read only replica."
    LOADING = b"LOADING"


TROUBLES = ("refuse", "restart", "away", "kill", "pause", "clock")
"""What befalls the server or a process at a step."""


class Faults:
    """Draws faults; `calm` ends all of them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(f"faults of {seed}")
        chance = self.chance
        fates = [fate for fate in Fate if fate is not Fate.DELIVERED]
        self._fates = {fate: chance.choice((0.002, 0.005, 0.02)) for fate in fates if chance.random() < 0.5}
        self._troubles = {name: chance.choice((0.001, 0.004)) for name in TROUBLES if chance.random() < 0.5}
        self._parts = chance.choice((0.0, 0.1, 0.3))
        self.refusal: Refusal | None = None
        self.is_away = False
        self.condemned: list[Process] = []
        self.hurt = self.befallen = 0
        self._deaths_left = chance.choice((2, 6))  # else a job that is killed again and again makes a run long
        self._ends_ms = 0.0

    def calm(self) -> None:
        """Let nothing go wrong from now on."""
        self._fates, self._troubles, self._parts = {}, {}, 0.0
        self.refusal, self.is_away = None, False
        self.condemned.clear()

    def describe(self) -> str:
        """Name the kinds of faults of this seed."""
        return ", ".join([*(fate.name.lower() for fate in self._fates), *self._troubles]) or "none"

    def fate_of(self) -> Fate:
        """Draw what becomes of a request."""
        left = self.chance.random()
        for fate, share in self._fates.items():
            left -= share
            if left < 0:
                self.hurt += 1
                return fate if fate is not Fate.CRASH or self._may_die() else Fate.SLOW
        return Fate.DELIVERED

    def part_of(self, commands: int) -> int:
        """Draw how many of some commands are executed before others may come between."""
        if commands < 2 or self.chance.random() >= self._parts:
            return commands
        return self.chance.randrange(1, commands)

    def delay_seconds(self) -> float:
        """Draw after how long a request that timed out is executed."""
        return self.chance.choice((0.6, 2.0, 20.0, 60.0)) * self.chance.random()

    def slowness(self, timeout_seconds: float) -> float:
        """Draw how long a slow answer takes."""
        return timeout_seconds * self.chance.random()

    def befall(self, now_ms: float, act: dict[str, Callable[[], None]]) -> None:
        """Maybe let something go wrong between two steps: each act is called where its trouble is drawn."""
        if (self.refusal is not None or self.is_away) and now_ms >= self._ends_ms:
            self.refusal, self.is_away = None, False
        for name, share in self._troubles.items():
            if self.chance.random() < share and (name != "kill" or self._may_die()):
                self.befallen += 1
                act[name]()

    def _may_die(self) -> bool:
        self._deaths_left -= 1
        return self._deaths_left >= 0

    def refuse_for_a_while(self, now_ms: float) -> Refusal:
        """Let the server refuse commands."""
        self.refusal, self._ends_ms = self.chance.choice(list(Refusal)), now_ms + self.chance.randrange(3000)
        return self.refusal

    def go_away_for_a_while(self, now_ms: float) -> None:
        """Let the server take no connections."""
        self.is_away, self._ends_ms = True, now_ms + self.chance.randrange(3000)
