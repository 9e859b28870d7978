"""Below the table of runs: an adapter from elsewhere is brought in as a run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block
from markupsafe import escape

from playground.catalog.datasets import DATASETS, shown_dataset
from playground.errors import BusyError
from playground.numbers import byte_size, decimal
from playground.service import Playground
from playground.service.export.bring import BringRequest
from playground.service.uploads import MAX_UPLOAD_MB
from playground.texts import Language
from playground.train.events import Downloading, StageChanged
from playground.ui.bring.train_on import TrainOn
from playground.ui.feedback import for_visitor
from playground.ui.parts.job import Job, Shown, build_buttons
from playground.ui.parts.progress_bar import progress_html
from playground.ui.runs.table import method_label
from playground.ui.texts import t
from playground.ui.train.choices import model_choices

if TYPE_CHECKING:
    from playground.export.bring.bring import Brought

AT_ONCE = 4  # visitors who bring one: they take turns with the model, not with the page's queue


class BringPanel:
    """`chosen` is the table of runs: the run that an adapter has become is ticked in it."""

    def __init__(self, playground: Playground, language: Language, chosen: Block) -> None:
        self.playground, self.language, self.chosen = playground, language, chosen
        with gr.Accordion(t("bring_heading", language), open=False, elem_id="bring"):
            self._lay_out()
        self.train_on = TrainOn(playground, language)

    def _lay_out(self) -> None:
        language = self.language
        gr.HTML(f"<p>{t('bring_intro', language)}</p>", padding=True)
        with gr.Row(equal_height=False):
            self.files = gr.File(
                label=t("bring_files", language, limit=MAX_UPLOAD_MB), file_types=[".zip", ".json", ".safetensors"],
                file_count="multiple", type="filepath", height=130, elem_id="bring-files",
            )  # fmt: skip
            self.hub_id = gr.Textbox(
                "", max_lines=1, max_length=200, min_width=280, elem_id="bring-hub",
                label=t("bring_hub", language), info=t("bring_hub_help", language),
            )  # fmt: skip
        with gr.Row(equal_height=False):
            self.base = self._picker("base", model_choices())
            self.dataset = self._picker("dataset", [(card.label.to(language), name) for name, card in DATASETS.items()])
            self.source, self.target = (
                gr.Textbox(
                    "", max_lines=1, max_length=20, min_width=120, elem_id=f"bring-{side}",
                    label=t(f"bring_{side}", language), info=t("bring_language_help", language),
                )
                for side in ("source", "target")
            )  # fmt: skip
        self.start, self.stop = build_buttons("bring", language)
        self.status = gr.HTML(progress_html(t("bring_welcome", language)), padding=True, elem_id="bring-status")

    def _picker(self, name: str, choices: list[tuple[str, str]]) -> gr.Dropdown:
        return gr.Dropdown(
            choices, value=None, allow_custom_value=True, min_width=240, elem_id=f"bring-{name}",
            label=t(f"bring_{name}", self.language), info=t(f"bring_{name}_help", self.language),
        )  # fmt: skip

    def connect(self, page: gr.Blocks) -> None:
        bringing = Job(
            self.start, self.stop, self.language, check=self.check, begin=self.begin, work=self.work, fail=self.fail,
            at_once=("bring", AT_ONCE),
        )  # fmt: skip
        asked = {
            "files": self.files, "hub_id": self.hub_id, "base": self.base, "dataset": self.dataset,
            "source": self.source, "target": self.target,
        }  # fmt: skip
        bringing.wire(page, [self.status, self.chosen], inputs_kwargs=asked)
        self.train_on.connect(self.chosen)

    def check(
        self, *, files: list[str] | None, hub_id: str | None, base: str | None, dataset: str | None,
        source: str | None, target: str | None,
    ) -> BringRequest:  # fmt: skip
        """The form's values. Raises ModelError or ConfigError."""
        return self.playground.check_request(
            BringRequest(
                sent=tuple(map(Path, files or ())),
                hub_id=hub_id or "",
                base_model=base or "",
                dataset=dataset or "",
                source_language=source or "",
                target_language=target or "",
            )
        )

    def begin(self, _: BringRequest) -> Shown:
        return {self.status: progress_html(t("bring_checking", self.language))}

    def work(self, request: BringRequest, should_stop: Callable[[], bool]) -> Iterator[Shown]:
        """What is being done; once it is a run, that is ticked in the table."""
        language = self.language
        for news in self.playground.bring_adapter(request, should_stop):
            if isinstance(news, BusyError):
                reason = for_visitor(news.to(language))
                yield {self.status: progress_html(t("bring_waiting", language, reason=reason))}
            elif isinstance(news, Downloading):
                yield {self.status: self.coming(news)}
            elif isinstance(news, StageChanged):
                yield {self.status: progress_html(t("bring_measuring", language))}
            else:
                yield {self.status: self.done(news), self.chosen: [news.run_id]}
                return
        yield {self.status: progress_html(t("bring_stopped", language))}

    def fail(self, _: BringRequest) -> Shown:
        return {self.status: progress_html(t("bring_failed", self.language))}

    def coming(self, news: Downloading) -> str:
        sizes = {"done": byte_size(news.done_bytes, self.language), "total": byte_size(news.total_bytes, self.language)}
        return progress_html(t("download_progress", self.language, **sizes), news.done_bytes / max(news.total_bytes, 1))

    def done(self, brought: Brought) -> str:
        language = self.language
        values: dict[str, Any] = {
            "name": brought.name,
            "method": method_label(brought.method),
            "base": self.playground.run_info(brought.run_id).base_model,
            "dataset": shown_dataset(brought.dataset),
            "base_loss": decimal(brought.eval_loss_base, 3, language),
            "loss": decimal(brought.eval_loss, 3, language),
        }
        warnings = "".join(f"<p>⚠ {escape(warning.to(language))}</p>" for warning in brought.warnings)
        return progress_html(t("bring_done", language, **values)) + warnings
