"""What an adapter changed in its own answer: each token of it, by its rank under the base.

Token distribution shift, after Lin et al. 2024, "The Unlocking Spell on Base LLMs" (Re-Align): base and adapter read
the adapter's greedy answer, and at each place the base is asked how likely it would have gone on so. Reading on along
the adapter's words hides what compounds: after a few words of its own, the base would be elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

LIKELIEST = 5
WORD_START = "▁"  # SentencePiece's mark of a space


@dataclass(frozen=True)
class Guess:
    """A token that a model thinks of, and its probability."""

    text: str
    probability: float


@dataclass(frozen=True)
class ShiftedToken:
    """`rank` is the place of the token among what the base thinks of there: 1 is what it would have said itself."""

    text: str
    rank: int
    of_base: tuple[Guess, ...]
    of_adapter: tuple[Guess, ...]


@dataclass(frozen=True)
class Shift:
    """The answer to a prompt, token by token; the end of the answer is the last one, where it came to an end."""

    prompt: str
    tokens: tuple[ShiftedToken, ...]

    @property
    def changed(self) -> int:
        """Places at which the base would have gone on otherwise."""
        return sum(token.rank > 1 for token in self.tokens)


def shift_of(
    prompt: str, targets: torch.Tensor, of_base: torch.Tensor, of_adapter: torch.Tensor, tokenizer: Any
) -> Shift:
    """`targets` are the tokens of the answer, the others the logits before each of them, [tokens, vocabulary]."""
    own = of_base.gather(1, targets[:, None])
    ranks = (of_base > own).sum(dim=1) + 1
    guesses = [_likeliest(logits, tokenizer) for logits in (of_base, of_adapter)]
    tokens = zip(targets.tolist(), ranks.tolist(), *guesses, strict=True)
    return Shift(prompt, tuple(ShiftedToken(token_text(tokenizer, token), *rest) for token, *rest in tokens))


def _likeliest(logits: torch.Tensor, tokenizer: Any) -> list[tuple[Guess, ...]]:
    found = logits.float().softmax(-1).topk(LIKELIEST)
    rows = zip(found.indices.tolist(), found.values.tolist(), strict=True)
    return [
        tuple(Guess(token_text(tokenizer, token), share) for token, share in zip(*row, strict=True)) for row in rows
    ]


def token_text(tokenizer: Any, token: int) -> str:
    """With the space that it begins with: a SentencePiece tokenizer drops that of what it decodes first."""
    text: str = tokenizer.decode([token])
    begins_word = (tokenizer.convert_ids_to_tokens(token) or "").startswith(WORD_START)
    return f" {text}" if begins_word and not text.startswith(" ") else text
