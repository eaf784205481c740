import pytest

from dog.core.rulebook.column_schema import ColumnSchema


def test_an_undeclared_attribute_is_accepted_while_attributes_are_not_known() -> None:
    assert ColumnSchema().kind("product.colour") is None


def test_an_unknown_attribute_is_answered_with_the_nearest() -> None:
    with pytest.raises(LookupError, match=r"did you mean product\.colour\?"):
        ColumnSchema(product={"colour": "text"}).kind("product.color")


def test_a_score_is_named_by_its_model() -> None:
    schema = ColumnSchema(models=("cf",))

    assert schema.kind("score.cf") == "number"
    with pytest.raises(LookupError):
        schema.kind("score.churn")


def test_an_open_schema_accepts_any_name_below_a_known_root() -> None:
    schema = ColumnSchema(product={}, open=True)

    assert schema.kind("product.gone") is None
    with pytest.raises(LookupError):
        schema.kind("weather.today")
