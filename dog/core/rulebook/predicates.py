"""What in a condition is true, false or unknown: comparisons, AND OR NOT, IN, BETWEEN, LIKE, IS NULL."""

from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np
from sqlglot import exp

from dog.core.rulebook.columns import Bools, Floats, Frame, is_null
from dog.core.rulebook.compiler import Compiler, Masks, Truth, together
from dog.core.rulebook.words import like as read_pattern
from dog.core.rulebook.words import matched
from dog.errors import Fault, InvalidPolicy

MAX_LIST = 1000

Comparison = Callable[[Floats, Floats], Masks]


# NaN compares as false with everything but `!=`: each pair of masks leaves it out of both.
def _equal(left: Floats, right: Floats) -> Masks:
    return left == right, (left < right) | (left > right)


def _unequal(left: Floats, right: Floats) -> Masks:
    return (left < right) | (left > right), left == right


def _less(left: Floats, right: Floats) -> Masks:
    return left < right, left >= right


def _at_most(left: Floats, right: Floats) -> Masks:
    return left <= right, left > right


def _greater(left: Floats, right: Floats) -> Masks:
    return left > right, left <= right


def _at_least(left: Floats, right: Floats) -> Masks:
    return left >= right, left < right


COMPARISONS: Mapping[type[exp.Expr], Comparison] = {
    exp.EQ: _equal,
    exp.NEQ: _unequal,
    exp.LT: _less,
    exp.LTE: _at_most,
    exp.GT: _greater,
    exp.GTE: _at_least,
}


def compare(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile =, <>, <, <=, > and >= between two values of one kind."""
    left, right = node.args["this"], node.args["expression"]
    values = compiler.alike([left, right])
    if values[0].kind == "boolean" and not isinstance(node, exp.EQ | exp.NEQ):
        raise compiler.fault("wrong_type", left, "{} is true or false: it can only be compared by = and <>")
    read_all, comparison = together(values), COMPARISONS[type(node)]

    def masks(frame: Frame) -> Masks:
        (first, second), _ = read_all(frame)
        return comparison(first, second)

    return masks


def between(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `x BETWEEN low AND high`, both ends included."""
    values = compiler.alike([node.args["this"], node.args["low"], node.args["high"]])
    if values[0].kind == "boolean":
        raise compiler.fault("wrong_type", node, "{}: true and false have no order")
    read_all = together(values)

    def masks(frame: Frame) -> Masks:
        (value, low, high), _ = read_all(frame)
        return (value >= low) & (value <= high), (value < low) | (value > high)

    return masks


def is_in(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `x IN (a, b, ...)`."""
    listed = node.expressions
    if not listed:
        raise compiler.fault("bad_syntax", node, "IN needs a list in brackets, such as ('a', 'b')")
    if len(listed) > MAX_LIST:
        raise compiler.fault("too_long", node, f"more than {MAX_LIST:,} values in a list")
    value, *options = compiler.alike([node.this, *listed])
    if all(isinstance(option, exp.Literal) for option in listed):
        if value.kind == "text":
            match = matched(frozenset(option.name for option in listed).__contains__)
            return lambda frame: match(value.read(frame))
        if value.kind == "number":
            return _in_numbers(value.read, np.unique([float(option.name) for option in listed]))  # type: ignore[arg-type]  # numbers
    read_all = together([value, *options])

    def masks(frame: Frame) -> Masks:
        (first, *others), _ = read_all(frame)
        pairs = [_equal(first, other) for other in others]
        return any_of([yes for yes, _ in pairs]), all_of([no for _, no in pairs])

    return masks


def _in_numbers(read: Callable[[Frame], Floats], listed: Floats) -> Truth:
    def masks(frame: Frame) -> Masks:
        value = read(frame)
        nearest = listed[np.minimum(np.searchsorted(listed, value), len(listed) - 1)]
        return _equal(value, nearest)

    return masks


def like(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `x LIKE 'pattern'` and `x NOT LIKE 'pattern'`, which the parser makes one node."""
    pattern = node.args["expression"].unnest()
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise compiler.fault("bad_syntax", pattern, "LIKE needs its pattern in quotes, such as 'gold%'")
    value = compiler.value(node.this, "text")
    holds = read_pattern(pattern.name)
    match = matched((lambda word: not holds(word)) if node.args.get("negate") else holds)
    return lambda frame: match(value.read(frame))


def starts_with(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `starts_with(x, 'prefix')`."""
    prefix = node.args["expression"].unnest()
    if not (isinstance(prefix, exp.Literal) and prefix.is_string):
        raise compiler.fault("bad_syntax", prefix, "starts_with needs its second argument in quotes")
    value, start = compiler.value(node.this, "text"), prefix.name
    match = matched(lambda word: word.startswith(start))
    return lambda frame: match(value.read(frame))


def is_nothing(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile `x IS NULL`, which is never unknown itself."""
    if not isinstance(node.args["expression"], exp.Null):
        raise compiler.fault("bad_syntax", node, "IS is only for NULL: write IS NULL or IS NOT NULL")
    read = compiler.value(node.this, compiler.kind(node.this)).read

    def masks(frame: Frame) -> Masks:
        missing = is_null(read(frame))
        return missing, ~missing

    return masks


def negate(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile NOT: what is unknown stays unknown."""
    truth = compiler.truth(node.this)

    def masks(frame: Frame) -> Masks:
        yes, no = truth(frame)
        return no, yes

    return masks


def connect(compiler: Compiler, node: exp.Expr) -> Truth:
    """Compile a chain of ANDs or of ORs; the faults of all its parts are told at once."""
    truths: list[Truth] = []
    faults: list[Fault] = []
    for part in node.flatten():
        try:
            depth = compiler.depth
            truths.append(compiler.truth(part))
        except InvalidPolicy as error:
            faults.extend(error.faults)
            compiler.depth = depth
    if faults:
        raise InvalidPolicy(faults[0].message, faults)
    for_yes, for_no = (all_of, any_of) if isinstance(node, exp.And) else (any_of, all_of)

    def masks(frame: Frame) -> Masks:
        parts = [truth(frame) for truth in truths]
        return for_yes([yes for yes, _ in parts]), for_no([no for _, no in parts])

    return masks


def constant(_: Compiler, node: exp.Expr) -> Truth:
    """Compile TRUE and FALSE."""
    yes = np.array([bool(node.this)])
    return lambda _: (yes, ~yes)


def all_of(masks: list[Bools]) -> Bools:
    """Mark where all masks are set."""
    return reduce(np.bitwise_and, masks)


def any_of(masks: list[Bools]) -> Bools:
    """Mark where any mask is set."""
    return reduce(np.bitwise_or, masks)


PREDICATES: Mapping[type[exp.Expr], Callable[[Compiler, exp.Expr], Truth]] = {
    **dict.fromkeys(COMPARISONS, compare),
    exp.Between: between,
    exp.In: is_in,
    exp.Like: like,
    exp.StartsWith: starts_with,
    exp.Is: is_nothing,
    exp.Not: negate,
    exp.And: connect,
    exp.Or: connect,
    exp.Boolean: constant,
}
