"""The shapes of what goes out, for the document that clients are made from; the views write JSON by themselves."""

from typing import Any

from marshmallow import Schema, fields, validate

from dog.api.request_schemas import Problem


def text(**more: Any) -> fields.String:
    """Declare text that is always there."""
    return fields.String(required=True, **more)


def whole(**more: Any) -> fields.Integer:
    """Declare a whole number that is always there."""
    return fields.Integer(required=True, **more)


def number(**more: Any) -> fields.Float:
    """Declare a number that is always there."""
    return fields.Float(required=True, **more)


def yes_no(**more: Any) -> fields.Boolean:
    """Declare a yes or no that is always there."""
    return fields.Boolean(required=True, **more)


def many(schema: type[Schema]) -> Any:
    """List any number of one shape."""
    return fields.List(fields.Nested(schema), required=True)


def one_of(*choices: str, **more: Any) -> fields.String:
    """Declare one word of a few."""
    return fields.String(validate=validate.OneOf(choices), **{"required": True, **more})


class ModelFactor(Schema):
    """What one model said of an option."""

    raw = number(allow_none=True)
    calibrated = number(allow_none=True)
    weight = number()
    multiplier = number()
    calibration = fields.String()


class PerformanceFactor(Schema):
    """What was learned of the pair; `multiplier` = (`arm` or `drm`) x `explore` x `step`."""

    wins = whole(allow_none=True)
    pitches = whole(allow_none=True)
    evidence_wins = fields.Float(allow_none=True)
    evidence_pitches = fields.Float(allow_none=True)
    win_rate = number(allow_none=True)
    prior = number(allow_none=True)
    neutral = fields.Float(allow_none=True)
    arm = number(allow_none=True)
    drm = number(allow_none=True)
    explore = number()
    step = number()
    recursions = whole(allow_none=True)
    multiplier = number()
    applied_to = fields.String(metadata={"description": "the model that it multiplies, where it is not the whole"})
    applied_multiplier = fields.Float()


class RuleFactor(Schema):
    """A rule that fired."""

    id = text()
    effect = text()
    factor = number()
    reason = fields.String(allow_none=True)


class Factors(Schema):
    """What multiplies to the score."""

    models = fields.Dict(keys=fields.String(), values=fields.Nested(ModelFactor), required=True)
    performance = fields.Nested(PerformanceFactor, required=True)
    consolidated = number()
    streak = number()
    discomfort = number()
    market = number()
    business = number()
    clamp = number()
    rules = many(RuleFactor)


class Item(Schema):
    """One product of a list."""

    rank = whole()
    product_id = text()
    score = number()
    attributes = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        metadata={"description": "account, contact, product, time, channel, rationale"},
    )
    factors = fields.Nested(Factors, metadata={"description": "not with explain=none"})
    inputs = fields.Dict(metadata={"description": "what the factors were made from; with explain=full"})
    propensity = fields.Float(metadata={"description": "how likely this place was, where a variant is being tried"})


class Excluded(Schema):
    """A product that could not come, and what kept it out."""

    product_id = text()
    rule_id = text()
    stage = text()
    reason = text(allow_none=True)


class Degraded(Schema):
    """Answered while Redis was away: from what, and how old it is."""

    reason = text()
    version = fields.String(allow_none=True)
    age_s = number(allow_none=True)


class Decision(Schema):
    """A ranked list; `lap` counts the contact's lists, and is null where none was counted."""

    decision_id = text()
    contact_id = text()
    lap = whole(allow_none=True)
    policy = text()
    policy_version = text()
    multiplier_version = text(allow_none=True)
    generated_at = text(metadata={"format": "date-time"})
    items = many(Item)
    excluded = fields.List(fields.Nested(Excluded), metadata={"description": "with explain=full"})
    notes = fields.List(fields.String(), metadata={"description": "what a reader should know, an empty list's reason"})
    variant = fields.String(allow_none=True)
    degraded = fields.Nested(Degraded)


class BatchResult(Schema):
    """One of the two."""

    decision = fields.Nested(Decision)
    error = fields.Nested(Problem)


class BatchAnswer(Schema):
    """A result each, in the order sent."""

    results = many(BatchResult)


class WhyNot(Schema):
    """At which stage a product fell, by what, and what would bring it back."""

    product_id = text()
    stage = text()
    as_of = one_of("decision", "now", metadata={"description": "now: computed anew, the decision does not tell"})
    rank = fields.Integer()
    score = fields.Float()
    rule_id = fields.String()
    reason = fields.String(allow_none=True)
    remedy = fields.String()


class Effect(Schema):
    """What an event did to its pair at once."""

    multiplier_before = number(allow_none=True)
    multiplier_after = number(allow_none=True)


class EventResult(Schema):
    """What became of one event."""

    event_id = text(allow_none=True)
    status = one_of("accepted", "duplicate", "rejected")
    code = fields.String()
    message = fields.String()
    effect = fields.Nested(Effect)
    substitute = fields.Nested(Item)


class FeedbackAnswer(Schema):
    """Counts, and a result each in the order sent."""

    accepted = whole()
    duplicates = whole()
    rejected = whole()
    results = many(EventResult)


class Retracted(Schema):
    """The event counts no more."""

    event_id = text()
    status = one_of("retracted")
    repeated = yes_no(metadata={"description": "it had been retracted before"})


class RowResult(Schema):
    """What became of one row."""

    status = one_of("accepted", "duplicate", "rejected")
    code = fields.String()
    message = fields.String()


class RowsAnswer(Schema):
    """Counts, and a result each in the order sent."""

    accepted = whole()
    duplicates = whole()
    rejected = whole()
    results = many(RowResult)
