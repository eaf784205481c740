"""The documents are complete: what the code has, they name; what they point to, exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click

from dog import errors
from dog.cli.main import dog
from dog.console.pages import PAGES as PAGES_OF_CONSOLE
from dog.storage.keys import REFERENCE
from jobs.cli import jobs

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("rules/*.md"), *ROOT.glob("dog/**/*.md")])
TREES = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "dog").rglob("*.py"))]


def read(page: str) -> str:
    return (ROOT / page).read_text("utf-8")


def short(page: Path) -> str:
    return str(page.relative_to(ROOT))


def row_of(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def test_every_key_stands_in_the_redis_page_as_the_code_has_it() -> None:
    page = read("docs/reference/redis.md")
    rows = [row_of(name, f"`{pattern}`", *more) for name, (pattern, *more) in REFERENCE.items()]

    assert [row for row in rows if row not in page] == []


def test_every_script_has_its_reason_in_the_redis_page() -> None:
    page = read("docs/reference/redis.md")
    scripts = sorted(path.name for path in (ROOT / "dog/storage/scripts").glob("*.lua"))

    assert [script for script in scripts if f"`{script}`" not in page] == []


def subclasses(of: type[errors.DogError]) -> Iterator[type[errors.DogError]]:
    yield of
    for below in of.__subclasses__():
        yield from subclasses(below)


def codes_in_the_code() -> Iterator[str]:
    """Find what is given as `code=`, or as the code of a fault."""
    yield from (kind.code for kind in subclasses(errors.DogError))
    for call in (node for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Call)):
        given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
        if getattr(call.func, "attr", getattr(call.func, "id", "")) in ("InputFault", "fault"):
            texts = [argument for argument in call.args[:2] if isinstance(argument, ast.Constant)]
            given += texts[-1:]
        found = (code.value for code in given if isinstance(code, ast.Constant))
        yield from (code for code in found if isinstance(code, str) and re.fullmatch("[a-z_]+", code))


def test_every_code_of_an_error_is_explained() -> None:
    explained = set(re.findall(r"`([a-z_]+)`", read("docs/reference/errors.md")))
    missing = set(codes_in_the_code()) - explained

    assert missing == set()


def test_no_code_is_explained_that_no_longer_exists() -> None:
    page = read("docs/reference/errors.md")
    told = {code for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for code in re.findall(r"`(\w+)`", row)}
    texts = {node.value for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Constant)}

    assert told - texts == set()


def subcommands(group: click.Group) -> dict[str, click.Command]:
    context = click.Context(group)
    named = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in named.items() if command is not None}


def commands(group: click.Group, prefix: str) -> Iterator[str]:
    for name, command in subcommands(group).items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


def test_every_command_stands_in_the_reference() -> None:
    page = read("docs/reference/commands.md")
    named = [*commands(dog, "dog"), *commands(jobs, "dog jobs")]

    assert [command for command in named if f"`{command}" not in page] == []


def test_every_page_of_the_console_stands_beside_its_scope() -> None:
    told = read("docs/how-to/console.md")
    rows = {page: rf"^\| {page.scope} \|.*\b{page.name}\b.*\|$" for page in PAGES_OF_CONSOLE}

    assert [page.name for page, row in rows.items() if not re.search(row, told, re.MULTILINE)] == []


def links(page: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            yield unquote(target)


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    aim = (page.parent / path).resolve() if path else page
    return aim.exists() and (not anchor or anchor in anchors(aim))


def test_every_link_leads_somewhere() -> None:
    broken = [f"{short(page)}: {each}" for page in PAGES for each in links(page) if not leads_somewhere(page, each)]

    assert broken == []


def named_paths(page: Path) -> set[str]:
    """Find the files and folders of the tree that a page names as code; `NAME` stands for any."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    named = re.findall(r"`((?:dog|jobs|tests|rules|docs|benchmarks|deploy)/[\w./-]*)`", text)
    return {path for path in named if not re.search(r"[A-Z]{3,}(?!ADME)", path)}


def test_every_path_that_is_named_exists() -> None:
    named = [(short(page), path) for page in PAGES for path in sorted(named_paths(page))]

    assert [f"{page}: {path}" for page, path in named if not (ROOT / path).exists()] == []


def shown_commands() -> Iterator[str]:
    """Find the commands of ours in code blocks and in code within text, without the tenant."""
    for page in PAGES:
        text = page.read_text("utf-8").replace("\\\n", " ")
        for code in re.findall(r"```.*?```|`[^`]+`", text, flags=re.DOTALL):
            for line in re.findall(
                r"(?<![\w/.:-])(?<!SETUSER )(dog (?:--tenant \S+ )?(?!dog\b)[a-z][^`|,;)#&>\n]*)", code
            ):
                yield re.sub(r" --tenant \S+", "", re.split(r"\s{3,}", line)[0]).strip()


def unknown_words(line: str) -> list[str]:
    """Return the subcommand that does not exist, or the options that the command does not have."""
    _dog, *words = re.sub(r"[\[\]]", " ", line).split()
    command: click.Command = dog
    if words[0] == "jobs":
        command = jobs
        del words[0]
    while words and isinstance(command, click.Group):
        name = words.pop(0)
        if name == "X":  # any of them
            return []
        if name not in subcommands(command):
            return [name]
        command = subcommands(command)[name]
    known = {option for parameter in command.params for option in parameter.opts}
    return [word for word in words if word.startswith("--") and word.partition("=")[0] not in known]


def test_every_command_that_is_shown_exists_with_its_options() -> None:
    unknown = {line: unknown_words(line) for line in sorted(set(shown_commands()))}

    assert len(unknown) > 100  # else pages write commands in a way that is not found here
    assert {line: words for line, words in unknown.items() if words} == {}
