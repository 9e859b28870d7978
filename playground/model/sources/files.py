"""Where a model's files are: in this repository, in a weight package, in a local folder or on the Hub."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Literal

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from playground.catalog.datasets import HUB_PREFIX
from playground.catalog.models import MODELS, included_path
from playground.errors import ModelError
from playground.model.sources.download import Came
from playground.model.sources.hub import HubModel, about, downloaded, downloading, from_hub, without_weights
from playground.texts import Text

LONGEST_FILE_NAME = 255
HUB_ID = re.compile(r"[\w.-]{1,96}(/[\w.-]{1,96})?")
EMBEDDED_HUB_ID = {"smollm2-135m-instruct": "HuggingFaceTB/SmolLM2-135M-Instruct"}

NOT_FOUND = Text(
    "There is no model {source}. Use a name from the list, a Hub id such as owner/name, or a folder with config.json.",
    "Não existe o modelo {source}. Use um nome da lista, um id do Hub como dono/nome, ou uma pasta com config.json.",
)


def locate(source: str) -> str:
    """What `from_pretrained` accepts for `source`: a folder, or the snapshot of a download. Raises ModelError."""
    included = included_path(source)
    if included is not None:
        folder = cache_folder(source)
        if folder is None:
            return str(included)
        if not folder.exists():
            dequantize(source, folder)
        return str(folder)
    folder, hub_id = local_or_hub(source)
    return str(folder) if folder else from_hub(hub_id)


def fetching(source: str) -> Generator[tuple[Came, int], None, None]:
    """The download that `locate` would wait for, as it goes, and its size in all; nothing where everything is here.

    Closing the iterator ends it. Raises ModelError.
    """
    if included_path(source) is None:
        folder, hub_id = local_or_hub(source)
        if folder is None:
            yield from downloading(hub_id)


def tokenizer_folder(source: str) -> str:
    """As `locate`, but of a model that is still on the Hub only the small files are fetched. Raises ModelError."""
    return without_weights(local_or_hub(source)[1]) if where_is(source) == "hub" else locate(source)


def where_is(source: str) -> Literal["here", "hub", "missing"]:
    """Where a model's weights are; missing: a local folder has none. Asks nobody. Raises ModelError."""
    if included_path(source) is not None:
        return "here"
    folder, hub_id = local_or_hub(source)
    if folder:
        return "here" if any(folder.glob("*.safetensors")) else "missing"
    return "here" if downloaded(hub_id) else "hub"


def to_download(source: str) -> HubModel | None:
    """What a download of `source` would bring, asked of the Hub; None where it is here already. Raises ModelError."""
    return about(local_or_hub(source)[1]) if where_is(source) == "hub" else None


def local_or_hub(source: str) -> tuple[Path | None, str]:
    """A folder with config.json, and the Hub id that `source` means where there is none.

    Raises ModelError for what can be neither.
    """
    hub_id = EMBEDDED_HUB_ID.get(source, source).removeprefix(HUB_PREFIX)
    if max(len(part) for part in hub_id.split("/")) > LONGEST_FILE_NAME:
        raise ModelError(NOT_FOUND, source=repr(source[:120]))
    named_hub = source.startswith(HUB_PREFIX)
    if not named_hub and (Path(hub_id) / "config.json").is_file():
        return Path(hub_id), hub_id
    if not HUB_ID.fullmatch(hub_id) or (Path(hub_id).exists() and not named_hub):
        raise ModelError(NOT_FOUND, source=repr(source[:120]))
    return None, hub_id


def cache_folder(source: str) -> Path | None:
    """Where a packaged model's weights are kept in a form that loads quickly; None for a model that needs none."""
    if source not in MODELS or not MODELS[source].source.startswith("package:"):
        return None
    return cache_root() / source


def cache_root() -> Path:
    """The folder of everything that can be made again; it may not exist yet."""
    return Path(os.environ.get("PEFT_PLAYGROUND_CACHE") or Path.home() / ".cache" / "peft-playground")


def dequantize(source: str, folder: Path) -> None:
    """Write the embedded GGUF weights as a bf16 safetensors model, so that later loads take about a second.

    The folder appears in one rename: two processes may race, and the loser's copy is thrown away.
    """
    gguf = included_path(source)
    if gguf is None:
        raise ModelError(NOT_FOUND, source=source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{source}."))
    try:
        loaded = AutoModelForCausalLM.from_pretrained(
            gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16, trust_remote_code=False
        )
        # A model that was loaded from GGUF refuses save_pretrained: copy its weights into a plain one.
        values = loaded.config.to_dict()
        for key in ("quantization_config", "_name_or_path"):
            values.pop(key, None)
        with torch.device("meta"):
            config = type(loaded.config).from_dict(values)
            plain = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16, trust_remote_code=False)
        plain.load_state_dict(loaded.state_dict(), assign=True)
        plain.tie_weights()
        plain.save_pretrained(temporary)
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name, trust_remote_code=False)
        tokenizer.save_pretrained(temporary)
        with contextlib.suppress(OSError):  # another process was first
            temporary.rename(folder)
        if not folder.exists():
            raise OSError(errno.EIO, f"could not create {folder.name}")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
