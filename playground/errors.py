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

from playground.texts import Language, Text


class PlaygroundError(Exception):
    """`str(error)` is the English message; `error.to(language)` any other."""

    def __init__(self, message: Text, **values: object) -> None:
        self.message = message
        self.values = values
        super().__init__(message.to("en", **_in("en", values)))

    def to(self, language: Language) -> str:
        return self.message.to(language, **_in(language, self.values))


def _in(language: Language, values: Mapping[str, object]) -> dict[str, object]:
    """A value may itself be a Text, such as a list of languages by name."""
    return {name: value.to(language) if isinstance(value, Text) else value for name, value in values.items()}


@dataclass(frozen=True)
class Problem:
    """One setting that needs attention; `where` is its dotted path, as written in YAML."""

    where: str
    message: Text
    values: Mapping[str, object] = field(default_factory=dict)

    def to(self, language: Language) -> str:
        return f"{self.where}: {self.message.to(language, **_in(language, self.values))}"


class ConfigError(PlaygroundError):
    """`problems` lists every setting that needs attention."""

    TITLE = Text(
        "{count} setting(s) need attention.\n{problems}",
        "{count} configuração(ões) precisam de atenção.\n{problems}",
    )

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(self.TITLE, count=len(problems), problems=self._lines("en"))

    def _lines(self, language: Language) -> str:
        return "\n".join(f"  {problem.to(language)}" for problem in self.problems)

    def to(self, language: Language) -> str:
        return self.TITLE.to(language, count=len(self.problems), problems=self._lines(language))


# An absolute path's folders; the address of a web page, whose slashes follow a colon, is none.
_FOLDERS = re.compile(r"(?<![\w:/.\\])(?:/|[A-Za-z]:\\)(?:[^\s/\\'\":;,()]+[/\\])+")


def without_folders(text: str) -> str:
    """`text` with the folders of absolute paths left out: they tell visitors about the machine."""
    return _FOLDERS.sub("", text)


class DataError(PlaygroundError):
    """A data file or one of its rows cannot be used."""


class ModelError(PlaygroundError):
    """A base model cannot be found, read or adapted."""


class RunError(PlaygroundError):
    """A run does not exist, or is not in the state that the request needs."""


class BusyError(PlaygroundError):
    """The model is in use by a run or a comparison."""
