"""The Runs tab: find, choose, lay over each other, rename, resume, delete, take away."""

from __future__ import annotations

from typing import Any

import gradio as gr
from markupsafe import escape

from playground.charts.curves import Axis, overlay
from playground.runs.info import RunInfo
from playground.service import Playground
from playground.texts import Language
from playground.ui.bring.panel import BringPanel
from playground.ui.export.panel import TakeAway, VerifyPanel
from playground.ui.feedback import QUIET, shows_errors, tells_errors
from playground.ui.parts.deletion import Deletion
from playground.ui.parts.downloads import new_folder
from playground.ui.parts.job import Shown
from playground.ui.parts.relay import latest
from playground.ui.parts.tables import TABLE_CSS
from playground.ui.runs import html, next_steps
from playground.ui.runs.chosen import chosen_ids, only
from playground.ui.runs.table_view import LOOK_AGAIN, runs_table
from playground.ui.shell import Shell
from playground.ui.texts import t
from playground.ui.train.live.view import SHOW_LIVE
from playground.ui.train.tab import TrainTab

RESUMABLE = ("stopped", "interrupted", "failed", "waiting")
DOWNLOAD_ID = "runs-adapter-file"
# The zip is made on request; the browser then follows the button that carries it.
FOLLOW_DOWNLOAD = f"() => document.getElementById('{DOWNLOAD_ID}').click()"


class RunsTab:
    """`chosen` is the table: its value are the ids of the ticked runs. `current` holds that of the only one, or None.

    `waiting` lets all runs go on that were waiting when the app ended; it is there only when there are such runs.
    """

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.waiting = gr.Button(visible=False, size="md", elem_id="runs-resume-waiting")
        self.chosen = runs_table(playground, language)
        with self.chosen, gr.Column(elem_id="runs-actions"):
            self._lay_out_actions()
        self.current = gr.State(None)
        self._lay_out_details()
        self.bring = BringPanel(playground, language, self.chosen)

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
        self.take_away = TakeAway(self.playground, language)
        self.verify = VerifyPanel(self.playground, language)

    def connect(self, page: gr.Blocks, item: gr.Tab) -> None:
        self.take_away.connect(page, self.chosen)
        self.verify.connect(page)
        self.bring.connect(page)
        errors = shows_errors(self.language)
        private: dict[str, Any] = {"api_visibility": "private"}
        item.select(self.offer_waiting, None, self.waiting, **QUIET)
        renamed = self.chosen.renamed(errors(self.rename_run), **QUIET)
        details: dict[str, Any] = {
            "fn": tells_errors(self.language)(self.show_details),
            "outputs": [
                self.current, self.open, self.use, *self.next.buttons, self.resume, self.download, self.delete,
                self.deletion.question, self.failures, self.axis, self.curves, self.differences,
            ],
            "inputs_kwargs": {"chosen": self.chosen, "axis": self.axis},
            **QUIET,
        }  # fmt: skip
        latest([self.chosen.change, self.axis.change], **details)
        renamed.success(**details)
        resumed = self.resume.click(errors(self.resume_run), self.chosen, **private)
        all_resumed = self.waiting.click(
            errors(self.resume_waiting), None, self.waiting, trigger_mode="once", **private
        )
        exported = self.download.click(errors(self.export), self.chosen, self.file, **private)
        exported.success(js=FOLLOW_DOWNLOAD)
        deleted = self.deletion.connect(
            self.delete, self.chosen, [self.waiting],
            question=self.question, delete=self.delete_runs, inputs_kwargs={},
        )  # fmt: skip
        # Those before the one that was refused are gone: asked again, the same question could only be refused again.
        refused = deleted.failure(self.deletion.withdraw, None, self.deletion.answered, **QUIET)
        for changed in (renamed, resumed, all_resumed, deleted, refused):
            changed.success(None, js=LOOK_AGAIN, **private)

    def lead(self, shell: Shell) -> None:
        """The chosen run is opened, and its settings are used again, in the Train tab; and what comes after it."""
        opened = self.open.click(shell.watch, self.current, shell.live, api_visibility="private")
        opened.success(None, js=SHOW_LIVE, api_visibility="private")
        used = shell.room(TrainTab).settings.fill_on(self.use.click, self.current)
        shown = used.success(lambda: gr.Tabs(selected="train"), None, shell.tabs, **QUIET)
        shown.success(None, js=next_steps.SHOW_TOP, api_visibility="private")
        self.next.connect(self.chosen, shell, self.playground)

    # --- what is shown ---------------------------------------------------------------------------

    def offer_waiting(self) -> gr.Button:
        count = len(self.playground.waiting_runs())
        return gr.Button(t("runs_resume_waiting", self.language, count=count), visible=count > 0)

    def existing(self, run_ids: list[str]) -> list[str]:
        """Those of the runs that can be ticked: the others were deleted meanwhile."""
        known = {info.run_id for info in self.playground.list_runs()}
        return [run_id for run_id in run_ids if run_id in known]

    def show_details(self, *, chosen: Any, axis: Axis) -> Shown:
        """What the chosen runs allow, their errors, curves and differences."""
        infos = [self.playground.run_info(run_id) for run_id in chosen_ids(chosen)]
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

    # --- what is done ----------------------------------------------------------------------------

    def resume_run(self, chosen: Any) -> None:
        run_id = self.playground.resume_run(only(chosen))
        gr.Info(escape(t("runs_resumed", self.language, name=self.playground.run_info(run_id).name)))

    def resume_waiting(self) -> gr.Button:
        resumed = self.playground.resume_waiting()
        gr.Info(t("runs_waiting_resumed", self.language, count=len(resumed)))
        return self.offer_waiting()

    # gradio finds the event's data by its annotation, and only where it can import every other one as well
    def rename_run(self, event: gr.EventData) -> None:
        told = event._data if isinstance(event._data, dict) else {}
        run_id, name = str(told.get("run_id")), str(told.get("name", ""))
        self.playground.rename_run(run_id, name)
        gr.Info(escape(t("runs_renamed", self.language, name=self.playground.run_info(run_id).name)))

    def export(self, chosen: Any) -> str:
        return str(self.playground.export_adapter(only(chosen), new_folder()))

    def question(self, chosen: Any) -> str:
        names = [self.playground.run_info(run_id).name for run_id in chosen_ids(chosen)]
        return html.delete_html(names, self.language)

    def delete_runs(self, chosen: Any) -> Shown:
        run_ids = chosen_ids(chosen)
        for run_id in run_ids:
            self.playground.delete_run(run_id)
        gr.Info(t("runs_deleted", self.language, count=len(run_ids)))
        return {self.waiting: self.offer_waiting()}
