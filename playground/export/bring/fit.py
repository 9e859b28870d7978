"""Whether an adapter's tensors are those that its configuration makes on a base: by shapes alone, nothing computed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from peft import get_peft_model, get_peft_model_state_dict
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING
from peft.utils.other import _prepare_prompt_learning_config

from playground.errors import ModelError, cut, reason_of
from playground.export.bring.settings import TASK_TYPES, AdapterSettings
from playground.export.headers.safetensors_file import Stored
from playground.model.adapt import LIBRARY_ERRORS
from playground.model.load import BaseModel
from playground.preflight.made_up_values import META, MadeUpValues
from playground.preflight.meta_model import meta_base
from playground.texts import Text

SHOWN = 3
PREFIX, LORA_E = "base_model.model.", ".lora_E"

WRONG_TASK = Text(
    "The adapter is one for {adapter}, and {model} is {base}. Choose the base model that it was trained on.",
    "O adaptador é de {adapter}, e {model} é {base}. Escolha o modelo base em que ele foi treinado.",
)
KINDS = {
    "causal_lm": Text("a causal language model", "um modelo de linguagem causal"),
    "seq2seq_lm": Text("an encoder-decoder", "um codificador-decodificador"),
}
WRONG_BASE = Text(
    "The adapter was not trained on {model}: {differences}. Choose the base model that it was trained on{said}.",
    "O adaptador não foi treinado em {model}: {differences}. Escolha o modelo base em que ele foi treinado{said}.",
)
SAYS = Text("; it names {name}", "; ele cita {name}")
OTHER_SHAPE = Text(
    "{name} is {found} in its file, and would be {wanted} there", "{name} é {found} no arquivo, e seria {wanted} lá"
)
MISSING = Text("{name} is missing from its file", "{name} falta no arquivo")
TOO_MUCH = Text("{name} belongs to no layer there", "{name} não pertence a nenhuma camada de lá")
OTHER_SIZE = Text("its {name} is {found}, and there it is {wanted}", "seu {name} é {found}, e lá é {wanted}")
NO_SUCH_LAYERS = Text("its layers are not there ({reason})", "suas camadas não existem lá ({reason})")
AND_MORE = Text("and {count} more", "e mais {count}")


def check_fit(settings: AdapterSettings, tensors: Mapping[str, Stored], base_model: str, said: str = "") -> str:
    """The base's task. Raises ModelError with the first differences where the adapter belongs to another base.

    `said` is the name that the adapter has for its base.
    """
    base = meta_base(base_model)
    if settings.task and settings.task != base.task:
        raise ModelError(WRONG_TASK, adapter=KINDS[settings.task], model=base_model, base=KINDS[base.task])
    found = _differences(settings, tensors, base)
    if found:
        more = [AND_MORE.filled(count=len(found) - SHOWN)] if len(found) > SHOWN else []
        listed = [*found[:SHOWN], *more]
        differences = Text("; ".join(text.en for text in listed), "; ".join(text.pt for text in listed))
        named = SAYS.filled(name=said) if said else Text("", "")
        raise ModelError(WRONG_BASE, model=base_model, differences=differences, said=named)
    return base.task


def for_peft(settings: AdapterSettings, task: str, said: str = "") -> dict[str, Any]:
    """The configuration that PEFT loads the adapter with; `said` is the name that it has for its base."""
    own = {"task_type": TASK_TYPES[task], "inference_mode": True, "base_model_name_or_path": said or None}
    return {**settings.peft, **own}


def _differences(settings: AdapterSettings, tensors: Mapping[str, Stored], base: BaseModel) -> list[Text]:
    values = {**for_peft(settings, base.task), "inference_mode": False}
    pattern = values.pop("rank_pattern", None) if settings.spec.name == "adalora" else None
    try:
        config = PEFT_TYPE_TO_CONFIG_MAPPING[values["peft_type"]](**values)
        if sizes := _other_sizes(config, base):
            return sizes
        with META, MadeUpValues():
            model = get_peft_model(base.model, config)
            wanted = get_peft_model_state_dict(
                model, state_dict=model.state_dict(keep_vars=True), save_embedding_layers=False
            )
    except LIBRARY_ERRORS as error:
        return [NO_SUCH_LAYERS.filled(reason=reason_of(error))]
    shapes = {name: tuple(tensor.shape) for name, tensor in wanted.items()}
    if pattern:
        shapes = _with_ranks(shapes, pattern)
    return _by_tensor(shapes, tensors)


def _other_sizes(config: Any, base: BaseModel) -> list[Text]:
    """PEFT makes virtual tokens of the sizes that stand in their configuration, whatever the base."""
    if not config.is_prompt_learning:
        return []
    own = copy.copy(config)
    own.token_dim = own.num_layers = own.num_attention_heads = None
    own = _prepare_prompt_learning_config(own, base.model.config)
    if base.task == "causal_lm":
        allowed = {name: {getattr(own, name)} for name in ("token_dim", "num_layers", "num_attention_heads")}
    else:  # a prefix is as wide as the decoder's heads together, which need not be as wide as its words
        decoder = base.model.get_decoder().config
        allowed = {"token_dim": {own.token_dim, getattr(decoder, "d_kv", 0) * getattr(decoder, "num_heads", 0)}}
    return [
        OTHER_SIZE.filled(name=name, found=getattr(config, name), wanted=max(sizes))
        for name, sizes in allowed.items()
        if getattr(config, name) is not None and getattr(config, name) not in sizes
    ]


def _with_ranks(shapes: dict[str, tuple[int, ...]], pattern: Any) -> dict[str, tuple[int, ...]]:
    """AdaLoRA saves only the ranks that it has left of each layer, as its `rank_pattern` tells."""
    places = {name for name in shapes if name.endswith(LORA_E)}
    if not isinstance(pattern, dict) or {f"{PREFIX}{name}".removesuffix(".default") for name in pattern} != places:
        return {**shapes, "rank_pattern": ()}
    changed = dict(shapes)
    for name, kept in pattern.items():
        layer = f"{PREFIX}{name}".removesuffix(".default").removesuffix(LORA_E)
        if not isinstance(kept, list) or len(kept) != shapes[f"{layer}{LORA_E}"][0] or set(kept) - {True, False}:
            return {**shapes, "rank_pattern": ()}
        rank = sum(kept)
        changed[f"{layer}{LORA_E}"] = (rank, 1)
        changed[f"{layer}.lora_A"] = (rank, shapes[f"{layer}.lora_A"][1])
        changed[f"{layer}.lora_B"] = (shapes[f"{layer}.lora_B"][0], rank)
    return changed


def _by_tensor(wanted: Mapping[str, tuple[int, ...]], tensors: Mapping[str, Stored]) -> list[Text]:
    """Other shapes first: they say more than what is not there at all."""
    both = [name for name in wanted if name in tensors and tensors[name].shape != wanted[name]]
    shapes = [
        OTHER_SHAPE.filled(name=_short(name), found=list(tensors[name].shape), wanted=list(wanted[name]))
        for name in both
    ]
    missing = [MISSING.filled(name=_short(name)) for name in wanted if name not in tensors]
    return [*shapes, *missing, *(TOO_MUCH.filled(name=_short(name)) for name in tensors if name not in wanted)]


def _short(name: str) -> str:
    return cut(name.removeprefix(PREFIX), 100)
