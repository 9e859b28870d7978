"""What an adapter_config.json says, as untrusted text: which method it is, and which of it PEFT may see.

PEFT reads many values as regular expressions, imports modules that a configuration names, and changes the base for
some. So only fields of the table in assets/methods/peft_fields.json pass, whose values are plain.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import peft
from peft import PeftType
from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING, PEFT_TYPE_TO_PREFIX_MAPPING

from playground.catalog.methods import METHODS, MethodSpec
from playground.catalog.peft_fields import CHANGE_THE_BASE, NOT_FOR_FILES, check_field, peft_fields
from playground.catalog.plain_values import MAX_FLOAT, MAX_SEED, MAX_SIZE, SEEDS
from playground.errors import ModelError, Problem, cut, quoted
from playground.export.headers.safetensors_file import Stored
from playground.texts import Text

# A name, with the characters escaped that a pattern gives a meaning to.
PLAIN = re.compile(r"(?:[A-Za-z0-9_.\- ]|\\[.\-_]){0,300}")
PATTERNS = ("target_modules", "exclude_modules", "layers_pattern")  # with which a regular expression chooses layers
MAX_ENTRIES, MAX_DEPTH = 300_000, 3
TASKS = {"CAUSAL_LM": "causal_lm", "SEQ_2_SEQ_LM": "seq2seq_lm"}
TASK_TYPES = {task: name for name, task in TASKS.items()}
# How an adapter began: numbers that its file replaces. The others took what they began with out of the base.
OWN_STARTS = ("gaussian", "eva", "orthogonal")
ONLY_FOR_STARTS = frozenset({
    "corda_config", "eva_config", "lora_ga_config", "loftq_config", "prompt_tuning_init_text",
})  # fmt: skip

UNKNOWN_METHOD = Text(
    "The adapter's peft_type is {value}, which is not opened here. Known: {known}.",
    "O peft_type do adaptador é {value}, que não é aberto aqui. Conhecidos: {known}.",
)
OTHER_TASK = Text(
    "The adapter was made for the task {value}, and here models write text: CAUSAL_LM or SEQ_2_SEQ_LM. Bring one of"
    " those.",
    "O adaptador foi feito para a tarefa {value}, e aqui os modelos escrevem texto: CAUSAL_LM ou SEQ_2_SEQ_LM. Traga um"
    " desses.",
)
CHANGES_BASE = Text(
    "The adapter has {name} = {value}, with which PEFT changes the base itself, and the base here is shared by all"
    " runs. Train it without, or merge it into its base and bring the model as a base of its own.",
    "O adaptador tem {name} = {value}, com o que a PEFT muda a própria base, e a base aqui é de todas as execuções."
    " Treine-o sem isso, ou junte-o à sua base e use o modelo como base própria.",
)
STARTED_FROM_BASE = Text(
    "The adapter began with {value}, a part that was taken out of its base, and fits only the base without it. Save it"
    " with PEFT's path_initial_model_for_weight_conversion, which makes it a plain LoRA, then bring that.",
    "O adaptador começou com {value}, uma parte retirada da base, e só serve na base sem ela. Salve-o com"
    " path_initial_model_for_weight_conversion da PEFT, que o torna um LoRA comum, e traga esse.",
)
NOT_PLAIN = Text(
    "adapter_config.json has {name} = {value}, which is not read here: PEFT would take it for a pattern, or for a size"
    " that no adapter has. Write plain names and numbers.",
    "adapter_config.json tem {name} = {value}, que não é lido aqui: a PEFT o tomaria por um padrão, ou por um tamanho"
    " que nenhum adaptador tem. Escreva nomes e números simples.",
)
NOT_OPENED = Text(
    "The adapter uses {name}, a part of PEFT that is not opened here. Bring one without it.",
    "O adaptador usa {name}, uma parte da PEFT que não é aberta aqui. Traga um sem isso.",
)
PASSED_OVER = Text(
    "PEFT {version}, which is used here, does not know {names}: passed over. Where that changes what the adapter"
    " computes, its answers differ from those elsewhere.",
    "A PEFT {version}, usada aqui, não conhece {names}: foi ignorado. Se isso muda o que o adaptador calcula, as"
    " respostas diferem das de outro lugar.",
)
TAKEN_FOR_LORA = Text(
    "Taken for LoRA on a base that is not quantized: an adapter does not say whether it learned on 4 bits (QLoRA).",
    "Tratado como LoRA sobre uma base não quantizada: um adaptador não diz se aprendeu em 4 bits (QLoRA).",
)
NO_MODULES = Text("its tensors name no layers", "seus tensores não citam camadas")


@dataclass(frozen=True)
class Trained:
    """How an adapter was trained, as its proof says."""

    method: str
    double_quant: bool


@dataclass(frozen=True)
class AdapterSettings:
    """`peft` is the configuration for PEFT, checked; `params` what the form shows of it."""

    spec: MethodSpec
    task: str  # causal_lm or seq2seq_lm; empty where it does not say
    peft: dict[str, Any]
    params: dict[str, Any]
    warnings: tuple[Text, ...] = field(default=())


def read_settings(
    raw: Mapping[str, Any], tensors: Mapping[str, Stored], trained: Trained | None = None
) -> AdapterSettings:
    """What can be opened safely, and works as it did where it was trained. Raises ModelError for anything else."""
    peft_type = raw.get("peft_type")
    known = {name.value: cls for name, cls in PEFT_TYPE_TO_CONFIG_MAPPING.items() if _specs(cls.__name__)}
    if not isinstance(peft_type, str) or peft_type not in known:
        raise ModelError(UNKNOWN_METHOD, value=quoted(peft_type), known=", ".join(sorted(known)))
    config_class = known[peft_type]
    task_type = raw.get("task_type")
    if task_type is not None and (not isinstance(task_type, str) or task_type not in TASKS):
        raise ModelError(OTHER_TASK, value=quoted(task_type))
    _check_base_stays(raw)
    values, unknown = _known_fields(config_class, raw)
    values = _with_exact_modules(peft_type, values, tensors)
    spec = _spec_of(config_class.__name__, tensors, trained)
    warnings = [TAKEN_FOR_LORA] if spec.name == "lora" and trained is None else []
    params = _params(spec, values)
    if trained and spec.quantization:
        params["double_quant"] = trained.double_quant
    if unknown:
        named = ", ".join(cut(name, 40) for name in unknown[:10])
        warnings.append(PASSED_OVER.filled(version=peft.__version__, names=named))
    return AdapterSettings(
        spec=spec,
        task=TASKS.get(str(task_type), ""),
        peft={"peft_type": peft_type, **values},
        params=params,
        warnings=tuple(warnings),
    )


def _specs(config_class: str) -> list[MethodSpec]:
    return [spec for spec in METHODS.values() if spec.peft_config == config_class]


def _spec_of(config_class: str, tensors: Mapping[str, Stored], trained: Trained | None) -> MethodSpec:
    """What it was trained as; where that is not known LoRA rather than QLoRA.

    Of the methods that train layers of the base, by whether more than norms are among them.
    """
    specs = {spec.name: spec for spec in _specs(config_class)}
    if trained and trained.method in specs:
        return specs[trained.method]
    if "full" in specs:
        return specs["full" if any(len(item.shape) > 1 for item in tensors.values()) else "ln_tuning"]
    return next(iter(specs.values()))


def _check_base_stays(raw: Mapping[str, Any]) -> None:
    """Raises ModelError for what changes the base that all runs share."""
    for name in sorted(CHANGE_THE_BASE & raw.keys()):
        if raw[name] not in (None, "none", [], False):
            raise ModelError(CHANGES_BASE, name=name, value=quoted(raw[name], 60))
    start = raw.get("init_lora_weights")
    if isinstance(start, str) and start not in (*OWN_STARTS, "mica"):
        raise ModelError(STARTED_FROM_BASE, value=quoted(start, 40))


def _known_fields(config_class: Any, raw: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields that PEFT may see, and the names of what it does not know. Raises ModelError."""
    table, class_fields = peft_fields()[config_class.__name__], {item.name for item in fields(config_class)}
    values: dict[str, Any] = {}
    unknown = []
    for name, value in raw.items():
        if name in NOT_FOR_FILES | CHANGE_THE_BASE | ONLY_FOR_STARTS:
            continue
        if name in table:
            values[name] = _checked(config_class.__name__, name, value)
        elif value in (None, False, [], {}, ""):
            continue
        elif name in class_fields:
            raise ModelError(NOT_OPENED, name=name)
        else:
            unknown.append(name)
    if values.get("init_lora_weights") in (False, *OWN_STARTS):
        values["init_lora_weights"] = True
    if "prompt_tuning_init" in values:
        values["prompt_tuning_init"] = "RANDOM"
    return values, sorted(unknown)


def _checked(config_class: str, name: str, value: Any) -> Any:
    wrong = Problem(name, NOT_PLAIN)
    is_pattern = name in PATTERNS and isinstance(value, str)
    shown = {"name": name, "value": quoted(value, 60)}
    if check_field(config_class, name, value, wrong) and value != peft_fields()[config_class][name]["default"]:
        raise ModelError(NOT_PLAIN, **shown)
    largest = MAX_SEED if name in SEEDS else max([MAX_SIZE, *_largest(config_class, name)])
    for count, entry in enumerate(_leaves(value, MAX_DEPTH)):
        if count > MAX_ENTRIES or not (is_pattern or _is_plain(entry, largest)):
            raise ModelError(NOT_PLAIN, **shown)
    return value


def _largest(config_class: str, name: str) -> Iterator[int]:
    """The bounds that the form has for a number of that name."""
    for spec in _specs(config_class):
        yield from (int(param.maximum) for param in spec.params if param.name == name and param.maximum)


def _leaves(value: Any, depth: int) -> Iterator[Any]:
    """What stands in a list or mapping, keys included; what lies deeper than `depth` as it is, which is not plain."""
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield key
            yield from _leaves(inner, depth - 1)
    elif isinstance(value, list) and depth:
        for inner in value:
            yield from _leaves(inner, depth - 1)
    else:
        yield value


def _is_plain(value: Any, largest: int) -> bool:
    if isinstance(value, str):
        return bool(PLAIN.fullmatch(value))
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int):
        return -largest <= value <= largest
    return isinstance(value, float) and math.isfinite(value) and abs(value) <= MAX_FLOAT


def _with_exact_modules(peft_type: str, values: dict[str, Any], tensors: Mapping[str, Stored]) -> dict[str, Any]:
    """Layers that a regular expression chose, by the names that they have in the file: no pattern is ever matched."""
    if all(PLAIN.fullmatch(values[name]) for name in PATTERNS if isinstance(values.get(name), str)):
        return values
    prefix = PEFT_TYPE_TO_PREFIX_MAPPING.get(PeftType(peft_type), "")
    modules = {module for name in tensors if (module := _module_of(name, prefix))} if prefix else set()
    if not modules:
        raise ModelError(NOT_PLAIN, name="target_modules", value=quoted(values.get("target_modules"), 60))
    chosen = {name: value for name, value in values.items() if name not in (*PATTERNS, "layers_to_transform")}
    return {**chosen, "target_modules": sorted(modules)}


def _module_of(tensor: str, prefix: str) -> str:
    """The layer of the base to which a tensor of the adapter belongs; empty for one that is the adapter's own."""
    parts = tensor.removeprefix("base_model.model.").split(".")
    place = next((number for number, part in enumerate(parts) if part.startswith(prefix)), 0)
    return ".".join(parts[:place])


def _params(spec: MethodSpec, values: Mapping[str, Any]) -> dict[str, Any]:
    """As a run's settings say it: the form's parameters as they are, and of the others what differs from PEFT's own.

    What no setting can say is left out here. The adapter is loaded by its own configuration, so it holds all the same.
    """
    shown = {param.name: values[param.name] for param in spec.params if param.name in values}
    for name in ("init_lora_weights", "init_weights", "prompt_tuning_init"):
        if name in shown and spec.check({name: shown[name]}):
            del shown[name]
    table = peft_fields()[spec.peft_config]
    others = {name: value for name, value in values.items() if name not in shown and value != table[name]["default"]}
    return shown | {
        name: value for name, value in others.items() if value is not None and not spec.check({name: value})
    }
