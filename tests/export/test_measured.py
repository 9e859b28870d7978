"""What base and adapter say on held-out examples, against transformers' own losses and answers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import torch
from sacrebleu.metrics.chrf import CHRF

from playground.config import RunConfig
from playground.data.example import Example
from playground.data.read import load_split
from playground.export.papers.measured import ANSWER_TOKENS, PROMPTS, Measured, measured
from playground.model.adapt import attach_new, detach
from playground.model.load import BaseModel, load_base
from playground.service import Playground
from playground.train.encoding import encode_for
from playground.train.scores import greedy
from tests.export.conftest import result_of
from tests.inside.conftest import draw, tiny_pairs, tiny_translator, translation  # noqa: F401 - fixtures


class Attached(NamedTuple):
    config: RunConfig
    base: BaseModel
    model: Any
    held_out: list[Example]

    def measured(self) -> Measured:
        return result_of(measured(self.base, self.model, self.held_out, self.config))


@pytest.fixture
def attach(playground: Playground, values: dict[str, Any]) -> Iterator[Any]:
    models = []

    def make(method: str = "lora", **changes: Any) -> Attached:
        config = playground.check({**values, **changes, "method": {"method": method}})
        base = load_base(config.base_model)
        split = load_split(config.data, config.seed)
        model = attach_new(base, config, encode_for(base, split.train, 64).items)
        draw(model)
        model.eval()
        models.append(model)
        return Attached(config, base, model, split.held_out)

    yield make
    for model in models:
        detach(model)


@pytest.mark.parametrize("method", ["lora", "prompt_tuning"])
def test_losses_and_answers_are_those_of_transformers(attach: Any, method: str) -> None:
    run = attach(method)
    found = run.measured()
    assert found.loss is not None
    assert found.loss.examples == min(len(run.held_out), run.config.training.eval_examples)
    tokenizer = run.base.tokenizer
    sides: list[list[tuple[float, int]]] = []
    for switch in (True, False):
        losses = []
        for example in run.held_out[: found.loss.examples]:
            ids, answer = asked_and_answered(tokenizer, example)
            tokens = torch.tensor([ids + answer])
            labels = torch.tensor([[-100] * len(ids) + answer])
            with torch.no_grad():
                if switch:
                    with run.model.disable_adapter():
                        loss = run.model(input_ids=tokens, labels=labels).loss
                else:
                    loss = run.model(input_ids=tokens, labels=labels).loss
            losses.append((float(loss) * len(answer), len(answer)))
        sides.append(losses)
    means = [sum(loss for loss, _ in side) / sum(count for _, count in side) for side in sides]
    assert (found.loss.base, found.loss.adapter) == pytest.approx(tuple(means), rel=1e-4)
    assert found.loss.difference.change == pytest.approx(means[1] - means[0], abs=1e-4)
    assert found.loss.difference.low <= found.loss.difference.change <= found.loss.difference.high
    assert len(found.answers) == min(PROMPTS, len(run.held_out))
    example, answer = run.held_out[0], found.answers[0]
    assert (answer.prompt, answer.reference) == (example.prompt, example.completion)
    ids, _ = asked_and_answered(tokenizer, example)
    options = {"max_new_tokens": ANSWER_TOKENS, "do_sample": False, "pad_token_id": tokenizer.pad_token_id}
    made = run.model.generate(
        input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), **options
    )
    assert answer.adapter == tokenizer.decode(made[0][len(ids) :], skip_special_tokens=True)
    assert found.languages is None


def test_a_translator_is_scored_with_sacrebleus_signature_and_intervals(
    attach: Any,
    translation: dict[str, Any],  # noqa: F811
) -> None:
    run = attach(**translation)
    found = run.measured()
    assert found.languages == ("en", "pt")
    scored = run.held_out[: max(run.config.training.score_examples, PROMPTS)]
    chrf, bleu = found.scores
    assert (chrf.metric, bleu.metric, chrf.sentences) == ("chrf", "bleu", len(scored))
    assert "nrefs:1|bs:1000" in chrf.signature
    with run.model.disable_adapter():
        before = greedy(run.model, run.base, [example.prompt for example in scored], found.languages)
    references = [[example.completion for example in scored]]
    assert chrf.base == pytest.approx(CHRF().corpus_score(before, references).score)
    assert chrf.interval.low <= chrf.adapter <= chrf.interval.high or math.isclose(chrf.adapter, chrf.interval.low)
    assert [answer.base for answer in found.answers] == before[:PROMPTS]
    assert [answer.adapter for answer in found.answers] != before[:PROMPTS]


def asked_and_answered(tokenizer: Any, example: Example) -> tuple[list[int], list[int]]:
    chat = [{"role": message.role, "content": message.content} for message in example.messages]
    ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True)["input_ids"]
    answer = tokenizer(example.completion, add_special_tokens=False)["input_ids"]
    return list(ids), [*answer, tokenizer.eos_token_id]
