"""Seconds that "Before you train" takes for a model of 7 billion parameters, by method; no weights are needed.

python benchmarks/preflight_speed.py [METHOD …]
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playground.catalog.methods import METHODS
from playground.service import Playground

LLAMA_7B = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 11008,
    "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "vocab_size": 32000,
    "max_position_embeddings": 4096, "tie_word_embeddings": False,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("methods", nargs="*", metavar="METHOD", choices=[*METHODS, []], help="all, if none is named")
    methods = parser.parse_args().methods or [name for name, spec in METHODS.items() if "causal_lm" in spec.tasks]
    with TemporaryDirectory() as made:
        folder = Path(made) / "llama-7b"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps(LLAMA_7B), encoding="utf-8")
        playground = Playground(Path(made) / "runs")
        values = {"base_model": str(folder), "data": {"dataset": "notes-to-json"}}
        playground.preflight(values)  # the libraries are loaded by now
        for method in methods:
            started = time.perf_counter()
            told = playground.preflight({**values, "method": {"method": method}})
            seconds = time.perf_counter() - started
            memory = f"{told.memory.total / 1e9:.1f} GB" if told.memory else "not told"
            print(f"{method:18} {seconds:5.2f} s  {told.trainable_parameters:>13,} trained  {memory}", flush=True)


if __name__ == "__main__":
    main()
