"""From settings whose shape is right to settings whose names exist, with every default filled in."""

from __future__ import annotations

import difflib
import re
from pathlib import Path, PurePath
from typing import Any, Literal

from playground.catalog.capabilities import capability
from playground.catalog.codes import canonical, is_code
from playground.catalog.datasets import DATASETS, HUB_PREFIX, SUFFIXES, TEXT_SUFFIXES
from playground.catalog.methods import METHODS, MethodSpec
from playground.catalog.models import MODELS, ModelCard
from playground.catalog.params import TARGET_WORDS, ParamSpec
from playground.catalog.refused_files import refused_kind
from playground.config import DataConfig, RunConfig
from playground.errors import ConfigError, Problem
from playground.texts import Text

# The Hub's own rule for names, https://huggingface.co/docs/huggingface_hub: letters, digits, - _ . in each part
HUB_PART = r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,94}[A-Za-z0-9])?"
HUB_ID = re.compile(f"{HUB_PART}/{HUB_PART}")
MODEL_ID = re.compile(f"(?:{HUB_PART}/)?{HUB_PART}")

UNKNOWN_METHOD = Text("is {value}: choose one of {known}.", "é {value}: escolha um de {known}.")
UNKNOWN_MODEL = Text(
    "is {value}, which is neither an included model ({known}), nor a folder, nor a Hub id such as owner/name."
    " Check the spelling.",
    "é {value}, que não é um modelo incluído ({known}), nem uma pasta, nem um id do Hub como dono/nome."
    " Confira a grafia.",
)
UNKNOWN_DATASET = Text(
    "is {value}, which is neither an included data set ({known}), nor a file, nor a Hub id such as owner/name."
    " Check the spelling.",
    "é {value}, que não é um conjunto de dados incluído ({known}), nem um arquivo, nem um id do Hub como dono/nome."
    " Confira a grafia.",
)
MISSING_FILE = Text(
    "there is no file {value}. Check the path, or upload the file again.",
    "não existe o arquivo {value}. Confira o caminho ou envie o arquivo de novo.",
)
UNKNOWN_SUFFIX = Text(
    "is {value}: use a file that ends in {suffixes}.",
    "é {value}: use um arquivo que termine em {suffixes}.",
)
NOT_READ = Text("is {value}, {what}. {remedy}", "é {value}, {what}. {remedy}")
ONE_SIDE = Text(
    "is {value}, by its ending one side of two aligned text files: give the other as data.target_file. To learn the"
    " text as it is, let its name end in .txt.",
    "é {value}, pela terminação um lado de dois textos alinhados: dê o outro como data.target_file. Para aprender o"
    " texto como está, faça o nome terminar em .txt.",
)
NO_SECOND_SIDE = Text(
    "needs two text files with a sentence a line, here and in data.dataset; {value} is none. Remove data.target_file,"
    " or give two such files.",
    "precisa de dois arquivos de texto com uma frase por linha, aqui e em data.dataset; {value} não é um. Tire"
    " data.target_file, ou dê dois arquivos assim.",
)
ONLY_ON_HUB = Text(
    "is {value}, and only data sets of the Hub have subsets and splits. Remove it.",
    "é {value}, e só conjuntos do Hub têm subconjuntos e divisões. Remova-o.",
)
SAME_LANGUAGE = Text(
    "is {value}, the same as the source language. Choose another.",
    "é {value}, igual ao idioma de origem. Escolha outro.",
)
NOT_ON_THIS_MODEL = Text(
    "is {value}, which cannot train {model} ({reason}). Choose another method, such as lora.",
    "é {value}, que não treina {model} ({reason}). Escolha outro método, como lora.",
)
RANK_MUST_SHRINK = Text(
    "is {value}, and must be below init_r, which is {init_r}: AdaLoRA starts wide and ends narrow."
    " Try target_r {suggestion}.",
    "é {value}, e precisa ser menor que init_r, que é {init_r}: o AdaLoRA começa largo e termina estreito."
    " Tente target_r {suggestion}.",
)
DECAYS_THE_BASE = Text(
    "is {value}, and must be 0 with the start {start}, which keeps a part of the base in the adapter.",
    "é {value}, e precisa ser 0 com o início {start}, que guarda no adaptador uma parte da base.",
)
TAKEN_FROM_BASE = ("pissa", "olora")
CANNOT_BE_COMPUTED_AGAIN = Text(
    "is true, and {method} puts keys and values of its own before those of each layer, which a layer that is computed"
    " again does not find. Set it to false, or choose another method, such as lora.",
    "é true, e {method} põe chaves e valores próprios antes dos de cada camada, que uma camada recalculada não"
    " encontra. Use false, ou escolha outro método, como lora.",
)
NO_ROOM_TO_SHRINK = Text(
    "is 1, so there is no rank below it for target_r. Use init_r 2 or more.",
    "é 1, e não há posto menor para target_r. Use init_r 2 ou mais.",
)


def resolve(config: RunConfig) -> RunConfig:
    """`config` with the method's defaults and learning rate filled in; resolving twice changes nothing.

    Looks at names and at whether files exist, never into them. Raises ConfigError with every problem.
    """
    problems = [*_model_problems(config.base_model), *_data_problems(config.data)]
    spec = METHODS.get(config.method.method)
    if spec is None:
        values: dict[str, object] = {"value": repr(config.method.method[:80]), "known": ", ".join(METHODS)}
        raise ConfigError([*problems, Problem("method.method", UNKNOWN_METHOD, values)])
    problems += _method_problems(config, spec)
    if problems:
        raise ConfigError(problems)
    given = config.method.params
    task = task_of(config)
    defaults = spec.defaults(task)
    params = {param.name: _plain(param, given.get(param.name, defaults[param.name])) for param in spec.params}
    params |= {name: value for name, value in given.items() if name not in params}
    learning_rate = config.training.learning_rate
    return config.model_copy(
        update={
            "method": config.method.model_copy(update={"params": params}),
            "training": config.training.model_copy(
                update={"learning_rate": spec.default_learning_rate(task) if learning_rate is None else learning_rate}
            ),
        }
    )


def task_of(config: RunConfig) -> str:
    """causal_lm or seq2seq_lm: by the model's card, else by whether languages are given. Reads no file."""
    return task_for(config.base_model, bool(config.data.source_language or config.data.target_language))


def task_for(base_model: str, has_languages: bool) -> str:
    card = MODELS.get(base_model)
    if card:
        return card.task
    return "seq2seq_lm" if has_languages else "causal_lm"


def is_hub_dataset(dataset: str) -> bool:
    """Whether a data set's name means one of the Hub: it says so itself, or it is an id and there is no such file."""
    is_id = dataset not in DATASETS and HUB_ID.fullmatch(dataset) and PurePath(dataset).suffix.lower() not in SUFFIXES
    return _is_hub(dataset, HUB_ID) or (bool(is_id) and _exists_as(dataset) == "nothing")


def why_not(spec: MethodSpec, card: ModelCard) -> str | None:
    """Why a method is not offered for a listed model, as the probe saw it; None where it is offered."""
    return why_not_on(spec, card.model_type)


def why_not_on(spec: MethodSpec, model_type: str) -> str | None:
    """The same of any model of an architecture, under transformers' name; None where nothing is known against it."""
    found = capability(spec.name, model_type, spec.quantization or "fp32")
    return None if found is None or found.trains else next(iter(found.failures.values()))


def _model_problems(base_model: str) -> list[Problem]:
    if base_model in MODELS or _exists_as(base_model) == "folder" or _is_hub(base_model, MODEL_ID):
        return []
    # A near miss of an included name is a slip, although the Hub could have a model of that name.
    slip = "/" not in base_model and difflib.get_close_matches(base_model.lower(), MODELS, n=1, cutoff=0.8)
    if MODEL_ID.fullmatch(base_model) and not slip:
        return []
    return [Problem("base_model", UNKNOWN_MODEL, {"value": _shown(base_model), "known": ", ".join(MODELS)})]


def _data_problems(data: DataConfig) -> list[Problem]:
    problems = _dataset_problems(data.dataset) if data.target_file is None else _aligned_problems(data)
    for name, value in (("data.subset", data.subset), ("data.split", data.split)):
        if value and not is_hub_dataset(data.dataset):
            problems.append(Problem(name, ONLY_ON_HUB, {"value": repr(value)}))
    source, target = data.source_language, data.target_language
    if source and target and canonical(source) == canonical(target):
        problems.append(Problem("data.target_language", SAME_LANGUAGE, {"value": repr(target)}))
    return problems


def _aligned_problems(data: DataConfig) -> list[Problem]:
    files = {"data.dataset": data.dataset, "data.target_file": data.target_file or ""}
    for path in files.values():
        suffix = PurePath(path).suffix.lower()
        if path in DATASETS or (suffix in SUFFIXES and suffix not in TEXT_SUFFIXES):
            return [Problem("data.target_file", NO_SECOND_SIDE, {"value": _shown(path)})]
    missing = [(where, path) for where, path in files.items() if _exists_as(path) != "file"]
    return [Problem(where, MISSING_FILE, {"value": _shown(path)}) for where, path in missing]


def _dataset_problems(dataset: str) -> list[Problem]:
    where = "data.dataset"
    suffix = PurePath(dataset).suffix.lower()
    if dataset in DATASETS or _is_hub(dataset, HUB_ID):
        return []
    if _exists_as(dataset) == "file":
        return [] if suffix in SUFFIXES or not suffix else [Problem(where, *_why_unread(dataset))]
    if suffix in SUFFIXES:
        return [Problem(where, MISSING_FILE, {"value": _shown(dataset)})]
    if HUB_ID.fullmatch(dataset) and _exists_as(dataset) == "nothing":
        return []
    return [Problem(where, UNKNOWN_DATASET, {"value": _shown(dataset), "known": ", ".join(DATASETS)})]


def _why_unread(dataset: str) -> tuple[Text, dict[str, object]]:
    """The message about a file whose ending is not read, and its values."""
    value, kind = _shown(dataset), refused_kind(dataset)
    if kind:
        return NOT_READ, {"value": value, "what": kind.what, "remedy": kind.remedy}
    is_side = is_code(PurePath(dataset).suffix[1:])
    return ONE_SIDE if is_side else UNKNOWN_SUFFIX, {"value": value, "suffixes": ", ".join(SUFFIXES)}


def _method_problems(config: RunConfig, spec: MethodSpec) -> list[Problem]:
    problems = spec.check(config.method.params)
    card = MODELS.get(config.base_model)
    start, weight_decay = config.method.params.get("init_lora_weights"), config.training.weight_decay
    if start in TAKEN_FROM_BASE and weight_decay:
        decays: dict[str, object] = {"value": weight_decay, "start": start}
        problems.append(Problem("training.weight_decay", DECAYS_THE_BASE, decays))
    if config.training.gradient_checkpointing and not spec.gradient_checkpointing:
        problems.append(Problem("training.gradient_checkpointing", CANNOT_BE_COMPUTED_AGAIN, {"method": spec.label}))
    if card and (reason := why_not(spec, card)):
        not_here: dict[str, object] = {"value": spec.name, "model": card.name, "reason": reason}
        problems.append(Problem("method.method", NOT_ON_THIS_MODEL, not_here))
    if spec.name == "adalora" and not any(item.where.endswith(("target_r", "init_r")) for item in problems):
        ranks = {**spec.defaults(task_of(config)), **config.method.params}
        target_r, init_r = int(ranks["target_r"]), int(ranks["init_r"])
        if init_r == 1:
            problems.append(Problem("method.params.init_r", NO_ROOM_TO_SHRINK))
        elif target_r >= init_r:
            ranks_found: dict[str, object] = {"value": target_r, "init_r": init_r, "suggestion": max(1, init_r // 2)}
            problems.append(Problem("method.params.target_r", RANK_MUST_SHRINK, ranks_found))
    return problems


def _plain(param: ParamSpec, value: Any) -> Any:
    """One spelling for each value, so that equal settings compare equal."""
    if param.kind == "int":
        return int(value)
    if param.kind == "float":
        return float(value)
    if param.kind == "modules" and value not in TARGET_WORDS:
        # PEFT reads a lone string as a pattern for the module's whole path; a list holds the ends of paths.
        names = value.split(",") if isinstance(value, str) else value
        return [name.strip() for name in names if name.strip()]
    return value


def _is_hub(name: str, pattern: re.Pattern[str]) -> bool:
    """Whether a name says itself that it is the Hub's."""
    return name.startswith(HUB_PREFIX) and bool(pattern.fullmatch(name.removeprefix(HUB_PREFIX)))


def _exists_as(path: str) -> Literal["file", "folder", "nothing"]:
    """What lies at a path; texts that no path may be (too long, a zero byte) are nothing."""
    try:
        return "file" if Path(path).is_file() else "folder" if Path(path).is_dir() else "nothing"
    except (OSError, ValueError):
        return "nothing"


def _shown(path: str) -> str:
    """A path without its folders, which may tell more about the machine than a message should."""
    return repr((PurePath(path).name if PurePath(path).is_absolute() else path)[-80:])
