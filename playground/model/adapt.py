"""Attach an adapter to a base, new or from a run; the base's own weights are never touched."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import (
    PeftConfig,
    PeftModel,
    get_peft_model,
    initialize_kv_prefix_from_past_key_values,
    set_peft_model_state_dict,
)
from safetensors.torch import load_file

from playground.catalog.methods import METHODS, MethodSpec
from playground.config import RunConfig
from playground.data.encode import EncodedPair, Item
from playground.errors import ModelError, reason_of
from playground.model.in_memory import forget_base
from playground.model.layers.checkpointing import check_checkpointing, start_checkpointing, stop_checkpointing
from playground.model.load import BaseModel
from playground.model.lora_start import start_lora
from playground.model.peft_config import peft_config
from playground.model.targets import linear_modules, tie_copies
from playground.model.virtual_tokens import VirtualTokens, carried_by, inner_model
from playground.texts import Text

CANNOT_ADAPT = Text(
    "{method} cannot adapt {model} with these settings ({reason}). Target modules that exist here: {modules}.",
    "{method} não consegue adaptar {model} assim ({reason}). Módulos-alvo que existem aqui: {modules}.",
)
CANNOT_TRAIN = Text(
    "{method} cannot train {model} ({reason}). Choose another method, such as LoRA.",
    "{method} não consegue treinar {model} ({reason}). Escolha outro método, como LoRA.",
)
NOT_LOADABLE = Text(
    "The adapter cannot be loaded onto {model} ({reason}). Choose the base model it was trained on.",
    "O adaptador não pode ser carregado em {model} ({reason}). Escolha o modelo base em que ele foi treinado.",
)
CANNOT_TRAIN_ON = Text(
    "An adapter of {method} cannot be trained on: {reason}. Train a new one, or bring one of another method, such as"
    " LoRA.",
    "Um adaptador de {method} não pode continuar a ser treinado: {reason}. Treine um novo, ou traga um de outro método,"
    " como LoRA.",
)
RANKS_SETTLED = Text(
    "its ranks have settled, and its file holds only those that are left",
    "seus postos (ranks) já se fixaram, e o arquivo guarda só os que restaram",
)
NETWORK_NOT_KEPT = Text(
    "its file holds the virtual tokens that its small network made, and not the network",
    "o arquivo guarda os tokens virtuais que sua pequena rede gerou, e não a rede",
)
WEIGHTS = "adapter_model.safetensors"
# What PEFT and transformers raise where a method and a model do not fit each other.
LIBRARY_ERRORS = (ValueError, TypeError, LookupError, RuntimeError, AttributeError)


def attach_new(base: BaseModel, config: RunConfig, examples: Sequence[Item]) -> PeftModel:
    """Wrap `base.model` in a fresh adapter; only the adapter's parameters require gradients.

    Prompts may start from `examples`, the training examples. Seeded by `config.seed`. Raises
    ModelError when the method cannot adapt this architecture.
    """
    spec = METHODS[config.method.method]
    if config.training.gradient_checkpointing:
        check_checkpointing(base)
    torch.manual_seed(config.seed)
    with clear_attach_errors(spec, base):
        model = get_peft_model(base.model, peft_config(spec, config, base, examples))
        _start(model, spec, config, base, examples)
    if config.training.gradient_checkpointing:
        start_checkpointing(base)
    return model


@contextlib.contextmanager
def clear_attach_errors(spec: MethodSpec, base: BaseModel) -> Iterator[None]:
    """Turn what PEFT raises for settings that do not fit into a ModelError that names the base's own modules."""
    modules = ", ".join(linear_modules(base.model))  # before PEFT has put layers of its own around some of them
    try:
        yield
    except LIBRARY_ERRORS as error:
        values = {"method": spec.label, "model": base.source, "reason": reason_of(error)}
        raise ModelError(CANNOT_ADAPT, **values, modules=modules) from error


@contextlib.contextmanager
def clear_training_errors(spec: MethodSpec, base: BaseModel) -> Iterator[None]:
    """Turn what a library raises at a first step, which some methods fail only then, into a ModelError."""
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except LIBRARY_ERRORS as error:
        if "allocate memory" in str(error):  # the processor's way to say the same: no fault of the method's
            raise
        raise ModelError(CANNOT_TRAIN, method=spec.label, model=base.source, reason=reason_of(error)) from error


def _start(model: PeftModel, spec: MethodSpec, config: RunConfig, base: BaseModel, examples: Sequence[Item]) -> None:
    """What PEFT leaves to whoever attaches the adapter."""
    params = config.method.params
    if spec.name in ("lora", "qlora"):
        start_lora(model, params, base.source, examples)
    elif spec.name == "adalora":
        freeze_rank_counts(model)
    elif spec.name == "full":
        tie_copies(model, "ln_tuning_layers")
    elif spec.name == "cartridge" or "examples" in (params.get("init_weights"), params.get("prompt_tuning_init")):
        start_from_examples(model, examples)


def freeze_rank_counts(model: torch.nn.Module) -> None:
    """AdaLoRA divides by each layer's rank, a constant; on a bf16 base PEFT's cast makes it a trained parameter."""
    for name, parameter in model.named_parameters():
        if ".ranknum." in name:
            parameter.requires_grad_(False)


@torch.no_grad()
def start_from_examples(model: PeftModel, examples: Sequence[Item]) -> None:
    """Let the virtual tokens begin as the end of a training example, its answer above all.

    A random start disturbs the base for dozens of steps; this one begins where a prompt with an
    example in it would. A projected prefix cannot begin so and stays random.
    """
    adapter, virtual = model.active_peft_config, carried_by(model)
    first = examples[:8]
    tokens = [token for item in first for token in _words(item, virtual)[-virtual.count :]]
    repeats = -(-virtual.count // len(tokens))
    words = torch.tensor((tokens * repeats)[: virtual.count], device=model.device)
    if virtual.kind == "prefix":
        if not getattr(adapter, "prefix_projection", False):
            with model.disable_adapter():
                cache = _cache_of(model.get_base_model(), words[None], first)
            layers = _in_prefix_order([(layer.keys, layer.values) for layer in cache.layers], adapter)
            initialize_kv_prefix_from_past_key_values(model, past_key_values=layers)
    else:
        encoder: Any = model.prompt_encoder[model.active_adapter]
        embed: Any = model.get_input_embeddings()
        encoder.embedding.weight.copy_(embed(words))


def _words(item: Item, virtual: VirtualTokens) -> list[int]:
    """What virtual tokens may begin as: a prefix stands before what the model writes, a prompt before what it reads."""
    return item.labels if isinstance(item, EncodedPair) and virtual.kind == "prefix" else item.input_ids


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


def attach_start(base: BaseModel, config: RunConfig, folder: Path) -> PeftModel:
    """Wrap `base.model` in the adapter of `folder`, to be trained on; the base's weights are shared, not copied.

    Raises ModelError for what cannot be trained on from its file.
    """
    spec = METHODS[config.method.method]
    if config.training.gradient_checkpointing:
        check_checkpointing(base)
    torch.manual_seed(config.seed)
    with clear_attach_errors(spec, base):
        own: Any = PeftConfig.from_pretrained(str(folder))
        check_trains_on(spec, own)
        own.inference_mode = False
        model = get_peft_model(base.model, own)
        set_peft_model_state_dict(model, load_file(folder / WEIGHTS))
        if spec.name == "full":
            tie_copies(model, "ln_tuning_layers")
    if config.training.gradient_checkpointing:
        start_checkpointing(base)
    return model


def check_trains_on(spec: MethodSpec, config: Any) -> None:
    """Raises ModelError for an adapter whose file holds less than its training needs."""
    reason = None
    if spec.name == "adalora":
        reason = RANKS_SETTLED
    elif spec.name == "p_tuning" or getattr(config, "prefix_projection", False):
        reason = NETWORK_NOT_KEPT
    if reason:
        raise ModelError(CANNOT_TRAIN_ON, method=spec.label, reason=reason)


@contextlib.contextmanager
def attached(base: BaseModel, folder: Path) -> Iterator[PeftModel]:
    """The base with the adapter of `folder` for the length of the block; afterwards the base is as it was.

    One copy of the base stays in memory however many adapters take turns. Raises ModelError.
    """
    try:
        model = PeftModel.from_pretrained(base.model, str(folder))
    except (*LIBRARY_ERRORS, OSError) as error:
        forget_base()  # half of the adapter may be on it
        raise ModelError(NOT_LOADABLE, model=base.source, reason=reason_of(error)) from error
    model.eval()
    try:
        yield model
    finally:
        detach(model)


def detach(model: PeftModel) -> None:
    """Take the adapter's layers out of the base again; the base's weights were never changed."""
    stop_checkpointing(inner_model(model))
    if carried_by(model).count:  # beside the base, not in it
        return
    if hasattr(model.base_model, "unload"):
        model.unload()
    else:  # LLaMA-Adapter cannot be taken out again
        forget_base()
