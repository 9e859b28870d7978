"""A verdict as HTML. Names, sentences and translations come from outside: all of them are escaped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from markupsafe import Markup

from playground.catalog.languages import language_name
from playground.numbers import decimal, interval
from playground.texts import Language
from playground.ui.compare.html import MARKS_CSS, diff_html
from playground.ui.parts.tables import TABLE_CSS, html_table
from playground.ui.texts import t
from playground.ui.translate.html import BADGE_CSS

if TYPE_CHECKING:
    from playground.verdict.judge import Result, Verdict
    from playground.verdict.leakage import Leak

Kind = Literal["gained", "lost", "best", "worst"]
KINDS: tuple[Kind, ...] = ("gained", "lost", "best", "worst")
SHOWN_LEAKS = 50
DIFF_CHARACTERS = 4000  # a comparison word by word takes the square of the length
MARKS = {"better": "✓", "worse": "✗", "undecided": "≈", "identical": "="}

# Scoped to its component by gr.HTML, beside the rules of tables; readable on the light and on the dark page.
CSS = (
    TABLE_CSS
    + MARKS_CSS
    + BADGE_CSS
    + """
.verdict { display: grid; gap: .4em; margin: 0 0 1.2em; padding: .2em 0 .2em 1em; border-left: 5px solid #8a919e; }
.verdict.better { border-color: #009e73; }
.verdict.worse { border-color: #d55e00; }
.verdict h3 { margin: 0; font-size: var(--text-md); overflow-wrap: anywhere; }
.verdict .sentence { margin: 0; font-size: clamp(1.25rem, 2.6vw, 1.8rem); font-weight: 700; line-height: 1.3; }
.verdict p { margin: 0; }
.quiet { color: var(--body-text-color-subdued); margin: 0 0 .8em; }
.caution { padding: .4em .7em; border: 1px solid #b7791f; border-radius: 8px; background: rgba(183, 121, 31, .14); }
details { margin: .8em 0; }
details li { font-family: var(--font-mono); font-size: var(--text-xs); overflow-wrap: anywhere; }
.one dt { font-size: var(--text-sm); color: var(--body-text-color-subdued); margin-top: .6em; overflow-wrap: anywhere; }
.one dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
"""
)


def label_of(result: Result, language: Language) -> str:
    return t("verdict_base", language) if result.system.run_id is None else result.system.label


def verdict_html(verdict: Verdict, language: Language) -> str:
    """What was found, adapter by adapter; then the figures and how they were made."""
    from playground.verdict.judge import signatures

    test = verdict.test
    names = [language_name(code, language) for code in (test.source_language, test.target_language)]
    line = t("verdict_test_line", language, name=test.name, count=len(test.pairs), source=names[0], target=names[1])
    parts = [_adapter(result, language) for result in verdict.adapters]
    parts.append(Markup('<p class="quiet">{}</p>').format(line))
    if test.leaks:
        note = t("verdict_leaks_note", language, count=len(test.leaks), total=len(test.pairs))
        parts.append(Markup('<p class="caution">⚠ {}</p>').format(note))
    parts.append(_scores(verdict, language))
    decoding = Markup("<p>{}: {}</p>").format(t("verdict_decoding", language), verdict.base.system.decoding)
    items = Markup("").join(Markup("<li>{}</li>").format(item) for item in signatures(verdict))
    parts.append(
        Markup("<details><summary>{}</summary>{}<ul>{}</ul></details>").format(
            t("verdict_signatures", language), decoding, items
        )
    )
    return str(Markup("").join(parts))


def sentence_html(verdict: Verdict, place: int, language: Language) -> str:
    """One test sentence: source, reference, and what each model made of it; words that the base lacks are marked."""
    source, reference = verdict.test.pairs[place]
    entries = [(t("verdict_source", language), Markup("{}").format(source))]
    entries.append((t("verdict_reference", language), Markup("{}").format(reference)))
    for result in verdict.results:
        score = decimal(result.sentence_chrf[place], 1, language)
        head = Markup("{} · chrF {} {}").format(label_of(result, language), score, _badges(result, place, language))
        entries.append((head, _output(verdict, result, place, language)))
    rows = Markup("").join(Markup('<dt>{}</dt><dd dir="auto">{}</dd>').format(head, text) for head, text in entries)
    return str(Markup('<dl class="one" aria-live="polite">{}</dl>').format(rows))


def list_html(verdict: Verdict, adapter: int, kind: Kind, language: Language) -> str:
    """The adapter's best, worst or most changed sentences as a table, words that the base lacks marked."""
    from playground.verdict.judge import extremes

    places = extremes(verdict, adapter)[kind]
    if not places:
        return str(Markup('<p class="quiet">{}</p>').format(t("verdict_list_empty", language)))
    result, base = verdict.adapters[adapter], verdict.base
    headers = [
        t("verdict_leak_number", language), t("verdict_source", language), t("verdict_reference", language),
        label_of(base, language), label_of(result, language), t("verdict_change", language),
    ]  # fmt: skip
    rows = []
    for place in places:
        source, reference = verdict.test.pairs[place]
        scores = [decimal(item.sentence_chrf[place], 1, language) for item in (base, result)]
        texts = [source, reference, _output(verdict, base, place, language), _output(verdict, result, place, language)]
        cells = [Markup('<p dir="auto">{}</p>').format(text) for text in texts]
        rows.append([place + 1, *cells, " → ".join(scores)])
    return str(html_table(headers, rows))


def leaks_html(leaks: Sequence[Leak], total: int, language: Language) -> str:
    """The test sentences that were trained on."""
    title = t("verdict_leaks_title", language, count=len(leaks), total=total)
    headers = [t(f"verdict_leak_{name}", language) for name in ("number", "kind")]
    headers += [t(f"verdict_{name}", language) for name in ("source", "reference", "leak_trained")]
    rows = [
        [leak.number, t(f"verdict_leak_{leak.kind}", language), leak.source, leak.reference, leak.trained]
        for leak in leaks[:SHOWN_LEAKS]
    ]
    left = len(leaks) - len(rows)
    more = Markup("<p>{}</p>").format(t("verdict_leaks_more", language, count=left)) if left else Markup("")
    help_text = t("verdict_leaks_help", language)
    return str(
        Markup('<div role="alert"><h3>⚠ {}</h3><p>{}</p>{}{}</div>').format(
            title, help_text, html_table(headers, rows), more
        )
    )


def interval_chart(verdict: Verdict, language: Language) -> Any:
    from playground.verdict.charts import interval_figure

    scores = {name: [result.scores[name] for result in verdict.results] for name in verdict.base.scores}
    return interval_figure(_labels(verdict, language), scores, language)


def scatter_chart(verdict: Verdict, language: Language) -> Any:
    from playground.verdict.charts import scatter_figure

    adapters = [(result.system.label, result.sentence_chrf) for result in verdict.adapters]
    sources = [pair.source for pair in verdict.test.pairs]
    return scatter_figure(verdict.base.sentence_chrf, adapters, sources, language)


def length_chart(verdict: Verdict, language: Language) -> Any:
    from playground.verdict.charts import length_figure

    return length_figure(_labels(verdict, language), verdict.lengths, language)


def _labels(verdict: Verdict, language: Language) -> list[str]:
    return [label_of(result, language) for result in verdict.results]


def _adapter(result: Result, language: Language) -> Markup:
    against = result.against_base
    if against is None:
        return Markup("")
    counts = t("verdict_by_sentence", language, wins=against.wins, ties=against.ties, losses=against.losses)
    found = t("verdict_badges", language, found=_badge_counts(result, language))
    cautions = Markup("").join(
        Markup('<p class="caution">⚠ {}</p>').format(text.to(language))
        for text in (result.system.other_base, against.caution)
        if text
    )
    return Markup(
        '<section class="verdict {}"><h3>{}</h3><p class="sentence">{} {}</p>{}<p>{}</p><p>{}</p></section>'
    ).format(
        against.outcome, label_of(result, language), MARKS.get(against.outcome, ""), against.sentence.to(language),
        cautions, counts, found,
    )  # fmt: skip


def _badge_counts(result: Result, language: Language) -> str:
    from playground.translate.suspicion import BADGES

    counts = Counter(name for badges in result.system.badges for name in badges if name in BADGES)
    listed = ", ".join(f"{BADGES[name].label.to(language)} {count}" for name, count in counts.most_common())
    return listed or t("verdict_badges_none", language)


def _scores(verdict: Verdict, language: Language) -> Markup:
    metrics = list(verdict.base.scores)
    rows = []
    for result in verdict.results:
        cells: list[object] = [label_of(result, language)]
        for name in metrics:
            score = result.scores[name]
            ends = interval(score.interval.low, score.interval.high, 2, language)
            cells.append(f"{decimal(score.score, 2, language)} ({ends})")
            difference = result.against_base.differences.get(name) if result.against_base else None
            chances = (difference.p_bootstrap, difference.p_randomization) if difference else ()
            cells.append(" / ".join(decimal(chance, 4, language) for chance in chances))
        rows.append(cells)
    headers = [t("verdict_system", language), *(head for name in metrics for head in (name, f"p ({name})"))]
    return html_table(headers, rows, caption=t("verdict_scores", language))


def _output(verdict: Verdict, result: Result, place: int, language: Language) -> Markup:
    output, base = result.system.outputs[place], verdict.base.system.outputs[place]
    if not output.strip():
        return Markup("<em>{}</em>").format(t("verdict_empty_output", language))
    if result is verdict.base or not base or max(len(output), len(base)) > DIFF_CHARACTERS:
        return Markup("{}").format(output)
    return diff_html(base, output, removed=False)


def _badges(result: Result, place: int, language: Language) -> Markup:
    from playground.translate.suspicion import BADGES

    names = result.system.badges[place] if result.system.badges else ()
    shown = (Markup('<span class="badge">{}</span>').format(BADGES[name].label.to(language)) for name in names
             if name in BADGES)  # fmt: skip
    return Markup(" ").join(shown)
