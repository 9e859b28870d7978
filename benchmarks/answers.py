"""Answers to 32 prompts of mixed length: ours against transformers' own `generate` on one padded batch.

    python benchmarks/answers.py [--rounds 3] [--dtype float32] [--json]

Greedy, 64 new tokens, the embedded model. The two take turns in one process; the ratio is the median of the rounds. In
float32 the answers are equal; in bfloat16 both round, at other places, and a token that was nearly as likely may come.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections import deque
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from transformers import GenerationConfig

from playground.compare.answers import batches_of
from playground.data.batches import padded
from playground.data.encode import prompt_ids
from playground.data.example import Message
from playground.model import load
from playground.model.generate import DecodingConfig, generate

NEW_TOKENS = 64
QUESTIONS = (
    "Say hello.", "What is 2 + 2? Answer with one number.", "Name three colours.", "Is water wet? Answer yes or no.",
    "Describe rain.", "Describe a cat on a mat.", "How do I boil an egg?", "What is the moon?",
)  # fmt: skip


def prompts(tokenizer: Any) -> list[list[int]]:
    """Eight questions, each alone and behind up to 22 short sentences."""
    found = []
    for number in range(32):
        notes = " ".join(f"Take into account note {place} of the list." for place in range(number * 7 % 23))
        text = QUESTIONS[number % 8] if number < 8 else f"{QUESTIONS[number % 8]} {notes}"
        found.append(prompt_ids((Message("user", text.strip()),), tokenizer))
    return found


def plain(base: load.BaseModel, texts: list[list[int]]) -> list[str]:
    ids = padded(texts, base.tokenizer.pad_token_id, "left")
    config = GenerationConfig(
        max_new_tokens=NEW_TOKENS, do_sample=False, pad_token_id=base.tokenizer.pad_token_id,
        eos_token_id=base.tokenizer.eos_token_id,
    )  # fmt: skip
    mask = padded([[1] * len(text) for text in texts], 0, "left")
    written = base.model.generate(input_ids=ids, attention_mask=mask, generation_config=config)
    return [base.tokenizer.decode(row[ids.shape[1] :], skip_special_tokens=True) for row in written]


def ours(base: load.BaseModel, texts: list[list[int]]) -> list[str]:
    answers = [""] * len(texts)
    for places in batches_of([len(text) + NEW_TOKENS for text in texts]):
        decoding = DecodingConfig(max_new_tokens=NEW_TOKENS)
        (last,) = deque(generate(base.model, base.tokenizer, [texts[place] for place in places], decoding), maxlen=1)
        for place, answer in zip(places, last, strict=True):
            answers[place] = answer
    return answers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), help="default: what the machine is best at")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.dtype:
        chosen = getattr(torch, arguments.dtype)
        load.choose_device = lambda: (torch.device("cpu"), chosen, "cpu_fp32")
    base = load.load_base("smollm2-135m-instruct")
    texts = prompts(base.tokenizer)
    times: dict[Any, list[float]] = {plain: [], ours: []}
    answers: dict[Any, list[str]] = {}
    for _ in range(arguments.rounds):
        for way, seconds in times.items():
            started = time.perf_counter()
            answers[way] = way(base, texts)
            seconds.append(time.perf_counter() - started)
    result = {
        "dtype": str(base.dtype).removeprefix("torch."),
        "times_plain_generate": statistics.median(a / b for a, b in zip(times[plain], times[ours], strict=True)),
        "equal_answers": sum(a == b for a, b in zip(answers[plain], answers[ours], strict=True)),
    }
    print(json.dumps(result) if arguments.json else "\n".join(f"{name:22} {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
