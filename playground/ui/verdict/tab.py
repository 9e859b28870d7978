"""The Verdict tab: whether an adapter translates better than its base, how sure that is, and on which sentences."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.catalog.datasets import SUFFIXES
from playground.catalog.families import M2M100_CODES
from playground.catalog.languages import language_name
from playground.errors import PlaygroundError, RunError
from playground.model.libraries import load_libraries
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, error_html, shows_errors
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.pickers import is_translation, run_choices, run_picker
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.relay import relay
from playground.ui.texts import STRINGS, t
from playground.ui.train.choices import language_choices
from playground.ui.verdict.html import CSS, leaks_html
from playground.ui.verdict.panel import VerdictPanel

if TYPE_CHECKING:
    from playground.verdict.judge import Verdict
    from playground.verdict.judged_runs import JudgeRequest

HELD_OUT, OWN_FILE = "held_out", "file"
SECONDS_BETWEEN_UPDATES = 0.3


class VerdictTab:
    """Runs and test sentences, what was trained on among them, and the verdict in its `panel`."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        gr.HTML(f"<p>{t('verdict_intro', language)}</p>", padding=True)
        with gr.Row(equal_height=False):
            self.runs = run_picker("verdict_runs", language, min_width=320)
            with gr.Column(min_width=320):
                self._lay_out_test()
            self.beams = gr.Slider(
                1, 8, value=4, step=1, min_width=200, elem_id="verdict-beams",
                label=t("verdict_beams", language), info=t("verdict_beams_help", language),
            )  # fmt: skip
        with gr.Column(visible=False, elem_id="verdict-leaks") as self.leaks_panel:
            self.leaks = gr.HTML(css_template=CSS, padding=True)
            self.accept = gr.Checkbox(False, label=t("verdict_leaks_accept", language), elem_id="verdict-accept")
        self.start, self.stop = build_buttons("verdict", language)
        self.status = gr.HTML(progress_html(t("verdict_welcome", language)), padding=True, elem_id="verdict-status")
        self.earlier = gr.Dropdown(
            [], value=None, label=t("verdict_earlier", language), visible=False, elem_id="verdict-earlier"
        )
        self.panel = VerdictPanel(language)

    def _lay_out_test(self) -> None:
        language = self.language
        self.test = gr.Radio(
            [(t(f"verdict_test_{name}", language), name) for name in (HELD_OUT, OWN_FILE)],
            value=HELD_OUT, label=t("verdict_test", language), elem_id="verdict-test",
        )  # fmt: skip
        self.file = gr.File(
            label=t("verdict_file", language), file_types=sorted({*SUFFIXES, ".txt"}), file_count="multiple",
            type="filepath", height=120, visible=False, elem_id="verdict-file",
        )  # fmt: skip
        self.file_note = gr.HTML(visible=False, elem_classes="pp-about", elem_id="verdict-file-note")
        with gr.Row(visible=False, elem_id="verdict-languages") as self.languages:
            self.source, self.target = (
                gr.Dropdown([], value=None, label=t(f"verdict_{side}", language), elem_id=f"verdict-{side}")
                for side in ("from", "to")
            )

    def connect(self, page: gr.Blocks, opened: gr.Tab) -> None:
        """Call it once every tab exists; the runs are listed again whenever the tab is `opened`."""
        errors = shows_errors(self.language)
        runs: dict[str, Block] = {"runs": self.runs}
        gr.on([opened.select, page.load], self.offer_runs, None, self.runs, inputs_kwargs=runs, **QUIET)
        tested = relay([self.test.change, self.file.change, self.runs.input])
        last: dict[str, Any] = {"trigger_mode": "always_last", **QUIET}
        leakage = [self.file, self.leaks_panel, self.accept]
        tested.then(self.forget_leaks, None, leakage, inputs_kwargs={"test": self.test}, **last)
        tested.then(
            self.ask_languages, None, [self.languages, self.source, self.target, self.file_note],
            inputs_kwargs={"test": self.test, "files": self.file, **runs}, **last,
        )  # fmt: skip
        verdict = self.panel.components
        self.runs.input(errors(self.follow_runs), None, [self.earlier, *verdict], inputs_kwargs=runs, **QUIET)
        self.earlier.input(
            errors(self.open_earlier), None, verdict, inputs_kwargs={**runs, "name": self.earlier}, **QUIET
        )
        judging = Job(
            self.start, self.stop, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail
        )
        asked = {
            **runs, "test": self.test, "files": self.file, "source": self.source, "target": self.target,
            "beams": self.beams, "accept": self.accept,
        }  # fmt: skip
        judging.wire(page, [self.status, self.leaks_panel, self.leaks, self.earlier, *verdict], inputs_kwargs=asked)
        self.panel.connect()

    @property
    def opening(self) -> list[Block]:
        """What `opened_with` fills."""
        return [
            self.runs, self.test, self.file, self.leaks_panel, self.accept, self.earlier, *self.panel.components
        ]  # fmt: skip

    def opened_with(self, run_ids: list[str]) -> Shown:
        """The runs ready to be judged by what they held out, and the last verdict on the first, if there is one."""
        chosen = {self.runs: self.offer_runs(runs=run_ids, are_shown=False), self.test: HELD_OUT}
        return chosen | self.forget_leaks(test=HELD_OUT) | self.follow_runs(runs=run_ids)

    def offer_runs(self, *, runs: list[str], are_shown: bool = True) -> gr.Dropdown:
        """The translation runs that have an adapter."""
        trained = [info for info in self.playground.list_runs() if info.has_adapter]
        usable = [info for info in trained if is_translation(self.playground.config_of(info.run_id))]
        info = t("verdict_runs_help" if usable else "verdict_no_runs", self.language)
        return run_choices(usable, runs, self.language, are_shown=are_shown, info=info)

    def forget_leaks(self, *, test: str) -> Shown:
        """What was acknowledged was acknowledged for other sentences."""
        return {
            self.file: gr.File(visible=test == OWN_FILE), self.leaks_panel: gr.Column(visible=False), self.accept: False
        }  # fmt: skip

    def ask_languages(self, *, test: str, files: list[str] | None, runs: list[str]) -> Shown:
        """Asks for those of the visitor's own file, unless file and run say the same two."""
        nothing: Shown = {
            self.languages: gr.Row(visible=False), self.source: gr.Dropdown(value=None),
            self.target: gr.Dropdown(value=None), self.file_note: gr.HTML(visible=False),
        }  # fmt: skip
        if test != OWN_FILE or not files:
            return nothing
        try:
            found = self.playground.languages_to_judge(files, runs[0] if runs else None)
        except PlaygroundError as error:
            note = f'<p role="alert">✗ {error_html(error, self.language)}</p>'
            return nothing | {self.file_note: gr.HTML(note, visible=True)}
        if found.is_clear:
            return nothing
        choices = language_choices(found.codes or M2M100_CODES, self.language)
        names = ", ".join(language_name(code, self.language) for code in found.codes)
        note = t("verdict_file_languages" if found.codes else "verdict_file_silent", self.language, names=names)
        source, target = (
            gr.Dropdown(choices=choices, value=code, allow_custom_value=not found.codes)
            for code in found.chosen or (None, None)
        )
        return {
            self.languages: gr.Row(visible=True), self.source: source, self.target: target,
            self.file_note: gr.HTML(str(escape(note)), visible=True),
        }  # fmt: skip

    def follow_runs(self, *, runs: list[str]) -> Shown:
        """The verdicts that were given on the first run, the last of them shown."""
        names = self.playground.verdict_names(runs[0]) if runs else []
        newest = names[0] if names else None
        return {self.earlier: earlier_choices(names)} | self.open_earlier(runs=runs, name=newest)

    def open_earlier(self, *, runs: list[str], name: str | None) -> Shown:
        return self.panel.show(self.playground.saved_verdict(runs[0], name) if runs and name else None)

    def check(
        self, *, runs: list[str], test: str, files: list[str] | None, source: str | None, target: str | None,
        beams: int, accept: bool,
    ) -> JudgeRequest:  # fmt: skip
        """The form's values as a request. Raises PlaygroundError for what is missing."""
        if not runs:
            raise RunError(STRINGS["verdict_needs_run"])
        if test == OWN_FILE and not files:
            raise RunError(STRINGS["verdict_file_missing"])

        load_libraries()
        from playground.data.example import Languages
        from playground.model.translate import TranslationConfig
        from playground.verdict.judged_pairs import one_or_two
        from playground.verdict.judged_runs import JudgeRequest

        own, own_target = one_or_two(files) if files and test == OWN_FILE else (None, None)
        return JudgeRequest(
            run_ids=tuple(runs),
            test_file=own,
            test_target=own_target,
            languages=Languages(source, target) if own and source and target else None,
            decoding=TranslationConfig(num_beams=beams),
            accept_leakage=bool(accept),
        )

    def begin(self, _: JudgeRequest) -> Shown:
        loading = progress_html(t("verdict_loading", self.language))
        return {self.status: loading, self.leaks_panel: gr.Column(visible=False)}

    def work(self, request: JudgeRequest, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        """How far the judging is, then the verdict; or the leakage that is to be acknowledged first."""
        load_libraries()
        from playground.verdict.judged_runs import JudgeProgress
        from playground.verdict.leakage import LeakageError

        language, last = self.language, 0.0
        try:
            for update in self.playground.judge(request, should_stop):
                if not isinstance(update, JudgeProgress):
                    yield self._judged(request, update)
                    return
                if time.monotonic() - last < SECONDS_BETWEEN_UPDATES and update.done < update.total:
                    continue
                last = time.monotonic()
                key = "verdict_progress" if update.done < update.total else "verdict_counting"
                text = t(key, language, label=update.label, done=update.done, total=update.total)
                yield {self.status: progress_html(text, update.done / update.total)}
        except LeakageError as error:
            leaks = leaks_html(error.leaks, error.total, language)
            yield self.fail(request) | {self.leaks_panel: gr.Column(visible=True), self.leaks: leaks}
            return
        yield {self.status: progress_html(t("verdict_stopped", language))}

    def _judged(self, request: JudgeRequest, verdict: Verdict) -> Shown:
        return {
            self.status: progress_html(t("verdict_done", self.language, count=len(verdict.test.pairs))),
            self.leaks_panel: gr.Column(visible=False),
            self.leaks: "",
            self.earlier: earlier_choices(self.playground.verdict_names(request.run_ids[0])),
        } | self.panel.show(verdict)

    def fail(self, _: JudgeRequest) -> Shown:
        return {self.status: progress_html(t("verdict_failed", self.language))}


def earlier_choices(names: list[str]) -> gr.Dropdown:
    """Verdicts by the time at which they were given, the newest chosen."""
    choices = [(_time_of(name), name) for name in names]
    return gr.Dropdown(choices=choices, value=names[0] if names else None, visible=len(names) > 1)


def _time_of(name: str) -> str:
    """2026-11-24 12:04:13 of verdict-20261124-120413-….json"""
    day, _, moment = name.removeprefix("verdict-").removesuffix(".json").partition("-")
    return f"{day[:4]}-{day[4:6]}-{day[6:8]} {moment[:2]}:{moment[2:4]}:{moment[4:6]}"
