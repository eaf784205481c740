"""Parts of receipts that are the same for all contacts: kept with a prepared policy, made when first needed."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dog.core.json_template import Template
from dog.core.rationale import Influence

MOST_CACHED = 4_096
"""Combinations of rules of which the texts are kept."""


class ProductTexts(NamedTuple):
    """A product's id and name as JSON."""

    product_id: bytes
    name: bytes


class RulesTold(NamedTuple):
    """The rules that acted on an option: as a receipt and as a rationale tell them."""

    receipt: bytes
    influences: Sequence[Influence]


@dataclass(slots=True, kw_only=True)
class ReceiptPlan:
    """What is known of a policy's receipts before any request."""

    templates: dict[Hashable, Template] = field(default_factory=dict)
    products: dict[int, ProductTexts] = field(default_factory=dict)
    performance: dict[int, tuple[bytes, ...]] = field(default_factory=dict)  # of pairs without feedback, by product
    allowed: dict[int, tuple[tuple[str, ...], ...]] = field(default_factory=dict)  # times and channels, by product
    rules: dict[tuple[int, ...], RulesTold] = field(default_factory=dict)  # by the numbers of the rules that acted
    common_inputs: bytes = b""

    def template(self, key: Hashable, make: Callable[[], Template]) -> Template:
        """Return a template by what its document depends on."""
        if key not in self.templates:
            self.templates[key] = make()
        return self.templates[key]
