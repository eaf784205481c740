import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dog.core.kernels.rank_by_rules import TRUE, UNKNOWN
from dog.core.rulebook.clauses import clauses_of
from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.conditions import compile_condition
from dog.core.rulebook.effect_context import RuleEffect
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.known_trees import condition_tree
from dog.core.rulebook.rulebook import CompiledRule, Rulebook
from dog.core.rulebook.rules import Rule
from tests.core.rulebook.applied_rules import applied

EXCLUDE: RuleEffect = Exclude()
numbers = st.sampled_from(["-1", "0", "2", "2.5"])
comparisons = st.one_of(
    st.builds("pitches {} {}".format, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), numbers),
    st.builds("{} {} pitches".format, numbers, st.sampled_from(["=", "<>", "<", "<=", ">", ">="])),
    st.builds("pitches BETWEEN {} AND {}".format, numbers, numbers),
    st.sampled_from(["pitches IS NULL", "pitches IS NOT NULL"]),
)
conditions = st.one_of(comparisons, comparisons.map("NOT ({})".format), comparisons.map("NOT (NOT ({}))".format))


@given(conditions)
def test_clauses_hold_where_the_condition_holds_and_are_unknown_where_it_is(text: str) -> None:
    condition = compile_condition(text, ColumnSchema())
    pitches = np.array([-1.0, 0.0, 1.0, 2.0, 2.5, 3.0, np.nan])
    frame = Frame(7, {"pitches": pitches})
    yes, no = condition.masks(frame)
    states = applied(Rulebook((CompiledRule(Rule(id="r", effect=EXCLUDE), condition),)), frame).ranked.states[0]

    assert (states == TRUE).tolist() == yes.tolist()
    assert (states == UNKNOWN).tolist() == (~yes & ~no).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "product.value > 1",
        "contact.age > 1",
        "pitches + 1 > 2",
        "pitches > wins",
        "pitches IN (1, 2)",
        "pitches > 1 OR pitches < 0",
        "NOT pitches BETWEEN 1 AND 2",
        "product.green",
    ],
)
def test_what_is_no_comparison_of_one_column_of_options_with_numbers_has_no_clauses(text: str) -> None:
    assert clauses_of(condition_tree(text)) == ()


def test_a_comparison_names_its_column_in_full() -> None:
    assert [clause.column for clause in clauses_of(condition_tree("0.5 < score.cf"))] == ["score.cf"]
