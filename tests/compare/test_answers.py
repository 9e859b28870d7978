"""Comparisons of real, tiny adapters, against answers and losses worked out one by one."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, PromptTuningConfig, get_peft_model
from transformers import AutoModelForCausalLM

from playground.compare import adapters
from playground.compare.adapters import Column
from playground.compare.answers import (
    CompareRequest,
    CompareUpdate,
    compare,
    held_out,
    to_csv,
    to_table,
)
from playground.config import DataConfig, MethodConfig, RunConfig
from playground.data.encode import prompt_ids
from playground.data.example import Message
from playground.errors import RunError
from playground.model.generate import DecodingConfig, generate
from playground.runs.folder import RunStore
from tests.tiny import save_tiny, tiny_causal, tiny_tokenizer

TOKENIZER = tiny_tokenizer()
SHORT = DecodingConfig(max_new_tokens=6)
PROMPTS = tuple("the printer " * count + "does not print" for count in (5, 1, 4, 2, 3, 9, 7, 8, 6))
ADAPTERS = {
    "lora": LoraConfig(task_type="CAUSAL_LM", target_modules="all-linear", init_lora_weights=False),
    "prompt_tuning": PromptTuningConfig(task_type="CAUSAL_LM", num_virtual_tokens=4),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(save_tiny(tmp_path_factory.mktemp("models") / "tiny"))


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def adapted(method: str) -> Any:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        model = get_peft_model(tiny_causal(), ADAPTERS[method])
        if method == "prompt_tuning":
            model.prompt_encoder.default.embedding.weight.data.normal_(0, 0.5)
    return model.eval()


def a_run(store: RunStore, base: str, method: str = "lora", dataset: str = "data.csv", adapter: bool = True) -> str:
    config = RunConfig(
        name=f"my {method}", base_model=base, data=DataConfig(dataset=dataset), method=MethodConfig(method=method)
    )
    folder = store.create(config, {})
    if adapter:
        adapted(method).save_pretrained(folder.adapter)
    return folder.run_id


def a_clock(step: float) -> Any:
    """A clock that moves on by `step` seconds each time somebody looks."""
    now = 0.0

    def look() -> float:
        nonlocal now
        now += step
        return now

    return look


def answer_alone(model: Any, prompt: str) -> str:
    ids = prompt_ids([Message("user", prompt)], TOKENIZER)
    return list(generate(model, TOKENIZER, [ids], SHORT))[-1][0]


def final(updates: Iterator[CompareUpdate]) -> CompareUpdate:
    *_, last = updates
    return last


def test_every_column_holds_the_answers_its_model_gives_alone_in_the_order_of_the_prompts(
    store: RunStore, base: str
) -> None:
    run_ids = tuple(a_run(store, base, method) for method in ADAPTERS)
    update = final(compare(CompareRequest(base, run_ids, PROMPTS, decoding=SHORT), store))
    assert update.is_final
    assert [(column.label, column.run_id) for column in update.columns] == [
        (base, None),
        ("my lora", run_ids[0]),
        ("my prompt_tuning", run_ids[1]),
    ]
    models = [tiny_causal(), adapted("lora"), adapted("prompt_tuning")]
    assert update.answers == [[answer_alone(model, prompt) for model in models] for prompt in PROMPTS]
    assert len({tuple(column) for column in zip(*update.answers, strict=True)}) == 3


def test_the_order_of_the_runs_does_not_change_their_answers(store: RunStore, base: str) -> None:
    one, two = (a_run(store, base, method) for method in ADAPTERS)
    there = final(compare(CompareRequest(base, (one, two), PROMPTS[:3], decoding=SHORT), store))
    back = final(compare(CompareRequest(base, (two, one), PROMPTS[:3], decoding=SHORT), store))
    assert [[row[0], row[2], row[1]] for row in back.answers] == there.answers


def test_columns_fill_one_after_the_other_and_scores_come_with_the_last_answer(store: RunStore, base: str) -> None:
    request = CompareRequest(base, (a_run(store, base),), PROMPTS, decoding=SHORT, metrics=("valid_json",))
    updates = list(compare(request, store, a_clock(1.0)))
    assert [update.is_final for update in updates] == [False] * (len(updates) - 1) + [True]
    for update in updates:
        if any(answers[1] for answers in update.answers):
            assert update.scores[0]
        else:
            assert not update.scores[1]
    assert updates[-1].scores == [{"valid_json": 0.0}] * 2


def test_updates_are_snapshots(store: RunStore, base: str) -> None:
    updates = compare(CompareRequest(base, (), PROMPTS, decoding=SHORT), store, a_clock(1.0))
    first = next(updates)
    before = [list(answers) for answers in first.answers]
    list(updates)
    assert first.answers == before


def test_updates_come_at_most_five_times_a_second_and_always_at_the_end(store: RunStore, base: str) -> None:
    request = CompareRequest(base, (), PROMPTS, decoding=SHORT)
    # Time stands still: only the first texts and the complete column are shown.
    assert [update.is_final for update in compare(request, store, lambda: 0.0)] == [False, True]


def test_perplexity_is_the_model_s_own_loss_over_the_reference_tokens(store: RunStore, base: str) -> None:
    run_id = a_run(store, base, "lora")
    references = ("It prints.", None, "Não imprime", "yes")
    request = CompareRequest(base, (run_id,), PROMPTS[:4], references, SHORT, ("chrf",))
    scores = final(compare(request, store)).scores
    for model, score in zip([tiny_causal(), adapted("lora")], scores, strict=True):
        losses: list[float] = []
        for prompt, reference in zip(PROMPTS, references, strict=False):
            if reference is not None:
                losses += token_losses(model, prompt, reference)
        assert score["perplexity"] == pytest.approx(math.exp(sum(losses) / len(losses)), rel=1e-4)
        assert set(score) == {"chrf", "perplexity"}


@torch.no_grad()
def token_losses(model: Any, prompt: str, reference: str) -> list[float]:
    ids = prompt_ids([Message("user", prompt)], TOKENIZER)
    answer = [*TOKENIZER.encode(reference), TOKENIZER.eos_token_id]
    logits = model(input_ids=torch.tensor([ids + answer])).logits[0].log_softmax(-1)
    return [-float(logits[len(ids) + place - 1, token]) for place, token in enumerate(answer)]


def test_without_references_there_is_no_score_that_needs_one(store: RunStore, base: str) -> None:
    request = CompareRequest(base, (), PROMPTS[:2], (), SHORT, ("valid_json", "exact_match", "chrf"))
    assert final(compare(request, store)).scores == [{"valid_json": 0.0}]


def test_only_prompts_with_a_reference_count_for_metrics_that_need_one(store: RunStore, base: str) -> None:
    right = answer_alone(tiny_causal(), PROMPTS[1])
    request = CompareRequest(base, (), PROMPTS[:3], (None, right, "wrong"), SHORT, ("exact_match",))
    assert final(compare(request, store)).scores[0]["exact_match"] == 50.0


def test_closing_stops_and_leaves_no_adapter_on_the_base(
    store: RunStore, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bases = []

    def remember(*arguments: Any) -> Any:
        bases.append(base_in_memory(*arguments))
        return bases[-1]

    base_in_memory = adapters.base_in_memory
    monkeypatch.setattr(adapters, "base_in_memory", remember)
    long = DecodingConfig(max_new_tokens=60)
    updates = compare(CompareRequest(base, (a_run(store, base),), PROMPTS[:2], decoding=long), store, a_clock(1.0))
    while not any(answers[1] for answers in next(updates).answers):
        pass
    updates.close()
    assert bases[0] is bases[1]
    plain = AutoModelForCausalLM.from_pretrained(base).state_dict()
    left = bases[0].model.state_dict()
    assert left.keys() == plain.keys()
    assert all(torch.equal(left[name], plain[name]) for name in plain)
    assert answer_alone(bases[0].model, PROMPTS[0]) == answer_alone(tiny_causal(), PROMPTS[0])


def test_a_qlora_run_is_compared_on_its_rounded_base(
    store: RunStore, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def remember(source: str, *key: Any) -> Any:
        asked.append(key)
        return base_in_memory(source)  # not rounded here: only what is asked for matters

    base_in_memory = adapters.base_in_memory
    monkeypatch.setattr(adapters, "base_in_memory", remember)
    qlora, lora = a_run(store, base), a_run(store, base)
    values = store.open(qlora).config.model_copy(update={"method": MethodConfig(method="qlora")})
    (store.open(qlora).path / "config.yaml").write_text(values.to_yaml(), encoding="utf-8")
    final(compare(CompareRequest(base, (qlora,), PROMPTS[:1], decoding=SHORT), store))
    assert asked == [("nf4", True)] * 2
    asked.clear()
    final(compare(CompareRequest(base, (lora, qlora), PROMPTS[:1], decoding=SHORT), store))
    assert asked == [(None, True), (None, True), ("nf4", True)]


def test_a_run_of_another_base_is_refused_before_anything_loads(store: RunStore, base: str) -> None:
    run_id = a_run(store, "somebody/else", adapter=False)
    with pytest.raises(RunError, match=r"my lora adapts somebody/else, not"):
        compare(CompareRequest(base, (run_id,), PROMPTS), store)


def test_a_run_without_adapter_is_refused(store: RunStore, base: str) -> None:
    with pytest.raises(RunError, match="no adapter"):
        compare(CompareRequest(base, (a_run(store, base, adapter=False),), PROMPTS), store)


def test_a_prompt_longer_than_the_context_is_named(store: RunStore, base: str) -> None:
    request = CompareRequest(base, (), ("short", "long " * 400))
    with pytest.raises(RunError, match="Prompt 2 has"):
        final(compare(request, store))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"prompts": ()}, "1 to 64 prompts, got 0"),
        ({"prompts": ("a",) * 65}, "got 65"),
        ({"prompts": ("a", " \n")}, "Prompt 2 is empty"),
        ({"run_ids": ("r",) * 4}, "at most 3"),
        ({"references": ("a", "b")}, "2 references came with 1"),
        ({"metrics": ("rouge",)}, "no metric 'rouge'.*valid_json"),
    ],
)
def test_a_request_says_what_is_wrong_with_it(values: dict[str, Any], message: str) -> None:
    with pytest.raises(RunError, match=message):
        CompareRequest(**{"base_model": "m", "run_ids": (), "prompts": ("a",), **values})


def test_held_out_prompts_come_from_the_part_the_run_did_not_train_on(
    store: RunStore, base: str, tmp_path: Path
) -> None:
    from playground.data.read import load_split

    path = tmp_path / "data.jsonl"
    rows = [{"prompt": f"question {number}", "completion": f"answer {number}"} for number in range(40)]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    run_id = a_run(store, base, dataset=str(path), adapter=False)
    (prompts, references, contexts), metrics = held_out(store, run_id, 3)
    trained = {example.prompt for example in load_split(DataConfig(dataset=str(path)), 42).train}
    assert len(prompts) == 3
    assert not trained & set(prompts)
    assert tuple(prompt.replace("question", "answer") for prompt in prompts) == references
    assert contexts == ((), (), ())
    CompareRequest(base, (run_id,), prompts, references, metrics=metrics, contexts=contexts)


def test_what_was_said_before_a_prompt_is_said_to_the_model_too(
    store: RunStore, base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [
        {"role": "system", "content": "Answer in JSON."},
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "{}"},
    ]
    turns = [
        [*said, {"role": "user", "content": f"cat {n}"}, {"role": "assistant", "content": "rain"}] for n in range(9)
    ]
    path = tmp_path / "chat.jsonl"
    path.write_text("\n".join(json.dumps({"messages": turn}) for turn in turns), encoding="utf-8")
    run_id = a_run(store, base, dataset=str(path), adapter=False)
    (prompts, references, contexts), metrics = held_out(store, run_id, 1)
    assert contexts == (tuple(Message(**message) for message in said),)
    asked: list[list[Message]] = []

    def remember(messages: Sequence[Message], tokenizer: Any) -> list[int]:
        asked.append(list(messages))
        return prompt_ids(messages, tokenizer)

    monkeypatch.setattr("playground.compare.answers.prompt_ids", remember)
    update = final(compare(CompareRequest(base, (), prompts, references, SHORT, metrics, contexts), store))
    assert asked == [[*contexts[0], Message("user", prompts[0])]]
    shorter = final(compare(CompareRequest(base, (), prompts, references, SHORT, metrics), store))
    assert update.scores[0]["perplexity"] != shorter.scores[0]["perplexity"]


def an_update(labels: list[str], answers: list[str]) -> CompareUpdate:
    columns = [Column(label, None) for label in labels]
    return CompareUpdate(columns, ['a, "prompt"\nof two lines'], [None], [answers], [{} for _ in labels], True)


def test_the_table_keeps_columns_of_equal_name_apart() -> None:
    (row,) = to_table(an_update(["run", "run", "prompt"], ["1", "2", "3"]))
    assert row == {
        "prompt": 'a, "prompt"\nof two lines',
        "reference": "",
        "run": "1",
        "run (2)": "2",
        "prompt (2)": "3",
    }


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1+1"])
def test_no_cell_of_the_csv_is_a_formula(cell: str) -> None:
    header, row = csv.reader(io.StringIO(to_csv(an_update([cell, "plain"], [cell, "fine - as it is"])), newline=""))
    assert header == ["prompt", "reference", f"'{cell}", "plain"]
    assert row == ['a, "prompt"\nof two lines', "", f"'{cell}", "fine - as it is"]
