"""Schemas of what /v1/models answers."""

from marshmallow import Schema, fields

from dog.api.response_schemas import integer, many, number, text


class ModelSchema(Schema):
    """A model whose scores are loaded, or the model start, which computes them."""

    name = text()
    direction = text(allow_none=True, metadata={"description": "for policies that state none"})
    as_of = text(allow_none=True, metadata={"format": "date-time", "description": "newest date of its scores"})
    age_seconds = number(allow_none=True)
    trained_until = text(
        allow_none=True, metadata={"format": "date-time", "description": "up to when it has seen outcomes"}
    )
    previous_trained_until = text(
        allow_none=True, metadata={"format": "date-time", "description": "of the training before"}
    )
    rows = integer(allow_none=True, metadata={"description": "scores when last calibrated"})
    changes = integer(metadata={"description": "grows whenever scores of the model change"})
    trained_at = text(
        allow_none=True, metadata={"format": "date-time", "description": "of the model start: its last training"}
    )
    proof = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "of the model start: its gains over popularity by number of events, what is on"},
    )
    policies = fields.Dict(
        keys=fields.String(),
        values=fields.Float(allow_none=True),
        required=True,
        metadata={"description": "its weight in each active policy that names it; null where it is a fallback"},
    )


class ModelsSchema(Schema):
    """All models, by name."""

    items = many(ModelSchema)
