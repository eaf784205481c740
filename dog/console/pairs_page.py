"""All pairs, a page at a time, and one pair's ledger: week by week, and why it stands where it stands."""

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html, no_update

from dog.console.layout import nothing_here
from dog.console.pair_ledger_view import tell_ledger
from dog.console.policy_views import policy_names
from dog.console.session import pair_tables, require, runtime, tenant
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_ledger import read_pair_ledger
from dog.services.pairs.pair_query import COLUMNS, COMPARISONS, PairQuery, query_pairs

NUMBER_FILTER = {"filterOptions": list(COMPARISONS), "maxNumConditions": 1, "debounceMs": 400}
READ_WAIT_SECONDS = 0.5
LOOK_MS = 1500
TWO, THREE = {"function": "d3.format(',.2f')(params.value)"}, {"function": "d3.format('.3f')(params.value)"}


def show() -> Any:
    """Lay the page out."""
    names = policy_names()
    if not names:
        return nothing_here("No policy is active; put one into rules/ and start again.")
    return html.Div(
        [
            html.Div(
                [
                    html.Div([html.H1("Pairs"), html.P(id="pairs-state", className="quiet", role="status")]),
                    dmc.SegmentedControl(id="pairs-name", data=names, value=names[0], **{"aria-label": "Policy"}),
                ],
                className="title",
            ),
            html.Div(id="pairs-table"),
            dcc.Loading(html.Div(id="pairs-ledger"), type="dot", color="#2456c9"),
            dcc.Interval(id="pairs-look", interval=LOOK_MS),
        ]
    )


def _grid() -> Any:
    one, part = (
        {"filterOptions": ["equals"], "maxNumConditions": 1},
        {"filterOptions": ["contains"], "maxNumConditions": 1},
    )
    numbers = [
        {
            "field": name,
            "headerName": name.replace("_", " "),
            "filter": "agNumberColumnFilter",
            "filterParams": NUMBER_FILTER,
            "type": "rightAligned",
            "maxWidth": 150,
            **({"valueFormatter": THREE} if name == "win_rate" else {}),
            **({"valueFormatter": TWO} if name == "multiplier" else {}),
        }
        for name in COLUMNS
        if name != "recursions"
    ]
    columns = [
        {
            "field": "contact_id",
            "headerName": "contact",
            "filter": "agTextColumnFilter",
            "filterParams": one,
            "sortable": False,
        },
        {
            "field": "product",
            "headerName": "product",
            "filter": "agTextColumnFilter",
            "filterParams": part,
            "sortable": False,
            "flex": 2,
        },
        *numbers,
    ]
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


def register(app: Dash) -> None:
    """Register what the page does."""

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
        table = pair_tables().of(runtime(), tenant(), name, READ_WAIT_SECONDS)
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
        table = pair_tables().of(runtime(), tenant(), name, READ_WAIT_SECONDS) if asked else None
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
        return tell_ledger(read_pair_ledger(runtime(), tenant(), rows[0]["contact_id"], rows[0]["product_id"], name))


def _wanted(asked: Mapping[str, Any]) -> PairQuery:
    """Read the grid's request; what it may not ask for is passed over."""
    filters = asked.get("filterModel") or {}
    bounds = [
        (column, one["type"], float(one["filter"]))
        for column, one in filters.items()
        if column in COLUMNS and one.get("type") in COMPARISONS and one.get("filter") is not None
    ]
    sort = next(
        ((one["colId"], one["sort"] == "desc") for one in asked.get("sortModel") or [] if one["colId"] in COLUMNS), None
    )
    said = {name: str((filters.get(name) or {}).get("filter") or "") for name in ("contact_id", "product")}
    return PairQuery(said["contact_id"], said["product"], bounds, sort)
