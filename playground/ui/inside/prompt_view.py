"""What a soft prompt is: nearest words, attention, and what goes with each virtual token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import gradio as gr

from playground.errors import BusyError
from playground.model.libraries import load_libraries
from playground.ui.inside.view_html import prompt_html
from playground.ui.inside.views import View
from playground.ui.parts.job import Shown
from playground.ui.parts.tables import TABLE_CSS

if TYPE_CHECKING:
    from playground.inside.where.soft_prompt import SoftPrompt


class PromptView(View):
    name = "prompt"

    def lay_out(self) -> None:
        self.removals = gr.Plot(show_label=False, elem_id="inside-prompt-removals")
        self.attention = gr.Plot(show_label=False, elem_id="inside-prompt-attention")
        self.said = gr.HTML(css_template=TABLE_CSS, padding=True, elem_id="inside-prompt-said")

    def look(self, run: str, should_stop: Callable[[], bool]) -> Iterator[SoftPrompt | BusyError]:
        return self.playground.soft_prompt(run, should_stop)

    def done(self, found: SoftPrompt) -> float:
        return found.done

    def show(self, found: SoftPrompt, of_control: SoftPrompt | None) -> Shown:
        load_libraries()
        from playground.inside.where.charts import attention_figure, removal_figure

        return {
            self.removals: removal_figure(found, of_control, self.language),
            self.attention: attention_figure(found, of_control, self.language),
            self.said: prompt_html(found, of_control, self.language),
        }
