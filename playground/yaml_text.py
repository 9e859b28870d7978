"""YAML of unknown origin, read within bounds, and our own written.

A few hundred bytes of YAML can stand for gigabytes: an alias repeats what it names, and aliases nest. Nothing here
needs aliases, tags or depth, so they are refused while the text is being read, before anything is built of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from playground.errors import ConfigError, Problem
from playground.texts import Text

MAX_CHARACTERS, MAX_VALUES = 100_000, 5_000
# Of our own files: a race repeats for each of its runs what its settings said once.
MAX_FILE_CHARACTERS, MAX_FILE_VALUES = 4_000_000, 100_000
MAX_DEPTH = 20
MAX_DIGITS = 100
NEXT_LINE = "\x85"

BAD_YAML = Text(
    "cannot be read as YAML ({reason}). Compare it with a file in presets/.",
    "não pode ser lido como YAML ({reason}). Compare com um arquivo de presets/.",
)
TOO_LONG = Text(
    "has {count:,} characters; settings may have {limit:,}. Put data into a data file, not into the settings.",
    "tem {count:,} caracteres; configurações podem ter {limit:,}. Ponha dados em um arquivo de dados, não aqui.",
)
NO_ALIASES = Text(
    "line {line} has an anchor (&), an alias (*) or a tag (!), which could repeat a value without end. Write the value"
    " out where it is needed; put a text that begins so between quotation marks.",
    "a linha {line} tem uma âncora (&), um alias (*) ou uma tag (!), que poderia repetir um valor sem fim. Escreva o"
    " valor onde ele é usado; ponha entre aspas um texto que comece assim.",
)
TOO_DEEP = Text(
    "line {line} nests values more than {limit} deep. Settings need 4 levels: compare with a file in presets/.",
    "a linha {line} aninha valores em mais de {limit} níveis. Configurações precisam de 4: compare com um arquivo de"
    " presets/.",
)
TOO_MANY = Text(
    "has more than {limit:,} values. Keep the settings only, and put data into a data file.",
    "tem mais de {limit:,} valores. Deixe só as configurações, e ponha os dados em um arquivo de dados.",
)
TOO_LARGE_NUMBER = Text(
    "line {line} has a number of more than {limit} digits. Use a smaller one.",
    "a linha {line} tem um número de mais de {limit} algarismos. Use um menor.",
)


class _RefusedError(Exception):
    """What was met while reading, with its values."""

    def __init__(self, message: Text, **values: object) -> None:
        super().__init__(message.en)
        self.message, self.values = message, values


if yaml.__with_libyaml__:

    class _FastLoader(Composer, yaml.cyaml.CParser, SafeConstructor, Resolver):  # type: ignore[misc]
        """yaml.SafeLoader with libyaml to take the text apart, several times as fast; values are composed in Python."""

        def __init__(self, stream: str) -> None:
            yaml.cyaml.CParser.__init__(self, stream)
            for part in (Composer, SafeConstructor, Resolver):
                part.__init__(self)

    _Loader: Any = _FastLoader
else:
    _Loader = yaml.SafeLoader


class _Reader(_Loader):  # type: ignore[misc]
    """Refuses aliases, tags, depth and number as it meets them, so that reading takes time linear in the text."""

    depth = values = 0
    most_values = MAX_VALUES

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
            raise _RefusedError(NO_ALIASES, line=line)
        self.depth, self.values = self.depth + 1, self.values + 1
        if self.depth > MAX_DEPTH:
            raise _RefusedError(TOO_DEEP, line=line, limit=MAX_DEPTH)
        if self.values > self.most_values:
            raise _RefusedError(TOO_MANY, limit=self.most_values)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_yaml_int(self, node: Any) -> int:
        if len(node.value) > MAX_DIGITS:  # Python's own limit does not hold for hexadecimal numbers
            raise _RefusedError(TOO_LARGE_NUMBER, line=node.start_mark.line + 1, limit=MAX_DIGITS)
        return int(super().construct_yaml_int(node))


_Reader.add_constructor("tag:yaml.org,2002:int", _Reader.construct_yaml_int)


class _FileReader(_Reader):
    most_values = MAX_FILE_VALUES


class _Writer(yaml.SafeDumper):  # type: ignore[misc]
    """Writes a value out again where it occurs twice, as `read_yaml_text` takes no aliases."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True

    def represent_str(self, data: str) -> yaml.ScalarNode:
        quoted = '"' if NEXT_LINE in data else None  # written as it is, it would be read as a line's end
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=quoted)


_Writer.add_representer(str, _Writer.represent_str)


def read_yaml_text(text: str, where: str) -> Any:
    """Plain values from YAML that anybody may have written; `where` names it in messages. Raises ConfigError."""
    return _read(text, where, _Reader, MAX_CHARACTERS)


def read_yaml(path: Path) -> Any:
    """Plain values from a YAML file. Raises ConfigError when it cannot be read."""
    try:
        with path.open(encoding="utf-8") as stream:
            text = stream.read(MAX_FILE_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise _bad_yaml(path.name, error) from error
    return _read(text, path.name, _FileReader, MAX_FILE_CHARACTERS)


def _read(text: str, where: str, reader: type[_Reader], limit: int) -> Any:
    if len(text) > limit:
        raise ConfigError([Problem(where, TOO_LONG, {"count": len(text), "limit": limit})])
    try:
        return yaml.load(text, Loader=reader)
    except _RefusedError as refused:
        raise ConfigError([Problem(where, refused.message, refused.values)]) from refused
    except (yaml.YAMLError, ValueError) as error:  # ValueError: a date such as 2026-02-31
        raise _bad_yaml(where, error) from error


def _bad_yaml(where: str, error: Exception) -> ConfigError:
    return ConfigError([Problem(where, BAD_YAML, {"reason": " ".join(str(error).split())[:200]})])


def write_yaml_text(values: Any) -> str:
    """Plain values as YAML, in their own order."""
    text: str = yaml.dump(values, Dumper=_Writer, sort_keys=False, allow_unicode=True)
    return text
