"""A model's configuration alone: enough to count its parameters, without its weights."""

from __future__ import annotations

import contextlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from playground.errors import ModelError
from playground.files import is_disk_full
from playground.model.files import cache_folder, included_path, local_or_hub
from playground.model.hub import (
    GATED,
    HUB_TIMEOUT_SECONDS,
    HUB_TROUBLE,
    NO_HUB,
    NOT_ON_HUB,
    OWN_CODE,
    asks_for_own_code,
)
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
    """The folder of the Hub's config.json, downloaded if need be; the Hub has five seconds to answer."""
    from huggingface_hub import HfApi, hf_hub_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError
    from huggingface_hub.utils import httpx  # type: ignore[attr-defined]  # whichever client it brings

    with contextlib.suppress(LocalEntryNotFoundError):
        return str(Path(hf_hub_download(hub_id, CONFIG, local_files_only=True)).parent)
    try:
        # One request that is not repeated tells whether there is a Hub at all: a download would try six times.
        files = [item.rfilename for item in HfApi().model_info(hub_id, timeout=HUB_TIMEOUT_SECONDS).siblings or ()]
        if CONFIG not in files:
            raise ModelError(NO_CONFIG, source=hub_id, reason="the Hub has no such file there")
        return str(Path(hf_hub_download(hub_id, CONFIG)).parent)
    except GatedRepoError as error:
        raise ModelError(GATED, source=hub_id) from error
    except RepositoryNotFoundError as error:
        raise ModelError(NOT_ON_HUB, source=hub_id) from error
    except HfHubHTTPError as error:
        raise ModelError(HUB_TROUBLE, source=hub_id, reason=f"HTTP {error.response.status_code}") from error
    except (OSError, httpx.HTTPError) as error:
        if is_disk_full(error):
            raise
        raise ModelError(NO_HUB, source=hub_id, seconds=HUB_TIMEOUT_SECONDS) from error
