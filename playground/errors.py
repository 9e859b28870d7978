"""Everything that can go wrong and that the user can mend.

PlaygroundError            never shown as a traceback: what happened, what is allowed, what to do
├── ConfigError            one or more settings are wrong; holds every problem, not only the first
├── DataError              a data file or one of its rows cannot be used
├── ModelError             a base model cannot be found, read or adapted
├── RunError               a run does not exist, or is not in the state that the request needs
└── BusyError              the model is in use by a run or a comparison
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from playground.texts import UNSEEN, Language, Text

MAX_SHOWN = 2000  # characters of one value in a message
MAX_PLACE = 120  # characters of a setting's dotted name
MAX_PROBLEMS = 20  # listed; the rest is counted


class PlaygroundError(Exception):
    """`str(error)` is the English message; `error.to(language)` any other."""

    def __init__(self, message: Text, **values: object) -> None:
        self.message = message
        self.values = values
        super().__init__(self.to("en"))

    def to(self, language: Language) -> str:
        return self.message.to(language, **_shown(self.values))

    @property
    def text(self) -> Text:
        """The message in all languages, its values in."""
        return Text(self.to("en"), self.to("pt"))


def _shown(values: Mapping[str, object]) -> dict[str, object]:
    """What the user wrote may be of any length, and hold half a character, which no file and no page can encode."""
    return {name: cut(value, MAX_SHOWN) if isinstance(value, str) else value for name, value in values.items()}


def cut(text: str, length: int) -> str:
    """A text for a message: at most `length` characters, without what cannot be encoded or would not be seen."""
    shorter = text if len(text) <= length else f"{text[: length - 1]}…"
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", shorter)


def quoted(value: object, length: int = 80) -> str | float:
    """A value as it was written in a file, for a message: its beginning, without what could not be shown.

    A decimal number stays one, which the message writes in its reader's language.
    """
    if isinstance(value, float):
        return value
    try:
        return repr(value)[:length]
    except (ValueError, RecursionError):  # a whole number of more than 4300 digits; a list without end
        return f"<{type(value).__name__}>"


@dataclass(frozen=True)
class Problem:
    """One setting that needs attention; `where` is its dotted path, as written in YAML."""

    where: str
    message: Text
    values: Mapping[str, object] = field(default_factory=dict)

    def to(self, language: Language) -> str:
        return f"{cut(self.where, MAX_PLACE)}: {self.message.to(language, **_shown(self.values))}"


class ConfigError(PlaygroundError):
    """`problems` lists every setting that needs attention."""

    TITLE = Text(
        "{count} setting(s) need attention.\n{problems}",
        "{count} configuração(ões) precisam de atenção.\n{problems}",
    )
    MORE = Text("… and {count} more.", "… e mais {count}.")

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(self.TITLE, count=len(problems), problems=Text(self._lines("en"), self._lines("pt")))

    def _lines(self, language: Language) -> str:
        lines = [problem.to(language) for problem in self.problems[:MAX_PROBLEMS]]
        if more := len(self.problems) - len(lines):
            lines.append(self.MORE.to(language, count=more))
        return "\n".join(f"  {line}" for line in lines)


# An absolute path's folders; the address of a web page, whose slashes follow a colon, is none.
_FOLDERS = re.compile(r"(?<![\w:/.\\])(?:/|[A-Za-z]:\\)(?:[^\s/\\'\":;,()]+[/\\])+")


def without_folders(text: str) -> str:
    """`text` with the folders of absolute paths left out: they tell visitors about the machine."""
    return _FOLDERS.sub("", text)


def reason_of(error: BaseException, length: int = 160) -> str:
    """What a library says of its error, for a message: on one line, at most so long, no folders of this machine."""
    return without_folders(" ".join(str(error).split()))[:length] or type(error).__name__


class DataError(PlaygroundError):
    """A data file or one of its rows cannot be used."""


class ModelError(PlaygroundError):
    """A base model cannot be found, read or adapted."""


class RunError(PlaygroundError):
    """A run does not exist, or is not in the state that the request needs."""


class BusyError(PlaygroundError):
    """The model is in use by a run or a comparison."""
