"""`python -m dog policy`: check, preview, diff, publish, rollback, schema."""

import getpass
from pathlib import Path
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.cli.policy_shadow_command import shadow
from dog.cli.progress_bar import progress_bar
from dog.core.policy.policy_schema import policy_schema
from dog.errors import NotFound
from dog.services.policies.check_policy import check_policy
from dog.services.publishing.preview_policy import DEFAULT_SAMPLE, MAX_SAMPLE, preview_policy
from dog.services.publishing.publish_policy import (
    activate_version_of,
    diff_policies,
    list_policy_versions,
    put_policy,
    warnings_of,
)
from dog.storage.policy_files import read_policy_file
from dog.storage.policy_versions import active_policies, read_policy_versions
from dog.storage.proofs import proofs_required, require_proofs

FILE = click.Path(path_type=Path)


@click.group()
def policy() -> None:
    """Check, preview, compare, publish and roll back policies."""


policy.add_command(shadow)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.ClickException(f"{file} cannot be read ({error.strerror})") from None


@policy.command()
@click.argument("file", type=FILE)
@click.pass_obj
def check(options: Any, file: Path) -> None:
    """Check FILE against the tenant's columns and run its examples."""
    runtime = build_runtime()
    try:
        store = runtime.store(options.tenant, create=True)
        found = check_policy(store, _read(file), runtime.today())
        warnings = warnings_of(runtime, options.tenant, found)
    finally:
        runtime.close()
    click.echo(f"{file}: policy '{found.name}', {len(found.rules)} rules, {len(found.examples)} examples: ok")
    for warning in warnings:
        click.echo(f"warning {warning['pointer']}: {warning['message']} ({warning['code']})")


@policy.command()
@click.argument("file", type=FILE)
@click.option(
    "--sample",
    default=DEFAULT_SAMPLE,
    show_default=True,
    type=click.IntRange(1, MAX_SAMPLE),
    help="Contacts looked at.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as JSON.")
@click.pass_obj
def preview(options: Any, file: Path, sample: int, as_json: bool) -> None:
    """Show what FILE would change before it is in force."""
    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    try:
        store, content = runtime.store(options.tenant), _read(file)
        name = check_policy(store, content, runtime.today()).name
        found = preview_policy(runtime, options.tenant, name, content, sample=sample)
    finally:
        runtime.close()
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    else:
        _print_preview(found)


def _print_preview(found: dict[str, Any]) -> None:
    console = Console(width=None if Console().is_terminal else 110)
    correlation = found["rank_correlation"]
    alike = "-" if correlation is None else f"{correlation:.3f}"
    console.print(f"compared with policy {found['compared_with']['name']} {found['compared_with']['version']}")
    lists, places = f"{found['lists_changed']} of {found['contacts']} lists", f"{found['top_k_exchanged']:.1%}"
    console.print(f"{lists} change, {places} of their places; rank correlation {alike}")
    for what in ("products", "categories"):
        table = Table("gains", "lists", "loses", "lists ", title=what, title_justify="left")
        gain, lose = list(found[what]["gain"].items()), list(found[what]["lose"].items())
        for place in range(max(len(gain), len(lose))):
            row = [*(gain[place] if place < len(gain) else ("", "")), *(lose[place] if place < len(lose) else ("", ""))]
            table.add_row(*map(str, row))
        if gain or lose:
            console.print(table)
    if found["segments_changed"]:
        told = ", ".join(f"{name or 'none'} {lists}" for name, lists in found["segments_changed"].items())
        console.print(f"lists that change, by segment: {told}")
    if found["rules"]:
        table = Table(
            "rule",
            "lists",
            "acted on",
            "not on",
            "unknown",
            "note",
            title="rules: lists each one changes, and the options it acts on",
            title_justify="left",
        )
        for rule_id, fate in found["rules"].items():
            note = fate.get("note", "") + (
                f" null: {', '.join(fate['null_columns'])}" if "null_columns" in fate else ""
            )
            counts = [str(fate[name]) for name in ("lists", "fired", "did_not", "unknown")]
            table.add_row(rule_id, *counts, note.strip())
        console.print(table)
    for warning in found["warnings"]:
        console.print(f"warning {warning['pointer']}: {warning['message']} ({warning['code']})")


@policy.command()
@click.argument("before")
@click.argument("after")
@click.pass_obj
def diff(options: Any, before: str, after: str) -> None:
    """Show where two policies differ; each is a FILE, a NAME (its active version) or NAME@VERSION."""
    runtime = build_runtime()
    try:
        old_policy, new_policy = (_document(runtime, options.tenant, given) for given in (before, after))
    finally:
        runtime.close()
    for found in diff_policies(old_policy, new_policy):
        old, new = (orjson.dumps(found[side]).decode() for side in ("before", "after"))
        click.echo(f"{found['pointer']}: {old} -> {new}")


def _document(runtime: Any, tenant: str, given: str) -> dict[str, Any]:
    if Path(given).is_file():
        return read_policy_file(Path(given)).to_document()
    store = runtime.store(tenant)
    name, _, version = given.partition("@")
    versions = read_policy_versions(store, name)
    wanted = version or active_policies(store).get(name, "")
    if wanted not in versions:
        if versions:
            raise NotFound(f"policy '{name}' has no version '{wanted}'; see: python -m dog policy rollback {name}")
        raise NotFound(f"'{given}' is no file and no policy; see: python -m dog policy publish --help")
    document: dict[str, Any] = versions[wanted]["document"]
    return document


@policy.command()
@click.argument("file", type=FILE)
@click.option("--comment", default="", help="Why; kept with the version.")
@click.option("--draft", is_flag=True, help="Store the version without putting it in force.")
@click.option("--require-proof", is_flag=True, help="Refuse it unless it is proved at least as good as what is active.")
@click.option("--trust-scores", is_flag=True, help="For the proof: loaded scores count for older pitches, too.")
@click.pass_obj
def publish(options: Any, file: Path, comment: str, draft: bool, require_proof: bool, trust_scores: bool) -> None:
    """Check FILE and put it in force."""
    runtime = build_runtime(timeout_seconds=JOB_SECONDS) if require_proof else build_runtime()
    try:
        store, content = runtime.store(options.tenant, create=True), _read(file)
        name = check_policy(store, content, runtime.today()).name
        if require_proof:
            _refuse_unproved(runtime, options.tenant, name, content, trust_scores=trust_scores)
        stored = put_policy(
            runtime,
            options.tenant,
            name,
            content,
            author=getpass.getuser(),
            comment=comment,
            if_match=None,
            draft=draft,
        )
    finally:
        runtime.close()
    click.echo(f"{name} {stored['version']} {'stored as a draft' if draft else 'is in force'}")


def _refuse_unproved(runtime: Any, tenant: str, name: str, content: bytes, *, trust_scores: bool) -> None:
    from dog.offline.proof import prove_policy as proving  # noqa: PLC0415  # scikit-learn takes seconds to import

    verdict, _ = proving.prove_policy(runtime, tenant, content, name, trust_scores=trust_scores)
    proving.require_proof(verdict)
    click.echo(verdict.sentence())


@policy.command()
@click.argument("challenger", type=FILE)
@click.option("--against", default="recommended", show_default=True, help="The active policy to compare with.")
@click.option("--held-out-weeks", default=8, show_default=True, type=click.IntRange(1, 520))
@click.option(
    "--sample",
    default=DEFAULT_SAMPLE,
    show_default=True,
    type=click.IntRange(1, MAX_SAMPLE),
    help="Contacts whose lists are seen.",
)
@click.option("--seed", default=0, show_default=True)
@click.option("--trust-scores", is_flag=True, help="Take loaded scores for pitches older than their as_of, too.")
@click.pass_obj
def prove(
    options: Any, challenger: Path, against: str, held_out_weeks: int, sample: int, seed: int, trust_scores: bool
) -> None:
    """Compare the file CHALLENGER with an active policy: log, held-out weeks, real lists; exit 1 if unproved."""
    from dog.offline.proof import prove_policy as proving  # noqa: PLC0415  # scikit-learn takes seconds to import

    runtime = build_runtime(timeout_seconds=JOB_SECONDS)
    try:
        with progress_bar("prove") as report:
            verdict, changes = proving.prove_policy(
                runtime,
                options.tenant,
                _read(challenger),
                against,
                held_out_weeks=held_out_weeks,
                sample=sample,
                seed=seed,
                trust_scores=trust_scores,
                report=report,
            )
    finally:
        runtime.close()
    _print_preview(changes)
    proving.require_proof(verdict)
    click.echo(f"at least as good, {verdict.sentence()}")


@policy.command()
@click.argument("name")
@click.argument("version", required=False)
@click.pass_obj
def rollback(options: Any, name: str, version: str | None) -> None:
    """Put VERSION of policy NAME in force, an older one or a draft; without VERSION, list what there is."""
    runtime = build_runtime()
    try:
        if version is not None:
            activate_version_of(runtime, options.tenant, name, version)
            click.echo(f"{name} {version} is in force")
            return
        for row in list_policy_versions(runtime, options.tenant, name):
            mark = "in force" if row["active"] else ""
            click.echo(f"{row['version']}  {row['created_at']}  {row['author']:12} {mark:9} {row['comment']}")
    finally:
        runtime.close()


@policy.command("require-proof")
@click.argument("answer", type=click.Choice(["on", "off"]), required=False)
@click.pass_obj
def require_proof(options: Any, answer: str | None) -> None:
    """Refuse every policy version that is not proved against the one in force (on, off); without it, tell."""
    runtime = build_runtime()
    try:
        store = runtime.store(options.tenant, create=answer is not None)
        if answer is not None:
            require_proofs(store, required=answer == "on")
        required = proofs_required(store)
    finally:
        runtime.close()
    click.echo(f"a proof is {'required' if required else 'not required'} before a policy comes in force")


@policy.command()
def schema() -> None:
    """Print the JSON Schema of policy files, of which rules/policy.schema.json is a copy."""
    click.echo(orjson.dumps(policy_schema(), option=orjson.OPT_INDENT_2).decode())
