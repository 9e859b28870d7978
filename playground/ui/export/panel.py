"""In the Runs tab: the chosen run taken away, and an export verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr

from playground.errors import BusyError, RunError
from playground.export.kinds import KINDS
from playground.export.steps import Step
from playground.model.libraries import load_libraries
from playground.service import Playground
from playground.texts import Language
from playground.ui.export import html
from playground.ui.feedback import QUIET, error_html, shows_errors, tells_errors
from playground.ui.parts.downloads import new_folder
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.relay import relay
from playground.ui.runs.chosen import chosen_ids, only
from playground.ui.texts import STRINGS, t

HUB = "hub"


@dataclass(frozen=True)
class Asked:
    """`token` is what was typed: it goes to the Hub and nowhere else."""

    run_id: str
    kind: str
    repo_id: str = ""
    token: str = field(default="", repr=False)
    is_public: bool = False


class TakeAway:
    """`download` carries the file once it was executed elsewhere; `refused` says what the run cannot be taken as."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        self.is_open = gr.State(False)
        with gr.Accordion(t("export_title", language), open=False, elem_id="export") as self.panel:
            gr.HTML(f"<p>{t('export_intro', language)}</p>", padding=True)
            self.kind = gr.Radio(
                self._choices(), value="peft", label=t("export_kind", language), info=self.about("peft"),
                elem_id="export-kind",
            )  # fmt: skip
            self.refused = gr.HTML(padding=True, elem_id="export-refused")
            with gr.Row(visible=False) as self.hub:
                self.repo_id = gr.Textbox(
                    label=t("export_repo", language), placeholder="owner/name", max_length=200, elem_id="export-repo"
                )
                self.token = gr.Textbox(
                    label=t("export_token", language), info=t("export_token_help", language), type="password",
                    max_length=500, elem_id="export-token",
                )  # fmt: skip
                self.is_public = gr.Checkbox(
                    label=t("export_public", language), info=t("export_public_help", language), elem_id="export-public"
                )
            self.start, self.stop = build_buttons("export", language)
            self.said = gr.HTML(padding=True, elem_id="export-said")
            self.download = gr.DownloadButton(visible=False, variant="primary", elem_id="export-file")

    def connect(self, page: gr.Blocks, chosen: gr.HTML) -> None:
        errors = shows_errors(self.language)
        job = Job(
            self.start, self.stop, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail
        )
        job.wire(page, [self.said, self.download, self.token], inputs_kwargs={
            "chosen": chosen, "kind": self.kind, "repo_id": self.repo_id, "token": self.token,
            "is_public": self.is_public,
        })  # fmt: skip
        known: dict[str, Any] = {"chosen": chosen, "is_open": self.is_open, "kind": self.kind}
        offered: dict[str, Any] = {"inputs_kwargs": known, "trigger_mode": "always_last", **QUIET}
        opened = self.panel.expand(lambda: True, None, self.is_open, **QUIET)
        self.panel.collapse(lambda: False, None, self.is_open, **QUIET)
        for event in (opened.success, relay([chosen.change]).then):
            event(tells_errors(self.language)(self.offer), None, [self.kind, self.refused, self.hub], **offered)
        self.kind.input(errors(self.describe), self.kind, [self.kind, self.hub], **QUIET)

    def offer(self, *, chosen: Any, is_open: bool, kind: Any) -> Shown:
        """The kinds that fit the one chosen run; while the panel is closed nothing needs to be known of it.

        A choice that fits is not sent back: this answer may come after the next one was made.
        """
        run_ids = chosen_ids(chosen)
        if not is_open or len(run_ids) != 1:
            return {self.kind: gr.Radio(choices=self._choices()), self.refused: "", self.hub: gr.skip()}
        refusals = self.playground.export_refusals(run_ids[0])
        fitting = [choice for choice in self._choices() if refusals[choice[1]] is None]
        refused = html.refused_html(refusals, self.language)
        if kind in [name for _, name in fitting]:
            return {self.kind: gr.Radio(choices=fitting), self.refused: refused, self.hub: gr.skip()}
        first = fitting[0][1]
        return {
            self.kind: gr.Radio(choices=fitting, value=first, info=self.about(first)),
            self.refused: refused,
            self.hub: gr.Row(visible=False),
        }

    def describe(self, kind: Any) -> Shown:
        known = isinstance(kind, str) and kind in KINDS
        return {
            self.kind: gr.Radio(info=self.about(kind)) if known else gr.Radio(),
            self.hub: gr.Row(visible=kind == HUB),
        }

    def about(self, kind: str) -> str:
        summary = KINDS[kind].summary.to(self.language)
        return f"{summary[:1].upper()}{summary[1:]}."

    def check(self, *, chosen: Any, kind: Any, repo_id: Any, token: Any, is_public: Any) -> Asked:
        """Raises RunError for none or several runs, for one that cannot be taken away so, and for the Hub's fields."""
        run_id = only(chosen)
        self.playground.check_export(run_id, str(kind))
        if kind != HUB:
            return Asked(run_id, str(kind))
        asked = Asked(run_id, HUB, str(repo_id or ""), str(token or ""), is_public is True)
        self.playground.check_sending(asked.repo_id, asked.token)
        return asked

    def begin(self, _: Asked) -> Shown:
        return {
            self.said: html.step_html(Step("measuring"), self.language),
            self.download: gr.DownloadButton(visible=False),
        }

    def work(self, asked: Asked, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        load_libraries()
        from playground.export.send import Sent
        from playground.export.take import Exported

        for found in self._steps(asked, should_stop):
            if isinstance(found, BusyError):
                yield {self.said: error_html(found, self.language)}
            elif isinstance(found, Sent):
                yield {self.said: html.sent_html(found, self.language), self.token: ""}
                return
            elif isinstance(found, Exported):
                label = t("export_download", self.language, bytes=found.bytes)
                name = self.playground.run_info(asked.run_id).name
                yield {
                    self.said: html.exported_html(found, name, self.language),
                    self.download: gr.DownloadButton(label, value=str(found.path), visible=True),
                }
                return
            else:
                yield {self.said: html.step_html(found, self.language)}
        yield {self.said: progress_html(t("export_stopped", self.language))}

    def _steps(self, asked: Asked, should_stop: Callable[[], bool]) -> Iterator[Any]:
        if asked.kind == HUB:
            private = not asked.is_public
            return self.playground.send_to_hub(
                asked.run_id, asked.repo_id, asked.token, private=private, should_stop=should_stop
            )
        return self.playground.take_away(
            asked.run_id, asked.kind, new_folder(), should_stop, as_file=True, language=self.language
        )

    def fail(self, _: Asked) -> Shown:
        return {self.said: progress_html(t("export_failed", self.language))}

    def _choices(self) -> list[tuple[str, str]]:
        return [(kind.label.to(self.language), name) for name, kind in KINDS.items()]


class VerifyPanel:
    """A zip dropped there is executed again."""

    def __init__(self, playground: Playground, language: Language) -> None:
        self.playground, self.language = playground, language
        with gr.Accordion(t("verify_title", language), open=False, elem_id="verify"):
            gr.HTML(f"<p>{t('verify_intro', language)}</p>", padding=True)
            self.file = gr.File(label=t("verify_file", language), file_types=[".zip"], elem_id="verify-file")
            self.start, self.stop = build_buttons("verify", language)
            self.said = gr.HTML(padding=True, elem_id="verify-said")

    def connect(self, page: gr.Blocks) -> None:
        job = Job(
            self.start, self.stop, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail
        )
        job.wire(page, [self.said], inputs_kwargs={"file": self.file})

    def check(self, *, file: Any) -> Path:
        """Raises RunError without a file."""
        if not isinstance(file, str) or not file:
            raise RunError(STRINGS["verify_needs_file"])
        return Path(file)

    def begin(self, _: Path) -> Shown:
        return {self.said: html.step_html(Step("executing"), self.language)}

    def work(self, path: Path, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        found = self.playground.verify(path, should_stop=should_stop)
        stopped = progress_html(t("verify_stopped", self.language))
        yield {self.said: html.verified_html(found, self.language) if found else stopped}

    def fail(self, _: Path) -> Shown:
        return {self.said: progress_html(t("verify_failed", self.language))}
