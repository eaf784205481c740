"""Schemas of the answers to feedback."""

from marshmallow import Schema, fields

from dog.api.response_schemas import (
    ItemSchema,
    WarningSchema,
    boolean,
    integer,
    many,
    number,
    one_of,
    text,
)


class ScopeSchema(Schema):
    """A scope in which a verdict acts, or will act once it has the votes."""

    scope = one_of("pair", "contact", "account", "channel", "time", "rationale", "segment", "tenant", "actor", "admin")
    key = text()
    votes = integer(metadata={"description": "votes so far; of the contact's own scopes the length of the run"})
    needed = integer(metadata={"description": "votes from which the scope acts"})
    direction = fields.String(metadata={"description": "of a scope beyond the contact: against, for or even"})
    factor = number(metadata={"description": "factor now; 0: on no list until `until`"})
    until = text(
        allow_none=True,
        metadata={"format": "date-time", "description": "null: it does not act, or fades without an end"},
    )


class EffectSchema(Schema):
    """The immediate effect of an event on its pair, and the scopes of a verdict."""

    multiplier_before = fields.Float(metadata={"description": "0: the pair rests"})
    multiplier_after = fields.Float(metadata={"description": "0: the pair rests"})
    scopes = many(ScopeSchema)


class EventResultSchema(Schema):
    """The result of one event."""

    event_id = text(allow_none=True)
    status = one_of("accepted", "duplicate", "rejected", "quarantined")
    code = fields.String()
    message = fields.String()
    warning = fields.Nested(WarningSchema)
    effect = fields.Nested(EffectSchema)
    substitute = fields.Nested(ItemSchema)


class FeedbackAnswerSchema(Schema):
    """Counts, and one result per item, in the order sent."""

    accepted = integer()
    duplicates = integer()
    rejected = integer()
    quarantined = fields.Integer(metadata={"description": "events that wait until their names are known, if any"})
    in_published_weeks = integer(
        metadata={"description": "accepted pitches, wins and losses of weeks that are published already"}
    )
    results = many(EventResultSchema)


class HookResultSchema(Schema):
    """The result of one event of a hook."""

    event_id = text(allow_none=True)
    status = one_of("accepted", "duplicate", "rejected", "ignored", "quarantined")
    code = fields.String()
    message = fields.String()
    warning = fields.Nested(WarningSchema)


class HookAnswerSchema(Schema):
    """Counts, and one result per event of the body, in its order."""

    accepted = integer()
    duplicates = integer()
    rejected = integer()
    ignored = integer(metadata={"description": "events that the hook's map leaves out"})
    quarantined = integer(metadata={"description": "events that wait until their names are known"})
    results = many(HookResultSchema)


class RetractedSchema(Schema):
    """The event no longer counts."""

    event_id = text()
    status = one_of("retracted")
    repeated = boolean(metadata={"description": "it had been retracted before"})
