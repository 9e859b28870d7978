"""One training example, whatever file it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from playground.catalog.codes import matching
from playground.data.left_out import NOTHING, LeftOut

if TYPE_CHECKING:
    from playground.data.stream.training import TrainingStream

MAX_BEGINNING, MAX_REFERENCE = 200, 400  # characters of a text that are shown, and compared


class Message(NamedTuple):
    role: str  # system, user or assistant; "text" in BEGINNING alone
    content: str


class Languages(NamedTuple):
    """A direction of translation; codes as `playground.catalog.languages` knows them."""

    source: str
    target: str


# Said before a prompt that is the beginning of a text: to be read on as it stands, not as a turn of a chat.
BEGINNING = Message("text", "")


class Example(NamedTuple):
    """A conversation up to the answer, and the answer, which alone carries loss.

    For a translation the one user message is the source sentence and the completion its reference; `is_guess` says that
    nobody named its languages. Without any message, the completion is a text that asks nothing and carries loss as a
    whole.
    """

    messages: tuple[Message, ...]
    completion: str
    languages: Languages | None = None
    is_guess: bool = False

    @property
    def opening(self) -> tuple[Message, ...]:
        """What a model is given to go on from: the conversation, or the beginning of a text."""
        return self.messages or (BEGINNING, Message("user", beginning_of(self.completion)))

    @property
    def prompt(self) -> str:
        """What the user said last, or how a text begins; for display."""
        return self.opening[-1].content

    @property
    def reference(self) -> str:
        """What may be compared with a model's answer to `opening`: the whole of it, or how a text goes on."""
        if self.messages:
            return self.completion
        start = len(self.prompt)
        return self.completion[start : start + MAX_REFERENCE]


def beginning_of(text: str) -> str:
    """The words of the first half of a text, at most 200 characters."""
    end = min(len(text) // 2, MAX_BEGINNING)
    space = text.rfind(" ", 1, end + 1)
    return text[: space if space > 0 else max(end, 1)].rstrip() or text


class Prompts(NamedTuple):
    """What is asked, one entry a prompt; `references` and `contexts` (what was said before) may be empty."""

    prompts: tuple[str, ...]
    references: tuple[str | None, ...] = ()
    contexts: tuple[tuple[Message, ...], ...] = ()


def prompts_of(examples: Iterable[Example]) -> Prompts:
    """The examples as prompts whose answers are known."""
    rows = [(example.prompt, example.reference, example.opening[:-1]) for example in examples]
    return Prompts(*(tuple(column) for column in zip(*rows, strict=True))) if rows else Prompts(())


class Told(NamedTuple):
    """Languages that the user named, for files that do not say theirs."""

    source: str | None
    target: str | None

    def complete(self, source: str, target: str) -> tuple[str, str]:
        """A file's two languages, of which it says none, one or both; what nobody said is empty.

        Who asks for a file's pairs in the other direction names the same two, so what the file says comes first.
        """
        if not source and not target:
            return self.source or "", self.target or ""
        source = source or next((code for code in self if code and not matching(code, [target])), "")
        target = target or next((code for code in reversed(self) if code and not matching(code, [source])), "")
        return source, target


NOT_TOLD = Told(None, None)


class Table(NamedTuple):
    """A file as read: `rows` in file order; missing cells are absent from their row.

    Of a format made for translation, the columns are the languages' codes.
    """

    columns: list[str]
    rows: list[dict[str, object]]
    is_parallel: bool = False
    left_out: LeftOut = NOTHING  # entries that were passed over


class Split(NamedTuple):
    """The examples of one data set; the held-out part never trains.

    Of a file that is too large to be held, `train` are those of its first rows, and `stream` gives all of them.
    """

    train: list[Example]
    held_out: list[Example]
    metrics: tuple[str, ...]  # names in playground.compare.metrics that fit this data set
    left_out: LeftOut = NOTHING
    stream: TrainingStream | None = None

    def training(self) -> Iterator[Example]:
        """Every training example; a large file is read for them. Raises DataError."""
        return chain.from_iterable(self.stream.windows(0)) if self.stream else iter(self.train)
