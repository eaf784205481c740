"""Schemas of request bodies; the same schema validates a body and documents it."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from dog.api.request_fields import (
    AttributesField,
    BooleanField,
    BooleanOrTextField,
    FiniteNumberField,
    IdentifierField,
    InstantField,
    IntegerField,
    RequestSchema,
)
from dog.core.events import Attribute, EventType, Trigger
from dog.core.learning.reinforcement_settings import FAMILIES, RATES, READINGS
from dog.core.policy.policy_settings import DIRECTIONS
from dog.services.lists.list_request import (
    EXPLANATIONS,
    MAX_CANDIDATES,
    MAX_K,
    MAX_NAME_CHARACTERS,
    MAX_NAMES,
    MAX_RECENT_EVENTS,
    RECENT_EVENT_TYPES,
    ListRequest,
    RecentEvent,
)
from dog.services.lists.recommend_contacts import ContactsRequest
from dog.storage.tenant_settings import MOST_ATTRIBUTES, UNKNOWN_CHOICES


def _names(members: Any) -> list[str]:
    return [member.name.lower() for member in members if member.name != "NONE"]


class CandidateSchema(RequestSchema):
    """A product to rank, with its scores by model."""

    product_id = IdentifierField(required=True)
    scores = fields.Dict(
        keys=fields.String(validate=validate.Length(1, MAX_NAME_CHARACTERS)),
        values=FiniteNumberField(),
        required=True,
        validate=validate.Length(max=MAX_NAMES),
        metadata={"example": {"churn": 0.31, "cf": 0.72}},
    )


def _check_scalars(value: Any) -> None:
    for name, item in value.items():
        if item is not None and not isinstance(item, str | int | float | bool):
            raise ValidationError(f"{name} must be text, a number, true, false or null")


def _check_unique(candidates: Any) -> None:
    seen: set[str] = set()
    for candidate in candidates or ():
        product_id = candidate["product_id"]
        if product_id in seen:
            raise ValidationError(f"product '{product_id}' appears twice; send each product once")
        seen.add(product_id)


class RecentEventSchema(RequestSchema):
    """An event of the last minutes: a purchase or win adapts the list, a discard leaves its product out of it."""

    type = fields.String(required=True, validate=validate.OneOf(RECENT_EVENT_TYPES))
    product_id = IdentifierField(required=True)
    occurred_at = InstantField(load_default=None, allow_none=True, metadata={"description": "now, if left out"})

    @post_load
    def _to_event(self, loaded: dict[str, Any], **_: Any) -> RecentEvent:
        return RecentEvent(loaded["type"], loaded["product_id"], loaded["occurred_at"])


class RecommendationRequestSchema(RequestSchema):
    """A request for one ranked list."""

    contact_id = IdentifierField(required=True, metadata={"example": "c1"})
    k = IntegerField(
        load_default=10,
        validate=validate.Range(1, MAX_K, error=f"must be between 1 and {MAX_K}"),
        metadata={"description": "how many items at most"},
    )
    policy = fields.String(validate=validate.Length(1, MAX_NAME_CHARACTERS))
    context = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        validate=[validate.Length(max=MAX_NAMES), _check_scalars],
        metadata={"example": {"channel": "call", "season": "q4"}},
    )
    candidates = fields.List(
        fields.Nested(CandidateSchema),
        load_default=None,
        validate=[validate.Length(max=MAX_CANDIDATES), _check_unique],
        allow_none=True,
    )
    exclude = fields.List(IdentifierField(), load_default=list, validate=validate.Length(max=MAX_CANDIDATES))  # type: ignore[assignment]  # the field's name is the contract's
    explain = fields.String(load_default="brief", validate=validate.OneOf(["none", "brief", "full"]))
    dry_run = BooleanField(load_default=False)
    decision_id = IdentifierField(load_default=None, allow_none=True)
    contact = AttributesField(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "attributes of a contact that was never loaded, {} for none; those of a loaded one stay",
            "example": {"segment": "gold"},
        },
    )
    events = fields.List(
        fields.Nested(RecentEventSchema),
        load_default=tuple,
        validate=validate.Length(max=MAX_RECENT_EVENTS),
        metadata={"description": "what the contact just did: used for this list, not kept"},
    )

    @post_load
    def _to_request(self, loaded: dict[str, Any], **_: Any) -> ListRequest:
        discarded = [event.product_id for event in loaded["events"] if event.type == "discard"]
        return ListRequest(**{**loaded, "exclude": [*loaded["exclude"], *discarded]})


class ContactsRequestSchema(RequestSchema):
    """A request for ranked contacts: for a product, of an account, both, or of the whole tenant."""

    product_id = IdentifierField(
        load_default=None,
        allow_none=True,
        metadata={"description": "rank contacts for this product; without it each by its best item", "example": "p1"},
    )
    account_id = IdentifierField(
        load_default=None, allow_none=True, metadata={"description": "only contacts of this account"}
    )
    segment = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 256),
        metadata={"description": "only contacts of this segment", "example": "gold"},
    )
    actor_id = IdentifierField(
        load_default=None, allow_none=True, metadata={"description": "who asks, as `context.actor_id` of a list"}
    )
    k = IntegerField(
        load_default=10,
        validate=validate.Range(1, MAX_K, error=f"must be between 1 and {MAX_K}"),
        metadata={"description": "how many contacts at most"},
    )
    policy = fields.String(validate=validate.Length(1, MAX_NAME_CHARACTERS))
    explain = fields.String(load_default="brief", validate=validate.OneOf(EXPLANATIONS))

    @post_load
    def _to_request(self, loaded: dict[str, Any], **_: Any) -> ContactsRequest:
        return ContactsRequest(**loaded)


class BatchRequestSchema(RequestSchema):
    """Several requests; each has its own result."""

    requests = fields.List(fields.Dict(), required=True, validate=validate.Length(1, 100))


class ReasonSchema(RequestSchema):
    """The reason for a verdict."""

    trigger = fields.String(validate=validate.OneOf(_names(Trigger)))
    attribute = fields.String(validate=validate.OneOf(_names(Attribute)))
    attribute_value = fields.String()
    note = fields.String()


class ReplaceSchema(RequestSchema):
    """The attribute that is replaced, and its values."""

    attribute = fields.String(required=True, validate=validate.OneOf(_names(Attribute)))
    from_ = fields.String(required=True, data_key="from")
    to = fields.String(required=True)


FILLED = "may be left out with `decision_id` and `rank`"


class FeedbackEventSchema(RequestSchema):
    """One event of feedback."""

    event_id = fields.String(metadata={"example": "e1", "description": f"your own id; {FILLED}"})
    type = fields.String(required=True, validate=validate.OneOf(_names(EventType)))
    contact_id = fields.String(metadata={"example": "c1", "description": FILLED})
    product_id = fields.String(
        metadata={"description": f"empty only in a discard of account, contact, channel or time; {FILLED}"}
    )
    occurred_at = fields.String(
        metadata={"format": "date-time", "example": "2026-11-20T10:00:00Z", "description": FILLED}
    )
    decision_id = fields.String()
    rank = fields.Integer(metadata={"description": "place in the list of `decision_id`, from 1"})
    actor_id = fields.String()
    pitch_id = fields.String(metadata={"description": "event_id of the pitch that a win or loss settles"})
    reason = fields.Nested(ReasonSchema)
    replace = fields.Nested(ReplaceSchema)
    value = fields.Float()


class FeedbackRequestSchema(RequestSchema):
    """Up to 1,000 events."""

    events = fields.List(fields.Nested(FeedbackEventSchema), required=True, validate=validate.Length(1, 1000))
    substitute = fields.Boolean(metadata={"description": "answer a restructure or discard with a substitute"})


class CurveSettingsSchema(RequestSchema):
    """Reinforcement settings of a curve."""

    family = fields.String(load_default="ratio", validate=validate.OneOf(FAMILIES))
    neutral = fields.Raw(load_default="global", metadata={"description": "global, or a number in (0, 1)"})
    a_max = FiniteNumberField(load_default=3.0)
    d_min = FiniteNumberField(load_default=1 / 3)
    reading = fields.String(load_default="evidence", validate=validate.OneOf(READINGS))
    n = FiniteNumberField(load_default=0.5)
    rate = fields.String(load_default="shrunk", validate=validate.OneOf(RATES))


class CurveRequestSchema(RequestSchema):
    """A curve's settings, and the win rates and recursions to evaluate it at."""

    reinforcement = fields.Nested(CurveSettingsSchema, load_default=dict)
    win_rates = fields.List(
        FiniteNumberField(validate=validate.Range(0, 1, error="must be in [0, 1]")),
        required=True,
        validate=validate.Length(1, 10_001),
    )
    recursions = fields.List(
        IntegerField(validate=validate.Range(0, 1000, error="must be between 0 and 1000")),
        load_default=lambda: [0],
        validate=validate.Length(1, 100),
    )


class RecomputeRequestSchema(RequestSchema):
    """The last week to recompute, whether to replay published ones, and whether to publish."""

    week = fields.String(load_default=None, allow_none=True, metadata={"example": "2026-W46"})
    replay = BooleanOrTextField(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "true: recompute published weeks from the earliest that late events belong to; a week: from "
            "it on; false: none; left out: where late events are more than the tenant's `replay_share` of all"
        },
    )
    dry_run = BooleanField(load_default=False)
    force = BooleanField(load_default=False)


class ModelChangeSchema(RequestSchema):
    """What to state of a model; what is left out stays."""

    trained_until = fields.String(
        allow_none=True,
        metadata={
            "format": "date-time",
            "description": "up to when the model has seen outcomes; null: it has learned from none, or it is not known",
        },
    )
    direction = fields.String(
        allow_none=True,
        validate=validate.OneOf(DIRECTIONS),
        metadata={"description": "for policies that state none for this model"},
    )


class TenantSettingsSchema(RequestSchema):
    """Settings to change; those left out stay as they are."""

    require_proof = BooleanField(
        metadata={"description": "a policy version must be proved against the active one before it replaces it"}
    )
    replay_share = FiniteNumberField(
        validate=validate.Range(0, 1, error="must be in [0, 1]"),
        metadata={
            "description": "share of events in published weeks among all, above which the next recompute replays these "
            "weeks; 0: for every such event, 1: never"
        },
    )
    unknown = fields.String(
        validate=validate.OneOf(UNKNOWN_CHOICES),
        metadata={"description": "what happens to feedback and rows with names that are not known"},
    )  # type: ignore[assignment]  # the field's name is the contract's
    contact_attributes = fields.List(
        fields.String(validate=validate.Length(1, 64)),
        validate=validate.Length(max=MOST_ATTRIBUTES),
        metadata={"description": "attributes of a contact that the inbox shows, in this order; []: it chooses"},
    )
    batch_accept = BooleanField(
        metadata={"description": "a rep may accept the first item of several contacts at once in the console"}
    )
