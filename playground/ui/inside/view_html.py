"""The views in words and as HTML. Tokens and answers come from a model: all of it is escaped."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from playground.numbers import decimal, percent, significant
from playground.texts import Language
from playground.ui.parts.tables import html_table
from playground.ui.texts import t

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from playground.inside.where.answers import Answers
    from playground.inside.where.intervals import Difference
    from playground.inside.where.layer_effects import LayerEffect, LayerEffects
    from playground.inside.where.prompts import Neighbour
    from playground.inside.where.shift import Guess, Shift, ShiftedToken
    from playground.inside.where.soft_prompt import SoftPrompt
    from playground.inside.where.weights import Cell, Spectrum

# The highest rank of each shade; the border says the same to who sees no colours.
SHADES = ((1, "same"), (5, "near"), (50, "far"))
FARTHEST = "farther"
MATCHES = 1.1  # attention within this factor of the control's says nothing
TOKEN_CSS = """
.shift { line-height: 2; white-space: pre-wrap; overflow-wrap: anywhere; margin: .2em 0; }
.shift span { border-radius: 4px; padding: 1px 0; border-bottom: 2px solid transparent; }
.shift [role=button] { cursor: pointer; }
.shift [aria-current] { outline: 2px solid var(--color-accent); }
.shift-told { white-space: pre-wrap; overflow-wrap: anywhere; font-size: var(--text-sm); }
.shift-told:empty { display: none; }
.shift .near { background: rgba(192, 133, 0, .22); border-bottom-color: #C08500; border-bottom-style: dotted; }
.shift .far { background: rgba(213, 94, 0, .3); border-bottom-color: #D55E00; border-bottom-style: dashed; }
.shift .farther { background: rgba(213, 94, 0, .5); border-bottom-color: #D55E00; }
.shift-answer { margin-top: 1em; }
.shift-control p, .shift-control span { color: var(--body-text-color-subdued); }
.shift-control .farther { background: rgba(213, 94, 0, .38); }
.shift-question { margin-top: 2em; white-space: pre-wrap; }
.shift-question { font-size: var(--text-sm); color: var(--body-text-color-subdued); }
"""


def spectrum_html(cell: Cell, spectrum: Spectrum, shuffled: Cell | None, language: Language) -> str:
    """The cell's figures and those of the trained control; and where a control looks the same, that."""
    values = {
        "name": cell.name,
        "relative": percent(cell.relative, 2, language),
        "norm": significant(cell.norm, 3, language),
        "own": decimal(spectrum.effective_rank, 1, language),
        "control": decimal(spectrum.control_effective_rank, 1, language),
    }
    lines = [t("inside_weights_cell", language, **values)]
    if cell.rank is not None:
        lines.append(t("inside_weights_rank", language, rank=cell.rank))
    if spectrum.matches_control:
        lines.append(t("inside_weights_matches", language))
    if shuffled is not None:
        lines.append(t("inside_weights_shuffled", language, relative=percent(shuffled.relative, 2, language)))
        if shuffled.norm >= cell.norm:
            lines.append(t("inside_weights_shuffled_matches", language))
    return paragraphs(lines)


def answers_html(found: Answers, shuffled: Answers | None, language: Language) -> str:
    values = {"share": percent(found.share, 0, language), "control": percent(found.control_share, 0, language)}
    lines = [t("inside_answers_share" if found.is_whole else "inside_answers_so_far", language, **values)]
    if found.is_whole and found.control_share >= found.share:
        lines.append(t("inside_answers_matches", language))
    if shuffled is not None:
        lines.append(t("inside_answers_shuffled_share", language, share=percent(shuffled.share, 0, language)))
        if shuffled.share >= found.share:
            lines.append(t("inside_answers_shuffled_matches", language))
    legend = Markup('<p class="shift">{}</p>').format(
        Markup(" · ").join(
            Markup('<span class="{}">{}</span>').format(shade, t(f"inside_answers_{shade}", language))
            for shade in (*(name for _, name in SHADES), FARTHEST)
        )
    )
    parts = []
    for place, shift in enumerate(found.shifts):
        parts.append(Markup('<p class="shift-question">{}</p>').format(shift.prompt))
        parts.append(_shift(shift, "inside_answers_adapter", "", language))
        for control in found.controls[place : place + 1]:
            parts.append(_shift(control, "inside_answers_control", "shift-control", language))
        for control in shuffled.shifts[place : place + 1] if shuffled else ():
            parts.append(_shift(control, "inside_answers_shuffled", "shift-control", language))
    return paragraphs(lines) + str(legend + Markup("").join(parts))


def _shift(shift: Shift, label: str, extra: str, language: Language) -> Markup:
    tokens = Markup("").join(_token(token, place, language) for place, token in enumerate(shift.tokens))
    said = t(label, language, changed=shift.changed, count=len(shift.tokens))
    return Markup(
        '<div class="shift-answer {}"><p>{}</p><p class="shift">{}</p><p class="shift-told"></p></div>'
    ).format(extra, said, tokens)


def _token(token: ShiftedToken, place: int, language: Language) -> Markup:
    """What both thought of there shows below the answer once the token is pressed or reached with the keyboard."""
    shade = next((name for highest, name in SHADES if token.rank <= highest), FARTHEST)
    hint = t(
        "inside_answers_hint", language,
        rank=token.rank, base=_guesses(token.of_base, language), adapter=_guesses(token.of_adapter, language),
    )  # fmt: skip
    return Markup('<span class="{}" role="button" tabindex="{}" title="{}">{}</span>').format(
        shade, -1 if place else 0, hint, token.text
    )


def _guesses(guesses: Sequence[Guess], language: Language) -> str:
    return ", ".join(f"“{guess.text}” {percent(guess.probability, 0, language)}" for guess in guesses)


def prompt_html(found: SoftPrompt, shuffled: SoftPrompt | None, language: Language) -> str:
    lines = []
    if found.random.losses:
        losses = {"own": decimal(found.learned.loss, 3, language), "control": decimal(found.random.loss, 3, language)}
        lines.append(t("inside_prompt_losses", language, **losses))
        shares = (found.learned.mean_attention, found.random.mean_attention)
        own_share, control_share = (percent(share, 0, language) for share in shares)
        lines.append(t("inside_prompt_attention", language, own=own_share, control=control_share))
        if shares[0] <= MATCHES * shares[1]:
            lines.append(t("inside_prompt_attention_matches", language))
    if found.is_whole:
        own, control = (rises(side.removals) for side in (found.learned, found.random))
        lines.append(t("inside_prompt_removals", language, own=own, control=control, count=found.count))
        if own <= control:
            lines.append(t("inside_prompt_removals_match", language))
    if shuffled is not None:
        trained = shuffled.learned
        told = {
            "loss": decimal(trained.loss, 3, language),
            "attention": percent(trained.mean_attention, 0, language),
            "removals": rises(trained.removals),
        }
        lines.append(t("inside_prompt_shuffled", language, count=shuffled.count, **told))
        if trained.loss <= found.learned.loss:
            lines.append(t("inside_prompt_shuffled_matches", language))
    if not found.learned.words:
        return paragraphs([*lines, t("inside_prompt_prefix", language)])
    cosines = {
        "own": decimal(found.learned.mean_cosine, 2, language),
        "control": decimal(found.random.mean_cosine if found.random.words else None, 2, language),
    }
    lines.append(t("inside_prompt_words", language, **cosines))
    if found.began_as_words:
        lines.append(t("inside_prompt_began", language))
    headers = [t(f"inside_prompt_{name}", language) for name in ("token", "nearest", "random")]
    random = found.random.words or ((),) * found.count
    rows = [
        [str(place), _words(own, language), _words(control, language)]
        for place, (own, control) in enumerate(zip(found.learned.words, random, strict=True), start=1)
    ]
    return paragraphs(lines) + str(html_table(headers, rows))


def rises(differences: Iterable[Difference]) -> int:
    """Of how many parts the loss clearly grew when they were taken out: a part that it falls without is no help."""
    return sum(item.is_rise for item in differences)


def layers_html(found: LayerEffects, shuffled: LayerEffects | None, language: Language) -> str:
    lines = []
    if found.is_whole:
        sides = [_helpful(side) for side in (found.learned, found.random)]
        for key, own, control in zip(("without", "alone"), *sides, strict=True):
            lines.append(t(f"inside_layers_{key}", language, own=own, control=control, count=found.count))
            if own <= control:
                lines.append(t("inside_layers_matches", language))
    if shuffled is not None:
        sides = [_helpful(side) for side in (found.learned, shuffled.learned)]
        for key, own, control in zip(("without", "alone"), *sides, strict=True):
            lines.append(t(f"inside_layers_shuffled_{key}", language, control=control, count=shuffled.count))
            if own <= control:
                lines.append(t("inside_layers_shuffled_matches", language))
    return paragraphs(lines)


def _helpful(side: Sequence[LayerEffect]) -> tuple[int, int]:
    """Of how many layers the loss clearly rises without them, and falls with them alone."""
    return rises(effect.without for effect in side), sum(effect.alone.is_fall for effect in side)


def _words(words: Sequence[Neighbour], language: Language) -> str:
    return ", ".join(f"“{word.word}” {decimal(word.cosine, 2, language)}" for word in words)


def paragraphs(lines: Sequence[str]) -> str:
    return str(Markup("").join(Markup("<p>{}</p>").format(line) for line in lines))
