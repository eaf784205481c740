"""The pairs page: all pairs in a grid, and the ledger of the selected pair."""

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
from dash import Dash, Input, Output, State, dcc, html, no_update

from dog.console.pair_ledger_view import show_ledger
from dog.console.policy_views import no_policy, policy_names, policy_title
from dog.console.session import require, runtime, tenant
from dog.console.widgets import nothing_here
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_ledger import read_pair_ledger
from dog.services.pairs.pair_query import COMPARISONS, NUMBER_COLUMNS, PairQuery, query_pairs
from dog.services.pairs.pair_table import PairTable, PairTables

NUMBER_FILTER = {"filterOptions": list(COMPARISONS), "maxNumConditions": 1, "debounceMs": 400}
READ_WAIT_SECONDS = 0.5
POLL_MS = 1500
TWO_DECIMALS, THREE_DECIMALS = (
    {"function": "d3.format(',.2f')(params.value)"},
    {"function": "d3.format('.3f')(params.value)"},
)


def show() -> Any:
    """Return the page's components."""
    names = policy_names()
    if not names:
        return no_policy()
    return html.Div(
        [
            policy_title("pairs", "Pairs", names, role="status"),
            html.Div(id="pairs-table"),
            dcc.Loading(html.Div(id="pairs-ledger"), type="dot", color="#2456c9"),
            dcc.Interval(id="pairs-look", interval=POLL_MS),
        ]
    )


def _grid() -> Any:
    formats = {"win_rate": THREE_DECIMALS, "multiplier": TWO_DECIMALS}
    numbers = [
        {
            "field": name,
            "headerName": name.replace("_", " "),
            "filter": "agNumberColumnFilter",
            "filterParams": NUMBER_FILTER,
            "type": "rightAligned",
            "maxWidth": 150,
            **({"valueFormatter": formats[name]} if name in formats else {}),
        }
        for name in NUMBER_COLUMNS
        if name != "recursions"
    ]
    columns = [_text_column("contact_id", "equals"), _text_column("product", "contains") | {"flex": 2}, *numbers]
    return dag.AgGrid(
        id="pairs-grid",
        columnDefs=columns,
        rowModelType="infinite",
        defaultColDef={"flex": 1, "minWidth": 124, "suppressHeaderMenuButton": True},
        dashGridOptions={
            "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
            "cacheBlockSize": 100,
            "maxBlocksInCache": 20,
            "pagination": True,
            "paginationPageSize": 50,
            "paginationPageSizeSelector": False,
            "suppressMultiSort": True,
        },
        style={"height": "560px"},
    )


def _text_column(field: str, comparison: str) -> dict[str, Any]:
    return {
        "field": field,
        "headerName": field.removesuffix("_id"),
        "filter": "agTextColumnFilter",
        "filterParams": {"filterOptions": [comparison], "maxNumConditions": 1},
        "sortable": False,
    }


def register(app: Dash) -> None:
    """Register the page's callbacks."""

    @app.callback(
        Output("pairs-table", "children"),
        Output("pairs-state", "children"),
        Output("pairs-look", "disabled"),
        Input("pairs-name", "value"),
        Input("pairs-look", "n_intervals"),
    )
    def open_table(name: str, _: int | None) -> Any:
        require("read")
        store = runtime().store(tenant())
        if runtime().shared(Snapshots).current(store).version is None:
            return nothing_here("There are none yet: they come with the first weekly recompute."), "", True
        table = _read_table(name)
        if table is None:
            return no_update, "Reading …", False
        contacts = len(table.contacts)
        return _grid(), f"{len(table.pairs):,} pairs of {contacts:,} contacts in version {table.version}", True

    @app.callback(
        Output("pairs-grid", "getRowsResponse"),
        Input("pairs-grid", "getRowsRequest"),
        State("pairs-name", "value"),
        prevent_initial_call=True,
    )
    def page(asked: dict[str, Any] | None, name: str) -> Any:
        require("read")
        table = _read_table(name) if asked else None
        if asked is None or table is None:
            return no_update
        found = query_pairs(runtime(), tenant(), table, _wanted(asked), int(asked["startRow"]), int(asked["endRow"]))
        return {"rowData": found["rows"], "rowCount": found["count"]}

    @app.callback(
        Output("pairs-ledger", "children"),
        Input("pairs-grid", "selectedRows"),
        State("pairs-name", "value"),
        prevent_initial_call=True,
    )
    def open_ledger(rows: list[dict[str, Any]] | None, name: str) -> Any:
        require("read")
        if not rows or not rows[0].get("contact_id") or not rows[0].get("product_id"):
            return no_update
        return show_ledger(read_pair_ledger(runtime(), tenant(), rows[0]["contact_id"], rows[0]["product_id"], name))


def _read_table(policy: str) -> PairTable | None:
    return runtime().shared(PairTables).of(runtime(), tenant(), policy, READ_WAIT_SECONDS)


def _wanted(asked: Mapping[str, Any]) -> PairQuery:
    """Translate the grid's request; unknown columns and filters are ignored."""
    filters = asked.get("filterModel") or {}
    bounds = [
        (column, one["type"], float(one["filter"]))
        for column, one in filters.items()
        if column in NUMBER_COLUMNS and one.get("type") in COMPARISONS and one.get("filter") is not None
    ]
    sort = next(
        (
            (one["colId"], one["sort"] == "desc")
            for one in asked.get("sortModel") or []
            if one["colId"] in NUMBER_COLUMNS
        ),
        None,
    )
    texts = {name: str((filters.get(name) or {}).get("filter") or "") for name in ("contact_id", "product")}
    return PairQuery(**texts, bounds=bounds, sort=sort)
