"""A GGUF file of ours in llama.cpp against the model that it was made from, in transformers.

    python benchmarks/gguf_equality.py [--folder DIR] [--steps 20] [--prompts 20] [--tokens 20] [--json]

A LoRA of `notes-to-json` is trained on SmolLM2, merged in float32 and written as GGUF, in float32 and in float16.
llama.cpp is `llama-cpp-python`, which the package index has as source: it is built once, in about ten minutes, in a
virtual environment of its own in --folder (the cache's, unless told otherwise). Both answer the same prompts greedily.
Tokenized: prompts, as the chat template has them, that llama.cpp cuts into the same tokens. Odd: the same of texts that
tokenizers are known to fall over. Equal: answers whose tokens are all the same, to their end. Until: the mean number of
tokens before the first other one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from playground.data.encode import prompt_ids
from playground.data.read import load_split
from playground.export.engines.to_gguf import FILE_TYPES, to_gguf
from playground.model.load import BaseModel
from playground.model.merge import merged
from playground.model.sources.files import cache_root
from playground.runs.session import run
from playground.service import Playground

MODEL = "smollm2-135m-instruct"
PACKAGE = "llama-cpp-python==0.3.36"
ODD = (
    "12 345 6789", "a  12", "3.1415 and\n\n  42\n", "don't I'VE we'll", "  two spaces", "tab\there", "naïve coração",
    "日本語のテキスト", "🚀🌫️ emoji", "x = [1, 2];\r\n", "<|im_start|>user\n1 2 3<|im_end|>\n", "½ ² Ⅳ ٣",
    "a\u00a0b\u200bc",
)  # fmt: skip
# Runs where llama.cpp is, and knows nothing of this repository.
RUNNER = """
import json, sys
from llama_cpp import Llama
asked = json.load(open(sys.argv[1]))
model = Llama(model_path=sys.argv[2], n_ctx=1024, n_threads=asked["threads"], verbose=False)
def ids(text):
    return model.tokenize(text.encode(), add_bos=False, special=True)
answers = []
for prompt in asked["prompts"]:
    answer = []
    for token in model.generate(ids(prompt), temp=0.0, repeat_penalty=1.0):
        answer.append(token)
        if token == model.token_eos() or len(answer) == asked["tokens"]:
            break
    answers.append(answer)
print(json.dumps({
    "prompts": [ids(text) for text in asked["prompts"]], "odd": [ids(text) for text in asked["odd"]],
    "answers": answers, "template": model.metadata.get("tokenizer.chat_template"), "eos": model.token_eos(),
}))
"""


@dataclass(frozen=True)
class Asked:
    """What both engines answer; `ids` and `answers` are those of transformers."""

    prompts: list[str]
    ids: list[list[int]]
    answers: list[list[int]]
    odd_ids: list[list[int]]


def llama_cpp(folder: Path) -> Path:
    """The Python of an environment that has llama.cpp, built there unless it is."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if subprocess.run([python, "-c", "import llama_cpp"], capture_output=True).returncode:
        print(f"building {PACKAGE} in {folder} …", file=sys.stderr)
        started = time.perf_counter()
        subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
        print(f"built in {time.perf_counter() - started:.0f} s", file=sys.stderr)
    return python


def trained(playground: Playground, steps: int) -> tuple[Path, list[list[Any]]]:
    """The adapter's folder, and the prompts that it did not learn."""
    values = {
        "name": "gguf",
        "data": {"dataset": "notes-to-json"},
        "method": {"method": "lora"},
        "training": {"max_steps": steps, "eval_every": steps},
    }
    folder = playground.store.create(playground.check(values), {})
    with folder.claim_or_refuse():
        summary = run(folder, lambda: False)
    if summary["status"] != "finished":
        raise SystemExit(f"the run ended as {summary['status']}: {summary['error']}")
    split = load_split(folder.config.data, folder.config.seed)
    return folder.adapter, [list(example.opening) for example in split.held_out]


def asked_of(base: BaseModel, conversations: list[list[Any]], tokens: int) -> Asked:
    """Each prompt by itself, greedily, in float32."""
    tokenizer, ids = base.tokenizer, [prompt_ids(messages, base.tokenizer) for messages in conversations]
    answers = []
    for prompt in ids:
        found = base.model.generate(
            torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False,
            max_new_tokens=tokens, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        )  # fmt: skip
        answers.append(found[0, len(prompt) :].tolist())
    odd = [list(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in ODD]
    return Asked([tokenizer.decode(prompt) for prompt in ids], ids, answers, odd)


def compared(python: Path, file: Path, asked: Asked, tokens: int) -> dict[str, Any]:
    question = file.with_suffix(".json")
    values = {"prompts": asked.prompts, "odd": ODD, "tokens": tokens, "threads": torch.get_num_threads()}
    question.write_text(json.dumps(values))
    done = subprocess.run([python, "-I", "-c", RUNNER, question, file], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    pairs = list(zip(asked.answers, found["answers"], strict=True))
    return {
        "mebibytes": file.stat().st_size / 2**20,
        "tokenized": sum(map(list.__eq__, asked.ids, found["prompts"])) / len(pairs),
        "odd": sum(map(list.__eq__, asked.odd_ids, found["odd"])) / len(ODD),
        "equal": sum(one == other for one, other in pairs) / len(pairs),
        "until": sum(same_start(one, other) for one, other in pairs) / len(pairs),
        "tokens": sum(len(one) for one, _ in pairs) / len(pairs),
        "ended": sum(other[-1] == found["eos"] for _, other in pairs),
        "template": found["template"] is not None,
    }


def same_start(one: list[int], other: list[int]) -> int:
    return next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=cache_root() / "llama-cpp-python")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    python = llama_cpp(options.folder)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        adapter, conversations = trained(Playground(Path(folder) / "runs"), options.steps)
        base = merged(MODEL, adapter)
        asked = asked_of(base, conversations[: options.prompts], options.tokens)
        for precision in FILE_TYPES:
            file = Path(folder) / f"model-{precision}.gguf"
            to_gguf(base, file, precision)
            found[precision] = compared(python, file, asked, options.tokens)
    if options.json:
        print(json.dumps(found))
        return
    print(f"{'':12}" + "".join(f"{precision:>10}" for precision in found))
    for name in next(iter(found.values())):
        print(f"{name:12}" + "".join(f"{figures[name]:>10.4g}" for figures in found.values()))


if __name__ == "__main__":
    main()
