"""Where LoRA's matrices begin, beyond PEFT's own choices.

PiSSA (Meng et al. 2024) and OLoRA (Büyükakyüz 2024) begin with a part of the base's weights and take that part out of
the base. Here the base serves other runs and stays as it is: the adapter has twice the rank, and its second half, which
is not trained, holds the part with a minus. The sum is the same, the saved adapter is plain LoRA, and without the
adapter the base is the base. (PEFT's own conversion, `path_initial_model_for_weight_conversion`, ends with the same
file.)

EVA (Paischer et al. 2024) begins with the directions in which the training examples vary most at each layer, and gives
rank to the layers that vary most.

LoftQ (Li et al. 2023) begins with what quantization took away; here with one round, as the quantized base is shared.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, initialize_lora_eva_weights, inject_adapter_in_model
from peft.tuners.lora import LoraLayer
from safetensors import safe_open

from playground.data.batches import collate
from playground.data.encode import Item
from playground.errors import ModelError
from playground.model.sources.files import locate
from playground.texts import Text

# PEFT's names; PiSSA with its fast singular value decomposition (16 rounds), which differs by less than rounding.
TAKEN_FROM_BASE = {"pissa": "pissa_niter_16", "olora": "olora"}
OWN_STARTS = {"default": True, "loftq": True}
EVA_EXAMPLES, EVA_BATCH = 64, 8  # enough for its directions to settle on short texts

NO_WEIGHTS_FILE = Text(
    "LoftQ needs the unquantized weights of {model} in one model.safetensors file, which it does not have. Choose the"
    " default start.",
    "O LoftQ precisa dos pesos não quantizados de {model} em um arquivo model.safetensors, que ele não tem. Escolha o"
    " início padrão.",
)


def with_start(params: dict[str, Any]) -> dict[str, Any]:
    """The arguments of PEFT's configuration that the chosen start changes."""
    start = params["init_lora_weights"]
    if start not in TAKEN_FROM_BASE:
        return {"init_lora_weights": OWN_STARTS.get(start, start)}
    # Twice the rank at the same scaling, which is alpha / r, or alpha / √r.
    factor = 2**0.5 if params.get("use_rslora") else 2
    return {"r": 2 * params["r"], "lora_alpha": factor * params["lora_alpha"], "init_lora_weights": True}


def start_lora(model: PeftModel, params: dict[str, Any], source: str, examples: Sequence[Item]) -> None:
    """Give a fresh adapter the start that its settings ask for. Raises ModelError."""
    start = params["init_lora_weights"]
    if start in TAKEN_FROM_BASE:
        for _, layer in _layers(model):
            _start_from_base(layer, TAKEN_FROM_BASE[start], params)
    elif start == "loftq":
        _start_from_lost(model, source)
    elif start == "eva" and examples:
        # PEFT's own choice of positions knows no encoder-decoders, whose two sides differ in length: take all.
        initialize_lora_eva_weights(
            model,
            _eva_batches(model, examples),
            prepare_model_inputs_fn=None,
            prepare_layer_inputs_fn=None,
            show_progress_bar=False,
        )


def _eva_batches(model: Any, examples: Sequence[Item]) -> list[dict[str, torch.Tensor]]:
    """The first training examples as the model's own arguments, in batches of one size, as EVA needs them."""
    chosen = sorted(examples[:EVA_EXAMPLES], key=lambda item: item.length)
    parts = [chosen[start : start + EVA_BATCH] for start in range(0, len(chosen), EVA_BATCH)]
    batches = [
        collate(part, model.config.pad_token_id or 0, model.device) for part in parts if len(part) == len(parts[0])
    ]
    return [{name: getattr(batch, name) for name in ("input_ids", "attention_mask", "labels")} for batch in batches]


@torch.no_grad()
def _start_from_base(layer: Any, start: str, params: dict[str, Any]) -> None:
    """PEFT's own initialisation, on a copy of the layer, as both halves of the adapter; the second is not trained."""
    rank = params["r"]
    twin = torch.nn.ModuleDict({"layer": copy.deepcopy(layer.get_base_layer()).float()})
    inject_adapter_in_model(
        LoraConfig(
            r=rank,
            lora_alpha=params["lora_alpha"],
            use_rslora=bool(params.get("use_rslora")),
            init_lora_weights=start,  # type: ignore[arg-type]
            target_modules=["layer"],
        ),
        twin,
    )
    first: Any = twin["layer"]
    a, b = first.lora_A["default"].weight, first.lora_B["default"].weight
    trained_a, trained_b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    trained_a.copy_(torch.cat([a, a]))
    trained_b.copy_(torch.cat([b, -b], dim=1))
    learns = torch.arange(2 * rank, device=trained_a.device) < rank
    trained_a.register_hook(lambda gradient: gradient * learns[:, None])
    trained_b.register_hook(lambda gradient: gradient * learns)


@torch.no_grad()
def _start_from_lost(model: PeftModel, source: str) -> None:
    """The best low-rank approximation of what each layer lost when it was quantized."""
    from bitsandbytes.functional import dequantize_4bit

    path = Path(locate(source)) / "model.safetensors"
    if not path.is_file():
        raise ModelError(NO_WEIGHTS_FILE, model=source)
    with safe_open(path, framework="pt") as weights:
        for name, layer in _layers(model):
            quantized = layer.get_base_layer().weight
            lost = (
                weights.get_tensor(f"{name}.weight").float() - dequantize_4bit(quantized, quantized.quant_state).float()
            )
            rank = layer.r["default"]
            left, values, right = torch.svd_lowrank(lost / layer.scaling["default"], q=min(2 * rank, *lost.shape))
            root = values[:rank].sqrt()
            layer.lora_A["default"].weight.copy_(root[:, None] * right[:, :rank].T)
            layer.lora_B["default"].weight.copy_(left[:, :rank] * root)


def _layers(model: PeftModel) -> Iterator[tuple[str, Any]]:
    """LoRA's layers, each with the name that it has in the base."""
    for name, module in model.get_base_model().named_modules():
        if isinstance(module, LoraLayer):
            yield name, module
