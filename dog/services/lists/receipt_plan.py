"""Parts of receipts that are the same for all contacts: kept with a prepared policy, made when first needed."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

from dog.core.json_template import ListTemplate, Template
from dog.core.rationale import Influence

AnyTemplate = TypeVar("AnyTemplate", Template, ListTemplate)


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

    templates: dict[Hashable, Any] = field(default_factory=dict)
    products: dict[int, ProductTexts] = field(default_factory=dict)
    performance: dict[tuple[int, bool, bool], Template] = field(default_factory=dict)  # of pairs without feedback
    rules: dict[tuple[int, ...], RulesTold] = field(default_factory=dict)  # by the numbers of the rules that acted
    common_inputs: bytes = b""

    def template(self, key: Hashable, make: Callable[[], AnyTemplate]) -> AnyTemplate:
        """Return a template by what its document depends on."""
        if key not in self.templates:
            self.templates[key] = make()
        found: AnyTemplate = self.templates[key]
        return found
