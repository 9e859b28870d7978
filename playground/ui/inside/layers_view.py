"""Which layers carry what was learned: each taken out, and each alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import gradio as gr

from playground.errors import BusyError
from playground.model.libraries import load_libraries
from playground.ui.inside.view_html import layers_html
from playground.ui.inside.views import View
from playground.ui.parts.job import Shown

if TYPE_CHECKING:
    from playground.inside.where.layer_effects import LayerEffects


class LayersView(View):
    name = "layers"

    def lay_out(self) -> None:
        self.out = gr.Plot(show_label=False, elem_id="inside-layers-out")
        self.alone = gr.Plot(show_label=False, elem_id="inside-layers-alone")
        self.said = gr.HTML(padding=True, elem_id="inside-layers-said")

    def look(self, run: str, should_stop: Callable[[], bool]) -> Iterator[LayerEffects | BusyError]:
        return self.playground.layer_effects(run, should_stop)

    def done(self, found: LayerEffects) -> float:
        return found.done

    def show(self, found: LayerEffects, of_control: LayerEffects | None) -> Shown:
        load_libraries()
        from playground.inside.where.charts import knock_in_figure, knock_out_figure

        return {
            self.out: knock_out_figure(found, of_control, self.language),
            self.alone: knock_in_figure(found, of_control, self.language),
            self.said: layers_html(found, of_control, self.language),
        }
