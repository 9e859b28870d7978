"""Base models in memory, with one clear message for whatever cannot be loaded.

Only safetensors and GGUF are read, never pickles; a model's own code is never run.
"""

from __future__ import annotations

import contextlib
import json
import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    GenerationConfig,
)
from transformers.models.auto.modeling_auto import (
    MODEL_FOR_CAUSAL_LM_MAPPING_NAMES,
    MODEL_FOR_MASKED_LM_MAPPING_NAMES,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES,
)
from transformers.utils.logging import disable_progress_bar

from playground.catalog.families import Family, family_of
from playground.catalog.models import MODELS
from playground.errors import ModelError
from playground.files import is_disk_full
from playground.model.layers.attention import learn_in_float32
from playground.model.sources.files import EMBEDDED_HUB_ID, cache_folder, locate, tokenizer_folder
from playground.model.sources.hub import NO_SAFETENSORS, OWN_CODE, asks_for_own_code
from playground.model.sources.weights import tensors_to_convert
from playground.texts import Text

WRITES_NO_TEXT = Text(
    "{source} is a {kind} model, which does not write text. Choose a causal language model, such as "
    "smollm2-135m-instruct, or an encoder-decoder, such as m2m100-mini.",
    "{source} é um modelo {kind}, que não escreve texto. Escolha um modelo de linguagem causal, como "
    "smollm2-135m-instruct, ou um codificador-decodificador, como m2m100-mini.",
)
UNREADABLE = Text(
    "{source} cannot be loaded ({reason}). Check the files, or choose another model.",
    "{source} não pode ser carregado ({reason}). Verifique os arquivos, ou escolha outro modelo.",
)
DISK_FULL = Text(
    "The disk is full: {source} needs about {needed:bytes} in the cache. Free some space and try again.",
    "O disco está cheio: {source} precisa de cerca de {needed:bytes} no cache. Libere espaço e tente de novo.",
)

ODD_WIDTH = Text(
    "{source} has layers of width {width}, and on this processor 4-bit weights need a multiple of {block}. Choose a"
    " method without quantization, such as LoRA.",
    "{source} tem camadas de largura {width}, e neste processador os pesos de 4 bits precisam de um múltiplo de"
    " {block}. Escolha um método sem quantização, como LoRA.",
)
disable_progress_bar()  # the bar of reading weights: a load is told as a stage of the run, on stdout or on the page

BLOCK_4BIT = 64  # weights that share a scale, as Dettmers et al. 2023 have it


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
    task: str = "causal_lm"  # or seq2seq_lm
    family: Family | None = None  # of translation models; None for every other model


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
        tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder(source), trust_remote_code=False)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(
    source: str, quantization: str | None = None, double_quant: bool = True, dtype: str | None = None
) -> BaseModel:
    """Load `source` frozen. `quantization` is None, "nf4" or "int8". Raises ModelError within about 10 seconds.

    `dtype` names torch's dtype of the weights that are not quantized; None leaves it to `choose_device`. A broken
    cache of an embedded model is rebuilt once, without asking.
    """
    try:
        return _load(source, quantization, double_quant, dtype)
    except ModelError as error:
        cached = cache_folder(source)
        if error.message not in (UNREADABLE, NO_SAFETENSORS) or cached is None or not cached.exists():
            raise
        shutil.rmtree(cached)
        return _load(source, quantization, double_quant, dtype)


def _load(source: str, quantization: str | None, double_quant: bool, asked: str | None) -> BaseModel:
    device, dtype, reason = choose_device()
    if asked is not None:
        dtype, reason = getattr(torch, asked), "asked"
    with _clear_errors(source):
        location = locate(source)
        config = AutoConfig.from_pretrained(location, trust_remote_code=False)
        loader = loader_for(source, config)
        # Layers that are skipped at random are noise in a short training (fairseq's LayerDrop).
        for name in ("encoder_layerdrop", "decoder_layerdrop"):
            if hasattr(config, name):
                setattr(config, name, 0.0)
        options: dict[str, Any] = {"config": config, "dtype": dtype, "use_safetensors": True}
        if quantization is not None:
            options["quantization_config"] = quantization_config(quantization, double_quant, dtype)
            options["device_map"] = {"": device}
        model = _read(loader, location, options)
    if quantization is None:
        torch.nn.Module.to(model, device)
    else:
        settle_4bit_layers(model, source, device)
    if device.type == "cpu":
        learn_in_float32(model)
    model.requires_grad_(False)
    model.eval()
    if config.is_encoder_decoder:
        _settle_translation_model(model)
    # What PEFT writes into an adapter's config: never a path of this machine's cache.
    model.name_or_path = EMBEDDED_HUB_ID.get(source, source)
    model.config._name_or_path = model.name_or_path
    tokenizer = load_tokenizer(source)
    return as_base(source, model, device, dtype, reason, tokenizer=tokenizer, quantization=quantization)


def _read(loader: Any, location: str, options: dict[str, Any]) -> Any:
    """`from_pretrained`; of weights that are converted on the way, only one beside those that are done."""
    quantized = "quantization_config" in options
    tensors = tensors_to_convert(Path(location), options["dtype"], quantized=quantized)
    if tensors is None:
        return loader.from_pretrained(location, trust_remote_code=False, **options)
    with torch.device("meta"):
        shapes = loader.from_config(options["config"], trust_remote_code=False)
    own = {**options, "config": shapes.config, "state_dict": tensors}
    model = type(shapes).from_pretrained(None, trust_remote_code=False, **own)
    # What it reads beside the weights where it is told the folder.
    model.adjust_generation_fn(
        None, False, None, location, cache_dir=None, force_download=False, proxies=None, local_files_only=True,
        token=None, revision=None, subfolder="", trust_remote_code=False,
    )  # fmt: skip
    return model


def as_base(
    source: str, model: Any, device: torch.device, dtype: torch.dtype, dtype_reason: str, *,
    tokenizer: Any = None, quantization: str | None = None,
) -> BaseModel:  # fmt: skip
    """A model with what its configuration tells; its family is known once there is a tokenizer."""
    config = model.config
    return BaseModel(
        source=source,
        model=model,
        tokenizer=tokenizer,
        device=device,
        dtype=dtype,
        dtype_reason=dtype_reason,
        context_tokens=getattr(config, "max_position_embeddings", None) or getattr(config, "n_positions", None) or 1024,
        quantization=quantization,
        task="seq2seq_lm" if config.is_encoder_decoder else "causal_lm",
        family=None if tokenizer is None else family_of_config(config, tokenizer),
    )


def quantization_config(quantization: str, double_quant: bool, dtype: torch.dtype) -> BitsAndBytesConfig:
    if quantization == "int8":
        # Its kernels work in fp16, which it would say again at every single product.
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=double_quant,
        bnb_4bit_compute_dtype=dtype,
    )


def settle_4bit_layers(model: Any, source: str, device: torch.device) -> None:
    """Keep bitsandbytes 0.50 from two errors on processors with AVX512. Raises ModelError where it cannot be kept.

    With AVX512-BF16 it repacks 4-bit weights at the first evaluation, for good, and the repacked product has no
    backward pass: every step after it would train on broken gradients. With AVX512 it restores layers whose width
    is no multiple of its blocks from the wrong block.
    """
    from bitsandbytes.nn.modules import Linear4bit

    wrong_blocks = device.type == "cpu" and torch.backends.cpu.get_cpu_capability() == "AVX512"
    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False
            if wrong_blocks and module.in_features % BLOCK_4BIT:
                raise ModelError(ODD_WIDTH, source=source, width=module.in_features, block=BLOCK_4BIT)


def family_of_config(config: Any, tokenizer: Any) -> Family | None:
    """The family of translation models to which a model belongs; None for every other model."""
    return family_of(config.model_type, type(tokenizer).__name__)


def loader_for(source: str, config: Any) -> Any:
    """The transformers class for models of this kind. Raises ModelError for one that writes no text."""
    kind = config.model_type
    if config.is_encoder_decoder:
        if kind in MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES:
            return AutoModelForSeq2SeqLM
        raise ModelError(WRITES_NO_TEXT, source=source, kind=kind)
    # BERT and its kin could be loaded as causal models, and would write noise.
    trained_to_write = any(name.endswith(("CausalLM", "LMHeadModel")) for name in config.architectures or ())
    encoder_only = kind in MODEL_FOR_MASKED_LM_MAPPING_NAMES and not trained_to_write
    if kind not in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES or encoder_only:
        raise ModelError(WRITES_NO_TEXT, source=source, kind=kind)
    return AutoModelForCausalLM


def _settle_translation_model(model: Any) -> None:
    """Leave only what decoding cannot do without: the model's own lengths, beams and penalties would fill every gap."""
    own = model.generation_config
    model.generation_config = GenerationConfig(
        decoder_start_token_id=own.decoder_start_token_id,
        bos_token_id=own.bos_token_id,
        eos_token_id=own.eos_token_id,
        pad_token_id=own.pad_token_id,
        bad_words_ids=own.bad_words_ids,  # Marian's padding token, which may never be written
    )
    if model.config.model_type == "marian" and model.config.scale_embedding:
        model.get_encoder().register_forward_pre_hook(_scale_embeddings, with_kwargs=True)


def _scale_embeddings(encoder: Any, args: Any, kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Marian scales the embeddings it looks up itself, and not those it is given, as prompt tuning gives them."""
    given = kwargs.get("inputs_embeds")
    return args, kwargs if given is None else kwargs | {"inputs_embeds": given * encoder.embed_scale}


@contextlib.contextmanager
def _clear_errors(source: str) -> Iterator[None]:
    """Turn what the libraries raise for unusable files into a ModelError."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, SafetensorError, json.JSONDecodeError, ValueError, KeyError, RuntimeError) as error:
        if is_disk_full(error):
            needed = MODELS[source].parameters * 2 if source in MODELS else 10**9
            raise ModelError(DISK_FULL, source=source, needed=needed) from error
        text = UNREADABLE
        if isinstance(error, OSError) and "safetensors" in str(error):
            text = NO_SAFETENSORS
        elif asks_for_own_code(error):
            text = OWN_CODE
        raise ModelError(text, source=source, reason=_first_line(error)) from error


def _first_line(error: Exception) -> str:
    """The first sentence of a library's message, without folders of this machine."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0][:2000]
    return re.sub(r"(/[\w.-]+){2,}/", "", line)[:200]
