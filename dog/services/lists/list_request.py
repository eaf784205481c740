"""A validated request for a ranked list."""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

MAX_K = 1000
MAX_CANDIDATES = 10_000
EXPLANATIONS = ("none", "brief", "full")


@dataclass(frozen=True, slots=True)
class ListRequest:
    """What a list is asked for, as `POST /v1/recommendations` has it; the schema of the body makes it.

    Parameters
    ----------
    candidates
        `product_id` and `scores` of each option; None: the products with stored scores.
    exclude
        Ids of products that the list must not have.
    explain
        One of `EXPLANATIONS`.
    dry_run
        Whether to store nothing and count no lap.
    decision_id
        The client's own id of the decision, None for a generated one.

    """

    contact_id: str
    _: KW_ONLY
    k: int = 10
    policy: str = "recommended"
    context: Mapping[str, Any] = field(default_factory=dict)
    candidates: Sequence[Mapping[str, Any]] | None = None
    exclude: Sequence[str] = ()
    explain: str = "brief"
    dry_run: bool = False
    decision_id: str | None = None
