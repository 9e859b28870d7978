"""What every tab may reach beyond itself: the tabs and the run that the live view shows."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr


@dataclass(frozen=True)
class Shell:
    """Tab ids are start, train, runs and compare.

    To show a run in the live view, return its id to `watched` and `gr.Tabs(selected="train")` to `tabs`.
    """

    tabs: gr.Tabs
    watched: gr.State  # a run id, or None
