"""Which column of a file is which of the contract: by `dog.toml`, by name, by another usual name."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from dog.core.documents.section import nearest
from dog.errors import InvalidInput
from dog.services.data.mapping.file_columns import ALIASES, FILE_COLUMNS, OWN_ID
from dog.services.data.text_rows import UNNAMED

IGNORED = ""
"""What `dog.toml` maps a column to that is to be ignored."""
MAX_SHOWN = 40
PANDAS_INDEX = re.compile(r"__index_level_\d+__")
"""How pandas names a column of Parquet that numbers the rows."""


def fold_name(name: str) -> str:
    """Return a name without its case, spaces and signs.

    Examples
    --------
    >>> fold_name("Contact ID"), fold_name("contactId"), fold_name("Kunden-Nr.")
    ('contactid', 'contactid', 'kundennr')

    """
    return re.sub(r"[\W_]+", "", name).casefold()


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """The column of the contract that each column of a file is; an attribute keeps its name."""

    targets: Mapping[str, str]
    ignored: Sequence[str] = ()

    @property
    def renamed(self) -> dict[str, str]:
        """Return the columns that have another name in the file."""
        return {source: target for source, target in self.targets.items() if source != target}


def match_columns(
    kind: str,
    found: Sequence[str],
    stated: Mapping[str, str],
    constant: Iterable[str] = (),
    *,
    table: str = "",
) -> ColumnMatch:
    """Match the columns found in a file of a kind.

    Parameters
    ----------
    kind
        One of `FILE_COLUMNS`.
    found
        The names in the file.
    stated
        Names of the contract by names of the file, as `dog.toml` has them; an empty one ignores the column.
    constant
        Columns of the contract whose value is stated: they need no column.
    table
        The table of `dog.toml` that errors name; by default that of the files of the kind.

    Raises
    ------
    InvalidInput
        A required column is missing, two columns are the same one, or a column is refused; one message for the file.

    Examples
    --------
    >>> match_columns("contacts", ["Customer No.", "Segment", "Age"], {}).targets
    {'Customer No.': 'contact_id', 'Segment': 'segment', 'Age': 'Age'}

    """
    columns, own, constant = FILE_COLUMNS[kind], _stated(found, stated), {*constant}
    targets = _by_source((source, target) for source, target in own.items() if target != IGNORED)
    free = [source for source in found if source not in own and not _is_nameless(source)]
    for compare, names, always in _namings(kind):
        taken = {*targets.values()} | constant
        if always or not taken.issuperset(columns.required):
            named = [(source, names.get(compare(source), "")) for source in free]
            targets |= _by_source((source, target) for source, target in named if target and target not in taken)
            free = [source for source in free if source not in targets]
    missing = [name for name in columns.required if name not in constant.union(targets.values())]
    if missing:
        raise InvalidInput(_describe_missing(table or f"files.{kind}", found, targets, missing), code="missing_column")
    if free and columns.refuses_others:
        raise InvalidInput(_describe_unknown(kind, table or f"files.{kind}", free[0]), code="unknown_field")
    if columns.keeps_others:
        targets |= {source: source for source in free}
    kept = {source: targets[source] for source in found if source in targets}
    return ColumnMatch(kept, [source for source in found if source not in kept])


def join_names(names: Sequence[str], most: int) -> str:
    """Return the first names in a sentence, and how many more there are.

    Examples
    --------
    >>> join_names(["a", "b", "c"], 2)
    'a, b and 1 more'

    """
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def known_names(kind: str, stated: Iterable[str]) -> set[str]:
    """Return all folded names that a column of a kind may have."""
    return {*map(fold_name, stated)}.union(*(map(fold_name, names) for _, names, _ in _namings(kind)))


def _is_nameless(source: str) -> bool:
    """Return whether a column has no name of its own; it is ignored."""
    return source.startswith(UNNAMED) or PANDAS_INDEX.fullmatch(source) is not None


def _stated(found: Sequence[str], stated: Mapping[str, str]) -> dict[str, str]:
    """Return what is stated of the columns found: by their exact names, else by the folded ones."""
    folded = {fold_name(source): target for source, target in stated.items()}
    return {
        source: stated[source] if source in stated else folded[fold_name(source)]
        for source in found
        if source in stated or fold_name(source) in folded
    }


def _namings(kind: str) -> list[tuple[Callable[[str], str], dict[str, str], bool]]:
    """Return how names are compared, the columns by name, and whether a file with all required columns is read so."""
    names = FILE_COLUMNS[kind].names
    own_id = {"id": OWN_ID[kind]} if kind in OWN_ID else {}
    others = {fold_name(other): name for name in names for other in ALIASES.get(name, ())}
    return [
        (str, {name: name for name in names}, True),
        (fold_name, {fold_name(name): name for name in names}, True),
        (fold_name, own_id | others, False),
    ]


def _by_source(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the columns of the contract by those of the file; raise `InvalidInput` where two are the same one."""
    sources: dict[str, str] = {}
    for source, target in named:
        if target in sources:
            raise InvalidInput(
                f"the columns {sources[target]!r} and {source!r} may both be {target}; say which in dog.toml: "
                f'"{sources[target]}" = "{target}" and "{source}" = ""',
                code="ambiguous_column",
            )
        sources[target] = source
    return {source: target for target, source in sources.items()}


def _describe_missing(table: str, found: Sequence[str], targets: Mapping[str, str], missing: Sequence[str]) -> str:
    shown = [f"{name} (is {targets[name]})" if targets.get(name, name) != name else name for name in found]
    free = [source for source in found if source not in targets]
    near = get_close_matches(missing[0], free, n=1, cutoff=0.5) or free[:1] or ["Its name in the file"]
    return (
        f"no column for {', '.join(missing)}; columns found: {join_names(shown, MAX_SHOWN)}. Rename the column, or map "
        f'it in dog.toml under [{table}.columns], such as "{near[0]}" = "{missing[0]}", and load with '
        "--map dog.toml"
    )


def _describe_unknown(kind: str, table: str, source: str) -> str:
    names = FILE_COLUMNS[kind].names
    return (
        f"unknown column {source}{nearest(source, names)}; known are {', '.join(names)}. To ignore it, write "
        f'"{source}" = "" in dog.toml under [{table}.columns], and load with --map dog.toml'
    )
