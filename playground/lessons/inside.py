"""What the adapter itself has to answer: measurements of what the room `inside` finds in a run, and keeps with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playground.errors import cut
from playground.lessons.measured import Measured
from playground.texts import Text, one_line

if TYPE_CHECKING:
    from playground.inside.sweep import Sweep
    from playground.inside.where.soft_prompt import SoftPrompt

HALF, STRONGER = 0.5, 1.5
STRENGTHS = (HALF, STRONGER)  # of the first that a sweep measures
POINTS = 6  # of a sweep, base and adapter included, with which it has measured these
MAX_WORDS, MAX_WORD = 5, 24  # of a soft prompt, that are said

HALF_KEEPS = Text(
    "half the strength keeps {share:.0%} of the fall in the task loss ({half:.2f}, between {base:.2f} without the"
    " adapter and {own:.2f} with it); at strength {more} the loss is {stronger:.2f}, and of the strengths measured it"
    " is lowest at {best}",
    "metade da força conserva {share:.0%} da queda da perda na tarefa ({half:.2f}, entre {base:.2f} sem o adaptador e"
    " {own:.2f} com ele); na força {more} a perda é {stronger:.2f}, e das forças medidas a menor perda é em {best}",
)
NOTHING_FELL = Text(
    "the adapter does not lower the task loss ({base:.2f} without it, {own:.2f} with it): there is nothing to keep",
    "o adaptador não reduz a perda na tarefa ({base:.2f} sem ele, {own:.2f} com ele): não há o que conservar",
)
WORDS = Text(
    "the nearest words lie at a cosine of {cosine:.2f} on average, those of random vectors at {chance:.2f}, where 1 is"
    " the word itself (the first ones: {words}); and yet the loss with the learned vectors is {loss:.2f}, and"
    " {without:.2f} with random ones in their place",
    "as palavras mais próximas ficam a um cosseno médio de {cosine:.2f}, as de vetores ao acaso a {chance:.2f}, e 1"
    " seria a própria palavra (as primeiras: {words}); mesmo assim a perda com os vetores aprendidos é {loss:.2f}, e"
    " {without:.2f} com vetores ao acaso no lugar",
)


def half_strength(sweep: Sweep) -> Measured | None:
    """How much of the fall in the task loss is left at half the strength, in percent."""
    losses = {point.value: point.task_loss for point in sweep.along("strength") if 0 <= point.value <= STRONGER}
    if not losses.keys() >= set(STRENGTHS):
        return None
    base, own = losses[0.0], losses[1.0]
    if not own < base:
        return Measured(0.0, NOTHING_FELL.filled(base=base, own=own))
    share = (base - losses[HALF]) / (base - own)
    said = HALF_KEEPS.filled(
        share=share, half=losses[HALF], base=base, own=own,
        more=STRONGER, stronger=losses[STRONGER], best=min(losses, key=lambda strength: losses[strength]),
    )  # fmt: skip
    return Measured(100 * share, said)


def nearest_words(found: SoftPrompt) -> Measured | None:
    """The cosine of each virtual token with its nearest word, the mean, in percent; the control is said beside it."""
    learned, control = found.learned, found.random
    if not learned.words or not control.losses:
        return None
    words = " · ".join(cut(one_line(words[0].word), MAX_WORD) or "␣" for words in learned.words[:MAX_WORDS])
    said = WORDS.filled(
        words=words, cosine=learned.mean_cosine, chance=control.mean_cosine, loss=learned.loss, without=control.loss
    )  # fmt: skip
    return Measured(100 * learned.mean_cosine, said)


def share_done(view: Sweep | SoftPrompt) -> float:
    """How much of what the measurements need is there, from 0 to 1."""
    if hasattr(view, "points"):
        return min(len(view.points) / POINTS, 1.0)
    return min(len(view.learned.removals) / view.count, 1.0)
