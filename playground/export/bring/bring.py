"""An adapter that was opened and fits its base, kept as a run that has ended: measured once, written last, or not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from playground.config import MethodConfig, RunConfig
from playground.data.encode import Item
from playground.data.read import load_split
from playground.environment import describe_environment
from playground.export.bring.files import CONFIG, WEIGHTS
from playground.export.bring.fit import for_peft
from playground.export.bring.opening import Opened
from playground.export.bring.settings import AdapterSettings
from playground.export.bring.told import said
from playground.files import new_folder, write_atomically
from playground.model.adapt import attached
from playground.model.in_memory import base_in_memory
from playground.model.load import BaseModel
from playground.model.sources import base_file
from playground.model.virtual_tokens import text_limit
from playground.runs.claims import cannot_write
from playground.runs.folder import RunFolder, RunStore
from playground.runs.origin import Origin, write_origin
from playground.texts import Text
from playground.train.encoding import encode_for
from playground.train.events import EvalLogged, finished, to_values
from playground.train.loss import mean_loss, perplexity_of
from playground.train.prepare import Stopped


@dataclass(frozen=True, kw_only=True)
class Brought:
    """The run that an adapter became. Losses are those of the run's held-out examples, the base's first."""

    run_id: str
    name: str
    base_model: str
    method: str
    dataset: str
    eval_loss_base: float
    eval_loss: float
    warnings: tuple[Text, ...]


def with_method(config: RunConfig, settings: AdapterSettings, task: str) -> RunConfig:
    """The run's settings with the method that the adapter has, its parameters as far as a run's settings know them."""
    params = settings.spec.defaults(task) | settings.params
    return config.model_copy(update={"method": MethodConfig(method=settings.spec.name, params=params)}).with_training(
        learning_rate=settings.spec.default_learning_rate(task)
    )


def bring(
    adapter: Opened,
    settings: AdapterSettings,
    config: RunConfig,
    store: RunStore,
    owner: str = "",
    should_stop: Callable[[], bool] = lambda: False,
) -> Brought:
    """The run that holds the adapter; of one that fails nothing is left.

    `config` is complete, and its base is here. Raises PlaygroundError, and Stopped soon after that was asked.
    """
    spec, double_quant = settings.spec, bool(config.method.params.get("double_quant", True))
    base = base_in_memory(config.base_model, spec.quantization, double_quant)
    split = load_split(config.data, config.seed)
    held_out = encode_for(base, split.held_out, text_limit(config, base)).items[: config.training.eval_examples]
    try:
        run = store.create(config, describe_environment(), owner)
        try:
            with run.claim_or_refuse():
                write_origin(run, Origin(kind="brought", run_id="", name=adapter.name[-200:], sha256=adapter.sha256))
                _place(adapter, for_peft(settings, base.task, said(adapter)), run.path / "adapter")
                measured = partial(_loss, base=base, items=held_out, should_stop=should_stop)
                base_loss = measured(base.model)
                with attached(base, run.adapter) as model:
                    loss = measured(model)
                _finish(run, base_loss, loss)
        except BaseException:
            store.delete(run.run_id)
            raise
    except OSError as error:
        raise cannot_write(error) from error
    other = base_file.difference(run.name, run.adapter, config.base_model)
    return Brought(
        run_id=run.run_id,
        name=run.name,
        base_model=config.base_model,
        method=config.method.method,
        dataset=config.data.dataset,
        eval_loss_base=base_loss,
        eval_loss=loss,
        warnings=(*settings.warnings, *([other] if other else [])),
    )


def _place(adapter: Opened, settings: dict[str, Any], folder: Path) -> None:
    """In PEFT's own layout; of its configuration only what was checked."""
    with new_folder(folder) as fresh:
        shutil.copyfile(adapter.weights, fresh / WEIGHTS)
        write_atomically(fresh / CONFIG, json.dumps(settings, indent=2, sort_keys=True) + "\n")
        if adapter.base:
            write_atomically(fresh / base_file.NAME, json.dumps(asdict(adapter.base), indent=2) + "\n")


def _loss(model: Any, *, base: BaseModel, items: Sequence[Item], should_stop: Callable[[], bool]) -> float:
    def look(*_: Any) -> None:
        if should_stop():
            raise Stopped

    model.eval()
    return mean_loss(model, items, 8, base.tokenizer.pad_token_id, base.device, look)[0]


def _finish(run: RunFolder, base_loss: float, loss: float) -> None:
    last = finished("finished", {"eval_loss_base": base_loss, "eval_loss": loss})
    values = {name: value for name, value in to_values(last).items() if name not in ("event", "reason", "reason_pt")}
    run.append(to_values(EvalLogged(step=0, loss=base_loss, perplexity=perplexity_of(base_loss), seconds=0.0)))
    run.append(to_values(last))
    run.sync_events()
    run.finish({"run_id": run.run_id, **values, "error": "", "error_pt": ""})
