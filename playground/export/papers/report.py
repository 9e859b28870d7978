"""A report of a run as one HTML file: it opens from a disk or any static host, and asks nothing of any network.

Charts are plotly's, whose script lies in the file (4.5 MB) and draws from data beside it. The page's policy names both
scripts by their hash and allows nothing else: not a script from elsewhere, nor one that somebody wrote into a run's
name, nor a request.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from playground.catalog.models import MODELS
from playground.compare.diff import word_diff
from playground.export.papers import charts
from playground.export.papers.facts import Facts
from playground.export.papers.markdown import words
from playground.export.papers.measured import Answer
from playground.export.papers.texts import ASKED, ASKED_LITTLE, TEXTS
from playground.numbers import decimal, interval
from playground.texts import UNSEEN, Language, one_line
from playground.verdict.judge import signatures

if TYPE_CHECKING:
    import plotly.graph_objects as go

HERE = Path(__file__).parent
NAME = "index.html"
MAX_TITLE = 80
LONGEST = 20_000  # characters of one prompt or answer that are shown
POLICY = (
    "default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none';"
    " form-action 'none'"
)


class Chart(NamedTuple):
    """A figure with its place among all of the report, and what it shows in words."""

    number: int
    words: str
    figure: go.Figure


def report(facts: Facts, language: Language) -> str:
    """The whole file, for a reader of that language."""
    from plotly.offline import get_plotlyjs

    plotly, script = get_plotlyjs(), (HERE / "report.js").read_text(encoding="utf-8")
    drawn = _charts(facts, language)
    every = [chart.figure.to_json() for part in drawn.values() for chart in part]
    t = partial(_said, language)
    base_card = MODELS.get(facts.config.base_model)
    return (
        _environment(language)
        .get_template("report.html")
        .render(
            facts=facts,
            language=language,
            t=t,
            policy=POLICY.format(hashes=" ".join(f"'sha256-{_hash(text)}'" for text in (plotly, script))),
            css=Markup((HERE / "report.css").read_text(encoding="utf-8")),
            plotly=Markup(plotly),
            script=Markup(script),
            charts=drawn,
            charts_json=_in_script(every),
            asked=_asked(facts, language),
            loss=_loss(facts, language, t),
            judged=facts.judged,
            signatures=[(t("signature"), text) for text in signatures(facts.verdict)] if facts.verdict else [],
            weights_note=base_card.weights.to(language) if base_card and base_card.weights else "",
            settings=facts.settings,
            data=list(_data(facts, t)),
            base=list(_base(facts, t)),
            proof=list(_hashes(facts, t)),
            versions=facts.made_with,
        )
    )


def space_card(facts: Facts) -> str:
    """The README.md that makes a folder with the report a static Space of the Hub; nothing else reads it."""
    from huggingface_hub import SpaceCardData

    data = SpaceCardData(title=one_line(facts.name)[:MAX_TITLE], sdk="static", app_file=NAME, tags=["peft-playground"])
    return f"---\n{data.to_yaml()}\n---\n\n{words(facts.name)}\n"


def _environment(language: Language) -> Environment:
    """Whatever is filled in is escaped; texts lose what cannot be seen or encoded."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: UNSEEN.sub("\N{REPLACEMENT CHARACTER}", value) if type(value) is str else value,
    )
    environment.filters["to_reader"] = lambda text: text.to(language)
    functions: dict[str, Callable[..., Any]] = {
        "number": lambda value: decimal(value, 2, language),
        "between": lambda found: interval(found.low, found.high, 2, language),
        "diff": _diff,
    }
    environment.globals |= functions
    return environment


def _said(language: Language, name: str, /, **values: object) -> str:
    return TEXTS[name].to(language, **values)


def _charts(facts: Facts, language: Language) -> dict[str, list[Chart]]:
    found: dict[str, list[Chart]] = {}
    number = 0
    drawers: dict[str, Callable[[Facts, Language], list[go.Figure]]] = {
        "judged": charts.judged,
        "curves": charts.curves,
        "inside": charts.inside,
    }
    for name, draw in drawers.items():
        found[name] = []
        for figure in draw(facts, language):
            found[name].append(Chart(number, figure.layout.meta["description"], figure))
            number += 1
    return found


def _in_script(figures: Sequence[str]) -> Markup:
    """Plotly's JSON where a script stands: nothing in it can end the element."""
    text = f"[{','.join(figures)}]"
    json.loads(text)
    return Markup(text.replace("&", r"\u0026").replace("<", r"\u003c").replace(">", r"\u003e"))


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


def _asked(facts: Facts, language: Language) -> str:
    values = {"method": facts.method_label, "base": facts.base_name, "data": facts.dataset_name}
    if not facts.started:
        return ASKED_LITTLE.to(language, **values)
    return ASKED.to(
        language,
        **values,
        steps=int(facts.summary.get("steps") or 0),
        train=facts.started["train_examples"],
        held_out=facts.started["eval_examples"],
    )


def _loss(facts: Facts, language: Language, t: Callable[..., str]) -> str:
    found = facts.measured.loss
    values = {"base": facts.summary.get("eval_loss_base"), "adapter": facts.summary.get("eval_loss")}
    if found is None:
        return t("loss_logged", **{name: decimal(value, 3, language) for name, value in values.items()})
    ends = {"change": found.difference.change, "low": found.difference.low, "high": found.difference.high}
    values = {"base": found.base, "adapter": found.adapter, **ends}
    said = {name: decimal(value, 3, language) for name, value in values.items()}
    return t("loss_found", **said, examples=found.examples)


def _data(facts: Facts, t: Callable[..., str]) -> Iterator[tuple[str, object]]:
    yield t("data_set"), facts.dataset_name
    if facts.dataset_hub_id:
        yield "Hugging Face Hub", facts.dataset_hub_id
    if facts.started:
        yield t("train_examples"), facts.started["train_examples"]
        yield t("held_out_examples"), facts.started["eval_examples"]
    yield t("licence"), facts.dataset_licence or t("not_known")


def _base(facts: Facts, t: Callable[..., str]) -> Iterator[tuple[str, object]]:
    yield t("model"), facts.base_name
    if facts.base:
        yield t("file"), facts.base.file
    yield t("licence"), facts.base_licence or t("not_known")


def _hashes(facts: Facts, t: Callable[..., str]) -> Iterator[tuple[str, object]]:
    yield t("sha256_adapter"), facts.adapter_sha256
    if facts.base:
        yield t("sha256_base"), facts.base.sha256
    if facts.data_sha256:
        yield t("sha256_data"), facts.data_sha256


def _diff(answer: Answer) -> list[tuple[str, str | None]]:
    """The adapter's answer, with what the base did not say."""
    parts: list[Any] = word_diff(answer.base[:LONGEST], answer.adapter[:LONGEST])
    return [(text, kind) for text, kind in parts if kind != "removed"]
