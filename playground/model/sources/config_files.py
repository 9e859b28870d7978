"""A model's configuration alone: enough to count its parameters, without its weights."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from playground.catalog.models import included_path
from playground.errors import ModelError
from playground.model.sources.files import cache_folder, local_or_hub
from playground.model.sources.hub import OWN_CODE, about, asks_for_own_code, conversions, fetched
from playground.texts import Text

CONFIG = "config.json"
NO_CONFIG = Text(
    "{source} has no config.json that can be read ({reason}), so its parameters cannot be counted. Choose a model of "
    "transformers: a name from the list, a Hub id such as owner/name, or a folder with config.json.",
    "{source} não tem um config.json legível ({reason}), então seus parâmetros não podem ser contados. Escolha um "
    "modelo da transformers: um nome da lista, um id do Hub como dono/nome, ou uma pasta com config.json.",
)


def model_config(source: str) -> Any:
    """A fresh copy of the transformers configuration of `source`; the Hub sends one small file. Raises ModelError."""
    folder, gguf = _place(source)
    stamp = max((path.stat().st_mtime for path in Path(folder).glob(CONFIG)), default=0.0)
    config = _read(source, folder, gguf, stamp)
    return type(config).from_dict(config.to_dict())


@lru_cache(maxsize=8)
def _read(source: str, folder: str, gguf: str | None, _: float) -> Any:
    try:
        return AutoConfig.from_pretrained(folder, trust_remote_code=False, **({"gguf_file": gguf} if gguf else {}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        if asks_for_own_code(error):
            raise ModelError(OWN_CODE, source=source) from error
        reason = " ".join(str(error).split())[:120].replace(folder, Path(folder).name)
        raise ModelError(NO_CONFIG, source=source, reason=reason) from error


def _place(source: str) -> tuple[str, str | None]:
    """A folder that holds config.json, or the folder and name of a GGUF file that says the same."""
    included = included_path(source)
    if included is not None:
        cached = cache_folder(source)
        if cached is not None and not cached.exists():
            return str(included.parent), included.name
        return str(cached or included), None
    folder, hub_id = local_or_hub(source)
    return (str(folder) if folder else _from_hub(hub_id)), None


def _from_hub(hub_id: str) -> str:
    """The folder of the Hub's config.json, downloaded if need be."""
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    for revision in (None, *conversions(hub_id)):
        found = try_to_load_from_cache(hub_id, CONFIG, revision=revision)
        if isinstance(found, str):
            return str(Path(found).parent)
    model = about(hub_id)
    if CONFIG not in model.files:
        raise ModelError(NO_CONFIG, source=hub_id, reason="the Hub has no such file there")
    for _ in fetched(hub_id, model.revision, [CONFIG]):
        pass
    return str(Path(hf_hub_download(hub_id, CONFIG, revision=model.revision, local_files_only=True)).parent)
