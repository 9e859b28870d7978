"""A run that nobody trained, as one is found in its folder, with a mark in every text that comes from outside."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from playground.config import RunConfig
from playground.export.papers.facts import Facts, facts_of
from playground.export.papers.measured import Answer, HeldOutLoss, Measured, TextScore
from playground.inside.where.intervals import Difference
from playground.model.sources.base_file import BaseFile, keep
from playground.runs.folder import RunFolder, RunStore
from playground.train.events import (
    ChangeLogged,
    EvalLogged,
    RunStarted,
    ScoreLogged,
    StepLogged,
    finished,
    to_values,
)
from playground.verdict.files import keep as keep_verdict
from playground.verdict.judge import System, TestSet, Verdict, judge
from playground.verdict.leakage import Pair
from playground.verdict.significance import Interval

DATA_SHA256 = "d" * 64
SIGNATURE = "chrF2|nrefs:1|bs:1000|case:mixed"
# What would be a tag, a link, a heading, a list, a table, a fence, a key of YAML or the end of a script.
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script><!--",
    "</style></title><h1>x</h1>",
    "[x](javascript:alert(1)) ![x](http://evil.example/x.png) <http://evil.example>",
    "https://evil.example www.evil.example me@evil.example",
    "\n# heading\n\n- item\n\n> quote\n",
    "\n---\nlicense: evil\n---\n",
    "`` ` `` ``` | a | b | \\| c",
    "\n```\n<b>out of the fence</b>\n~~~~\n````\n",
    "&lt;b&gt; &#60;b&#62; {{ 7 * 7 }} {% raw %} ${7*7}",
    '": x\nbase_model: evil/evil\n? [a, b]: {c: d} # !!python/object:x',
    "*a* _b_ ~~c~~ **d** $$e$$ :f:",
    "\\",
    "' onmouseover='alert(1) \" onmouseover=\"alert(1)",
    "\u202egnp.exe \x1b[2J \ud800 \x00",
)


def made_up_run(root: Path, mark: str = "", *, languages: bool = True, **changes: Any) -> RunFolder:
    """Ended after 4 steps, with a verdict. Settings take no half of a character; a name, an event or an answer may."""
    whole = mark.replace("\ud800", "")
    data: dict[str, Any] = {"dataset": f"rows{whole}", "prompt_column": f"asked{whole}"}
    if languages:
        data |= {"source_language": "en", "target_language": "pt-BR"}
    values = {
        "name": "Made up", "base_model": f"model{whole}", "data": data,
        "method": {"method": "lora", "params": {"r": 4, "target_modules": [f"q{whole}"]}}, **changes,
    }  # fmt: skip
    environment = {
        "python": f"3.11{mark}", "system": f"Linux{mark}", "cpu": f"cpu{mark}", "cpu_cores": 2,
        "memory_bytes": 8_000_000_000, "packages": {f"torch{mark}": f"2.13{mark}"},
    }  # fmt: skip
    folder = RunStore(root).create(RunConfig.from_values(values), environment)
    (folder.path / "name.txt").write_bytes(f"Made up {mark}".encode(errors="replace"))
    folder.adapter.mkdir()
    (folder.adapter / "adapter_model.safetensors").write_bytes(bytes(1000))
    (folder.adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
    keep(folder.adapter, BaseFile(f"model{whole}", f"model{whole}.safetensors", "b" * 64))
    for event in _events(mark):
        folder.append(to_values(event))
    ended = finished("finished", {"steps": 4, "best_step": 4, "eval_loss_base": 2.5, "eval_loss": 1.5})
    folder.finish({"run_id": folder.run_id, **to_values(ended), "error": ""})
    keep_verdict(_verdict(folder.run_id, mark), [folder])
    return folder


def made_up(root: Path, mark: str = "", **changes: Any) -> Facts:
    return facts_of(made_up_run(root, mark, **changes), DATA_SHA256, measured_with(mark))


def measured_with(mark: str) -> Measured:
    loss = HeldOutLoss(2.5, 1.5, Difference(-1.0, -1.25, -0.75), 32)
    score = TextScore("chrf", 30.0, 40.5, Interval(38.0, 43.0), Interval(8.0, 13.0), SIGNATURE, 32)
    answers = tuple(Answer(f"Asked {n} {mark}", f"Wanted {mark}", f"base {mark}", f"adapter {mark}") for n in range(10))
    return Measured(loss, (score,), answers, f"greedy{mark}")


def without_texts(facts: Facts) -> Facts:
    """As of a run of which nothing was measured, and that nobody judged."""
    return replace(facts, measured=Measured(), verdict=None)


def _events(mark: str) -> list[Any]:
    started = RunStarted(
        total_steps=4, trainable_parameters=32, total_parameters=100, device=f"cpu{mark}", dtype=f"float32{mark}",
        dtype_reason="cpu_fp32", train_examples=180, eval_examples=32, dropped_examples=0, truncated_examples=0,
    )  # fmt: skip
    found: list[Any] = [started, EvalLogged(step=0, loss=2.5, perplexity=12.0, seconds=0.0), _score(0, 50.0)]
    for step in range(1, 5):
        found.append(
            StepLogged(
                step=step, loss=2.5 - step / 4, learning_rate=1e-3, grad_norm=1.0, tokens_per_second=900.0,
                examples_per_second=6.0, memory_bytes=6 * 10**8, seconds=0.6 * step,
            )
        )  # fmt: skip
    found.append(EvalLogged(step=4, loss=1.5, perplexity=4.5, seconds=2.4))
    found.append(_score(4, 47.5))
    change = ChangeLogged(
        step=4, kl=0.2, kl_tokens=100, layers=["0", "1"], modules=[f"q{mark}", "v"],
        relative=[[0.01, 0.02], [0.03, None]], ranks=None, seconds=2.5,
    )  # fmt: skip
    return [*found, change]


def _score(step: int, general: float) -> ScoreLogged:
    return ScoreLogged(
        step=step, sentences=32, chrf=30.0 + step, bleu=10.0, general_sentences=32, general_chrf=general,
        general_bleu=20.0, seconds=2.4,
    )  # fmt: skip


@cache
def _judged() -> Verdict:
    """Judged once: ten thousand trials take their time."""
    pairs = tuple(Pair(f"source {n}", f"the reference number {n}") for n in range(4))
    base = System("base", None, tuple(f"the wrong number {n}" for n in range(4)), "beam:1")
    adapter = System("run", "run", tuple(f"the reference number {n}" for n in range(4)), "beam:1")
    return judge(TestSet("test", "en", "pt", pairs), base, [adapter])


def _verdict(run_id: str, mark: str) -> Verdict:
    verdict = _judged()
    test, (base, adapter) = replace(verdict.test, name=f"test{mark}"), verdict.results
    marked = replace(adapter.system, label=f"run{mark}", run_id=run_id, decoding=f"beam:1{mark}")
    return replace(verdict, test=test, results=(base, replace(adapter, system=marked)))


def keys_of(values: Any) -> Any:
    """The keys of nested values, without the values."""
    if isinstance(values, dict):
        return {key: keys_of(value) for key, value in values.items()}
    return [keys_of(value) for value in values] if isinstance(values, list) else None
