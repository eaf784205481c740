"""What a fault's run finds: one row of the table, one line of the history."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Scale = Literal["short", "long"]


@dataclass(frozen=True, slots=True)
class Row:
    """What one fault did to that many events, answers or weeks."""

    fault: str
    n: int
    seed: int
    lost: int
    doubled: int
    torn: int
    seconds_to_recover: float | None  # the longest of all; None where nothing was ever away
    note: str = ""
    may_lose: bool = False  # whether the docs promise no more than to count what is lost

    @property
    def is_clean(self) -> bool:
        """Return whether nothing was doubled or torn, nor lost where that is promised."""
        return self.doubled == self.torn == 0 and (self.may_lose or self.lost == 0)

    def to_document(self) -> dict[str, Any]:
        """Write it as JSON."""
        return asdict(self)
