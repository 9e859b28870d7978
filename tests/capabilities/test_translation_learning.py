"""The translation lessons teach the included model what they say, as sacrebleu's paired tests see it."""

from __future__ import annotations

from typing import Any

import pytest

from playground.catalog.methods import METHODS
from playground.catalog.presets import load_preset
from playground.runs import session
from playground.service import Playground
from playground.train import prepare
from playground.verdict.judge import Verdict
from playground.verdict.judged_runs import JudgeRequest
from tests.train.test_translation import weights_hash

pytestmark = [pytest.mark.slow, pytest.mark.own_dtype]


def verdict_after(playground: Playground, preset: str, **training: Any) -> Verdict:
    """Train a preset and judge it on its whole held-out split."""
    values = load_preset(preset).values
    values["training"] = {**values["training"], "eval_every": 1000, "score_examples": 0, **training}
    folder = playground.store.create(playground.check(values), {})
    summary = session.run(folder, lambda: False)
    assert summary["status"] == "finished", summary["error"]
    *_, verdict = playground.judge(JudgeRequest((folder.run_id,)))
    assert len(verdict.test.pairs) >= 200
    return verdict


@pytest.mark.parametrize(("preset", "third"), [("m2m100-everyday", 87), ("m2m100-domain", 133)])
def test_a_third_of_a_lesson_raises_chrf_by_six_points_beyond_chance(
    playground: Playground, preset: str, third: int
) -> None:
    adapter = verdict_after(playground, preset, max_steps=third).adapters[0].against_base
    assert adapter is not None
    assert adapter.outcome == "better"
    for metric, least in (("chrF", 6.0), ("BLEU", 1.0)):
        difference = adapter.differences[metric]
        assert difference.difference >= least
        assert difference.p_bootstrap < 0.01
        assert difference.p_randomization < 0.01


def test_a_third_of_the_lesson_on_galician_already_doubles_chrf(playground: Playground) -> None:
    verdict = verdict_after(playground, "m2m100-new-language", max_steps=80)
    base, adapter = (result.scores["chrF"].score for result in verdict.results)
    assert adapter >= 2 * base


# Four vectors before the sentence are slow to matter, and P-Tuning's network starts at random.
STEPS = {"prompt_tuning": 200, "p_tuning": 100}
START_HERE = [name for name, spec in METHODS.items() if spec.group == "start_here"]


@pytest.mark.parametrize("method", START_HERE)
def test_the_defaults_of_each_method_beat_the_base_on_held_out_sentences(
    playground: Playground, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bases: list[tuple[Any, str]] = []
    attach_new = prepare.attach_new

    def remember(base: Any, config: Any, items: Any) -> Any:
        bases.append((base.model, weights_hash(base.model)))
        return attach_new(base, config, items)

    monkeypatch.setattr(prepare, "attach_new", remember)
    steps = STEPS.get(method, 40)
    values = {
        "base_model": "m2m100-mini",
        "data": {"dataset": "everyday-phrases", "source_language": "en", "target_language": "pt"},
        "method": {"method": method},
        "training": {"max_steps": steps, "batch_size": 8, "eval_every": steps, "score_examples": 0},
    }
    folder = playground.store.create(playground.check(values), {})
    summary = session.run(folder, lambda: False)
    assert summary["status"] == "finished", summary["error"]
    assert summary["eval_loss"] < summary["eval_loss_base"]
    [(model, before)] = bases
    assert weights_hash(model) == before
