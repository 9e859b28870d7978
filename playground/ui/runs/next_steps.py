"""What comes after a run, as buttons: its adapter asked, used for a translation, judged; each where it makes sense."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import gradio as gr

from playground.runs.info import RunInfo
from playground.service import Playground
from playground.texts import Language
from playground.ui.parts.pickers import MAX_ADAPTERS, is_translation
from playground.ui.texts import t

ASK, TRANSLATE, JUDGE = STEPS = ("ask", "translate", "judge")


@dataclass(frozen=True)
class NextSteps:
    ask: gr.Button
    translate: gr.Button
    judge: gr.Button

    @property
    def buttons(self) -> list[gr.Button]:
        """In the order of STEPS."""
        return [self.ask, self.translate, self.judge]


def build(language: Language, place: str, *, visible: bool) -> NextSteps:
    """Of a row of buttons, of which each can be pressed only once a run makes it possible."""
    return NextSteps(
        *(
            gr.Button(
                t(f"next_{step}", language), interactive=False, visible=visible, min_width=150, size="md",
                elem_id=f"{place}-{step}",
            )
            for step in STEPS
        )
    )  # fmt: skip


def possible(playground: Playground, infos: Sequence[RunInfo]) -> frozenset[str]:
    """What can be done with the adapters of these runs: they have to be few, and of one base."""
    trained = [info for info in infos if info.has_adapter]
    if not 1 <= len(trained) <= MAX_ADAPTERS or len({(info.base_model, info.task) for info in trained}) > 1:
        return frozenset()
    if trained[0].task != "seq2seq_lm":
        return frozenset({ASK})
    can_be_judged = all(is_translation(playground.config_of(info.run_id)) for info in trained)
    return frozenset({TRANSLATE, JUDGE} if can_be_judged else {TRANSLATE})


def enabled(steps: Collection[str]) -> list[gr.Button]:
    """All of the buttons, those that are possible to be pressed."""
    return [gr.Button(interactive=step in steps) for step in STEPS]


def offered(steps: Collection[str]) -> list[gr.Button]:
    """Those of the buttons that are possible."""
    return [gr.Button(interactive=step in steps, visible=step in steps) for step in STEPS]
