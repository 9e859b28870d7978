"""What a run will cost, told before it starts: parameters, adapter size, memory, tokens, and what is wrong with it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from playground.catalog.methods import METHODS
from playground.catalog.resolve import resolve
from playground.config import RunConfig
from playground.data.encode import Item
from playground.environment import in_page
from playground.errors import BusyError, DataError, ModelError, PlaygroundError
from playground.model.layers.checkpointing import can_checkpoint, checkpointing
from playground.model.load import BaseModel, family_of_config, load_tokenizer
from playground.model.sources.files import to_download, where_is
from playground.model.sources.hub import check_room
from playground.preflight import findings
from playground.preflight.findings import Finding
from playground.preflight.memory import Memory, estimate_memory
from playground.preflight.meta_model import Outline, Place, meta_base, outline
from playground.preflight.token_lengths import EncodedData, TokenReport, encoded_data, guessed_data
from playground.runs.folder import RunFolder
from playground.texts import Text
from playground.yaml_text import read_yaml


@dataclass(frozen=True, kw_only=True)
class LastEstimate:
    """How far the newest finished run's own peak was from what would have been said of it."""

    run_id: str
    name: str
    estimated: int
    measured: int

    @property
    def off(self) -> float:
        """0.1: the estimate was a tenth above what the run took."""
        return self.estimated / self.measured - 1


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """`tokens` is None where the model is not on this machine, and lengths are guessed; `memory` where that fails."""

    base_model: str
    method: str
    trainable_parameters: int
    total_parameters: int
    places: tuple[Place, ...]
    adapter_bytes: int
    device: str
    dtype: str
    dtype_reason: str
    tokens: TokenReport | None
    memory: Memory | None
    last_estimate: LastEstimate | None
    findings: tuple[Finding, ...]
    ready: bool


def preflight(config: RunConfig, runs: Iterable[RunFolder] = (), exact: bool = False) -> Preflight:
    """Count and estimate a resolved `config`; loads no weights. Raises ModelError for what cannot be counted.

    Of a large file a sample is encoded, and with `exact` all of it. The first finished run of `runs` (newest first)
    tells how far the estimate of memory was off the last time.
    """
    base = meta_base(config.base_model)
    data, memory, checkpointed = None, None, None
    found: list[Finding] = []
    try:
        data = _data(config, base, exact)
    except (DataError, ModelError) as error:
        found.append(findings.of_error("data", error))
    counted = _outline(config, base, data.train if data else ())
    place = where_is(config.base_model)
    if place == "missing":
        found.append(findings.no_weights(config.base_model))
    elif place == "hub":
        found += _download(config.base_model, counted.file_bytes)
    if data is not None or place != "here":
        try:
            data = data or guessed_data(config, base)
            found += findings.of_examples(data)
            with _in_turn:
                memory = estimate_memory(config, counted, data.train, data.held_out, in_page=in_page())
                checkpointed = _with_checkpointing(config, counted, data, memory)
        except DataError as error:
            found.append(findings.of_error("data", error))
        except (RuntimeError, ValueError, TypeError, AttributeError) as error:
            found.append(findings.no_memory_estimate(error))
    report = data.report if data else None
    found += findings.of_settings(config, counted)
    found += findings.of_tokens(report) if report else []
    found += findings.of_memory(config, counted, memory, checkpointed) if memory else []
    found.sort(key=lambda item: not item.blocks)
    return Preflight(
        base_model=config.base_model,
        method=config.method.method,
        trainable_parameters=counted.trainable_parameters,
        total_parameters=counted.total_parameters,
        places=counted.places,
        adapter_bytes=counted.adapter_bytes,
        device=str(base.device),
        dtype=METHODS[config.method.method].quantization or str(base.dtype).removeprefix("torch."),
        dtype_reason=base.dtype_reason,
        tokens=report,
        memory=memory,
        last_estimate=last_estimate(runs) if memory else None,
        findings=tuple(found),
        ready=not any(item.blocks for item in found),
    )


_in_turn = threading.Lock()  # several at once would only wait for the interpreter, each for longer
_last_outline: dict[str, tuple[Sequence[Item], Outline]] = {}


def _outline(config: RunConfig, base: BaseModel, examples: Sequence[Item]) -> Outline:
    """A run and the form that it was started from ask for the same: it is counted once."""
    key = config.model_copy(update={"name": ""}).model_dump_json() + base.model.config.to_json_string()
    with _in_turn:
        counted, known = _last_outline.get(key, (None, None))
        if known is None or counted is not examples:
            known = outline(config, base, examples)
            _last_outline.clear()
            _last_outline[key] = examples, known
        return known


def reasons_against(config: RunConfig) -> Text | None:
    """Why a run of a resolved `config` cannot end well on this machine; None where it can, and where nobody knows.

    A model that is still on the Hub, or that is being loaded right now, is not waited for.
    """
    try:
        if where_is(config.base_model) == "hub":
            return None
        against = [item.message for item in preflight(config).findings if item.blocks]
    except BusyError:
        return None
    except PlaygroundError as error:
        against = [error.text]
    return Text.joined(against) if against else None


def last_estimate(runs: Iterable[RunFolder]) -> LastEstimate | None:
    """Of the newest finished run on this kind of device, what would have been said of it; None without such a run."""
    for folder in runs:
        summary = folder.summary() or {}
        if summary.get("status") == "finished" and summary.get("peak_memory_bytes"):
            estimated = _estimate_of_run(folder.path / "config.yaml", _was_in_page(folder))
            if estimated:
                return LastEstimate(
                    run_id=folder.run_id,
                    name=folder.name,
                    estimated=estimated,
                    measured=int(summary["peak_memory_bytes"]),
                )
    return None


@lru_cache(maxsize=16)
def _estimate_of_run(settings: Path, in_page: bool) -> int | None:
    """Bytes; None where the data or the model of a run are gone, or its settings damaged."""
    try:
        config = resolve(RunConfig.from_values(read_yaml(settings)))
        base = meta_base(config.base_model)
        data = _data(config, base)
        if data is None:
            return None
        with _in_turn:
            counted = outline(config, base, data.train)
            return estimate_memory(config, counted, data.train, data.held_out, in_page=in_page).total
    except (PlaygroundError, RuntimeError, ValueError, TypeError, AttributeError):
        return None


def _was_in_page(folder: RunFolder) -> bool:
    """Where a run trained; in a process like this one, where its folder does not say."""
    try:
        found = json.loads((folder.path / "environment.json").read_text(encoding="utf-8"))["page"]
    except (OSError, ValueError, KeyError, TypeError):
        return in_page()
    return bool(found)


def _with_checkpointing(config: RunConfig, counted: Outline, data: EncodedData, memory: Memory) -> Memory | None:
    """What a run for which there is too little memory would take with gradient checkpointing; None where it cannot."""
    possible = METHODS[config.method.method].gradient_checkpointing and can_checkpoint(counted.base)
    if config.training.gradient_checkpointing or not possible or memory.total <= memory.available:
        return None
    lighter = config.with_training(gradient_checkpointing=True)
    with checkpointing(counted.base):
        return estimate_memory(lighter, counted, data.train, data.held_out, in_page=in_page())


def _download(source: str, guess: int) -> list[Finding]:
    """What comes before the first step, and whether the disk has room for it; `guess` bytes where the Hub is silent."""
    model = None
    with suppress(ModelError):
        model = to_download(source)
    found = [findings.will_download(source, model, guess)]
    try:
        check_room(source, model.bytes if model else guess)
    except ModelError as error:
        found.append(findings.of_error("disk", error))
    return found


def _data(config: RunConfig, base: BaseModel, exact: bool = False) -> EncodedData | None:
    """None for a model that is not on this machine: its tokenizer would be downloaded with its weights."""
    if where_is(config.base_model) != "here":
        return None
    tokenizer = _tokenizer(config.base_model)
    family = family_of_config(base.model.config, tokenizer)
    return encoded_data(config, replace(base, tokenizer=tokenizer, family=family), exact)


@lru_cache(maxsize=2)
def _tokenizer(source: str) -> Any:
    return load_tokenizer(source)
