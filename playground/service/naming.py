"""What a visitor may name: included data and models, own uploads, the Hub; files of this machine only where allowed.

The answer to a path that is not allowed is the same whether or not it exists.
"""

from __future__ import annotations

from pathlib import Path, PurePath

from playground.catalog.datasets import DATASETS, HUB_PREFIX, SUFFIXES, UPLOAD_PREFIX
from playground.catalog.models import MODELS
from playground.catalog.resolve import HUB_ID, MODEL_ID
from playground.config import DataConfig, RunConfig
from playground.errors import ConfigError, PlaygroundError, Problem
from playground.service.uploads import Uploads
from playground.service.visitor import Visitor
from playground.texts import Text

NOT_A_DATASET = Text(
    "is {value}: use the name of an included data set ({known}), a Hub id such as owner/name, or upload a file."
    " Files of the server are not read from here.",
    "é {value}: use o nome de um conjunto incluído ({known}), um id do Hub como dono/nome, ou envie um arquivo."
    " Arquivos do servidor não são lidos por aqui.",
)
NOT_A_MODEL = Text(
    "is {value}: use the name of an included model ({known}), or a Hub id such as owner/name."
    " Folders of the server are not read from here.",
    "é {value}: use o nome de um modelo incluído ({known}), ou um id do Hub como dono/nome."
    " Pastas do servidor não são lidas por aqui.",
)


def named_by(visitor: Visitor, config: RunConfig, uploads: Uploads) -> RunConfig:
    """`config` with uploads replaced by their files. Raises ConfigError with every name that is not allowed."""
    problems: list[Problem] = []
    data, base_model = config.data, config.base_model
    try:
        data = data_named_by(visitor, data, uploads)
    except ConfigError as error:
        problems += error.problems
    try:
        base_model = model_named_by(visitor, base_model)
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(problems)
    return config.model_copy(update={"data": data, "base_model": base_model})


def data_named_by(visitor: Visitor, data: DataConfig, uploads: Uploads) -> DataConfig:
    """`data` with an upload replaced by its file. Raises ConfigError."""
    named = {"dataset": data.dataset, "target_file": data.target_file}
    found = {field: _data_file(visitor, field, name, uploads) for field, name in named.items() if name}
    return data.model_copy(update=found)


def model_named_by(visitor: Visitor, base_model: str) -> str:
    """The model's name, marked as the Hub's where a local folder has the same. Raises ConfigError."""
    if visitor.names_model_folders or base_model in MODELS:
        return base_model
    if not MODEL_ID.fullmatch(base_model.removeprefix(HUB_PREFIX)):
        values: dict[str, object] = {"value": repr(base_model[:80]), "known": ", ".join(MODELS)}
        raise ConfigError([Problem("base_model", NOT_A_MODEL, values)])
    return f"{HUB_PREFIX}{base_model}" if Path(base_model).exists() else base_model


def _data_file(visitor: Visitor, field: str, name: str, uploads: Uploads) -> str:
    where = f"data.{field}"
    if name.startswith(UPLOAD_PREFIX):
        try:
            return str(uploads.path_of(name, visitor))
        except PlaygroundError as error:
            raise ConfigError([Problem(where, error.text)]) from error
    if visitor.names_data_files or name in DATASETS or name.startswith(HUB_PREFIX):
        return name
    if field == "target_file" or not HUB_ID.fullmatch(name) or PurePath(name).suffix.lower() in SUFFIXES:
        values: dict[str, object] = {"value": repr(name[:80]), "known": ", ".join(DATASETS)}
        raise ConfigError([Problem(where, NOT_A_DATASET, values)])
    return f"{HUB_PREFIX}{name}" if Path(name).exists() else name
