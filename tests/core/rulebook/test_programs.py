import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.rank_by_rules import FALSE, TRUE, UNKNOWN
from dog.core.kernels.run_programs import COLUMN, NUMBER, OF_CONTACT, OF_PRODUCT
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame, encode
from dog.core.rulebook.conditions import compile_condition
from dog.core.rulebook.effect_context import RuleEffect
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.programs import height_of
from dog.core.rulebook.rulebook import CompiledRule, Rulebook
from dog.core.rulebook.rules import Rule
from tests.core.rulebook.applied_rules import applied

EXCLUDE: RuleEffect = Exclude()
SCHEMA = ColumnSchema(
    product={"value": "number", "green": "boolean", "category": "text", "active_to": "date"},
    contact={"age": "number", "vip": "boolean", "segment": "text"},
    models=["cf"],
)
VALUES = [-2.5, -1.0, 0.0, 0.5, 1.0, 2.0, 2.5, 3.0, np.nan]
FRAME = Frame.of(
    [
        {
            "value": [1.0, 2.0, -1.0, 2.5][n % 4],
            "green": [True, False][n % 2],
            "category": ["fax", "ink"][n % 2],
            "active_to": ["2026-01-01", "2026-03-01"][n % 2],
        }
        if n % 5
        else {}
        for n in range(81)
    ],
    "product",
).with_columns(
    {
        "pitches": np.repeat(VALUES, 9),
        "score.cf": np.tile(VALUES, 9),
        "days_since.win": np.roll(np.repeat(VALUES, 9), 5),
        "contact.age": encode([2.0]),
        "contact.vip": encode([True]),
        "contact.segment": encode(["fax"]),
    }
)
values = st.recursive(
    st.sampled_from(
        [
            *("pitches", "score.cf", "days_since.win", "product.value", "contact.age", "-1", "0", "2", "2.5"),
            "(context.hour + 0)",  # alone it has no kind: `context.hour = context.hour` is refused
        ]
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/"]), inner),
        inner.map("(-({}))".format),
        inner.map("abs({})".format),
        inner.map("round({}, 1)".format),
        inner.map("round({})".format),
        st.builds("{}({}, {})".format, st.sampled_from(["least", "greatest", "coalesce"]), inner, inner),
        st.builds("CASE WHEN pitches > {} THEN {} ELSE {} END".format, inner, inner, inner),
        st.builds("CASE {} WHEN score.cf THEN {} WHEN 1 THEN {} END".format, inner, inner, inner),
    ),
    max_leaves=4,
)
comparisons = st.one_of(
    st.builds("{} {} {}".format, values, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), values),
    st.builds("{} BETWEEN {} AND {}".format, values, values, values),
    st.builds("{} IN ({}, 0, {})".format, values, values, values),
    values.map("({}) IS NULL".format),
    st.sampled_from(
        [
            "product.green",
            "contact.vip",
            "context.hour > pitches",
            "product.green = (pitches > 1)",
            "contact.vip <> (score.cf < 1)",
            "(pitches > 1) IS NULL",
            "CASE WHEN pitches > 1 THEN product.green ELSE contact.vip END",
            "coalesce(score.cf > 1, product.green)",
            "product.active_to + pitches > DATE '2026-01-02'",
            "product.active_to - DATE '2026-01-01' >= pitches",
            "product.category = 'fax' OR pitches > 1",
            "pitches = 1 AND NOT product.category IN ('ink', 'fax')",
        ]
    ),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.builds("({} OR {})".format, inner, inner),
        st.builds("({} AND {})".format, inner, inner),
        inner.map("NOT ({})".format),
    ),
    max_leaves=3,
)


@given(conditions)
def test_programs_hold_where_the_condition_holds_and_are_unknown_where_it_is(text: str) -> None:
    condition = compile_condition(text, SCHEMA)
    yes, no = (np.broadcast_to(mask, 81) for mask in condition.masks(FRAME))
    ranked = applied(Rulebook((CompiledRule(Rule(id="r", effect=EXCLUDE), condition),)), FRAME).ranked

    assert condition.whole.program is not None
    assert ranked.states[0].tolist() == np.where(yes, TRUE, np.where(no, FALSE, UNKNOWN)).tolist()


@pytest.mark.parametrize(
    ("text", "operations"),
    [
        ("abs(product.value) > 1", [OF_PRODUCT]),
        ("contact.segment = 'gold' AND context.hour < 12", [OF_CONTACT]),
        ("1 + 1 = 2", [NUMBER]),
    ],
)
def test_what_is_known_before_the_options_is_one_step(text: str, operations: list[int]) -> None:
    program = compile_condition(text, SCHEMA).whole.program

    assert program is not None
    assert [step.operation for step in program] == operations


@pytest.mark.parametrize(
    "text",
    [
        "product.category = contact.segment",
        "lower(contact.segment) IN (product.category, 'fax')",
        "CASE WHEN pitches > 1 THEN product.category ELSE 'fax' END = 'fax'",
        "coalesce(product.category, contact.segment) LIKE 'f%'",
        "pitches > 1 OR product.category = contact.segment",
    ],
)
def test_text_of_several_sources_has_no_program_and_is_evaluated_all_the_same(text: str) -> None:
    condition = compile_condition(text, SCHEMA)
    yes, no = condition.masks(FRAME)
    ranked = applied(Rulebook((CompiledRule(Rule(id="r", effect=EXCLUDE), condition),)), FRAME).ranked

    assert condition.whole.program is None
    assert ranked.states[0].tolist() == np.where(yes, TRUE, np.where(no, FALSE, UNKNOWN)).tolist()


def test_a_program_knows_its_columns_and_how_many_numbers_it_holds() -> None:
    program = compile_condition("score.cf + pitches * pitches > 1", SCHEMA).whole.program

    assert program is not None
    assert [step.column for step in program if step.operation == COLUMN] == ["score.cf", "pitches", "pitches"]
    assert height_of(program) == 3
