"""A GGUF file of ours in llama.cpp against the model that it was made from, in transformers.

    python benchmarks/gguf_equality.py [--folder DIR] [--steps 20] [--prompts 20] [--tokens 20] [--json]

A LoRA of `notes-to-json` is trained on SmolLM2, merged in float32 and written as GGUF, in float32 and in float16.
llama.cpp is that of `xllamacpp`, which the package index has ready to run (`llama-cpp-python` it has as source, which
takes two cores more than half an hour to build), in a virtual environment of its own in --folder (the cache's, unless
told otherwise). Both answer the same prompts greedily.
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
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from benchmarks.one_run import trained
from playground.data.encode import prompt_ids
from playground.data.read import load_split
from playground.export.engines.to_gguf import FILE_TYPES, to_gguf
from playground.model.load import BaseModel
from playground.model.merge import merged
from playground.model.sources.files import cache_root
from playground.service import Playground

MODEL = "smollm2-135m-instruct"
PACKAGE = "xllamacpp==2026.10.11549"
ODD = (
    "12 345 6789", "a  12", "3.1415 and\n\n  42\n", "don't I'VE we'll", "  two spaces", "tab\there", "naïve coração",
    "日本語のテキスト", "🚀🌫️ emoji", "x = [1, 2];\r\n", "<|im_start|>user\n1 2 3<|im_end|>\n", "½ ² Ⅳ ٣",
    "a\u00a0b\u200bc",
)  # fmt: skip
# Runs where llama.cpp is, and knows nothing of this repository.
RUNNER = """
import json, sys, urllib.request
import xllamacpp
asked = json.load(open(sys.argv[1]))
settings = xllamacpp.CommonParams()
settings.model.path, settings.n_ctx, settings.warmup, settings.verbosity = sys.argv[2], 1024, False, 0
settings.cpuparams.n_threads = asked["threads"]
server = xllamacpp.Server(settings)
def post(path, **body):
    request = urllib.request.Request(
        server.listening_address + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))
def ids(text):
    return post("/tokenize", content=text, add_special=False, parse_special=True)["tokens"]
answers = [
    post("/completion", prompt=ids(prompt), n_predict=asked["tokens"], samplers=["top_k"], top_k=1,
         return_tokens=True, cache_prompt=False)
    for prompt in asked["prompts"]]
with urllib.request.urlopen(server.listening_address + "/props") as stream:
    template = json.load(stream).get("chat_template")
print(json.dumps({
    "prompts": [ids(text) for text in asked["prompts"]], "odd": [ids(text) for text in asked["odd"]],
    "answers": [answer["tokens"] for answer in answers], "template": template,
    "ended": sum(answer["stop_type"] == "eos" for answer in answers),
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
    """The Python of an environment that has llama.cpp, installed there unless it is."""
    python = folder / "bin" / "python"
    if not python.exists():
        venv.create(folder, with_pip=True)
    if subprocess.run([python, "-c", "import xllamacpp"], capture_output=True).returncode:
        subprocess.run([python, "-m", "pip", "install", "--quiet", PACKAGE], check=True)
    return python


def asked_of(base: BaseModel, conversations: list[list[Any]], tokens: int) -> Asked:
    """Each prompt by itself, greedily, in float32."""
    tokenizer, ids = base.tokenizer, [prompt_ids(messages, base.tokenizer) for messages in conversations]
    answers = []
    for prompt in ids:
        found = base.model.generate(
            torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long), do_sample=False,
            max_new_tokens=tokens, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        )  # fmt: skip
        written = found[0, len(prompt) :].tolist()
        answers.append(written[:-1] if written[-1] == tokenizer.eos_token_id else written)  # llama.cpp tells no end
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
        "ended": found["ended"],
        "template": found["template"] is not None,
    }


def same_start(one: list[int], other: list[int]) -> int:
    return next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=cache_root() / "llama.cpp")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--prompts", type=int, default=20)
    parser.add_argument("--tokens", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    python = llama_cpp(options.folder)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        one = trained(Playground(Path(folder) / "runs"), options.steps, data={"dataset": "notes-to-json"})
        held_out = load_split(one.config.data, one.config.seed).held_out
        base = merged(MODEL, one.adapter)
        asked = asked_of(base, [list(example.opening) for example in held_out[: options.prompts]], options.tokens)
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
