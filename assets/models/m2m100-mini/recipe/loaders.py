"""Loaders: from the files of a package to strings that translate each other, aligned by their key.

A loader yields one `Catalog` per component; the same key in two languages marks a translation.
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polib
from archives import read_files

Codes = Mapping[str, str]  # our language code -> the code in the package's file names
Loader = Callable[[list[Path], Codes], Iterator["Catalog"]]


@dataclass
class Catalog:
    """The strings of one component: `texts[language][key]`."""

    component: str
    texts: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, language: str, strings: Mapping[str, str]) -> None:
        self.texts.setdefault(language, {}).update(strings)


def _path_pattern(template: str, codes: Codes) -> re.Pattern[str]:
    """`{component}` stands for any folders, `{language}` for one of the codes, `*` and `?` as in a shell."""
    pattern = re.escape(template).replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
    pattern = pattern.replace(r"\{component\}", "(?P<component>.+?)")
    languages = "|".join(re.escape(code) for code in codes.values())
    return re.compile(pattern.replace(r"\{language\}", f"(?P<language>{languages})"))


def _matching(archives: list[Path], template: str, codes: Codes) -> Iterator[tuple[str, str, bytes]]:
    """(component, our language code, contents) of every file that the template names."""
    pattern = _path_pattern(template, codes)
    ours = {code: language for language, code in codes.items()}
    for archive in archives:
        for name, contents in read_files(archive, pattern):
            groups = re.fullmatch(pattern, name).groupdict()  # type: ignore[union-attr]
            component = (groups.get("component") or "main").replace("/", ".")
            yield component, ours[groups["language"]], contents


def _flatten(value: object, prefix: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield prefix, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _flatten(inner, f"{prefix}/{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _flatten(inner, f"{prefix}/{position}")


def json_files(template: str, keep: str = "", drop: str = "$^") -> Loader:
    """JSON files, nested or flat; of the keys (`/a/b/0`) only those where `keep` is found and `drop` is not."""

    def load(archives: list[Path], codes: Codes) -> Iterator[Catalog]:
        catalogs: dict[str, Catalog] = {}
        for component, language, contents in _matching(archives, template, codes):
            value = json.loads(contents)
            if list(value) == [codes[language]]:  # some files name their language first
                value = value[codes[language]]
            strings = {k: v for k, v in _flatten(value) if re.search(keep, k) and not re.search(drop, k)}
            catalogs.setdefault(component, Catalog(component)).add(language, strings)
        yield from catalogs.values()

    return load


def po_files(template: str) -> Loader:
    """gettext catalogs whose message ids are English; fuzzy and obsolete entries are left out."""

    def load(archives: list[Path], codes: Codes) -> Iterator[Catalog]:
        catalogs: dict[str, Catalog] = {}
        for component, language, contents in _matching(archives, template, codes):
            catalog = catalogs.setdefault(component, Catalog(component))
            for entry in polib.pofile(contents.decode("utf-8")):
                if entry.fuzzy or entry.obsolete:
                    continue
                pairs = [(entry.msgid, entry.msgstr)]
                if entry.msgid_plural and entry.msgstr_plural:
                    forms = entry.msgstr_plural
                    pairs = [(entry.msgid, forms[min(forms)]), (entry.msgid_plural, forms[max(forms)])]
                for number, (source, target) in enumerate(pairs):
                    if target:
                        key = f"{entry.msgctxt}\x04{entry.msgid}\x04{number}"
                        catalog.add("en", {key: source})
                        catalog.add(language, {key: target})
        yield from catalogs.values()

    return load


def typescript_diagnostics(archives: list[Path], codes: Codes) -> Iterator[Catalog]:
    """TypeScript's messages: the translations are JSON files, the English stands in the compiler itself."""
    catalog = Catalog("diagnostics")
    for _, language, contents in _matching(archives, "package/lib/{language}/diagnosticMessages.generated.json", codes):
        catalog.add(language, dict(_flatten(json.loads(contents))))
    call = re.compile(r'diag\(\d+, \d+ /\* \w+ \*/, ("[^"]+"), ("(?:[^"\\]|\\.)*")')
    for archive in archives:
        for _, contents in read_files(archive, re.compile(r"package/lib/typescript\.js")):
            found = call.findall(contents.decode("utf-8"))
            catalog.add("en", {f"/{json.loads(key)}": json.loads(text) for key, text in found})
    yield catalog


def pyright_bundle(archives: list[Path], codes: Codes) -> Iterator[Catalog]:
    """Pyright's messages: one `JSON.parse('…')` per language inside its bundle, in the order of its language table."""
    catalog = Catalog("localize")
    for archive in archives:
        for name, contents in read_files(archive, re.compile(r"package/dist/pyright-internal\.js")):
            bundle = contents.decode("utf-8")
            table = re.search(r'new Map\(\[(\["cs",.*?)\]\)', bundle)
            modules = re.findall(r"JSON\.parse\('(\{\"CallHierarchy\".*?)'\)\}", bundle)
            languages = [code for code in re.findall(r'\["([\w-]+)",', table[1] if table else "") if code != "en"]
            if len(languages) != len(modules):
                raise ValueError(f"{archive.name}/{name}: {len(languages)} languages, {len(modules)} string tables")
            tables = dict(zip(languages, modules, strict=True))
            for language, code in codes.items():
                strings = _flatten(json.loads(_unescape_javascript(tables[code])))
                # English messages stand beside a comment for translators: {"message": …, "comment": …}.
                catalog.add(language, {key.removesuffix("/message"): text for key, text in strings})
    yield catalog


def _unescape_javascript(text: str) -> str:
    """The text that a single-quoted JavaScript literal stands for."""
    plain = {"n": "\n", "t": "\t", "r": "\r"}

    def character(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else plain.get(code, code)

    return re.sub(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", character, text, flags=re.DOTALL)


def chromium_paks(archives: list[Path], codes: Codes) -> Iterator[Catalog]:
    """Chromium's resource packs, aligned by resource id; the component is the source file that its index names."""
    ours = {code: language for language, code in codes.items()}
    pattern = re.compile(rf"usr/lib/chromium/locales/({'|'.join(codes.values())})\.pak(\.info)?")
    packs: dict[str, dict[int, str]] = {}
    components: dict[int, str] = {}
    for archive in archives:
        for name, contents in read_files(archive, pattern):
            if name.endswith(".info"):
                for line in contents.decode("utf-8").splitlines():
                    _, number, file = line.split(",", 2)
                    components[int(number)] = Path(file).stem
            else:
                packs[ours[Path(name).stem]] = _unpack(contents)
    catalogs: dict[str, Catalog] = {}
    for language, strings in packs.items():
        for resource, text in strings.items():
            component = components.get(resource, "strings")
            catalogs.setdefault(component, Catalog(component)).add(language, {str(resource): text})
    yield from catalogs.values()


def _unpack(data: bytes) -> dict[int, str]:
    """The strings of a Chromium data pack, version 5: a header, (id, offset) pairs, then the texts end to end."""
    version, encoding, count, _ = struct.unpack_from("<IB3xHH", data)
    if version != 5 or encoding != 1:
        raise ValueError(f"A data pack of version {version}, encoding {encoding}: only version 5 in UTF-8 is known.")
    entries = [struct.unpack_from("<HI", data, 12 + 6 * index) for index in range(count + 1)]
    ends = entries[1:]
    return {
        number: data[start:end].decode("utf-8", errors="replace")
        for (number, start), (_, end) in zip(entries, ends, strict=False)
    }
