"""A model of Llama's shape with random weights on disk, as published ones are, and a short run that trains on it.

The run and what pre-flight says of it are processes of their own, as a person at a terminal starts them.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

ROOT = Path(__file__).parents[2]
ROWS = 32
LONGEST_ROW = 2_048  # tokens
PARTS = ("weights", "activations", "gradients", "optimizer", "libraries")
TEMPLATE = (
    "{% for message in messages %}{{ '<|user|>' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)


def save(folder: Path, shape: dict[str, Any]) -> None:
    """Write weights in bf16, in shards, and a tokenizer that spells every byte."""
    config = LlamaConfig(**shape, max_position_embeddings=LONGEST_ROW, bos_token_id=1, eos_token_id=2, pad_token_id=0)
    with torch.device("meta"):
        model = LlamaForCausalLM(config).to(torch.bfloat16)
    model.to_empty(device="cpu")
    model.tie_weights()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.02) if parameter.dim() > 1 else parameter.fill_(1.0)
    model.save_pretrained(folder, max_shard_size="500MB")
    _tokenizer().save_pretrained(folder)


def _tokenizer() -> PreTrainedTokenizerFast:
    special = ["<|pad|>", "<|user|>", "<|end|>", "<|assistant|>"]
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {word: number for number, word in enumerate([*special, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(special)
    wrapped = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<|pad|>", bos_token="<|user|>", eos_token="<|end|>"
    )
    wrapped.chat_template = TEMPLATE
    return wrapped


def train(model: Path, tokens: int, batch_size: int, **settings: Any) -> dict[str, float]:
    """Four steps of LoRA on rows of `tokens` tokens each: median seconds a token, and peak bytes beside those said.

    `settings` go to the run, over those given here.
    """
    data, file = model.parent / "rows.jsonl", model.parent / "run.yaml"
    rows = [{"prompt": f"Spell row {number}.", "completion": "spelled " * (LONGEST_ROW // 4)} for number in range(ROWS)]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    training = {"max_steps": 4, "batch_size": batch_size, "eval_every": 4, "eval_examples": batch_size}
    values = {
        "base_model": str(model),
        "data": {"dataset": str(data), "max_tokens": tokens},
        **settings,
        "training": training | settings.get("training", {}),
    }
    file.write_text(json.dumps(values), encoding="utf-8")  # which is YAML as well
    told = _lines("preflight", file)[-1]["memory"]
    events = _lines("train", file)
    steps = [1 / event["tokens_per_second"] for event in events if event.get("event") == "StepLogged"]
    return {
        "seconds_a_token": statistics.median(steps[1:]),  # the first one also warms up
        "peak_bytes": events[-1]["peak_memory_bytes"],
        "said_bytes": sum(told[part] for part in PARTS),
    }


def _lines(command: str, file: Path) -> list[dict[str, Any]]:
    words = [sys.executable, "-m", "playground", command, str(file), "--json", "--runs-dir", str(file.parent / "runs")]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]
