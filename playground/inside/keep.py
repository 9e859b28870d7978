"""A setting of an adapter's knobs as a run of its own, baked into the weights: plain PEFT loads it."""

from __future__ import annotations

from typing import Any

from playground.catalog.methods import METHODS
from playground.catalog.resolve import task_of
from playground.config import MethodConfig
from playground.environment import describe_environment
from playground.errors import RunError
from playground.inside.effects import Effects, Measure
from playground.inside.knobs import Setting, turned
from playground.inside.thin_factors import save_as_lora
from playground.model.sources import base_file
from playground.runs.folder import RunFolder, RunStore
from playground.runs.origin import Origin, write_origin
from playground.texts import Language, Text
from playground.train.checkpoint import save_adapter
from playground.train.events import EvalLogged, finished, to_values
from playground.train.loss import perplexity_of

NAME_LENGTH = 120
LEAST_OF_NAME = 20  # of the run's own, before knobs that are many
UNTURNED = Text("kept", "guardada")
NOTHING_LEFT = Text(
    "At strength 0 nothing of the adapter is left: that is the base. Choose another strength, then keep it.",
    "Na força 0 não resta nada do adaptador: é a base. Escolha outra força e então guarde.",
)


def keep(
    measure: Measure, folder: RunFolder, store: RunStore, setting: Setting, owner: str = "", language: Language = "en"
) -> RunFolder:
    """Save the adapter of `folder` at `setting` as a new run, which has ended; its name tells the setting.

    Raises ConfigError for knobs that the adapter does not have, RunError at strength 0, and ModelError where neither
    the method's own file nor a LoRA of few ranks can hold the setting exactly.
    """
    measure.scaled.check(setting)
    if setting.is_base:
        raise RunError(NOTHING_LEFT)
    base, here = measure.references(answer=False)[0], measure.task(setting)
    kept = store.create(
        folder.config.model_copy(update={"name": _name(folder, setting, language)}), describe_environment(), owner
    )
    try:
        with kept.claim_or_refuse():
            write_origin(kept, Origin(kind="kept", run_id=folder.run_id, name=folder.name, knobs=setting.to_values()))
            rank = _save(measure, setting, kept)
            if rank is not None:
                _write_config(kept, rank)
            _finish(kept, base, here)
    except BaseException:
        store.delete(kept.run_id)
        raise
    return kept


def _save(measure: Measure, setting: Setting, kept: RunFolder) -> int | None:
    """The adapter's file; its rank where it had to become plain LoRA."""
    scaled = measure.scaled
    own_base = base_file.base_file(kept.config.base_model)
    if setting.is_adapter:
        save_adapter(scaled.model, kept.adapter, own_base)
    elif scaled.is_linear and setting.rank is None:
        with scaled.baked(setting):
            save_adapter(scaled.model, kept.adapter, own_base)
    else:
        rank = save_as_lora(scaled, setting, kept.adapter)
        base_file.keep(kept.adapter, own_base)
        return rank
    return None


def _write_config(kept: RunFolder, rank: int) -> None:
    """What the run would be if it had trained what it holds; on a quantized base LoRA is QLoRA."""
    config = kept.config
    method = "qlora" if METHODS[config.method.method].quantization else "lora"
    params: dict[str, Any] = METHODS[method].defaults(task_of(config))
    params |= {name: value for name, value in config.method.params.items() if name in params and name != "use_dora"}
    params |= {"r": rank, "lora_alpha": rank} | ({"use_rslora": False} if "use_rslora" in params else {})
    kept.rewrite_config(config.model_copy(update={"method": MethodConfig(method=method, params=params)}))


def _finish(kept: RunFolder, base: Effects, here: Effects) -> None:
    known = {"eval_loss_base": base.task_loss, "eval_loss": here.task_loss}
    last = finished("finished", known)
    values = {name: value for name, value in to_values(last).items() if name not in ("event", "reason", "reason_pt")}
    kept.append(
        to_values(EvalLogged(step=0, loss=base.task_loss, perplexity=perplexity_of(base.task_loss), seconds=0.0))
    )
    kept.finish({"run_id": kept.run_id, **values, "error": "", "error_pt": ""})
    kept.append(to_values(last))


def _name(folder: RunFolder, setting: Setting, language: Language) -> str:
    end = f" · {turned(setting.to_values(), language) or UNTURNED.to(language)}"
    room = max(NAME_LENGTH - len(end), LEAST_OF_NAME)
    return f"{folder.name[:room]}{end}"[:NAME_LENGTH]
