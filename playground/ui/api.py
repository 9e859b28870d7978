"""The same calls for programs: `gradio_client` and HTTP. The page's own events are private."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from gradio.events import api

from playground.catalog.datasets import DATASETS
from playground.catalog.methods import METHODS
from playground.errors import ConfigError, Problem
from playground.service import Playground
from playground.texts import Text
from playground.ui.feedback import shows_errors
from playground.yaml_text import read_yaml_text

NO_LOCAL_PATHS = Text(
    "is a path on the server: over HTTP, use the name of an included one or a Hub id.",
    "é um caminho no servidor: por HTTP, use o nome de um incluído ou um id do Hub.",
)


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
        """All runs, newest first; `search` matches name, model, data set, method, status or id."""
        return [asdict(info) for info in playground.list_runs(search)]

    @shows_errors("en")
    def start_run(settings: str) -> str:
        """Queue a run from the text of a YAML file; returns its id."""
        return playground.start_run(playground.check(_values(settings)))

    @shows_errors("en")
    def run_status(run_id: str) -> dict[str, Any]:
        """What is known about a run, and its last event."""
        events = playground.progress(run_id).events
        return {**asdict(playground.run_info(run_id)), "last_event": events[-1] if events else None}

    for endpoint in (list_methods, list_runs, start_run, run_status):
        api(endpoint, api_name=endpoint.__name__)


def _values(settings: str) -> Any:
    """Plain values; a caller from elsewhere may not make the server read its own files."""
    values = read_yaml_text(settings, "settings")
    if isinstance(values, dict):
        data = values.get("data")
        data = data if isinstance(data, dict) else {}
        dataset = data.get("dataset")
        paths = {
            "data.dataset": None if dataset in DATASETS else dataset,
            "data.target_file": data.get("target_file"),
            "base_model": values.get("base_model"),
        }
        local = [where for where, name in paths.items() if name and Path(str(name)).exists()]
        problems = [Problem(where, NO_LOCAL_PATHS) for where in local]
        if problems:
            raise ConfigError(problems)
    return values
