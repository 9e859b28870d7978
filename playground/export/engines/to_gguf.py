"""A merged causal model as one GGUF file, as llama.cpp, Ollama and LM Studio read it.

Tensor by tensor what llama.cpp's own converter writes: names from the `gguf` package, Llama's query and key rows in the
order of its rotary embedding, vectors in float32 and matrices in float16. float16 and not bfloat16: it keeps three more
bits of each weight, and every build of llama.cpp computes with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import gguf
import numpy as np
import torch

from playground.errors import ModelError
from playground.export.engines.gguf_tokenizer import add_tokenizer
from playground.model.load import BaseModel
from playground.texts import Text

Precision = Literal["f16", "f32"]
FILE_TYPES = {"f16": gguf.LlamaFileType.MOSTLY_F16, "f32": gguf.LlamaFileType.ALL_F32}
LARGEST_F16 = 65504.0

NO_ARCHITECTURE = Text(
    "{model} is a {kind} model. GGUF is written for these architectures: {known}. Take the merged model away as"
    " safetensors.",
    "{model} é um modelo {kind}. O GGUF é escrito para estas arquiteturas: {known}. Leve o modelo mesclado em"
    " safetensors.",
)
NOT_PLAIN = Text(
    "{model} sets {setting} to {value}, which this app does not write into GGUF. Take the merged model away as"
    " safetensors.",
    "{model} define {setting} como {value}, o que este app não escreve em GGUF. Leve o modelo mesclado em safetensors.",
)
UNKNOWN_TENSOR = Text(
    "GGUF has no place for the weights {name} of {model}. Take the merged model away as safetensors.",
    "O GGUF não tem lugar para os pesos {name} de {model}. Leve o modelo mesclado em safetensors.",
)
TOO_LARGE = Text(
    "The weights {name} of {model} reach {value}, more than float16 holds. Write the file in float32.",
    "Os pesos {name} de {model} chegam a {value}, mais do que cabe em float16. Grave o arquivo em float32.",
)


@dataclass(frozen=True)
class Architecture:
    """`permuted`: whether llama.cpp expects the rows of queries and keys in its own order."""

    arch: gguf.MODEL_ARCH
    permuted: bool


# By transformers' model type. Mistral goes by the name of Llama there, as in llama.cpp's converter.
ARCHITECTURES = {
    "llama": Architecture(gguf.MODEL_ARCH.LLAMA, permuted=True),
    "mistral": Architecture(gguf.MODEL_ARCH.LLAMA, permuted=True),
    "qwen2": Architecture(gguf.MODEL_ARCH.QWEN2, permuted=False),
}


def check_architecture(source: str, config: Any) -> Architecture:
    """What is written of a model. Raises ModelError for one of which it would be wrong."""
    kind = config.model_type
    if kind not in ARCHITECTURES:
        raise ModelError(NO_ARCHITECTURE, model=source, kind=kind, known=", ".join(ARCHITECTURES))
    rope = config.rope_parameters or {}
    plain = {
        "rope_type": (rope.get("rope_type", "default"), "default"),
        "sliding_window": (_window(config), None),
        "mlp_bias": (getattr(config, "mlp_bias", False), False),
        "hidden_act": (config.hidden_act, "silu"),
    }
    for setting, (found, expected) in plain.items():
        if found != expected:
            raise ModelError(NOT_PLAIN, model=source, setting=setting, value=repr(found))
    return ARCHITECTURES[kind]


def _window(config: Any) -> int | None:
    """The attention's window where it is narrower than the context; None where each token sees all before it."""
    window = getattr(config, "sliding_window", None) if getattr(config, "use_sliding_window", True) else None
    return window if window is not None and window < config.max_position_embeddings else None


def to_gguf(base: BaseModel, path: Path, precision: Precision = "f16") -> None:
    """Write `path`, from a model in float32 whose adapter has been merged. Raises ModelError."""
    config = base.model.config
    architecture = check_architecture(base.source, config)
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[architecture.arch])
    _add_parameters(writer, base, FILE_TYPES[precision])
    add_tokenizer(writer, base)
    names = gguf.get_tensor_name_map(architecture.arch, config.num_hidden_layers)
    for name, tensor in tensors_of(base):
        written = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if written is None:
            raise ModelError(UNKNOWN_TENSOR, name=name, model=base.source)
        if architecture.permuted and (heads := heads_of(name, config)):
            tensor = permuted(tensor, heads)
        writer.add_tensor(written, _array(tensor, precision, name, base.source))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def tensors_of(base: BaseModel) -> list[tuple[str, torch.Tensor]]:
    """Every weight by its name, the head only where it is not the embedding."""
    tied = base.model.get_output_embeddings().weight is base.model.get_input_embeddings().weight
    return [(name, value) for name, value in base.model.state_dict().items() if not (tied and name == "lm_head.weight")]


def heads_of(name: str, config: Any) -> int | None:
    """The heads whose rows llama.cpp has in another order; None for weights that stay as they are."""
    if ".self_attn.q_proj." in name:
        return int(config.num_attention_heads)
    return int(config.num_key_value_heads) if ".self_attn.k_proj." in name else None


def permuted(tensor: torch.Tensor, heads: int) -> torch.Tensor:
    """The rows of each head, whose halves rotary embeddings pair, with the two of a pair beside each other."""
    return tensor.reshape(heads, 2, -1, *tensor.shape[1:]).transpose(1, 2).reshape(tensor.shape)


def _array(tensor: torch.Tensor, precision: Precision, name: str, source: str) -> np.ndarray[Any, Any]:
    whole = tensor.detach().float().cpu()
    if precision == "f32" or whole.dim() == 1:
        return whole.numpy()
    if (largest := float(whole.abs().max())) > LARGEST_F16:
        raise ModelError(TOO_LARGE, name=name, model=source, value=largest)
    return whole.half().numpy()


def _add_parameters(writer: gguf.GGUFWriter, base: BaseModel, file_type: gguf.LlamaFileType) -> None:
    config = base.model.config
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(Path(base.source).name)  # of a local folder nobody else needs to know the place
    writer.add_file_type(file_type)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_rope_dimension_count(width)
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_vocab_size(config.vocab_size)
