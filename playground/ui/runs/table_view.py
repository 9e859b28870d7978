"""The table of runs as a component: table.js asks for a page of rows, and shows it; its value are the ticked runs."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import gradio as gr
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from playground.runs.info import RunInfo, matches
from playground.service import Playground
from playground.texts import Language
from playground.ui.runs import table
from playground.ui.runs.chosen import MAX_CHOSEN
from playground.ui.runs.table import COLUMNS, CURVE_SIZE, FILTERED, PAGE_ROWS
from playground.ui.texts import t

JS_FILE = Path(__file__).with_name("table.js")
# Another tab, or an action of this one, has changed what there is to show.
LOOK_AGAIN = "() => document.dispatchEvent(new Event('pp-runs-changed'))"
SortedBy = Literal[
    "name", "status", "method", "dataset", "steps", "base_loss", "loss", "seconds", "size", "created", "id"
]

ABOVE = """
<div class="pp-runs-line">
  <div id="runs-search"><input type="search" data-part="search" maxlength="2000" autocomplete="off"
    aria-label="{search}" placeholder="{search_help}"></div>
  <button type="button" id="runs-refresh" data-part="refresh">{refresh}</button>
</div>
<p data-part="count" role="status"></p>
<div id="runs-chosen" role="group" aria-label="{chosen}" data-part="chosen" data-more="{chosen_more}"
  data-drop="{chosen_drop}"><span>{chosen_help}</span></div>"""
BELOW = """
<div class="pp-runs-scroll" role="region" aria-label="{table}" tabindex="0" data-part="scroll">
  <table>
    <caption class="pp-spoken">{table}</caption>
    <thead>
      <tr><th scope="col"><input type="checkbox" data-part="all" aria-label="{choose_all}"></th>{headings}</tr>
      <tr><td></td>{filters}</tr>
    </thead>
    <tbody data-part="rows" data-choose="{choose}" data-edit="{edit}" data-name="{new_name}"></tbody>
  </table>
</div>
<nav aria-label="{pages}" data-part="pages">
  <button type="button" data-page="-1">{page_before}</button>
  <span data-part="page"></span>
  <button type="button" data-page="1">{page_after}</button>
</nav>"""
TEXTS = (
    "search", "search_help", "refresh", "chosen", "chosen_help", "chosen_more", "chosen_drop", "table", "choose_all",
    "choose", "edit", "new_name", "pages", "page_before", "page_after",
)  # fmt: skip


class Asked(BaseModel):
    """The page of rows that a browser wants to see, and which runs are ticked in it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    search: str = Field(max_length=2000)
    sort: SortedBy
    descending: bool
    page: int = Field(ge=0, le=10**9)
    filters: dict[Literal["status", "method", "dataset"], Annotated[str, Field(max_length=2000)]]
    chosen: list[Annotated[str, Field(max_length=200)]] = Field(max_length=MAX_CHOSEN)


def runs_table(playground: Playground, language: Language) -> gr.HTML:
    """`value` are the ids of the ticked runs; what is laid out inside can be done with them. `renamed` tells a name."""
    texts = {name: html.escape(t(f"runs_{name}", language)) for name in TEXTS}
    return gr.HTML(
        [], html_template=f"{ABOVE}@children{BELOW}".format(
            **texts, headings=_headings(language), filters=_filters(language)
        ),
        js_on_load=JS_FILE.read_text(encoding="utf-8"), server_functions=[_server_function(playground, language)],
        apply_default_css=False, elem_id="runs-table", elem_classes="pp-runs",
    )  # fmt: skip


def rows_of(playground: Playground, asked: Asked, language: Language) -> dict[str, Any]:
    """One page of the caller's runs; table.js reads it."""
    everything = playground.list_runs()
    found = [info for info in matches(everything, asked.search) if table.kept_by(asked.filters, info)]
    ordered = table.in_order(found, asked.sort, language, descending=asked.descending)
    pages = max(1, -(-len(ordered) // PAGE_ROWS))
    page = min(asked.page, pages - 1)
    shown = ordered[page * PAGE_ROWS : (page + 1) * PAGE_ROWS]
    curves = playground.small_curves(shown)
    names = {info.run_id: info.name for info in everything}
    return {
        "rows": [_row(info, curve, language) for info, curve in zip(shown, curves, strict=True)],
        "count": _count(len(everything), len(found), asked, language),
        "page": page,
        "pages": pages,
        "page_words": t("runs_page", language, page=page + 1, pages=pages),
        "options": table.options(everything, language),
        "chosen": {run_id: names[run_id] for run_id in asked.chosen if run_id in names},
    }


def _server_function(playground: Playground, language: Language) -> Callable[[Any], JSONResponse]:
    def rows(asked: Any) -> JSONResponse:  # gradio marks it, and calls it with whatever was sent by whoever
        return JSONResponse(rows_of(playground, Asked.model_validate(asked), language))

    return rows


def _row(info: RunInfo, curve: tuple[float, ...], language: Language) -> dict[str, Any]:
    points = table.curve_points(curve)
    return {
        "id": info.run_id,
        "name": info.name,
        "status": info.status,
        "curve": points,
        "curve_words": table.curve_words(curve, language) if points else "",
        "cells": {name: table.cell(info, name, language) for name in COLUMNS if name != "name"},
    }


def _count(total: int, found: int, asked: Asked, language: Language) -> str:
    if not total:
        return t("runs_none", language)
    if found:
        return t("runs_count", language, shown=found, total=total)
    if asked.filters:
        return t("runs_none_filtered", language)
    return t("runs_none_found", language, search=asked.search[:80])


def _headings(language: Language) -> str:
    sorted_by = '<th scope="col" data-column="{name}" class="pp-{kind}"><button type="button">{text}</button></th>'
    cells = {
        name: sorted_by.format(
            name=name, kind="text" if column.decimals is None else "number",
            text=html.escape(t(f"runs_column_{name}", language)),
        )
        for name, column in COLUMNS.items()
    }  # fmt: skip
    curve = f'<th scope="col" data-width="{CURVE_SIZE[0]}">{html.escape(t("runs_column_curve", language))}</th>'
    return cells.pop("name") + curve + "".join(cells.values())


def _filters(language: Language) -> str:
    """A list of values below each heading that has one; the name and the curve come first."""
    select = '<td><select data-filter="{name}" aria-label="{label}"><option value="">{every}</option></select></td>'
    cells = [
        select.format(
            name=name, every=html.escape(t("runs_filter_all", language)),
            label=html.escape(t("runs_filter", language, column=t(f"runs_column_{name}", language))),
        )
        if name in FILTERED
        else "<td></td>"
        for name in ("name", "curve", *(name for name in COLUMNS if name != "name"))
    ]  # fmt: skip
    return "".join(cells)
