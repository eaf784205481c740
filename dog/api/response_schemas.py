"""Schemas of answers to lists, feedback and rows, for OpenAPI only: views write their JSON without them."""

from typing import Any

from marshmallow import Schema, fields, validate


def text(**more: Any) -> fields.String:
    """Declare a required string."""
    return fields.String(required=True, **more)


def integer(**more: Any) -> fields.Integer:
    """Declare a required integer."""
    return fields.Integer(required=True, **more)


def number(**more: Any) -> fields.Float:
    """Declare a required number."""
    return fields.Float(required=True, **more)


def boolean(**more: Any) -> fields.Boolean:
    """Declare a required boolean."""
    return fields.Boolean(required=True, **more)


def many(schema: type[Schema]) -> Any:
    """Declare a required list of one schema."""
    return fields.List(fields.Nested(schema), required=True)


def one_of(*choices: str, **more: Any) -> fields.String:
    """Declare a string with a fixed set of values."""
    return fields.String(validate=validate.OneOf(choices), **{"required": True, **more})


class FaultSchema(Schema):
    """One invalid field."""

    pointer = fields.String()
    code = fields.String()
    message = fields.String()


class ProblemSchema(Schema):
    """The body of every error (RFC 9457)."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String(metadata={"description": "stable; made for programs"})
    request_id = fields.String()
    errors = fields.List(fields.Nested(FaultSchema))


class ModelFactorSchema(Schema):
    """One model's score of an option."""

    raw = number(allow_none=True)
    calibrated = number(allow_none=True)
    weight = number()
    multiplier = number()
    share = number(
        allow_none=True,
        metadata={"description": "added to the log odds of the consolidated score; none with rrf"},
    )
    calibration = fields.String()
    basis = fields.String(metadata={"description": "of the model start: what its score rests on"})
    nearest = fields.List(
        fields.String(), metadata={"description": "of the model start: what the contact bought that is most like this"}
    )


class MemoryFactorSchema(Schema):
    """What contacts like this one did with offers of the product's category."""

    ratio = fields.Float(metadata={"description": "(2 + wins) / (2 + expected)"})
    trust = fields.Float(metadata={"description": "exponent of the ratio"})
    factor = fields.Float(
        metadata={"description": "ratio ** trust within the multiplier's bounds: multiplies the odds"}
    )
    contacts_like_this = fields.Integer(metadata={"description": "contacts that the read is worth"})
    category = fields.String()
    wins = fields.Float()
    pitches = fields.Float()
    expected = fields.Float()


class PerformanceFactorSchema(Schema):
    """The pair's learned multiplier.

    By expected wins: `odds` multiplies the odds of the consolidated score, `multiplier` the score itself, and `explore`
    the odds of the order alone. By win rates: (`arm` or `drm`) x `explore` x `step`.
    """

    wins = integer(allow_none=True)
    pitches = integer(allow_none=True)
    evidence_wins = fields.Float(allow_none=True)
    evidence_pitches = fields.Float(allow_none=True)
    evidence_expected = fields.Float()
    expected = fields.Float(metadata={"description": "wins expected of the pair, given its product"})
    product_ratio = fields.Float(metadata={"description": "wins over expected wins of the product"})
    pair_ratio = fields.Float(metadata={"description": "wins over expected wins of the pair"})
    trust = fields.Dict(keys=fields.String(), values=fields.Float(), metadata={"description": "product and pair"})
    odds = fields.Float(metadata={"description": "factor on the odds of the consolidated score"})
    memory = fields.Nested(MemoryFactorSchema)
    win_rate = fields.Float(allow_none=True)
    prior = fields.Float(allow_none=True)
    neutral = fields.Float(allow_none=True)
    arm = fields.Float(allow_none=True)
    drm = fields.Float(allow_none=True)
    explore = number()
    step = number()
    recursions = integer(allow_none=True)
    multiplier = number()
    applied_to = fields.String(metadata={"description": "the model that it multiplies, where it is not the whole"})
    applied_multiplier = fields.Float()


class RuleFactorSchema(Schema):
    """A rule that fired."""

    id = text()
    effect = text()
    factor = number()
    reason = fields.String(allow_none=True)


class FactorsSchema(Schema):
    """The factors whose product is the score."""

    models = fields.Dict(keys=fields.String(), values=fields.Nested(ModelFactorSchema), required=True)
    performance = fields.Nested(PerformanceFactorSchema, required=True)
    consolidated = number()
    streak = number()
    discomfort = number()
    market = number()
    business = number()
    clamp = number()
    rules = many(RuleFactorSchema)


class ItemSchema(Schema):
    """One product of a list."""

    rank = integer()
    product_id = text()
    score = number(metadata={"description": "the product of the factors; a probability where no rule multiplies it"})
    order_score = number(metadata={"description": "what the list is sorted by: the score with exploration"})
    attributes = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        metadata={"description": "account, contact, product, time, channel, rationale"},
    )
    factors = fields.Nested(FactorsSchema, metadata={"description": "not with explain=none"})
    inputs = fields.Dict(metadata={"description": "what the factors were made from; with explain=full"})
    propensity = fields.Float(metadata={"description": "how likely this place was, where a variant is being tried"})


class ExcludedSchema(Schema):
    """A product that a rule or verdict excluded."""

    product_id = text()
    rule_id = text()
    stage = text()
    reason = text(allow_none=True)


class DegradedSchema(Schema):
    """The cached data of an answer made while Redis was unavailable, and its age."""

    reason = text()
    version = fields.String(allow_none=True)
    age_s = number(allow_none=True)


class DecisionSchema(Schema):
    """A ranked list; `lap` is the number of the contact's list, null if it was not counted."""

    decision_id = text()
    contact_id = text()
    lap = integer(allow_none=True)
    policy = text()
    policy_version = text()
    multiplier_version = text(allow_none=True)
    generated_at = text(metadata={"format": "date-time"})
    items = many(ItemSchema)
    excluded = fields.List(fields.Nested(ExcludedSchema), metadata={"description": "with explain=full"})
    notes = fields.List(fields.String(), metadata={"description": "what a reader should know, an empty list's reason"})
    variant = fields.String(allow_none=True)
    degraded = fields.Nested(DegradedSchema)


class ContactItemSchema(ItemSchema):
    """One contact, with the item that its own list has for the product."""

    class Meta:
        """A draw for one list has no meaning here."""

        exclude = ("propensity",)

    contact_id = text()


class RankedContactsSchema(Schema):
    """Contacts in the order of their items; nothing was stored or counted."""

    policy = text()
    policy_version = text()
    multiplier_version = text(allow_none=True)
    generated_at = text(metadata={"format": "date-time"})
    items = many(ContactItemSchema)
    notes = fields.List(fields.String(), required=True, metadata={"description": "an empty list's reason"})


class BatchResultSchema(Schema):
    """Either a decision or an error."""

    decision = fields.Nested(DecisionSchema)
    error = fields.Nested(ProblemSchema)


class BatchAnswerSchema(Schema):
    """One result per request, in the order sent."""

    results = many(BatchResultSchema)


class WhyNotSchema(Schema):
    """The stage at which a product dropped out, the cause, and the remedy."""

    product_id = text()
    stage = text()
    as_of = one_of(
        "decision", "now", metadata={"description": "now: computed again, since the decision does not hold it"}
    )
    rank = fields.Integer()
    score = fields.Float()
    rule_id = fields.String()
    reason = fields.String(allow_none=True)
    remedy = fields.String()


class WarningSchema(Schema):
    """Why something that was accepted may be a mistake, or does less than its sender may expect."""

    code = text()
    message = text()


class RowResultSchema(Schema):
    """The result of one row."""

    status = one_of("accepted", "duplicate", "rejected")
    code = fields.String()
    message = fields.String()
    warning = fields.Nested(WarningSchema)


class RowsAnswerSchema(Schema):
    """Counts, and one result per item, in the order sent."""

    accepted = integer()
    duplicates = integer()
    rejected = integer()
    results = many(RowResultSchema)
