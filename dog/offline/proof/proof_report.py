"""A proof as a page: the verdict, both comparisons, and how today's lists would change."""

from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any

from dog.offline.proof.policy_proof import MAX_EXTRA_LOG_LOSS, PolicyProof
from dog.offline.replay.held_out import HeldOutComparison
from dog.offline.report_page import render_page, report_files, table
from dog.offline.statistics.format_estimates import format_change, format_estimate

RANKINGS = {
    "auc_within": "AUC inside a contact's week",
    "ndcg_at_3": "NDCG@3 inside a contact's week",
    "precision_at_1": "precision@1 inside a contact's week",
}
NAME_OF = Callable[[str], str]


def proof_files(proof: PolicyProof, changes: Mapping[str, Any], champion: str, name_of: NAME_OF) -> dict[str, bytes]:
    """Return report.html and figures.json; `name_of` returns the name of a product."""
    verdict = "At least as good" if proof.proved else "Not proved to be at least as good"
    parts = [
        f"<p class=advice>{verdict}: {escape(proof.sentence())}.</p>",
        *_held_out(proof.held_out),
        *_logged(proof),
        *_lists(changes, name_of),
    ]
    page = render_page(f"Proof against policy {champion}", parts)
    return report_files({"proof": proof, "changes": changes}, {}, page)


def _held_out(found: HeldOutComparison) -> Iterator[str]:
    yield "<h2>How well both predict</h2>"
    yield (
        f"<p>Both policies were replayed over the history and compared on the last {found.weeks} weeks with pitches: "
        f"{found.pitches:,} pitches to {found.contacts:,} contacts.</p>"
    )
    losses = (f"{found.champion:.5f}", f"{found.challenger:.5f}", format_change(found.difference, 5))
    rows = [["log loss, nats per pitch", *losses]]
    if found.ranking is not None:
        rows.append(
            ["AUC", f"{found.champion_auc:.3f}", f"{found.challenger_auc:.3f}", format_change(found.ranking.auc)]
        )
        rows += [[name, "", "", format_change(getattr(found.ranking, key))] for key, name in RANKINGS.items()]
    yield table(["", "live version", "challenger", "change"], rows)
    note = (
        f"The challenger passes if its log loss is not higher by more than {MAX_EXTRA_LOG_LOSS} and no ranking is "
        "worse, by both intervals: over contacts and over weeks."
    )
    if found.recalibrated:
        note += " The chances of both were recalibrated, because one of them multiplies scores."
    yield f"<p class=note>{note}</p>"


def _logged(proof: PolicyProof) -> Iterator[str]:
    yield "<h2>What both would have won</h2>"
    found = proof.logged
    if found is None:
        yield f"<p>Not compared: {escape(proof.not_logged)}.</p>"
        return
    rows = [
        [
            method,
            format_estimate(found.champion.estimates[method], 4),
            format_estimate(found.challenger.estimates[method], 4),
            format_change(difference, 4),
        ]
        for method, difference in found.differences.items()
    ]
    yield table(["wins per listed item", "live version", "challenger", "change"], rows)
    yield (
        f"<p class=note>From {found.champion.rows:,} logged items with propensities. dr is doubly robust, and decides; "
        "snips weighs by propensities alone.</p>"
    )


def _lists(changes: Mapping[str, Any], name_of: NAME_OF) -> Iterator[str]:
    yield "<h2>How today's lists would change</h2>"
    yield (
        f"<p>{changes['lists_changed']} of {changes['contacts']} lists would change; "
        f"{changes['top_k_exchanged']:.1%} of the places would hold another product.</p>"
    )
    yield f"<p>Lists that would be empty: {changes['lists_emptied']}; shorter: {changes['lists_shortened']}.</p>"
    for kind, moves in (("product", changes["products"]), ("category", changes["categories"])):
        both = {**moves["gain"], **moves["lose"]}
        if both:
            named = name_of if kind == "product" else str
            yield table([kind, "lists more or fewer"], [[named(key), f"{count:+}"] for key, count in both.items()])
    yield from (f"<p class=note>{escape(warning['message'])}</p>" for warning in changes["warnings"])
