"""A model card as the Hub reads it: metadata that its own library builds, and Markdown in which no value is markup."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.catalog.models import MODELS
from playground.export.papers.facts import Facts
from playground.export.papers.markdown import MAX_LINE, block, filled
from playground.texts import one_line

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCardData

TEMPLATE = Path(__file__).with_name("card.md")
NAME = "README.md"
SHOWN_ANSWERS = 3
FEW_EXAMPLES = 1000
FIGURES = 6  # digits after the point of a score in the metadata

CAUSAL = """from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base, adapter = {base}, "."  # the folder of this file, or its id on the Hub
tokenizer = AutoTokenizer.from_pretrained(base)
model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
messages = [{{"role": "user", "content": {prompt}}}]
asked = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
answer = model.generate(**asked, max_new_tokens=96, do_sample=False)
print(tokenizer.decode(answer[0][asked["input_ids"].shape[1]:], skip_special_tokens=True))"""
TRANSLATION = """from peft import PeftModel
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

base, adapter = {base}, "."  # the folder of this file, or its id on the Hub
tokenizer = AutoTokenizer.from_pretrained(base)
model = PeftModel.from_pretrained(AutoModelForSeq2SeqLM.from_pretrained(base), adapter)
{languages}
source = tokenizer({prompt}, return_tensors="pt")
made = model.generate(**source, num_beams=1, max_new_tokens=200{first})
print(tokenizer.decode(made[0], skip_special_tokens=True))"""


def card(facts: Facts) -> str:
    """The whole README.md: metadata, then what it is, its base and data, scores, limits, and how it was made."""
    base_card = MODELS.get(facts.config.base_model)
    body = filled(
        TEMPLATE,
        facts=facts,
        judged=facts.judged,
        weights_note=base_card.weights.en if base_card and base_card.weights else "",
        snippet=block(_snippet(facts), "python"),
        limits=list(_limits(facts)),
        settings=facts.settings,
        made_with=facts.made_with,
        shown=SHOWN_ANSWERS,
    )
    return f"---\n{metadata(facts).to_yaml()}\n---\n{body}"


def metadata(facts: Facts) -> ModelCardData:
    """As the Hub wants it: what is no id of it (a folder, a file) is left out, whose licence is not known too."""
    from huggingface_hub import ModelCardData

    results = list(_results(facts))
    languages = _languages(facts)
    hub_id = facts.base_hub_id
    return ModelCardData(
        base_model=hub_id,
        base_model_relation="adapter" if hub_id else None,
        library_name="peft",
        pipeline_tag=_pipeline(facts),
        license=facts.base_licence.lower() or None,
        language=languages or None,
        datasets=[facts.dataset_hub_id] if facts.dataset_hub_id else None,
        tags=["peft", facts.config.method.method, "peft-playground"],
        metrics=list(dict.fromkeys(result.metric_type for result in results)) or None,
        model_name=_short(facts.name) if results else None,
        eval_results=results or None,
    )


def _results(facts: Facts) -> Iterator[EvalResult]:
    measured, summary = facts.measured, facts.summary
    more: dict[str, Any]
    if measured.loss:
        found, difference = measured.loss, measured.loss.difference
        more = {"base": found.base, "difference_low": difference.low, "difference_high": difference.high}
        more |= {"examples": found.examples}
        yield _result(facts, "loss", "Held-out loss (nats per token)", found.adapter, more)
    elif isinstance(summary.get("eval_loss"), float) and math.isfinite(summary["eval_loss"]):
        more = {"base": summary.get("eval_loss_base")}
        yield _result(facts, "loss", "Held-out loss (nats per token)", summary["eval_loss"], more)
    for score in measured.scores:
        more = {"base": score.base, "low": score.interval.low, "high": score.interval.high}
        more |= {"sentences": score.sentences, "signature": score.signature}
        yield _result(facts, score.metric, score.label, score.adapter, more)


def _result(facts: Facts, metric: str, label: str, value: float, more: dict[str, Any]) -> EvalResult:
    from huggingface_hub import EvalResult

    name = _short(facts.dataset_name)
    arguments = {key: round(item, FIGURES) if isinstance(item, float) else item for key, item in more.items()}
    return EvalResult(
        task_type=_pipeline(facts),
        dataset_type=facts.dataset_hub_id or name,
        dataset_name=name,
        dataset_split="held out",
        metric_type=metric,
        metric_name=label,
        metric_value=round(value, FIGURES),
        metric_args={key: item for key, item in arguments.items() if item is not None},
    )


def _pipeline(facts: Facts) -> str:
    return "translation" if facts.is_translation else "text-generation"


def _languages(facts: Facts) -> list[str]:
    """Of a translator, source and target without region or script, as the Hub's list of languages has them."""
    found = facts.languages if facts.is_translation else None
    return list(dict.fromkeys(code.replace("_", "-").split("-")[0].lower() for code in found or ()))


def _limits(facts: Facts) -> Iterator[str]:
    trained = facts.started.get("train_examples")
    if facts.config.data.shuffled_answers:
        yield "This is a control: it was trained on shuffled answers, to compare with, not to be used."
    if trained is not None and trained < FEW_EXAMPLES:
        yield f"It has seen {trained} examples: few. Expect what it learned on texts like these, and little beyond."
    yield from _forgotten(facts)
    if facts.measured.loss:
        yield f"Held-out means: not trained on, but of the same source; {facts.measured.loss.examples} examples."
    yield "What holds for the base, its mistakes and its bias, holds for the base with this adapter."


def _forgotten(facts: Facts) -> Iterator[str]:
    """What general text, on which nothing trained, says; that it was not measured, where it was not."""
    before, after = (facts.event_at("ScoreLogged", step) for step in (0, facts.adapter_step))
    if before and after and before["general_chrf"] is not None and after["general_chrf"] is not None:
        yield (
            f"What it forgets: on {after['general_sentences']} general sentences the base has chrF"
            f" {before['general_chrf']:.1f}, the adapter {after['general_chrf']:.1f}."
        )
    elif facts.sweep and facts.sweep.base.general_loss is not None and facts.sweep.adapter.general_loss is not None:
        losses = facts.sweep.base.general_loss, facts.sweep.adapter.general_loss
        yield f"What it forgets: on general text the base has a loss of {losses[0]:.3f}, the adapter {losses[1]:.3f}."
    else:
        yield "What it forgets, on text of other kinds, was not measured."


def _snippet(facts: Facts) -> str:
    """Plain transformers and PEFT."""
    prompt = facts.measured.answers[0].prompt if facts.measured.answers else ""
    values = {"base": _quoted(facts.base_hub_id or facts.base_name), "prompt": _quoted(prompt or "…")}
    if not facts.is_translation:
        return CAUSAL.format(**values)
    base_card = MODELS.get(facts.config.base_model)
    if facts.languages and base_card and base_card.model_type == "m2m_100":
        source, target = facts.languages
        first = f", forced_bos_token_id=tokenizer.get_lang_id({_quoted(target)})"
        return TRANSLATION.format(**values, languages=f"tokenizer.src_lang = {_quoted(source)}", first=first)
    return TRANSLATION.format(**values, languages="# say the languages as this base's own tokenizer wants it", first="")


def _quoted(text: str) -> str:
    """As a literal of Python, on one line."""
    return json.dumps(_short(text), ensure_ascii=False)


def _short(text: str) -> str:
    return one_line(text)[:MAX_LINE]
