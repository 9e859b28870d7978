"""The same calls for programs: `gradio_client` and HTTP. The page's own events are private."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gradio.events import api

from playground.catalog.methods import METHODS
from playground.service import Playground
from playground.ui.feedback import shows_errors
from playground.yaml_text import read_yaml_text


def add_endpoints(playground: Playground) -> None:
    """Add the public endpoints to the Blocks that is being built."""

    @shows_errors("en")
    def list_methods() -> list[dict[str, Any]]:
        """The methods with their parameters, defaults and tuned learning rate."""
        return [
            {"name": spec.name, "label": spec.label, "learning_rate": spec.learning_rate, "params": spec.defaults()}
            for spec in METHODS.values()
        ]

    @shows_errors("en")
    def list_runs(search: str = "") -> list[dict[str, Any]]:
        """The caller's runs, newest first; `search` matches name, model, data set, method, status or id."""
        return [asdict(info) for info in playground.list_runs(search)]

    @shows_errors("en")
    def start_run(settings: str) -> str:
        """Queue a run from the text of a YAML file; returns its id."""
        return playground.start_run(playground.check(read_yaml_text(settings, "settings")))

    @shows_errors("en")
    def run_status(run_id: str) -> dict[str, Any]:
        """What is known about a run, and its last event."""
        events = playground.progress(run_id).events
        return {**asdict(playground.run_info(run_id)), "last_event": events[-1] if events else None}

    for endpoint in (list_methods, list_runs, start_run, run_status):
        api(endpoint, api_name=endpoint.__name__)
