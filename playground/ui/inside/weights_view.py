"""The map of weights, and the spectrum of the cell that was clicked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import gradio as gr

from playground.errors import BusyError
from playground.model.libraries import load_libraries
from playground.ui.feedback import QUIET, tells_errors
from playground.ui.inside.view_html import spectrum_html
from playground.ui.inside.views import View
from playground.ui.parts.downloads import download_button
from playground.ui.parts.job import Shown
from playground.ui.parts.plot_clicks import type_clicked
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.inside.where.weights import Cell, Spectrum, Weights


class WeightsView(View):
    """`number` is the place of a cell; a click into the map types it."""

    name = "weights"

    def lay_out(self) -> None:
        self.map = gr.Plot(show_label=False, elem_id="inside-weights-map")
        gr.HTML(f"<p>{self.text('caption')}</p>", padding=True)
        with gr.Row(equal_height=False):
            with gr.Column(min_width=240, scale=1):
                self.number = gr.Number(
                    1, precision=0, minimum=1, label=self.text("number"), elem_id="inside-weights-number"
                )
                self.said = gr.HTML(padding=True, elem_id="inside-weights-said")
                self.csv = gr.DownloadButton(
                    t("inside_view_csv", self.language), size="md", elem_id="inside-weights-csv"
                )
            self.spectrum = gr.Plot(show_label=False, min_width=320, scale=3, elem_id="inside-weights-spectrum")

    def connect(self, page: gr.Blocks, run: gr.Dropdown, at_once: tuple[str, int]) -> None:
        super().connect(page, run, at_once)
        clicked: dict[str, Any] = {
            "run": run, "latest": self.latest, "of_control": self.of_control, "number": self.number,
        }  # fmt: skip
        self.number.change(
            tells_errors(self.language)(self.open_cell), None, [self.said, self.spectrum], inputs_kwargs=clicked,
            trigger_mode="always_last", concurrency_id=at_once[0], concurrency_limit=at_once[1], **QUIET,
        )  # fmt: skip
        type_clicked(self.map, self.number)

    def look(self, run: str, should_stop: Callable[[], bool]) -> Iterator[Weights | BusyError]:
        return self.playground.changed_weights(run, should_stop)

    def done(self, found: Weights) -> float:
        return len(found.cells) / found.total

    def show(self, found: Weights, of_control: Weights | None) -> Shown:
        """The largest change opens with the map; a control that comes later is drawn into its spectrum."""
        load_libraries()
        from playground.inside.where.charts import weights_figure
        from playground.inside.where.files import weights_table

        shown: Shown = {self.map: weights_figure(found, self.language)}
        if found.is_whole:
            cells = [cell.relative or 0.0 for cell in found.cells]
            largest = cells.index(max(cells)) + 1
            shown |= {
                self.number: gr.Number(value=largest, maximum=len(cells)),
                self.csv: download_button("weights.csv", weights_table(found)),
            }
            if of_control and (spectrum := found.cells[largest - 1].spectrum):
                shown |= self._opened(found.cells[largest - 1], spectrum, of_control)
        return shown

    def open_cell(
        self, *, run: str | None, latest: Weights | None, of_control: Weights | None, number: float | None
    ) -> Any:
        if not run or latest is None or number is None or not 1 <= number <= len(latest.cells):
            return {self.said: gr.skip()}
        cell = latest.cells[int(number) - 1]
        return self._opened(cell, cell.spectrum or self.playground.spectrum(run, cell.name), of_control)

    def _opened(self, cell: Cell, spectrum: Spectrum, of_control: Weights | None) -> Shown:
        load_libraries()
        from playground.inside.where.charts import spectrum_figure

        shuffled = of_control.cell(cell.name) if of_control else None
        return {
            self.said: spectrum_html(cell, spectrum, shuffled, self.language),
            self.spectrum: spectrum_figure(cell.name, spectrum, shuffled, self.language),
        }
