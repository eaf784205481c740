"""`dog policy`: check, preview, diff, publish, activate, rollback, default, schema."""

import getpass
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from dog.bootstrap import build_runtime
from dog.cli.policy_shadow_command import shadow
from dog.cli.policy_version_commands import activate, activation_of, default, require_proof, rollback
from dog.cli.runner_options import open_job, runner_options
from dog.cli.terminal import table_console
from dog.core.policy.policy_schema import policy_schema
from dog.core.spoken import counted
from dog.errors import NotFound
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.preview_policy import DEFAULT_SAMPLE, MAX_SAMPLE, preview_policy
from dog.services.publishing.publish_policy import (
    diff_policies,
    make_default,
    policy_warnings,
    publish_policy,
)
from dog.services.runner import open_runner
from dog.services.runtime import Runtime
from dog.storage.policy_files import read_policy_file
from dog.storage.policy_versions import active_policies, read_default_policy, read_policy_versions

FILE = click.Path(path_type=Path)
SAMPLE_RANGE = click.IntRange(1, MAX_SAMPLE)


@click.group()
def policy() -> None:
    """Check, preview, compare, publish and roll back policies."""


for command in (shadow, activate, rollback, default, require_proof):
    policy.add_command(command)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read ({error.strerror})") from None


@policy.command()
@click.argument("file", type=FILE)
@click.pass_obj
def check(tenant: str, file: Path) -> None:
    """Check FILE against the tenant's columns and run its examples."""
    with build_runtime() as runtime:
        store = runtime.store(tenant, create=True)
        found = check_policy(store, _read(file), runtime.today())
        warnings = policy_warnings(runtime, tenant, found)
    click.echo(f"{file}: policy '{found.name}', {len(found.rules)} rules, {len(found.examples)} examples: ok")
    for warning in warnings:
        click.echo(_warning_line(warning))


@policy.command()
@click.argument("file", type=FILE)
@click.option("--sample", default=DEFAULT_SAMPLE, show_default=True, type=SAMPLE_RANGE, help="Contacts in the sample.")
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.pass_obj
def preview(tenant: str, file: Path, sample: int, as_json: bool) -> None:
    """Show what FILE would change if it were active."""
    with build_runtime() as runtime:
        store, content = runtime.store(tenant), _read(file)
        name = check_policy(store, content, runtime.today()).name
        found = preview_policy(runtime, tenant, name, content, sample=sample)
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        _print_preview(found)


def _print_preview(found: Mapping[str, Any]) -> None:
    console, base = table_console(110), found["compared_with"]
    console.print(f"compared with policy {base['name']} {base['version']}")
    _print_lists(console, found, found["contacts"], "")
    if found["after_recompute"] is not None:
        _print_lists(console, found["after_recompute"], found["contacts"], "after the next recompute: ")
    if found["rules"]:
        _print_rules(console, found["rules"])
    for warning in found["warnings"]:
        console.print(_warning_line(warning))


def _print_lists(console: Console, found: Mapping[str, Any], contacts: int, when: str) -> None:
    correlation = found["rank_correlation"]
    console.print(
        f"{when}{found['lists_changed']} of {contacts} lists change, {found['top_k_exchanged']:.1%} of their places"
        f"; rank correlation {'-' if correlation is None else format(correlation, '.3f')}"
    )
    if found["lists_emptied"] or found["lists_shortened"]:
        emptied, shortened = (counted(found[name], "list") for name in ("lists_emptied", "lists_shortened"))
        console.print(f"{when}{emptied} would be empty, {shortened} shorter")
    for what in ("products", "categories"):
        _print_changes(console, what, found[what])
    if found["segments_changed"]:
        segments = ", ".join(f"{name or 'none'} {lists}" for name, lists in found["segments_changed"].items())
        console.print(f"lists that change, by segment: {segments}")


def _print_changes(console: Console, what: str, changes: Mapping[str, Mapping[str, int]]) -> None:
    table = Table("gains", "lists", "loses", "lists ", title=what, title_justify="left")
    for gain, loss in zip_longest(changes["gain"].items(), changes["lose"].items(), fillvalue=("", "")):
        table.add_row(*map(str, (*gain, *loss)))
    if table.row_count:
        console.print(table)


def _print_rules(console: Console, rules: Mapping[str, Mapping[str, Any]]) -> None:
    title = "rules: lists each one changes, and the options it acts on"
    table = Table("rule", "lists", "acted on", "not on", "unknown", "note", title=title, title_justify="left")
    for rule_id, outcome in rules.items():
        nulls = f" null: {', '.join(outcome['null_columns'])}" if "null_columns" in outcome else ""
        counts = (str(outcome[name]) for name in ("lists", "fired", "did_not", "unknown"))
        table.add_row(rule_id, *counts, f"{outcome.get('note', '')}{nulls}".strip())
    console.print(table)


def _warning_line(warning: Mapping[str, Any]) -> str:
    return f"warning {warning['pointer']}: {warning['message']} ({warning['code']})"


@policy.command()
@click.argument("before")
@click.argument("after")
@click.pass_obj
def diff(tenant: str, before: str, after: str) -> None:
    """Show where two policies differ; each is a FILE, a NAME (its active version) or NAME@VERSION."""
    with build_runtime() as runtime:
        old_policy, new_policy = (_document(runtime, tenant, given) for given in (before, after))
    for found in diff_policies(old_policy, new_policy):
        old, new = (orjson.dumps(found[side]).decode() for side in ("before", "after"))
        click.echo(f"{found['pointer']}: {old} -> {new}")


def _document(runtime: Runtime, tenant: str, given: str) -> dict[str, Any]:
    if Path(given).is_file():
        return read_policy_file(Path(given)).to_document()
    store = runtime.store(tenant)
    name, _, version = given.partition("@")
    versions = read_policy_versions(store, name)
    wanted = version or active_policies(store).get(name, "")
    if wanted not in versions:
        if versions:
            raise NotFound(f"policy '{name}' has no version '{wanted}'; see: dog policy rollback {name}")
        raise NotFound(f"'{given}' is neither a file nor a policy; see: dog policy publish --help")
    document: dict[str, Any] = versions[wanted]["document"]
    return document


@policy.command()
@click.argument("file", type=FILE)
@click.option("--comment", default="", help="Why; kept with the version.")
@click.option("--draft", is_flag=True, help="Store the version without activating it.")
@click.option("--default", "is_default", is_flag=True, help="Let it serve the requests that name no policy.")
@click.option(
    "--require-proof",
    "prove_first",
    is_flag=True,
    help="Refuse it unless it is proved at least as good as what is active.",
)
@click.option("--trust-scores", is_flag=True, help="For the proof: loaded scores count for older pitches, too.")
@click.pass_obj
def publish(
    tenant: str, file: Path, comment: str, draft: bool, is_default: bool, prove_first: bool, trust_scores: bool
) -> None:
    """Check FILE and activate it."""
    if draft and is_default:
        raise click.UsageError("a draft cannot be the default; leave out --draft or --default")
    with build_runtime() as runtime:
        store, content = runtime.store(tenant, create=True), _read(file)
        name = check_policy(store, content, runtime.today()).name
        if prove_first:
            _refuse_unproved(runtime, tenant, name, content, trust_scores=trust_scores)
        stored = publish_policy(
            runtime,
            tenant,
            name,
            content,
            author=getpass.getuser(),
            comment=comment,
            if_match=None,
            draft=draft,
        )
        if is_default:
            make_default(runtime, tenant, name)
        serving = read_default_policy(store)
    if draft:
        click.echo(
            f"{name} {stored['version']} stored as a draft; to activate it: {activation_of(name, stored['version'])}"
        )
        return
    click.echo(f"{name} {stored['version']} is active")
    if name == serving:
        click.echo("it serves the requests that name no policy")
    else:
        click.echo(
            f"requests get it by policy={name}; those that name none get '{serving}' "
            f"(to change that: dog policy default {name})"
        )


def _refuse_unproved(runtime: Runtime, tenant: str, name: str, content: bytes, *, trust_scores: bool) -> None:
    from dog.offline.proof import prove_policy as proving  # noqa: PLC0415  # scikit-learn takes seconds to import

    with open_runner(runtime) as runner:
        verdict, _changes, _run = proving.prove_policy(
            runtime, tenant, content, name, trust_scores=trust_scores, runner=runner
        )
    proving.require_proof(verdict)
    click.echo(verdict.sentence())


@policy.command()
@click.argument("challenger", type=FILE)
@click.option("--against", help="The active policy to compare with (the default policy).")
@click.option("--held-out-weeks", default=8, show_default=True, type=click.IntRange(1, 520))
@click.option("--sample", default=DEFAULT_SAMPLE, show_default=True, type=SAMPLE_RANGE, help="Contacts compared.")
@click.option("--seed", default=0, show_default=True)
@click.option("--trust-scores", is_flag=True, help="Take loaded scores for pitches older than their as_of, too.")
@runner_options
@click.pass_obj
def prove(
    tenant: str,
    challenger: Path,
    against: str | None,
    held_out_weeks: int,
    sample: int,
    seed: int,
    *,
    trust_scores: bool,
    processes: int,
    dask: str | None,
) -> None:
    """Compare the file CHALLENGER with an active policy: log, held-out weeks, real lists; exit 1 if unproved."""
    from dog.offline.proof import prove_policy as proving  # noqa: PLC0415  # scikit-learn takes seconds to import

    with open_job("prove", processes=processes, dask=dask) as (runtime, runner, report):
        verdict, changes, run = proving.prove_policy(
            runtime,
            tenant,
            _read(challenger),
            against,
            held_out_weeks=held_out_weeks,
            sample=sample,
            seed=seed,
            trust_scores=trust_scores,
            report=report,
            runner=runner,
        )
    _print_preview(changes)
    click.echo(f"kept: dog runs show {run.run_id}")
    proving.require_proof(verdict)
    click.echo(f"at least as good, {verdict.sentence()}")


@policy.command()
def schema() -> None:
    """Print the JSON Schema of policy files, of which rules/policy.schema.json is a copy."""
    click.echo(orjson.dumps(policy_schema(), option=orjson.OPT_INDENT_2).decode())
