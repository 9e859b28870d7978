"""What happens on the Verdict tab: judging, stopping, leakage, opening sentences, earlier verdicts, downloads."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.blocks import Block

from playground.model.libraries import load_libraries
from playground.service import Playground
from playground.texts import Language
from playground.ui.feedback import QUIET, shows_errors
from playground.ui.parts.downloads import written
from playground.ui.parts.job import Job
from playground.ui.parts.pickers import run_label
from playground.ui.parts.progress_bar import progress_html
from playground.ui.texts import t
from playground.ui.verdict import file as verdict_file
from playground.ui.verdict.html import KINDS, Kind, label_of, leaks_html, list_html, sentence_html, verdict_html
from playground.ui.verdict.tab import HELD_OUT, MAX_ADAPTERS, OWN_FILE, VerdictTab, is_translation, read_request

if TYPE_CHECKING:
    from playground.verdict.judge import Verdict
    from playground.verdict.judged_runs import JudgeRequest

SECONDS_BETWEEN_UPDATES = 0.3
# gr.Plot tells nobody about clicks, but the chart itself does: a clicked point puts its sentence's number into the
# field beside the chart, as if it were typed. The chart may be drawn anew at any time, so its box is watched.
OPEN_CLICKED = """() => {
    const box = document.getElementById("verdict-scatter");
    if (!box || box.opensSentences) return;
    box.opensSentences = true;
    const open = (event) => {
        const number = event.points.map((point) => point.customdata).find(Boolean);
        const field = document.querySelector("#verdict-number input");
        if (!number || !field) return;
        field.value = number;
        field.dispatchEvent(new Event("input", { bubbles: true }));
    };
    const listen = () => {
        const chart = box.querySelector(".js-plotly-plot");
        if (!chart || !chart.on) return;
        chart.removeAllListeners("plotly_click");
        chart.on("plotly_click", open);
    };
    new MutationObserver(listen).observe(box, { childList: true, subtree: true });
    listen();
}"""


def wire(tab: VerdictTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    _wire_choices(tab, playground, language)
    verdict_file.wire(tab, playground, language)
    _wire_judging(tab, page, playground, language)
    _wire_results(tab, language)


def refresh_on(
    triggers: Sequence[Callable[..., Any]], tab: VerdictTab, playground: Playground, language: Language
) -> None:
    """Offer the translation runs that have an adapter whenever one of `triggers` fires."""

    def offer(chosen: list[str]) -> gr.Dropdown:
        return run_choices(playground, chosen, language)

    gr.on(list(triggers), offer, tab.runs, tab.runs, **QUIET)


def run_choices(playground: Playground, chosen: list[str], language: Language) -> gr.Dropdown:
    usable = [
        info
        for info in playground.list_runs()
        if info.has_adapter and is_translation(playground.config_of(info.run_id))
    ]
    known = {info.run_id for info in usable}
    return gr.Dropdown(
        choices=[(run_label(info, language), info.run_id) for info in usable],
        value=[run_id for run_id in chosen if run_id in known],
        multiselect=True,
        max_choices=MAX_ADAPTERS,
        info=t("verdict_runs_help" if usable else "verdict_no_runs", language),
    )


def opened_with(tab: VerdictTab, playground: Playground, run_ids: list[str], language: Language) -> dict[Block, Any]:
    """The runs ready to be judged by what they held out, and the last verdict on the first of them, if there is one."""
    names = playground.verdict_names(run_ids[0])
    found = playground.saved_verdict(run_ids[0], names[0]) if names else None
    chosen = {
        tab.runs: run_choices(playground, run_ids, language),
        tab.test: HELD_OUT,
        tab.file: gr.File(visible=False),
        tab.leaks_panel: gr.Column(visible=False),
        tab.accept: False,
        tab.earlier: earlier_choices(names),
    }
    return chosen | dict(zip(tab.shown, views(found, language), strict=True))


def _wire_choices(tab: VerdictTab, playground: Playground, language: Language) -> None:
    leakage = [tab.leaks_panel, tab.accept]

    def forget_leaks(test: str) -> tuple[Any, ...]:
        """What was acknowledged was acknowledged for other sentences."""
        return gr.File(visible=test == OWN_FILE), gr.Column(visible=False), False

    @shows_errors(language)
    def follow_runs(chosen: list[str]) -> tuple[Any, ...]:
        names = playground.verdict_names(chosen[0]) if chosen else []
        found = playground.saved_verdict(chosen[0], names[0]) if names else None
        return earlier_choices(names), *views(found, language)

    @shows_errors(language)
    def open_earlier(chosen: list[str], name: str | None) -> tuple[Any, ...]:
        found = playground.saved_verdict(chosen[0], name) if chosen and name else None
        return views(found, language)

    gr.on([tab.test.change, tab.file.change, tab.runs.input], forget_leaks, tab.test, [tab.file, *leakage], **QUIET)
    tab.runs.input(follow_runs, tab.runs, [tab.earlier, *tab.shown], **QUIET)
    tab.earlier.input(open_earlier, [tab.runs, tab.earlier], tab.shown, **QUIET)


def _wire_judging(tab: VerdictTab, page: gr.Blocks, playground: Playground, language: Language) -> None:
    loading, failed = (progress_html(t(f"verdict_{name}", language)) for name in ("loading", "failed"))
    judging = Job(
        tab.start,
        tab.stop,
        language,
        check=read_request,
        begin=lambda _: {tab.status: loading, tab.leaks_panel: gr.Column(visible=False)},
        work=partial(judged, playground, language=language),
        fail=lambda _: {tab.status: failed},
    )
    judging.wire(page, [tab.status, tab.leaks_panel, tab.leaks, tab.earlier, *tab.shown], inputs=tab.request)


def judged(
    playground: Playground, request: JudgeRequest, should_stop: Callable[[], bool], language: Language
) -> Iterator[tuple[Any, ...]]:
    """Status, leakage panel and list, earlier verdicts, and `views`, as the judging goes on."""
    load_libraries()
    from playground.verdict.judged_runs import JudgeProgress
    from playground.verdict.leakage import LeakageError

    same: list[Any] = [gr.skip() for _ in range(VIEWS)]
    last = 0.0
    try:
        for update in playground.judge(request, should_stop):
            if not isinstance(update, JudgeProgress):
                status = progress_html(t("verdict_done", language, count=len(update.test.pairs)))
                names = playground.verdict_names(request.run_ids[0])
                yield status, gr.Column(visible=False), "", earlier_choices(names), *views(update, language)
                return
            if time.monotonic() - last < SECONDS_BETWEEN_UPDATES and update.done < update.total:
                continue
            last = time.monotonic()
            key = "verdict_progress" if update.done < update.total else "verdict_counting"
            text = t(key, language, label=update.label, done=update.done, total=update.total)
            yield progress_html(text, update.done / update.total), gr.skip(), gr.skip(), gr.skip(), *same
    except LeakageError as error:
        shown = leaks_html(error.leaks, error.total, language)
        yield progress_html(t("verdict_failed", language)), gr.Column(visible=True), shown, gr.skip(), *same
        return
    yield progress_html(t("verdict_stopped", language)), gr.skip(), gr.skip(), gr.skip(), *same


def _wire_results(tab: VerdictTab, language: Language) -> None:
    def open_sentence(latest: Verdict | None, number: float | None) -> Any:
        if latest is None or number is None or not 1 <= number <= len(latest.test.pairs):
            return gr.skip()
        return sentence_html(latest, int(number) - 1, language)

    def show_list(latest: Verdict | None, adapter: int | None, kind: Kind) -> Any:
        if latest is None or adapter is None or adapter >= len(latest.adapters):
            return gr.skip()
        return list_html(latest, adapter, kind, language)

    tab.number.change(open_sentence, [tab.latest, tab.number], tab.sentence, trigger_mode="always_last", **QUIET)
    gr.on([tab.kind.input, tab.adapter.input], show_list, [tab.latest, tab.adapter, tab.kind], tab.listed, **QUIET)
    tab.scatter.change(None, js=OPEN_CLICKED, api_visibility="private")


VIEWS = 15  # components that `views` fills


def views(verdict: Verdict | None, language: Language) -> tuple[Any, ...]:
    """What `VerdictTab.shown` shows of a verdict; nothing at all of none."""
    if verdict is None:
        return None, gr.Column(visible=False), *[gr.skip() for _ in range(VIEWS - 2)]
    labels = [label_of(result, language) for result in verdict.results]
    adapters = [(result.system.label, place) for place, result in enumerate(verdict.adapters)]
    first = most_moved(verdict)
    return (
        verdict,
        gr.Column(visible=True),
        verdict_html(verdict, language),
        *_figures(verdict, labels, language),
        gr.Number(value=first + 1, maximum=len(verdict.test.pairs)),
        sentence_html(verdict, first, language),
        gr.Radio(choices=adapters, value=0, visible=len(adapters) > 1),
        KINDS[0],
        list_html(verdict, 0, KINDS[0], language),
        _length_figure(verdict, labels, language),
        *_downloads(verdict),
    )


def most_moved(verdict: Verdict) -> int:
    """The sentence whose score the first adapter changed most: the one to open first."""
    pairs = zip(verdict.base.sentence_chrf, verdict.adapters[0].sentence_chrf, strict=True)
    changes = [abs(after - before) for before, after in pairs]
    return changes.index(max(changes))


def earlier_choices(names: list[str]) -> gr.Dropdown:
    """Verdicts by the time at which they were given, the newest chosen."""
    choices = [(_time_of(name), name) for name in names]
    return gr.Dropdown(choices=choices, value=names[0] if names else None, visible=len(names) > 1)


def _time_of(name: str) -> str:
    """2026-11-24 12:04:13 of verdict-20261124-120413-….json"""
    day, _, moment = name.removeprefix("verdict-").removesuffix(".json").partition("-")
    return f"{day[:4]}-{day[4:6]}-{day[6:8]} {moment[:2]}:{moment[2:4]}:{moment[4:6]}"


def _figures(verdict: Verdict, labels: list[str], language: Language) -> tuple[Any, Any]:
    from playground.verdict.charts import Bar, interval_figure, scatter_figure

    bars = {
        name: [
            Bar(score.score, score.interval.low, score.interval.high)
            for score in (result.scores[name] for result in verdict.results)
        ]
        for name in verdict.base.scores
    }
    adapters = [(result.system.label, result.sentence_chrf) for result in verdict.adapters]
    sources = [pair.source for pair in verdict.test.pairs]
    return (
        interval_figure(labels, bars, language),
        scatter_figure(verdict.base.sentence_chrf, adapters, sources, language),
    )


def _length_figure(verdict: Verdict, labels: list[str], language: Language) -> Any:
    from playground.verdict.charts import Length, length_figure

    lengths = [Length(item.shortest, item.longest, item.sentences, item.chrf) for item in verdict.lengths]
    return length_figure(labels, lengths, language)


def _downloads(verdict: Verdict) -> tuple[gr.DownloadButton, ...]:
    from playground.verdict.files import score_table, sentence_table, signature_text, to_json

    texts = {
        "sentences.tsv": sentence_table(verdict),
        "scores.csv": score_table(verdict),
        "verdict.json": to_json(verdict),
        "signatures.txt": signature_text(verdict),
    }
    return tuple(gr.DownloadButton(value=written(name, text)) for name, text in texts.items())
