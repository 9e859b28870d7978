"""The Runs tab: find, choose, lay over each other, rename, resume, delete, take away."""

from __future__ import annotations

from typing import Any

import gradio as gr
from markupsafe import escape

from playground.charts.curves import Axis, overlay
from playground.errors import RunError
from playground.runs.info import RunInfo
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, shows_errors
from playground.ui.parts.deletion import Deletion
from playground.ui.parts.downloads import new_folder
from playground.ui.parts.job import Shown
from playground.ui.parts.pickers import run_choices
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.runs import html, next_steps
from playground.ui.runs import table as runs_table
from playground.ui.runs.texts import STRINGS
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train.live.view import SHOW_LIVE
from playground.ui.train.tab import TrainTab

RESUMABLE = ("stopped", "interrupted", "failed", "waiting")
DOWNLOAD_ID = "runs-adapter-file"
# The zip is made on request; the browser then follows the button that carries it.
FOLLOW_DOWNLOAD = f"() => document.getElementById('{DOWNLOAD_ID}').click()"


class RunsTab:
    """`current` holds the id of the only chosen run, or None.

    `waiting` lets all runs go on that were waiting when the app ended; it is there only when there are such runs.
    """

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self._lay_out_list()
        self._lay_out_actions()
        self._lay_out_details()
        self.listing = [self.waiting, self.count, self.table, self.chosen]
        self.listed_by: dict[str, Any] = {"search": self.search, "chosen": self.chosen}

    def _lay_out_list(self) -> None:
        language = self.language
        with gr.Row():
            self.search = gr.Textbox(
                "", label=t("runs_search", language), placeholder=t("runs_search_help", language),
                show_label=False, scale=5, elem_id="runs-search",
            )  # fmt: skip
            self.refresh = gr.Button(t("runs_refresh", language), scale=1, min_width=120, size="md")
        self.waiting = gr.Button(visible=False, size="md", elem_id="runs-resume-waiting")
        self.count = gr.HTML(t("runs_none", language), padding=True)
        self.table = gr.Dataframe(
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
        self.chosen = gr.Dropdown(
            [], value=[], multiselect=True,
            label=t("runs_chosen", language), info=t("runs_chosen_help", language), elem_id="runs-chosen",
        )  # fmt: skip
        self.current = gr.State(None)

    def _lay_out_actions(self) -> None:
        language = self.language
        with gr.Row():
            self.open, self.use, self.resume, self.download, self.delete = (
                gr.Button(
                    t(f"runs_{name}", language), interactive=False, min_width=130, size="md", elem_id=f"runs-{name}",
                    variant="stop" if name == "delete" else "secondary",
                )
                for name in ("open", "use", "resume", "download", "delete")
            )  # fmt: skip
            self.file = gr.DownloadButton(visible="hidden", elem_id=DOWNLOAD_ID)
        with gr.Row():
            self.next = next_steps.NextSteps(language, "runs", visible=True)
        with gr.Row():
            self.new_name = gr.Textbox(
                "", label=t("runs_new_name", language), placeholder=t("runs_new_name", language), max_length=120,
                show_label=False, interactive=False, scale=5, elem_id="runs-new-name",
            )  # fmt: skip
            self.rename = gr.Button(
                t("runs_rename", language), interactive=False, scale=1, min_width=120, size="md", elem_id="runs-rename"
            )
        self.deletion = Deletion("runs", language)

    def _lay_out_details(self) -> None:
        language = self.language
        self.failures = gr.HTML(visible=False, padding=True)
        self.axis = gr.Radio(
            [(t("runs_axis_step", language), "step"), (t("runs_axis_time", language), "time")],
            value="step", label=t("runs_axis", language), visible=False,
        )  # fmt: skip
        self.curves = gr.Plot(label=t("runs_curves", language), show_label=False, visible=False, elem_id="runs-curves")
        self.differences = gr.HTML(css_template=TABLE_CSS, padding=True)

    def connect(self, page: gr.Blocks, item: gr.Tab) -> None:
        errors = shows_errors(self.language)
        reload: dict[str, Any] = {
            "fn": self.relist,
            "outputs": self.listing,
            "inputs_kwargs": self.listed_by,
            **QUIET,
        }
        gr.on([self.search.change, self.refresh.click, item.select, page.load], **reload)
        self.table.select(self.toggle, None, self.chosen, inputs_kwargs={"chosen": self.chosen}, **QUIET)
        gr.on(
            [self.chosen.change, self.axis.change], errors(self.show_details), None,
            [
                self.current, self.open, self.use, *self.next.buttons, self.resume, self.download, self.delete,
                self.rename, self.deletion.question, self.failures, self.axis, self.curves, self.differences,
            ],
            inputs_kwargs={"chosen": self.chosen, "axis": self.axis}, trigger_mode="always_last", **QUIET,
        )  # fmt: skip
        # Only another run brings another name: filling it with every redraw would undo what is being typed.
        self.current.change(self.name_of, self.current, self.new_name, **QUIET)
        self.resume.click(errors(self.resume_run), self.chosen, api_visibility="private").success(**reload)
        resumed = self.waiting.click(errors(self.resume_waiting), trigger_mode="once", api_visibility="private")
        resumed.success(**reload)
        gr.on(
            [self.rename.click, self.new_name.submit], errors(self.rename_run), None,
            inputs_kwargs={"chosen": self.chosen, "name": self.new_name}, api_visibility="private",
        ).success(**reload)  # fmt: skip
        exported = self.download.click(errors(self.export), self.chosen, self.file, api_visibility="private")
        exported.success(js=FOLLOW_DOWNLOAD)
        deleted = self.deletion.connect(
            self.delete, self.chosen, self.listing,
            question=self.question, delete=self.delete_runs, inputs_kwargs=self.listed_by,
        )  # fmt: skip
        # Those before the one that was refused are gone: asked again, the same question could only be refused again.
        left = [*self.deletion.answered, *self.listing]
        deleted.failure(self.withdraw, None, left, inputs_kwargs=self.listed_by, **QUIET)

    def lead(self, shell: Shell) -> None:
        """The chosen run is opened, and its settings are used again, in the Train tab; and what comes after it."""
        opened = self.open.click(shell.watch, self.current, shell.live, api_visibility="private")
        opened.success(None, js=SHOW_LIVE, api_visibility="private")
        used = shell.room(TrainTab).settings.fill_on(self.use.click, self.current)
        shown = used.success(lambda: gr.Tabs(selected="train"), None, shell.tabs, **QUIET)
        shown.success(None, js=next_steps.SHOW_TOP, api_visibility="private")
        self.next.connect(self.chosen, shell, self.playground)

    # --- what is shown ---------------------------------------------------------------------------

    def relist(self, *, search: str, chosen: list[str], are_shown: bool = True) -> Shown:
        """Count, table and what there is to choose from; runs that are gone are no longer chosen."""
        everything = self.playground.list_runs()
        shown = self.playground.list_runs(search) if search.strip() else everything
        if not everything:
            count = t("runs_none", self.language)
        elif not shown:
            count = t("runs_none_found", self.language, search=search[:80])
        else:
            count = t("runs_count", self.language, shown=len(shown), total=len(everything))
        waiting = len(self.playground.waiting_runs())
        return {
            self.waiting: gr.Button(t("runs_resume_waiting", self.language, count=waiting), visible=waiting > 0),
            self.count: escape(count),
            self.table: runs_table.table(shown, self.language),
            self.chosen: run_choices(everything, chosen, self.language, are_shown=are_shown),
        }

    def show_details(self, *, chosen: list[str], axis: Axis) -> Shown:
        """What the chosen runs allow, their errors, curves and differences."""
        infos = [self.playground.run_info(run_id) for run_id in chosen]
        one = infos[0] if len(infos) == 1 else None
        failed = [info for info in infos if info.error]
        readable = [info for info in infos if info.status != "damaged"]
        curves = [(info.name, self.playground.progress(info.run_id).events) for info in infos]
        allowed = {
            self.open: one is not None,
            self.use: one is not None and one.status != "damaged",
            self.resume: one is not None and one.status in RESUMABLE,
            self.download: one is not None and one.has_adapter,
            self.delete: bool(infos),
            self.rename: one is not None,
        }
        return {
            self.current: one.run_id if one else None,
            **{button: gr.Button(interactive=is_allowed) for button, is_allowed in allowed.items()},
            **self.next.enabled(next_steps.possible(self.playground, readable)),
            self.deletion.question: gr.Column(visible=False),
            self.failures: gr.HTML(html.failures_html(failed, self.language), visible=bool(failed)),
            self.axis: gr.Radio(visible=bool(curves)),
            self.curves: gr.Plot(overlay(curves, self.language, axis) if curves else None, visible=bool(curves)),
            self.differences: self.compare_settings(readable),
        }

    def compare_settings(self, infos: list[RunInfo]) -> str:
        if len(infos) < 2:
            return ""
        rows = self.playground.differences([info.run_id for info in infos])
        return html.differences_html([info.name for info in infos], rows, self.language)

    def name_of(self, run_id: str | None) -> gr.Textbox:
        name = self.playground.run_info(run_id).name if run_id else ""
        return gr.Textbox(value=name, interactive=run_id is not None)

    # --- what is done ----------------------------------------------------------------------------

    def toggle(self, event: gr.SelectData, *, chosen: list[str]) -> list[str]:
        run_id = str(event.row_value[-1])
        return [known for known in chosen if known != run_id] if run_id in chosen else [*chosen, run_id]

    def resume_run(self, chosen: list[str]) -> None:
        run_id = self.playground.resume_run(only(chosen))
        gr.Info(escape(t("runs_resumed", self.language, name=self.playground.run_info(run_id).name)))

    def resume_waiting(self) -> None:
        resumed = self.playground.resume_waiting()
        gr.Info(t("runs_waiting_resumed", self.language, count=len(resumed)))

    def rename_run(self, *, chosen: list[str], name: str) -> None:
        run_id = only(chosen)
        self.playground.rename_run(run_id, name)
        gr.Info(escape(t("runs_renamed", self.language, name=self.playground.run_info(run_id).name)))

    def export(self, chosen: list[str]) -> str:
        return str(self.playground.export_adapter(only(chosen), new_folder()))

    def question(self, chosen: list[str]) -> str:
        return html.delete_html([self.playground.run_info(run_id).name for run_id in chosen], self.language)

    def delete_runs(self, run_ids: list[str], *, search: str, chosen: list[str]) -> Shown:
        for run_id in run_ids:
            self.playground.delete_run(run_id)
        gr.Info(t("runs_deleted", self.language, count=len(run_ids)))
        return self.relist(search=search, chosen=chosen)

    def withdraw(self, **listed_by: Any) -> Shown:
        return self.deletion.withdraw() | self.relist(**listed_by)


def only(chosen: list[str]) -> str:
    """The one chosen run. Raises RunError when it is not exactly one."""
    if len(chosen) != 1:
        raise RunError(STRINGS["runs_choose_one"], count=len(chosen))
    return chosen[0]
