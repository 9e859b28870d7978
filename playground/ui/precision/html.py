"""A comparison of precisions as HTML and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from playground.catalog.precisions import PRECISIONS
from playground.model.libraries import load_libraries
from playground.numbers import NOTHING, byte_size, count, decimal, percent
from playground.texts import Language
from playground.ui.parts.progress_bar import progress_html
from playground.ui.parts.tables import html_table
from playground.ui.texts import t

if TYPE_CHECKING:
    from playground.precision.comparison import Measured, PrecisionComparison

MEGABYTE = 1e6
STAGES = ("loading", "weights", "writing", "reading")


def status_html(found: PrecisionComparison, train: bool, language: Language) -> str:
    """What is being done and how much of all is done."""
    if found.stopped:
        return progress_html(t("precision_stopped", language))
    if not found.current:
        text = t("precision_done", language, device=found.device)
        if found.kept:
            names = ", ".join(PRECISIONS[name].label for name in found.kept)
            text = f"{text} {t('precision_kept', language, names=names)}"
        return progress_html(text)
    text = t(f"precision_stage_{found.stage}", language, precision=PRECISIONS[found.current].label)
    total = len(STAGES) * (
        len(PRECISIONS) + (sum(bool(item.trains_as) for item in PRECISIONS.values()) if train else 0)
    )
    done = len(STAGES) * (len(found.measured) + len(found.failed) + len(found.training))
    if found.stage in STAGES and found.current not in found.measured.keys() | found.failed.keys():
        done += STAGES.index(found.stage)
    return progress_html(text, min(1.0, done / total))


def summary_html(found: PrecisionComparison, language: Language) -> str:
    """The sentences that matter, the table, and what could not be measured."""
    lines = [*_sentences(found, language), *(text.to(language) for text in found.failed.values())]
    paragraphs = Markup("").join(Markup("<p>{}</p>").format(line) for line in lines)
    return str(paragraphs + _table(found, language))


def _sentences(found: PrecisionComparison, language: Language) -> list[str]:
    lines = []
    plain = found.measured.get("fp32")
    for name, item in found.measured.items():
        if plain is None or name not in ("bf16", "nf4_double"):
            continue
        values = {
            "precision": PRECISIONS[name].label,
            "share": percent(item.weight_bytes / plain.weight_bytes, 0, language),
            "change": decimal(item.loss - plain.loss, 4, language, signed=True),
            "pace": _pace(item.tokens_per_second / plain.tokens_per_second, language),
        }
        lines.append(t("precision_sentence", language, **values))
    if {"fp32", "bf16", "nf4_double"} <= found.training.keys():
        peaks = {name: byte_size(item.peak_bytes, language) for name, item in found.training.items()}
        values = {"fp32": peaks["fp32"], "bf16": peaks["bf16"], "qlora": peaks["nf4_double"]}
        lines.append(t("precision_sentence_training", language, **values))
    half = found.measured.get("bf16")
    if half and half.errors.modules and not any(module.relative for module in half.errors.modules):
        lines.append(t("precision_same_as_file", language))
    missing = max((item.errors.not_compared for item in found.measured.values()), default=0)
    if missing:
        lines.append(t("precision_not_compared", language, count=missing))
    return lines


def _pace(times: float, language: Language) -> str:
    """How fast it writes beside fp32, as the two digits that are shown say it."""
    shown = round(times, 2)
    if shown == 1:
        return t("precision_as_fast", language)
    return t("precision_slower" if shown < 1 else "precision_faster", language, times=decimal(times, 2, language))


def _table(found: PrecisionComparison, language: Language) -> Markup:
    headers = ["precision", "bytes", "share", "load", "speed", "loss", "perplexity", "error"]
    if found.training:
        headers += ["loaded", "peak"]
    plain = found.measured.get("fp32")
    rows = [_row(item, plain, found, language) for item in found.measured.values()]
    tokens = max((item.tokens for item in found.measured.values()), default=0)
    caption = t(f"precision_caption_{found.task}", language, tokens=count(tokens, language)) if found.task else ""
    return html_table([t(f"precision_{name}", language) for name in headers], rows, caption=caption)


def _row(item: Measured, plain: Measured | None, found: PrecisionComparison, language: Language) -> list[object]:
    label = PRECISIONS[item.precision].label
    if PRECISIONS[item.precision].quantization:
        label = t("precision_rest", language, precision=label, dtype=item.dtype)
    share = item.weight_bytes / plain.weight_bytes if plain else None
    largest = max((module.relative for module in item.errors.modules), default=None)
    cells: list[object] = [
        label,
        decimal(item.weight_bytes / MEGABYTE, 1, language),
        percent(share, 1, language),
        decimal(item.load_seconds, 2, language),
        decimal(item.tokens_per_second, 1, language),
        decimal(item.loss, 4, language),
        decimal(item.perplexity, 2, language),
        percent(largest, 2, language),
    ]
    if found.training:
        memory = found.training.get(item.precision)
        name = PRECISIONS[item.precision].trains_as
        cells.append(decimal(memory.loaded_bytes / MEGABYTE, 0, language) if memory else NOTHING)
        cells.append(f"{name} {decimal(memory.peak_bytes / MEGABYTE, 0, language)}" if memory else NOTHING)
    return cells


def panels(found: PrecisionComparison, language: Language) -> Any:
    """Bytes, load, speed, perplexity and, where it was measured, training memory as bars."""
    from playground.precision.charts import panels_figure

    items = list(found.measured.values())
    values: dict[str, list[float | None]] = {
        t("precision_bytes", language): [item.weight_bytes / MEGABYTE for item in items],
        t("precision_speed", language): [item.tokens_per_second for item in items],
        t("precision_perplexity", language): [item.perplexity for item in items],
        t("precision_load", language): [item.load_seconds for item in items],
    }
    if found.training:
        peaks = [found.training.get(item.precision) for item in items]
        values[t("precision_peak", language)] = [peak.peak_bytes / MEGABYTE if peak else None for peak in peaks]
    return panels_figure([_short(item.precision) for item in items], values, language)


def layers(found: PrecisionComparison, language: Language) -> Any:
    """The error of each layer, a line a precision."""
    from playground.precision.charts import layer_figure

    names = list(dict.fromkeys(layer.layer for item in found.measured.values() for layer in item.errors.layers))
    lines = []
    for item in found.measured.values():
        errors = {layer.layer: layer.relative for layer in item.errors.layers}
        lines.append((_short(item.precision), [errors.get(name) for name in names]))
    return layer_figure(names, lines, language)


def histogram(found: PrecisionComparison, precision: str, language: Language) -> Any:
    """How the errors of single weights are spread in each layer of one precision."""
    load_libraries()
    from playground.precision.charts import histogram_figure
    from playground.precision.weight_error import bin_centres

    errors = found.measured[precision].errors.layers
    return histogram_figure(
        [layer.layer for layer in errors], bin_centres(), [layer.counts for layer in errors], language
    )


def choices(found: PrecisionComparison) -> list[tuple[str, str]]:
    """The precisions whose weights moved at all: the others have no histogram worth a look."""
    moved = [item for item in found.measured.values() if any(layer.relative for layer in item.errors.layers)]
    return [(PRECISIONS[item.precision].label, item.precision) for item in moved]


def _short(precision: str) -> str:
    """The label as a chart writes it, below a bar."""
    return str(escape(PRECISIONS[precision].label)).replace(" + ", "<br>+ ")
