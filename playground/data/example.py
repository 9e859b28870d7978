"""One training example, whatever file it came from."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import NamedTuple

from playground.catalog.codes import matching
from playground.data.left_out import LeftOut


class Message(NamedTuple):
    role: str  # system, user or assistant
    content: str


class Languages(NamedTuple):
    """A direction of translation; codes as `playground.catalog.languages` knows them."""

    source: str
    target: str


class Example(NamedTuple):
    """A conversation up to the answer, and the answer, which alone carries loss.

    For a translation the one user message is the source sentence and the completion its reference.
    """

    messages: tuple[Message, ...]
    completion: str
    languages: Languages | None = None

    @property
    def prompt(self) -> str:
        """What the user said last; for display."""
        return self.messages[-1].content


class Prompts(NamedTuple):
    """What is asked, one entry a prompt; `references` and `contexts` (what was said before) may be empty."""

    prompts: tuple[str, ...]
    references: tuple[str | None, ...] = ()
    contexts: tuple[tuple[Message, ...], ...] = ()


def prompts_of(examples: Iterable[Example]) -> Prompts:
    """The examples as prompts whose answers are known."""
    rows = [(example.prompt, example.completion, example.messages[:-1]) for example in examples]
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
    left_out: LeftOut = MappingProxyType({})  # entries that were passed over


class Split(NamedTuple):
    """The examples of one data set; the held-out part never trains."""

    train: list[Example]
    held_out: list[Example]
    metrics: tuple[str, ...]  # names in playground.measure.metrics that fit this data set
    left_out: LeftOut = MappingProxyType({})
