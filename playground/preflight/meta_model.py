"""A model and its adapter without their numbers: on the meta device only shapes exist, so counting costs no memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from peft import PeftModel, get_peft_model, get_peft_model_state_dict
from peft.tuners.tuners_utils import BaseTunerLayer
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

from playground.catalog.methods import METHODS
from playground.config import RunConfig
from playground.data.encode import Item
from playground.model import load
from playground.model.adapt import clear_attach_errors, freeze_rank_counts
from playground.model.in_memory import no_base_loading
from playground.model.layers.attention import learn_in_float32
from playground.model.layers.checkpointing import check_checkpointing, start_checkpointing
from playground.model.load import BaseModel, as_base, loader_for
from playground.model.lora_start import TAKEN_FROM_BASE
from playground.model.peft_config import peft_config
from playground.model.sources.config_files import model_config
from playground.model.targets import tie_copies
from playground.preflight.made_up_values import META, MadeUpValues

# What a new adapter may begin as: its numbers, not its shapes. All are counted as PEFT's plain start.
PLAIN_STARTS = {"init_weights": ("examples", "random"), "prompt_tuning_init": ("examples", "RANDOM")}
NF4_BLOCK, NF4_GROUP = 64, 256  # weights that share a scale; scales that share a scale of their own
SAFETENSORS_NAMES = {
    torch.float32: "F32", torch.bfloat16: "BF16", torch.float16: "F16", torch.int64: "I64", torch.int32: "I32",
    torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Place:
    """Trainable parameters of one module: `layer` is empty for what stands outside the numbered layers."""

    layer: str
    module: str
    parameters: int


@dataclass(frozen=True, kw_only=True)
class Outline:
    """The run's model as shapes; `base` and `model` hold meta tensors and cannot compute."""

    base: BaseModel
    model: PeftModel
    trainable_parameters: int
    total_parameters: int
    places: tuple[Place, ...]
    adapter_bytes: int
    base_bytes: int  # in memory, quantized if the method asks for it
    plain_base_bytes: int  # the same without quantization
    added_bytes: int  # what the adapter adds to them, trained or not
    file_bytes: int  # about the base's weight file: published models store two bytes a number


def outline(config: RunConfig, base: BaseModel, examples: Sequence[Item] = ()) -> Outline:
    """Count a resolved `config` on a fresh `base` of `meta_base`, into which the adapter is put. Raises ModelError.

    Some methods train as many tokens as the training `examples` have, up to the number they are given.
    """
    spec, double_quant = METHODS[config.method.method], bool(config.method.params.get("double_quant", True))
    modules = {name for name, _ in base.model.named_modules()}
    in_memory = base_bytes(base.model, spec.quantization, double_quant)
    before = tensor_bytes(base.model)
    file_bytes = 2 * sum(parameter.numel() for parameter in base.model.parameters())
    model = attach_meta(base, config, examples)
    trainable, total = model.get_nb_trainable_parameters()
    return Outline(
        base=base,
        model=model,
        trainable_parameters=trainable,
        total_parameters=total,
        places=_places(model, modules),
        adapter_bytes=adapter_bytes(model),
        base_bytes=in_memory,
        plain_base_bytes=before,
        added_bytes=tensor_bytes(model) - before,
        file_bytes=file_bytes,
    )


def meta_base(source: str, layers: int | None = None) -> BaseModel:
    """The base as `load_base` would make it, unquantized and without tokenizer. Raises ModelError.

    `layers` leaves that many of a model whose layers `are_alike`.
    """
    config = model_config(source)
    if layers is not None:
        config.num_hidden_layers = layers
        if getattr(config, "layer_types", None):
            config.layer_types = config.layer_types[:layers]
    loader_for(source, config)
    automatic = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    device, dtype, reason = load.choose_device()
    # float32 is torch's own default: asking for another would change it for the whole process while a run trains.
    with no_base_loading(), META:
        model: Any = automatic.from_config(  # type: ignore[no-untyped-call]
            config, dtype=torch.float32, trust_remote_code=False
        )
    for parameter in model.parameters():
        parameter.data = parameter.data.to(dtype)
    for module in model.modules():  # a loaded model's buffers keep float32, but for these, made in the model's dtype
        if "SinusoidalPositional" in type(module).__name__:
            module.to(dtype)
    if device.type == "cpu":
        learn_in_float32(model)
    model.requires_grad_(False).eval()
    return as_base(source, model, device, dtype, reason)


def are_alike(config: Any) -> bool:
    """Whether a model is one stack of layers of one kind, so that two of them tell what all of them take."""
    kinds = set(getattr(config, "layer_types", None) or ())
    return hasattr(config, "num_hidden_layers") and not config.is_encoder_decoder and len(kinds) <= 1


def attach_meta(base: BaseModel, config: RunConfig, examples: Sequence[Item]) -> PeftModel:
    """What `attach_new` makes of a loaded base, as shapes. Draws no random number. Raises ModelError."""
    spec = METHODS[config.method.method]
    if config.training.gradient_checkpointing:
        check_checkpointing(base)
    params = _with_plain_start(config.method.params)
    plain_config = config.model_copy(update={"method": config.method.model_copy(update={"params": params})})
    with clear_attach_errors(spec, base):
        with META, MadeUpValues():
            model = get_peft_model(base.model, peft_config(spec, plain_config, base, examples))
        if spec.name == "full":
            tie_copies(model, "ln_tuning_layers")
    if spec.quantization is None:
        _cast_like_a_loaded_adapter(model)
    if spec.name == "adalora":
        freeze_rank_counts(model)
    if spec.name == "frod":
        _restore_sizes(model)
    if config.training.gradient_checkpointing:
        start_checkpointing(base)
    assert isinstance(model, PeftModel)
    return model


def _with_plain_start(params: dict[str, Any]) -> dict[str, Any]:
    """Settings whose adapter has the same shapes and begins without numbers from data or from the base's weights."""
    plain = dict(params)
    for name, (given, instead) in PLAIN_STARTS.items():
        if plain.get(name) == given:
            plain[name] = instead
    if plain.get("init_lora_weights", "default") not in TAKEN_FROM_BASE:  # these two have twice the rank
        plain |= {"init_lora_weights": "default"} if "init_lora_weights" in plain else {}
    return plain


def _cast_like_a_loaded_adapter(model: Any) -> None:
    """PEFT moves an adapter's parameters to the dtype of their layer, but not on the meta device.

    What is cast becomes a new parameter and is trained, whatever it was before.
    """
    for layer in model.modules():
        if not isinstance(layer, BaseTunerLayer):
            continue
        _, dtype = layer._get_base_layer_device_and_dtype(layer.get_base_layer())
        for name in layer.other_param_names:
            table = getattr(layer, name, None)
            if dtype is None or not isinstance(table, torch.nn.ParameterDict):
                continue
            for key, value in table.items():
                if value.is_floating_point() and value.dtype != dtype:
                    table[key] = torch.nn.Parameter(value.detach().to(META))


def _restore_sizes(model: Any) -> None:
    """FRoD reads the sides of its square matrices from a tensor: two numbers that the meta device has dropped."""
    for category, sizes in model.base_model.frod_s_size.items():
        for adapter in list(sizes):
            side = model.base_model.frod_V[category][adapter].shape[0]
            sizes[adapter] = torch.tensor([side, side], dtype=torch.long)


def _places(model: PeftModel, modules: set[str]) -> tuple[Place, ...]:
    found: Counter[tuple[str, str]] = Counter()
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            found[_place(name, modules)] += parameter.numel()
    return tuple(Place(layer=layer, module=module, parameters=count) for (layer, module), count in found.items())


def _place(name: str, modules: set[str]) -> tuple[str, str]:
    """(layer, module) of an adapter's parameter: ("decoder 3", "fc1"), or ("", "prompt_encoder") outside layers."""
    parts = name.removeprefix("base_model.").removeprefix("model.").split(".")
    known = next((parts[:length] for length in range(len(parts), 0, -1) if ".".join(parts[:length]) in modules), [])
    if not known:
        return "", parts[0]
    number = next((place for place, part in enumerate(known) if part.isdigit()), None)
    if number is None:
        return "", known[-1]
    side = f"{known[number - 2]} " if number >= 2 and known[number - 2] in ("encoder", "decoder") else ""
    return f"{side}{known[number]}", ".".join(known[number + 1 :])


def tensor_bytes(model: torch.nn.Module) -> int:
    """Parameters, buffers and what a module keeps in a dictionary of its own (SHiRA its indices), each counted once."""
    kept = [item for module in model.modules() for items in vars(module).values() if isinstance(items, dict)
            for item in items.values() if isinstance(item, torch.Tensor)]  # fmt: skip
    tensors = {id(tensor): tensor for tensor in kept}
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())


def base_bytes(model: Any, quantization: str | None, double_quant: bool) -> int:
    """A base as it lies in memory; of NF4 all linear layers but the head are packed."""
    total = tensor_bytes(model)
    if quantization != "nf4":
        return total
    head = model.get_output_embeddings()
    packed = [item.weight for item in model.modules() if isinstance(item, torch.nn.Linear) and item is not head]
    return total - sum(item.numel() * item.element_size() - nf4_bytes(item.numel(), double_quant) for item in packed)


def nf4_bytes(count: int, double_quant: bool) -> int:
    """Half a byte a weight and its scales (Dettmers et al. 2023, section 3)."""
    scales = -(-count // NF4_BLOCK)
    return -(-count // 2) + (scales + -(-scales // NF4_GROUP) * 4 if double_quant else scales * 4)


def adapter_bytes(model: PeftModel) -> int:
    """Size of the adapter_model.safetensors that `save_adapter` would write now."""
    tensors = model.state_dict(keep_vars=True)  # PEFT would copy each, tens of thousands of them for TinyLoRA
    with META, MadeUpValues():
        state = get_peft_model_state_dict(model, state_dict=tensors, save_embedding_layers=False)
    return safetensors_bytes(state)


def safetensors_bytes(tensors: dict[str, torch.Tensor]) -> int:
    """Length of the file: eight bytes, a JSON header padded to eight, and the tensors one after another."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    offset = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0])):
        end = offset + tensor.numel() * tensor.element_size()
        kind = SAFETENSORS_NAMES.get(tensor.dtype, "F64")
        header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [offset, end]}
        offset = end
    length = len(json.dumps(header, separators=(",", ":")))
    return 8 + -(-length // 8) * 8 + offset
