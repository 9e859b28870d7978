"""From a run's settings to PEFT's own configuration object."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import peft

from playground.catalog.methods import MethodSpec
from playground.catalog.params import OWN_PARAMS
from playground.config import RunConfig
from playground.data.encode import EncodedPair, Item
from playground.model.load import BaseModel
from playground.model.lora_start import with_start
from playground.model.targets import feed_forward_outputs, module_names, target_shapes
from playground.model.virtual_tokens import learns_prefix

LONE_PATTERNS = ("exclude_modules", "feedforward_modules")


def peft_config(spec: MethodSpec, config: RunConfig, base: BaseModel, examples: Sequence[Item] = ()) -> Any:
    """PEFT's configuration for a resolved `config`; some methods choose tokens from the training `examples`."""
    arguments = {name: value for name, value in config.method.params.items() if name not in OWN_PARAMS}
    arguments |= _fitted(spec, arguments, base.model)
    arguments |= _targets(arguments.get("target_modules"), base.model)
    arguments = {name: _literal(name, value) for name, value in arguments.items()}
    arguments |= _for_method(spec, config, base, examples)
    # PEFT has no word for "examples": it starts at random, and `start_from_examples` follows.
    if arguments.get("init_weights") in ("examples", "random"):
        arguments["init_weights"] = None
    if arguments.get("prompt_tuning_init") == "examples":
        arguments["prompt_tuning_init"] = "RANDOM"
    task_type = "CAUSAL_LM"
    if base.task == "seq2seq_lm":
        task_type = "SEQ_2_SEQ_LM"
        arguments |= _for_encoder_decoder(spec, base.model)
    return getattr(peft, spec.peft_config)(task_type=task_type, **arguments, **spec.fixed)


def _fitted(spec: MethodSpec, arguments: dict[str, Any], model: Any) -> dict[str, Any]:
    """Block sizes that divide every target layer, as the parameters' `divides` asks."""
    fitted = {}
    for param in spec.params:
        if param.divides:
            shapes = target_shapes(arguments.get("target_modules"), model)
            sides = {"inputs": [i for i, _ in shapes], "outputs": [o for _, o in shapes]}
            sides["both"] = sides["inputs"] + sides["outputs"]
            value = arguments[param.name]
            if param.divides == "weights":
                fitted[param.name] = min([value, *(i * o for i, o in shapes)])
            else:
                fitted[param.name] = math.gcd(value, *sides[param.divides])
    return fitted


def _targets(given: Any, model: Any) -> dict[str, Any]:
    if given is None:
        return {}
    if isinstance(given, str):
        return {"target_modules": module_names(given, model) or given}
    return {"target_modules": list(given)}


def _literal(name: str, value: Any) -> Any:
    """Names as PEFT takes them for names: it reads a lone text, and the keys of its tables, as regular expressions."""
    if name in LONE_PATTERNS and isinstance(value, str):
        return [value]
    if name == "layers_pattern":
        return re.escape(value) if isinstance(value, str) else value and [re.escape(part) for part in value]
    if name.endswith("_pattern") and isinstance(value, dict):
        return {re.escape(key): entry for key, entry in value.items()}
    return value


def _for_method(spec: MethodSpec, config: RunConfig, base: BaseModel, examples: Sequence[Item]) -> dict[str, Any]:
    """What a method needs beyond its settings."""
    params = config.method.params
    match spec.name:
        case "lora" | "qlora":
            return with_start(params)
        case "adalora":
            return adalora_schedule(config.training.max_steps)
        case "ia3":
            names = set(feed_forward_outputs(base.model))
            wanted = module_names(params["target_modules"], base.model) if params["target_modules"] == "ia3" else None
            return {"feedforward_modules": sorted(names.intersection(wanted)) if wanted else []}
        case "adaption_prompt":
            return {"adapter_layers": min(params["adapter_layers"], base.model.config.num_hidden_layers)}
        case "trainable_tokens":
            return {"token_indices": frequent_tokens(examples, params["num_tokens"])}
        case "cpt":
            tokens = context_tokens(examples, params["num_virtual_tokens"])
            kinds = [1, 2, 3, 4]  # of input and output, and their templates: PEFT bounds and weighs them apart
            return {
                "cpt_token_ids": tokens,
                "cpt_mask": [1] * len(tokens),
                "cpt_tokens_type_mask": [kinds[place * 4 // len(tokens)] for place in range(len(tokens))],
                "num_virtual_tokens": len(tokens),
            }
    return {}


def frequent_tokens(examples: Sequence[Item], count: int) -> list[int]:
    """The `count` tokens that the examples use most, in the order of their ids; the first ids where there are none."""
    used: Counter[int] = Counter()
    for item in examples:
        used.update(item.input_ids)
        if isinstance(item, EncodedPair):
            used.update(item.labels)
    return sorted(token for token, _ in used.most_common(count)) or list(range(count))


def context_tokens(examples: Sequence[Item], count: int) -> list[int]:
    """The last `count` tokens of the first examples, answers last."""
    tokens = [token for item in examples[:8] for token in item.input_ids] or list(range(count))
    return tokens[-count:]


def _for_encoder_decoder(spec: MethodSpec, model: Any) -> dict[str, Any]:
    """What PEFT would guess wrongly: it looks at the encoder, and doubles a prompt whose second half is never used."""
    if not spec.prompt_learning:
        return {}
    if not learns_prefix(spec):
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


def adalora_schedule(total_steps: int) -> dict[str, int]:
    """When ranks move: not in the first 15 % of the steps, settled for the last 40 %."""
    return {
        "total_step": total_steps,
        "tinit": int(total_steps * 0.15),
        "tfinal": int(total_steps * 0.4),
        "deltaT": 1,
    }
