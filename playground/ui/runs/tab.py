"""The Runs tab: find, choose, lay over each other, rename, resume, delete, take away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from markupsafe import Markup, escape

from playground.charts.curves import Axis, overlay
from playground.errors import RunError
from playground.runs.info import RunInfo
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import shows_errors
from playground.ui.parts.downloads import new_folder
from playground.ui.parts.pickers import run_label
from playground.ui.parts.tables import TABLE_CSS, html_table
from playground.ui.runs import next_steps, waiting_runs
from playground.ui.runs import table as runs_table
from playground.ui.runs.texts import STRINGS
from playground.ui.texts import t

RESUMABLE = ("stopped", "interrupted", "failed", "waiting")
DOWNLOAD_ID = "runs-adapter-file"
# The zip is made on request; the browser then follows the button that carries it.
FOLLOW_DOWNLOAD = f"() => document.getElementById('{DOWNLOAD_ID}').click()"


@dataclass(frozen=True)
class RunsTab:
    """The tab's components. `current` holds the id of the only chosen run, or None."""

    search: gr.Textbox
    refresh: gr.Button
    waiting: gr.Button
    count: gr.HTML
    table: gr.Dataframe
    chosen: gr.Dropdown
    current: gr.State
    open: gr.Button
    use: gr.Button
    next: next_steps.NextSteps
    resume: gr.Button
    download: gr.Button
    file: gr.DownloadButton
    delete: gr.Button
    new_name: gr.Textbox
    rename: gr.Button
    pending: gr.State
    confirm: gr.Column
    confirm_text: gr.HTML
    confirm_yes: gr.Button
    confirm_no: gr.Button
    failures: gr.HTML
    axis: gr.Radio
    curves: gr.Plot
    differences: gr.HTML

    @property
    def listing(self) -> list[Any]:
        """What `list_runs` fills."""
        return [self.count, self.table, self.chosen]

    @property
    def details(self) -> list[Any]:
        """What `show_details` fills."""
        return [
            self.current, self.open, self.use, *self.next.buttons, self.resume, self.download, self.delete, self.rename,
            self.confirm, self.failures, self.axis, self.curves, self.differences,
        ]  # fmt: skip


def build(language: Language) -> RunsTab:
    with gr.Row():
        search = gr.Textbox(
            "", label=t("runs_search", language), placeholder=t("runs_search_help", language),
            show_label=False, scale=5, elem_id="runs-search",
        )  # fmt: skip
        refresh = gr.Button(t("runs_refresh", language), scale=1, min_width=120, size="md")
    waiting = waiting_runs.build()
    count = gr.HTML(t("runs_none", language), padding=True)
    table = gr.Dataframe(
        headers=[t(f"runs_column_{name}", language) for name in runs_table.COLUMNS],
        datatype=list(runs_table.COLUMNS.values()),
        label=t("runs_table", language),
        interactive=False,
        type="array",
        wrap=True,  # names and ids are shown whole
        column_widths=list(runs_table.WIDTHS.values()),
        max_height=360,
        elem_id="runs-table",
    )
    chosen = gr.Dropdown(
        [], value=[], multiselect=True,
        label=t("runs_chosen", language), info=t("runs_chosen_help", language), elem_id="runs-chosen",
    )  # fmt: skip
    with gr.Row():
        names = ("open", "use", "resume", "download", "delete")
        buttons: dict[str, Any] = {
            name: gr.Button(
                t(f"runs_{name}", language), interactive=False, min_width=130, size="md", elem_id=f"runs-{name}",
                variant="stop" if name == "delete" else "secondary",
            )
            for name in names
        }  # fmt: skip
        file = gr.DownloadButton(visible="hidden", elem_id=DOWNLOAD_ID)
    with gr.Row():
        next_buttons = next_steps.build(language, "runs", visible=True)
    with gr.Row():
        new_name = gr.Textbox(
            "", label=t("runs_new_name", language), placeholder=t("runs_new_name", language), max_length=120,
            show_label=False, interactive=False, scale=5, elem_id="runs-new-name",
        )  # fmt: skip
        rename = gr.Button(
            t("runs_rename", language), interactive=False, scale=1, min_width=120, size="md", elem_id="runs-rename"
        )
    deletion = _build_deletion(language)
    failures = gr.HTML(visible=False, padding=True)
    axis = gr.Radio(
        [(t("runs_axis_step", language), "step"), (t("runs_axis_time", language), "time")],
        value="step", label=t("runs_axis", language), visible=False,
    )  # fmt: skip
    curves = gr.Plot(label=t("runs_curves", language), show_label=False, visible=False, elem_id="runs-curves")
    differences = gr.HTML(css_template=TABLE_CSS, padding=True)
    return RunsTab(
        search=search, refresh=refresh, waiting=waiting, count=count, table=table, chosen=chosen,
        current=gr.State(None), **buttons, next=next_buttons, file=file, new_name=new_name, rename=rename,
        **deletion, failures=failures, axis=axis, curves=curves, differences=differences,
    )  # fmt: skip


def _build_deletion(language: Language) -> dict[str, Any]:
    """The question that is asked first, and the runs that it is about."""
    with gr.Column(visible=False) as confirm:
        confirm_text = gr.HTML(padding=True)
        with gr.Row():
            confirm_yes = gr.Button(t("runs_delete_yes", language), variant="stop", elem_id="runs-delete-yes")
            confirm_no = gr.Button(t("runs_delete_no", language), elem_id="runs-delete-no")
    return {
        "pending": gr.State([]), "confirm": confirm, "confirm_text": confirm_text, "confirm_yes": confirm_yes,
        "confirm_no": confirm_no,
    }  # fmt: skip


def wire(tab: RunsTab, playground: Playground, language: Language) -> None:
    _wire_listing(tab, playground, language)
    _wire_actions(tab, playground, language)
    _wire_delete(tab, playground, language)


def refresh_on(
    triggers: Sequence[Callable[..., Any]], tab: RunsTab, playground: Playground, language: Language
) -> None:
    """Read the runs again whenever one of `triggers` (a tab's select, the page's load) fires."""

    def reload(search: str, chosen: list[str]) -> tuple[Any, ...]:
        return list_runs(playground, search, chosen, language)

    gr.on(
        list(triggers), reload, [tab.search, tab.chosen], tab.listing,
        show_progress="hidden", api_visibility="private",
    )  # fmt: skip
    waiting_runs.refresh_on(triggers, tab.waiting, playground, language)


def _wire_listing(tab: RunsTab, playground: Playground, language: Language) -> None:
    refresh_on([tab.search.change, tab.refresh.click], tab, playground, language)

    def toggle(event: gr.SelectData, chosen: list[str]) -> list[str]:
        run_id = str(event.row_value[-1])
        return [known for known in chosen if known != run_id] if run_id in chosen else [*chosen, run_id]

    tab.table.select(toggle, tab.chosen, tab.chosen, show_progress="hidden", api_visibility="private")

    @shows_errors(language)
    def details(chosen: list[str], axis: Axis) -> tuple[Any, ...]:
        return show_details(playground, chosen, axis, language)

    gr.on(
        [tab.chosen.change, tab.axis.change], details, [tab.chosen, tab.axis], tab.details,
        show_progress="hidden", trigger_mode="always_last", api_visibility="private",
    )  # fmt: skip

    # Only another run brings another name: filling it with every redraw would undo what is being typed.
    def current_name(run_id: str | None) -> Any:
        name = playground.run_info(run_id).name if run_id else ""
        return gr.Textbox(value=name, interactive=run_id is not None)

    tab.current.change(current_name, tab.current, tab.new_name, show_progress="hidden", api_visibility="private")


def _wire_actions(tab: RunsTab, playground: Playground, language: Language) -> None:
    refill = {"fn": lambda search, chosen: list_runs(playground, search, chosen, language),
              "inputs": [tab.search, tab.chosen], "outputs": tab.listing, "show_progress": "hidden",
              "api_visibility": "private"}  # fmt: skip

    @shows_errors(language)
    def resume(chosen: list[str]) -> None:
        run_id = playground.resume_run(only(chosen))
        gr.Info(escape(t("runs_resumed", language, name=playground.run_info(run_id).name)))

    @shows_errors(language)
    def rename(chosen: list[str], name: str) -> None:
        run_id = only(chosen)
        playground.rename_run(run_id, name)
        gr.Info(escape(t("runs_renamed", language, name=playground.run_info(run_id).name)))

    @shows_errors(language)
    def export(chosen: list[str]) -> str:
        return str(playground.export_adapter(only(chosen), new_folder()))

    tab.resume.click(resume, tab.chosen, api_visibility="private").success(**refill)
    waiting_runs.wire(tab.waiting, playground, language).success(**refill)
    gr.on(
        [tab.rename.click, tab.new_name.submit], rename, [tab.chosen, tab.new_name], api_visibility="private"
    ).success(**refill)
    tab.download.click(export, tab.chosen, tab.file, api_visibility="private").success(js=FOLLOW_DOWNLOAD)


def _wire_delete(tab: RunsTab, playground: Playground, language: Language) -> None:
    @shows_errors(language)
    def ask(chosen: list[str]) -> tuple[Any, ...]:
        names = [playground.run_info(run_id).name for run_id in chosen]
        question = Markup("<p><strong>{}</strong></p><ul>{}</ul>").format(
            t("runs_delete_ask", language, count=len(names)),
            Markup("").join(Markup("<li>{}</li>").format(name) for name in names),
        )
        return chosen, str(question), gr.Column(visible=True)

    # What is deleted is what the question named, whatever has been chosen since.
    @shows_errors(language)
    def delete(pending: list[str], search: str, chosen: list[str]) -> tuple[Any, ...]:
        for run_id in pending:
            playground.delete_run(run_id)
        gr.Info(t("runs_deleted", language, count=len(pending)))
        return [], gr.Column(visible=False), *list_runs(playground, search, chosen, language)

    def withdraw(search: str, chosen: list[str]) -> tuple[Any, ...]:
        return [], gr.Column(visible=False), *list_runs(playground, search, chosen, language)

    tab.delete.click(ask, tab.chosen, [tab.pending, tab.confirm_text, tab.confirm], api_visibility="private")
    tab.confirm_no.click(
        lambda: ([], gr.Column(visible=False)), None, [tab.pending, tab.confirm], api_visibility="private"
    )
    answered = [tab.pending, tab.confirm, *tab.listing]
    deleted = tab.confirm_yes.click(
        delete, [tab.pending, tab.search, tab.chosen], answered, api_visibility="private"
    )  # fmt: skip
    # Those before the one that was refused are gone: asked again, the same question could only be refused again.
    deleted.failure(withdraw, [tab.search, tab.chosen], answered, show_progress="hidden", api_visibility="private")


def only(chosen: list[str]) -> str:
    """The one chosen run. Raises RunError when it is not exactly one."""
    if len(chosen) != 1:
        raise RunError(STRINGS["runs_choose_one"], count=len(chosen))
    return chosen[0]


def list_runs(playground: Playground, search: str, chosen: list[str], language: Language) -> tuple[Any, ...]:
    """Count, table rows and the dropdown; runs that are gone are no longer chosen."""
    everything = playground.list_runs()
    shown = playground.list_runs(search) if search.strip() else everything
    if not everything:
        count = t("runs_none", language)
    elif not shown:
        count = t("runs_none_found", language, search=search[:80])
    else:
        count = t("runs_count", language, shown=len(shown), total=len(everything))
    known = {info.run_id for info in everything}
    still = [run_id for run_id in chosen if run_id in known]
    choices = [(run_label(info, language), info.run_id) for info in everything]
    return escape(count), runs_table.table(shown, language), gr.Dropdown(choices=choices, value=still, multiselect=True)


def show_details(playground: Playground, chosen: list[str], axis: Axis, language: Language) -> tuple[Any, ...]:
    """What the chosen runs allow, their errors, curves and differences, in the order of `RunsTab.details`."""
    infos = [playground.run_info(run_id) for run_id in chosen]
    one = infos[0] if len(infos) == 1 else None
    failed = [info for info in infos if info.error]
    readable = [info for info in infos if info.status != "damaged"]
    curves = [(info.name, playground.progress(info.run_id).events) for info in infos]
    return (
        one.run_id if one else None,
        gr.Button(interactive=one is not None),
        gr.Button(interactive=one is not None and one.status != "damaged"),
        *next_steps.enabled(next_steps.possible(playground, readable)),
        gr.Button(interactive=one is not None and one.status in RESUMABLE),
        gr.Button(interactive=one is not None and one.has_adapter),
        gr.Button(interactive=bool(infos)),
        gr.Button(interactive=one is not None),
        gr.Column(visible=False),
        gr.HTML(value=_failures(failed, language), visible=bool(failed)),
        gr.Radio(visible=bool(curves)),
        gr.Plot(value=overlay(curves, language, axis) if curves else None, visible=bool(curves)),
        _differences(playground, readable, language),
    )


def _failures(failed: list[RunInfo], language: Language) -> str:
    line = Markup('<p role="alert"><strong>✗ {}</strong> {}</p>')
    return "".join(
        line.format(
            t("runs_damaged" if info.status == "damaged" else "runs_failed", language, name=info.name),
            info.error_pt if language == "pt" else info.error,
        )
        for info in failed
    )


def _differences(playground: Playground, infos: list[RunInfo], language: Language) -> str:
    if len(infos) < 2:
        return ""
    rows = playground.differences([info.run_id for info in infos])
    if not rows:
        return str(Markup("<p>{}</p>").format(t("runs_no_differences", language)))
    headers = [t("runs_setting", language), *(info.name for info in infos)]
    caption = t("runs_differences", language)
    return str(
        html_table(
            headers,
            [[name, *(runs_table.setting(value, language) for value in values)] for name, values in rows],
            caption=caption,
        )
    )
