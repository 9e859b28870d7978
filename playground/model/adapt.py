"""Attach an adapter to a base, new or from a run; the base's own weights are never touched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import peft
import torch
from peft import PeftModel, PeftType, get_peft_model, initialize_kv_prefix_from_past_key_values

from playground.catalog.methods import METHODS, MethodSpec
from playground.config import RunConfig
from playground.data.encode import EncodedPair, Item
from playground.errors import ModelError
from playground.model.in_memory import forget_base
from playground.model.load import BaseModel
from playground.texts import Text

CANNOT_ADAPT = Text(
    "{method} cannot adapt {model} with these settings ({reason}). Target modules that exist here: {modules}.",
    "{method} não consegue adaptar {model} assim ({reason}). Módulos-alvo que existem aqui: {modules}.",
)
NOT_LOADABLE = Text(
    "The adapter cannot be loaded onto {model} ({reason}). Choose the base model it was trained on.",
    "O adaptador não pode ser carregado em {model} ({reason}). Escolha o modelo-base em que ele foi treinado.",
)


def attach_new(base: BaseModel, config: RunConfig, examples: Sequence[Item]) -> PeftModel:
    """Wrap `base.model` in a fresh adapter; only the adapter's parameters require gradients.

    Prompts may start from `examples`, the training examples. Seeded by `config.seed`. Raises
    ModelError when the method cannot adapt this architecture.
    """
    spec = METHODS[config.method.method]
    torch.manual_seed(config.seed)
    try:
        model = get_peft_model(base.model, peft_config(spec, config, base))
        if "examples" in (config.method.params.get("init_weights"), config.method.params.get("prompt_tuning_init")):
            start_from_examples(model, examples)
        return model
    except (ValueError, TypeError, KeyError, RuntimeError, AttributeError) as error:
        reason = " ".join(str(error).split())[:160]
        modules = ", ".join(linear_modules(base.model))
        raise ModelError(CANNOT_ADAPT, method=spec.label, model=base.source, reason=reason, modules=modules) from error


def peft_config(spec: MethodSpec, config: RunConfig, base: BaseModel) -> Any:
    """PEFT's own configuration object for a resolved `config`."""
    arguments = dict(config.method.params)
    arguments.pop("double_quant", None)  # belongs to the base's quantization, not to the adapter
    if isinstance(arguments.get("target_modules"), list | tuple):
        arguments["target_modules"] = list(arguments["target_modules"])
    if spec.name == "adalora":
        arguments |= adalora_schedule(config.training.max_steps)
    # PEFT has no word for "examples": it starts at random, and `start_from_examples` follows.
    if arguments.get("init_weights") in ("examples", "random"):
        arguments["init_weights"] = None
    if arguments.get("prompt_tuning_init") == "examples":
        arguments["prompt_tuning_init"] = "RANDOM"
    if base.task == "seq2seq_lm":
        return getattr(peft, spec.peft_config)(
            task_type="SEQ_2_SEQ_LM", **arguments, **spec.fixed, **_for_encoder_decoder(spec, base.model)
        )
    return getattr(peft, spec.peft_config)(task_type="CAUSAL_LM", **arguments, **spec.fixed)


def _for_encoder_decoder(spec: MethodSpec, model: Any) -> dict[str, Any]:
    """What PEFT would guess wrongly: it looks at the encoder, and doubles a prompt whose second half is never used."""
    if not spec.prompt_learning:
        return {}
    if spec.peft_config != "PrefixTuningConfig":
        return {"num_transformer_submodules": 1}
    decoder = model.get_decoder().config
    names = ("decoder_layers", "num_decoder_layers", "num_hidden_layers")
    layers = next(count for name in names if (count := getattr(decoder, name, None)))
    heads = getattr(decoder, "decoder_attention_heads", None) or decoder.num_attention_heads
    width = heads * getattr(decoder, "d_kv", decoder.d_model // heads)
    # PEFT gives the decoder's layer i the prefix number 2i, counted round: an odd number lets none be used twice.
    return {
        "num_transformer_submodules": 2,
        "num_layers": layers if layers % 2 else layers + 1,
        "num_attention_heads": heads,
        "token_dim": width,
    }


@torch.no_grad()
def start_from_examples(model: PeftModel, examples: Sequence[Item]) -> None:
    """Let the virtual tokens begin as the end of a training example, its answer above all.

    A random start disturbs the base for dozens of steps; this one begins where a prompt with an
    example in it would. A projected prefix cannot begin so and stays random.
    """
    adapter = model.active_peft_config
    first = examples[:8]
    tokens = [token for item in first for token in _words(item, adapter.peft_type)[-adapter.num_virtual_tokens :]]
    repeats = -(-adapter.num_virtual_tokens // len(tokens))
    words = torch.tensor((tokens * repeats)[: adapter.num_virtual_tokens], device=model.device)
    if adapter.peft_type == PeftType.PREFIX_TUNING:
        if not adapter.prefix_projection:
            with model.disable_adapter():
                cache = _cache_of(model.get_base_model(), words[None], first)
            layers = _in_prefix_order([(layer.keys, layer.values) for layer in cache.layers], adapter)
            initialize_kv_prefix_from_past_key_values(model, past_key_values=layers)
    else:
        encoder: Any = model.prompt_encoder[model.active_adapter]
        embed: Any = model.get_input_embeddings()
        encoder.embedding.weight.copy_(embed(words))


def _words(item: Item, peft_type: Any) -> list[int]:
    """What virtual tokens may begin as: a prefix stands before what the model writes, a prompt before what it reads."""
    return item.labels if isinstance(item, EncodedPair) and peft_type == PeftType.PREFIX_TUNING else item.input_ids


def _cache_of(model: Any, words: torch.Tensor, examples: Sequence[Item]) -> Any:
    """Keys and values of `words`, shape [1, tokens], in the layers that a prefix is put before."""
    if not model.config.is_encoder_decoder:
        return model(input_ids=words, use_cache=True).past_key_values
    source = torch.tensor([examples[0].input_ids], device=words.device)
    return model(input_ids=source, decoder_input_ids=words, use_cache=True).past_key_values.self_attention_cache


def _in_prefix_order(layers: list[Any], adapter: Any) -> list[Any]:
    """The keys and values of each layer at the place from which PEFT gives that layer its prefix."""
    if adapter.num_transformer_submodules == 1:
        return layers
    places = {2 * layer % adapter.num_layers: layer for layer in range(len(layers))}
    return [layers[places.get(place, 0)] for place in range(adapter.num_layers)]


def adalora_schedule(total_steps: int) -> dict[str, int]:
    """When ranks move: not in the first 15 % of the steps, settled for the last 40 %."""
    return {
        "total_step": total_steps,
        "tinit": int(total_steps * 0.15),
        "tfinal": int(total_steps * 0.4),
        "deltaT": 1,
    }


def linear_modules(model: torch.nn.Module) -> list[str]:
    """The names, without their path, that `target_modules` may use."""
    found = {
        name.rpartition(".")[2]
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) or type(module).__name__ == "Conv1D"
    }
    return sorted(found)


@contextlib.contextmanager
def attached(base: BaseModel, folder: Path) -> Iterator[PeftModel]:
    """The base with the adapter of `folder` for the length of the block; afterwards the base is as it was.

    One copy of the base stays in memory however many adapters take turns. Raises ModelError.
    """
    try:
        model = PeftModel.from_pretrained(base.model, str(folder))
    except (ValueError, RuntimeError, KeyError, OSError) as error:
        forget_base()  # half of the adapter may be on it
        reason = " ".join(str(error).split())[:160]
        raise ModelError(NOT_LOADABLE, model=base.source, reason=reason) from error
    model.eval()
    try:
        yield model
    finally:
        detach(model)


def detach(model: PeftModel) -> None:
    """Take the adapter's layers out of the base again; the base's weights were never changed."""
    if not model.active_peft_config.is_prompt_learning:
        model.unload()
