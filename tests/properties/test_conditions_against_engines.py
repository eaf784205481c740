"""Random conditions over random rows with nulls mean in numpy what they mean in DuckDB and in Polars."""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dog.core.rulebook.column_schema import ColumnSchema
from dog.core.rulebook.columns import Frame, Kind
from dog.core.rulebook.conditions import compile_condition
from dog.core.rulebook.exclude import Exclude
from dog.core.rulebook.rulebook import CompiledRule, Rulebook
from dog.core.rulebook.rules import Rule
from tests.core.rulebook.applied_rules import applied

ROWS = 60
KINDS: dict[str, Kind] = {
    "a": "number",
    "b": "number",
    "c": "number",
    "s": "text",
    "t": "text",
    "f": "boolean",
    "g": "boolean",
    "d": "date",
    "e": "date",
}
SCHEMA = ColumnSchema(product=KINDS)
WORDS = ["", "a", "ab", "Ab", "ba", "b%", "a_b", "é", "zoo"]
DAYS = [date(2026, 1, 1), date(2026, 2, 28), date(2026, 12, 31)]


@dataclass(frozen=True)
class Sql:
    """A condition as we write it, and as engines do that divide by zero to infinity."""

    ours: str
    theirs: str


def sql(template: str, *parts: "Sql | str") -> Sql:
    texts = [part if isinstance(part, Sql) else Sql(part, part) for part in parts]
    return Sql(template.format(*(text.ours for text in texts)), template.format(*(text.theirs for text in texts)))


def column(*names: str) -> st.SearchStrategy[Sql]:
    return st.sampled_from([Sql(f"product.{name}", name) for name in names])


def literal(*texts: str) -> st.SearchStrategy[Sql]:
    return st.sampled_from([Sql(text, text) for text in texts])


# Engines round halves differently (DuckDB away from zero, Polars to even): columns hold sevenths and literals
# are whole, so that no sum or product of them is ever half a unit.
NUMBERS = st.recursive(
    column("a", "b", "c") | literal("0", "1", "-2", "3"),
    lambda inner: st.one_of(
        st.builds(sql, st.sampled_from(["({} + {})", "({} - {})", "({} * {})"]), inner, inner),
        st.builds(
            lambda x, y: Sql(f"({x.ours} / {y.ours})", f"({x.theirs} / nullif({y.theirs}, 0.0))"),
            inner,
            inner,
        ),
        st.builds(sql, st.sampled_from(["abs({})", "(- {})"]), inner),
        st.builds(sql, st.sampled_from(["round({})", "round({}, 1)"]), column("a", "b", "c")),
        st.builds(sql, st.sampled_from(["greatest({}, {})", "least({}, {})", "coalesce({}, {})"]), inner, inner),
        st.builds(sql, st.just("CASE WHEN {} > {} THEN {} ELSE {} END"), inner, inner, inner, inner),
        st.builds(sql, st.just("CASE {} WHEN {} THEN {} END"), column("a", "b"), literal("1", "0"), inner),
    ),
    max_leaves=4,
)
TEXT_LITERALS = literal(*(f"'{word}'" for word in WORDS))
TEXTS = st.recursive(
    column("s", "t") | TEXT_LITERALS,
    lambda inner: st.one_of(
        st.builds(sql, st.sampled_from(["lower({})", "upper({})"]), inner),
        st.builds(sql, st.sampled_from(["coalesce({}, {})"]), inner, inner),
        st.builds(sql, st.just("CASE WHEN {} < {} THEN {} ELSE {} END"), inner, inner, inner, inner),
    ),
    max_leaves=3,
)
DATES = column("d", "e") | literal("DATE '2026-02-28'", "DATE '2026-06-30'")
COMPARED = st.sampled_from(["{} = {}", "{} <> {}", "{} != {}", "{} < {}", "{} <= {}", "{} > {}", "{} >= {}"])
PATTERNS = literal("'a%'", "'%b'", "'%a%b%'", "'_b'", "'%'", "''", "'a_b'", "'%b_'", "'__%'")


def comparisons(values: st.SearchStrategy[Sql], listed: st.SearchStrategy[Sql]) -> st.SearchStrategy[Sql]:
    return st.one_of(
        st.builds(sql, COMPARED, values, values),
        st.builds(sql, st.sampled_from(["{} BETWEEN {} AND {}", "{} NOT BETWEEN {} AND {}"]), values, values, values),
        st.builds(sql, st.sampled_from(["{} IN ({}, {})", "{} NOT IN ({}, {})"]), values, listed, listed),
        st.builds(sql, st.sampled_from(["{} IS NULL", "{} IS NOT NULL"]), values),
    )


ATOMS = st.one_of(
    comparisons(NUMBERS, literal("0", "1", "3")),
    comparisons(NUMBERS, NUMBERS),
    comparisons(TEXTS, TEXT_LITERALS),
    comparisons(DATES, literal("DATE '2026-02-28'")),
    st.builds(sql, st.sampled_from(["{} LIKE {}", "{} NOT LIKE {}"]), column("s", "t"), PATTERNS),
    st.builds(sql, st.just("starts_with({}, {})"), TEXTS, TEXT_LITERALS),
    column("f", "g"),
    st.builds(
        sql,
        st.sampled_from(["{} = {}", "{} <> {}"]),
        column("f", "g"),
        column("f") | literal("true", "false"),
    ),
)
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds(sql, st.sampled_from(["({} AND {})", "({} OR {})"]), inner, inner),
        st.builds(sql, st.just("(NOT {})"), inner),
        st.builds(sql, st.just("coalesce({}, {})"), column("f", "g"), inner),
    ),
    max_leaves=6,
)


def random_rows(seed: int) -> pl.DataFrame:
    rng = np.random.default_rng(seed)

    def some(values: list[object]) -> list[object]:
        return [None if rng.random() < 0.2 else values[rng.integers(len(values))] for _ in range(ROWS)]

    sevenths: list[object] = [k / 7 for k in range(-21, 22)]
    numbers = {name: pl.Series(some(sevenths), dtype=pl.Float64) for name in "abc"}
    texts = {name: pl.Series(some(list(WORDS)), dtype=pl.String) for name in "st"}
    flags = {name: pl.Series(some([True, False]), dtype=pl.Boolean) for name in "fg"}
    days = {name: pl.Series(some(list(DAYS)), dtype=pl.Date) for name in "de"}
    return pl.DataFrame({**numbers, **texts, **flags, **days})


TABLES = [random_rows(seed) for seed in range(3)]
FRAMES = [Frame.of(table.to_dicts(), "product", KINDS) for table in TABLES]


def by_duckdb(condition: str, table: pl.DataFrame) -> list[bool | None]:
    answers = duckdb.from_arrow(table.to_arrow()).project(f"({condition}) AS answer").fetchall()
    return [answer for (answer,) in answers]


def by_polars(condition: str, table: pl.DataFrame) -> list[bool | None]:
    answers = table.select(answer=pl.sql_expr(condition))["answer"].to_list()
    return answers * ROWS if len(answers) == 1 else answers


def spread(mask: np.ndarray) -> list[bool]:
    return [bool(flag) for flag in np.broadcast_to(mask, ROWS)]


@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(condition=CONDITIONS, which=st.integers(0, len(TABLES) - 1))
def test_true_false_and_unknown_are_those_of_duckdb_and_polars(condition: Sql, which: int) -> None:
    compiled, frame = compile_condition(condition.ours, SCHEMA), FRAMES[which]
    yes, no = compiled.masks(frame)
    rulebook = Rulebook((CompiledRule(Rule(id="r", effect=Exclude()), compiled),))
    ours = [
        True if is_true else False if is_false else None
        for is_true, is_false in zip(spread(yes), spread(no), strict=True)
    ]

    assert ours == by_duckdb(condition.theirs, TABLES[which])
    assert ours == by_polars(condition.theirs, TABLES[which])
    assert applied(rulebook, frame).holds[0] == spread(yes)
