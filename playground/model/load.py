"""Base models from a weight package, a local folder or the Hub.

Only safetensors and GGUF are read, never pickles; a model's own code is never run.
"""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

from playground.catalog.models import MODELS
from playground.errors import ModelError
from playground.texts import Text

HUB_TIMEOUT_SECONDS = 5.0  # the promise is a clear answer within 10, importing the client included
LONGEST_FILE_NAME = 255
HUB_ID = re.compile(r"[\w.-]{1,96}(/[\w.-]{1,96})?")
EMBEDDED_HUB_ID = {"smollm2-135m-instruct": "HuggingFaceTB/SmolLM2-135M-Instruct"}

NOT_FOUND = Text(
    "There is no model {source}. Use a name from the list, a Hub id such as owner/name, or a folder with config.json.",
    "Não existe o modelo {source}. Use um nome da lista, um id do Hub como dono/nome, ou uma pasta com config.json.",
)
NO_HUB = Text(
    "The Hub did not answer within {seconds:.0f} seconds, and {source} is not on this machine. "
    "Check the connection, or pick smollm2-135m-instruct, which needs none.",
    "O Hub não respondeu em {seconds:.0f} segundos, e {source} não está nesta máquina. "
    "Verifique a conexão, ou escolha smollm2-135m-instruct, que não precisa dela.",
)
GATED = Text(
    "{source} asks for its licence to be accepted. Accept it on the model's Hub page, then set HF_TOKEN and try again.",
    "{source} exige que sua licença seja aceita. Aceite-a na página do modelo no Hub, defina HF_TOKEN e tente de novo.",
)
NO_SAFETENSORS = Text(
    "{source} has no safetensors weights ({reason}). Pickled weights are not read; convert them first.",
    "{source} não tem pesos em safetensors ({reason}). Pesos em pickle não são lidos; converta-os antes.",
)
NOT_CAUSAL = Text(
    "{source} is a {kind} model. Choose a causal language model, such as smollm2-135m-instruct.",
    "{source} é um modelo {kind}. Escolha um modelo de linguagem causal, como smollm2-135m-instruct.",
)
UNREADABLE = Text(
    "{source} cannot be loaded ({reason}). Check the files, or choose another model.",
    "{source} não pode ser carregado ({reason}). Verifique os arquivos, ou escolha outro modelo.",
)
DISK_FULL = Text(
    "The disk is full: {source} needs about {megabytes} MB in the cache. Free some space and try again.",
    "O disco está cheio: {source} precisa de cerca de {megabytes} MB no cache. Libere espaço e tente de novo.",
)


@dataclass
class BaseModel:
    """A frozen base in memory. `source` is its public name, safe to show and to save."""

    source: str
    model: Any
    tokenizer: Any
    device: torch.device
    dtype: torch.dtype
    dtype_reason: str
    context_tokens: int
    quantization: str | None


def choose_device() -> tuple[torch.device, torch.dtype, str]:
    """Device and dtype of the base weights, with the reason as a key of DTYPE_REASONS."""
    if torch.cuda.is_available():
        if torch.cuda.is_bf16_supported():
            return torch.device("cuda"), torch.bfloat16, "cuda_bf16"
        return torch.device("cuda"), torch.float32, "cuda_fp32"
    if torch.backends.mps.is_available():
        return torch.device("mps"), torch.float32, "mps_fp32"
    features = torch.cpu.get_capabilities()
    if features.get("avx512_bf16") or features.get("amx_bf16"):
        return torch.device("cpu"), torch.bfloat16, "cpu_bf16"
    return torch.device("cpu"), torch.float32, "cpu_fp32"


def load_tokenizer(source: str) -> Any:
    """The tokenizer of `source`, padding token set. Raises ModelError."""
    with _clear_errors(source):
        tokenizer = AutoTokenizer.from_pretrained(locate(source))
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(source: str, quantization: str | None = None, double_quant: bool = True) -> BaseModel:
    """Load `source` frozen. `quantization` is None or "nf4". Raises ModelError within about 10 seconds.

    A broken cache of an embedded model is rebuilt once, without asking.
    """
    try:
        return _load(source, quantization, double_quant)
    except ModelError:
        cached = cache_folder(source)
        if source not in MODELS or not cached.exists():
            raise
        shutil.rmtree(cached)
        return _load(source, quantization, double_quant)


def _load(source: str, quantization: str | None, double_quant: bool) -> BaseModel:
    device, dtype, reason = choose_device()
    with _clear_errors(source):
        location = locate(source)
        config = AutoConfig.from_pretrained(location)
        if config.is_encoder_decoder:
            raise ModelError(NOT_CAUSAL, source=source, kind=f"encoder-decoder ({config.model_type})")
        options: dict[str, Any] = {"dtype": dtype, "use_safetensors": True}
        if quantization == "nf4":
            options["quantization_config"] = BitsAndBytesConfig(
                load_in_4bit=True,
                bnb_4bit_quant_type="nf4",
                bnb_4bit_use_double_quant=double_quant,
                bnb_4bit_compute_dtype=dtype,
            )
            options["device_map"] = {"": device}
        model = AutoModelForCausalLM.from_pretrained(location, **options)
    if quantization is None:
        torch.nn.Module.to(model, device)
    model.requires_grad_(False)
    model.eval()
    # What PEFT writes into an adapter's config: never a path of this machine's cache.
    model.name_or_path = EMBEDDED_HUB_ID.get(source, source)
    model.config._name_or_path = model.name_or_path
    return BaseModel(
        source=source,
        model=model,
        tokenizer=load_tokenizer(source),
        device=device,
        dtype=dtype,
        dtype_reason=reason,
        context_tokens=getattr(config, "max_position_embeddings", None) or 1024,
        quantization=quantization,
    )


def cache_folder(source: str) -> Path:
    root = os.environ.get("PEFT_PLAYGROUND_CACHE") or Path.home() / ".cache" / "peft-playground"
    return Path(root) / source if source in MODELS else Path(root) / "none"


def locate(source: str) -> str:
    """What `from_pretrained` accepts for `source`: a folder, or a Hub id that exists and may be read."""
    if source in MODELS and package_file(source) is not None:
        folder = cache_folder(source)
        if not folder.exists():
            _dequantize(source, folder)
        return str(folder)
    hub_id = EMBEDDED_HUB_ID.get(source, source)
    if max(len(part) for part in hub_id.split("/")) > LONGEST_FILE_NAME:
        raise ModelError(NOT_FOUND, source=repr(source[:120]))
    if Path(hub_id).is_dir() and (Path(hub_id) / "config.json").is_file():
        return hub_id
    if not HUB_ID.fullmatch(hub_id) or Path(hub_id).exists():
        raise ModelError(NOT_FOUND, source=repr(source[:120]))
    return _from_hub(hub_id)


def package_file(source: str) -> Path | None:
    """The weight file of an embedded model inside its installed package; None when it is not installed."""
    package, _, name = MODELS[source].source.removeprefix("package:").partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / name
    return path if path.is_file() else None


def _from_hub(hub_id: str) -> str:
    """A local snapshot, downloaded if need be. The first request has a time limit; a running download has none."""
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, LocalEntryNotFoundError, RepositoryNotFoundError

    patterns = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja"]
    with contextlib.suppress(LocalEntryNotFoundError):
        folder = snapshot_download(hub_id, allow_patterns=patterns, local_files_only=True)
        if any(Path(folder).glob("*.safetensors")) and (Path(folder) / "config.json").exists():
            return folder
    try:
        HfApi().model_info(hub_id, timeout=HUB_TIMEOUT_SECONDS)
        return snapshot_download(hub_id, allow_patterns=patterns)
    except GatedRepoError as error:
        raise ModelError(GATED, source=hub_id) from error
    except RepositoryNotFoundError as error:
        raise ModelError(NOT_FOUND, source=repr(hub_id)) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise
        raise ModelError(NO_HUB, source=hub_id, seconds=HUB_TIMEOUT_SECONDS) from error
    except Exception as error:
        raise ModelError(NO_HUB, source=hub_id, seconds=HUB_TIMEOUT_SECONDS) from error


def _dequantize(source: str, folder: Path) -> None:
    """Write the embedded GGUF weights as a bf16 safetensors model, so that later loads take about a second.

    The folder appears in one rename: two processes may race, and the loser's copy is thrown away.
    """
    gguf = package_file(source)
    if gguf is None:
        raise ModelError(NOT_FOUND, source=source)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{source}."))
    try:
        loaded = AutoModelForCausalLM.from_pretrained(gguf.parent, gguf_file=gguf.name, dtype=torch.bfloat16)
        # A model that was loaded from GGUF refuses save_pretrained: copy its weights into a plain one.
        values = loaded.config.to_dict()
        for key in ("quantization_config", "_name_or_path"):
            values.pop(key, None)
        with torch.device("meta"):
            plain = AutoModelForCausalLM.from_config(type(loaded.config).from_dict(values), dtype=torch.bfloat16)
        plain.load_state_dict(loaded.state_dict(), assign=True)
        plain.tie_weights()
        plain.save_pretrained(temporary)
        AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name).save_pretrained(temporary)
        with contextlib.suppress(OSError):  # another process was first
            temporary.rename(folder)
        if not folder.exists():
            raise OSError(errno.EIO, f"could not create {folder.name}")
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextlib.contextmanager
def _clear_errors(source: str) -> Iterator[None]:
    """Turn what the libraries raise for unusable files into a ModelError."""
    from safetensors import SafetensorError

    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            megabytes = MODELS[source].parameters * 2 // 10**6 if source in MODELS else 1000
            raise ModelError(DISK_FULL, source=source, megabytes=megabytes) from error
        text = NO_SAFETENSORS if "safetensors" in str(error) else UNREADABLE
        raise ModelError(text, source=source, reason=_first_line(error)) from error
    except (SafetensorError, json.JSONDecodeError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(UNREADABLE, source=source, reason=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    """The first sentence of a library's message, without folders of this machine."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return re.sub(r"(/[\w.-]+){2,}/", "", line)[:200]
