"""What a card and a report tell of a run: from its folder, which loads no model, and from what was measured with it."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from playground.catalog.datasets import DATASETS, shown_dataset
from playground.catalog.methods import METHODS
from playground.catalog.models import MODELS
from playground.catalog.resolve import HUB_ID, task_of
from playground.charts.known_events import KnownEvents
from playground.config import RunConfig
from playground.data.example import Languages
from playground.data.read import hub_id_of
from playground.errors import PlaygroundError
from playground.export.papers.measured import NOT_MEASURED, Measured
from playground.files import sha256_of
from playground.inside.sweep import Sweep, kept_sweep
from playground.inside.where.weights import KEPT as KEPT_WEIGHTS
from playground.inside.where.weights import Weights
from playground.model.adapt import WEIGHTS
from playground.model.sources.base_file import BaseFile, kept
from playground.model.sources.files import EMBEDDED_HUB_ID
from playground.numbers import byte_size
from playground.runs.folder import RunFolder
from playground.runs.info import flattened
from playground.texts import one_line
from playground.verdict.files import from_json
from playground.verdict.judge import Result, Verdict

# What is told elsewhere, or is nobody's business: a file's place on the machine.
NOT_SETTINGS = ("name", "base_model", "schema_version", "monitoring", "data.dataset", "data.target_file")
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """One run. What it has none of is None or empty; `data_sha256` is that of the data, as the proof has it."""

    run_id: str
    name: str
    config: RunConfig
    environment: dict[str, Any]
    summary: dict[str, Any]
    events: KnownEvents
    base: BaseFile | None
    adapter_sha256: str
    adapter_bytes: int
    verdict: Verdict | None
    weights: Weights | None
    sweep: Sweep | None
    data_sha256: str = ""
    measured: Measured = NOT_MEASURED

    @property
    def method_label(self) -> str:
        return METHODS[self.config.method.method].label

    @property
    def is_translation(self) -> bool:
        return task_of(self.config) == "seq2seq_lm" or self.measured.languages is not None

    @property
    def languages(self) -> Languages | None:
        """Between which it translates, as far as that was said or measured."""
        data = self.config.data
        if data.source_language and data.target_language:
            return Languages(data.source_language, data.target_language)
        return self.measured.languages

    @property
    def base_hub_id(self) -> str | None:
        """The id on the Hub that the adapter names as its base; None for a model that only travels by itself."""
        source = self.config.base_model
        known = EMBEDDED_HUB_ID.get(source)
        if known:
            return known
        card = MODELS.get(source)
        if card and ":" in card.source:
            return None
        return source if HUB_ID.fullmatch(source) and not Path(source).exists() else None

    @property
    def base_name(self) -> str:
        """As it may be shown: of a folder its own name."""
        path = PurePath(self.config.base_model)
        return path.name if path.is_absolute() else self.config.base_model

    @property
    def base_licence(self) -> str:
        """Empty where it is not known."""
        card = MODELS.get(self.config.base_model)
        return card.licence if card else ""

    @property
    def dataset_name(self) -> str:
        return shown_dataset(self.config.data.dataset)

    @property
    def dataset_hub_id(self) -> str | None:
        return hub_id_of(self.config.data.dataset)

    @property
    def dataset_licence(self) -> str:
        """Of a built-in data set; empty where it is not known."""
        card = DATASETS.get(self.config.data.dataset)
        return card.licence if card else ""

    @property
    def started(self) -> dict[str, Any]:
        """The run's fixed facts; empty for one that never trained, such as an adapter that was brought."""
        return next(iter(self.events.of_kind("RunStarted")), {})

    @property
    def settings(self) -> list[tuple[str, object]]:
        """Every setting that has a value, under its dotted name."""
        settings = flattened(self.config.to_values())
        return [(name, value) for name, value in settings if name not in NOT_SETTINGS and value is not None]

    @property
    def made_with(self) -> list[tuple[str, object]]:
        """Versions and machine."""
        known, packages = self.environment, self.environment.get("packages")
        found: list[tuple[str, object]] = [("run", self.run_id)]
        found += packages.items() if isinstance(packages, dict) else ()
        found += [(name, known[name]) for name in ("python", "system", "cpu", "cpu_cores") if name in known]
        if isinstance(known.get("memory_bytes"), int):
            found.append(("memory", byte_size(known["memory_bytes"], "en")))
        return [*found, *((name, self.started[name]) for name in ("device", "dtype") if name in self.started)]

    @property
    def judged(self) -> Result | None:
        """This run in its verdict."""
        results = self.verdict.adapters if self.verdict else ()
        return next((result for result in results if result.system.run_id == self.run_id), None)

    @property
    def adapter_step(self) -> int:
        """After which step the adapter was saved: the best one, or the last one of a run that was stopped."""
        field = "steps" if self.summary.get("status") == "stopped" else "best_step"
        return int(self.summary.get(field) or 0)

    def event_at(self, kind: str, step: int) -> dict[str, Any] | None:
        """The last event of a kind at a step."""
        return next((event for event in reversed(self.events.of_kind(kind)) if event["step"] == step), None)


def facts_of(folder: RunFolder, data_sha256: str = "", measured: Measured = NOT_MEASURED) -> Facts:
    """Of a run that has an adapter; kept views and verdicts that cannot be read are left out. Raises ConfigError."""
    weights = folder.adapter / WEIGHTS
    return Facts(
        run_id=folder.run_id,
        name=one_line(folder.name),
        config=folder.config,
        environment=_environment(folder),
        summary=folder.summary() or {},
        events=KnownEvents(folder.read_since(0)[0]),
        base=kept(folder.adapter),
        adapter_sha256=sha256_of(weights),
        adapter_bytes=weights.stat().st_size,
        verdict=_newest_verdict(folder),
        weights=KEPT_WEIGHTS.read(folder),
        sweep=kept_sweep(folder),
        data_sha256=data_sha256,
        measured=measured,
    )


def _environment(folder: RunFolder) -> dict[str, Any]:
    try:
        found = json.loads((folder.path / "environment.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _newest_verdict(folder: RunFolder) -> Verdict | None:
    """The newest one that can be read and is about this run."""
    for path in sorted(folder.path.glob("verdict-*.json"), reverse=True):
        try:
            verdict = from_json(path.read_text(encoding="utf-8"), path.name)
        except (OSError, ValueError, PlaygroundError) as error:
            log.warning("%s of run %s cannot be read and is left out: %s", path.name, folder.run_id, error)
            continue
        if any(result.system.run_id == folder.run_id for result in verdict.adapters):
            return verdict
    return None
