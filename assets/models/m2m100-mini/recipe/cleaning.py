"""From raw strings to clean sentence pairs: markup and placeholders made alike, doubtful pairs dropped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

MAX_CHARACTERS = 400

# Each alternative is one way in which projects write "a value goes here".
PLACEHOLDER = re.compile(
    r"\{\{\s*[\w.#-]+\s*\}\}"  # {{name}}
    r"|\$?\{\s*[\w.#-]*\s*\}"  # {name} ${name} {}
    r"|%\(\w+\)[sdif]|%\{\w+\}|%(?:\d\$)?(?:l?[sdui]|@)|%\d(?!\d|\s?%)"  # %(name)s %s %1$s %1
    r"|\$\w+\$|\$\d|\[\[\w+\]\]|\[[A-Z][A-Z_]+\]"  # $NAME$ $1 [[name]] [NAME]
)
# `{count, plural, one {…}}`: both sides would have to be taken apart form by form.
MESSAGE_FORMAT = re.compile(r"\{\s*\$?\w+\s*,\s*\w+")
# Not in quotes: there the tag itself is spoken of.
TAG = re.compile(r"(?<![`\"'«“‘])</?[A-Za-z0-9][^<>]*>")
EMPHASIS = re.compile(r"\*{1,2}(\w[^*]*)\*{1,2}")
LINK = re.compile(r"!?\[([^\[\]]+)\]\([^()\s]*\)")
URL = re.compile(r"https?://|www\.|\w+@\w+\.\w")
BREAK = re.compile(r"(?<=[.!?…])\s+(?=[¿¡«\"'(]*[A-ZÀ-Þ{0-9])")
CODE = re.compile(r"[\w.:/-]*[a-z0-9][_./:][a-z0-9][\w.:/-]*|[a-z]+[A-Z]\w*|[A-Z0-9_]{5,}|--?\w[\w-]*")
FOREIGN = re.compile(r"[^\W\dA-Za-zªºÀ-ɏ_]")  # a letter of another script

FUNCTION_WORDS = {
    "en": "the of and to is are with this that you your for not be was from will has have it when",
    "pt": "o os um uma não e em do da dos das no na para com que você seu sua ao são está ou por é",
    "es": "el los las un una no y en del la para con que su sus al se está o por es lo",
    "fr": "le les un une ne pas et en du des la pour avec que vous votre au dans est sont ou par ce",
    "gl": "o os a as un unha non e en do da dos das no na para con que vostede ao son está ou por é",
}
WORDS = {language: frozenset(words.split()) for language, words in FUNCTION_WORDS.items()}
# Words of one language alone: two of them in a text of another say that it was left untranslated or mixed up.
TELLING_WORDS = {
    "en": "the of and to is are with this that you your for from will has have when",
    "pt": "não você uma dos das são seu sua também até pelo pela",
    "es": "el los las una del y usted también hasta según",
    "fr": "les des une pas et vous votre dans avec pour est sont cette",
    "gl": "unha non vostede tamén ata polo pola coa dun dunha",
}
TELLING = {language: frozenset(words.split()) for language, words in TELLING_WORDS.items()}


def skeleton(text: str) -> str:
    """What is left without case, digits, punctuation and spaces: sentences that differ in these only are the same."""
    return "".join(character for character in PLACEHOLDER.sub("", text).casefold() if character.isalpha())


def words_of(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())


def _plain(text: str) -> str:
    """Without tags, link targets, emphasis, keyboard accelerators and odd spaces."""
    text = html.unescape(LINK.sub(r"\1", TAG.sub("", text.replace("\\n", " "))))
    text = re.sub(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", text)
    text = EMPHASIS.sub(r"\1", text)
    text = re.sub(r"&(?=\w)|\s?\(&\w\)", "", text) if text.count("&") == 1 else text
    return re.sub(r"\s+", " ", text).strip()


def _rename_placeholders(source: str, target: str) -> tuple[str, str] | None:
    """Both texts with their placeholders as `{0}`, `{1}` in the order of the source; None where they differ."""
    names: dict[str, str] = {}

    def renamed(text: str, *, known_only: bool) -> str | None:
        seen: dict[str, int] = {}
        unknown = False

        def number(match: re.Match[str]) -> str:
            nonlocal unknown
            raw = re.sub(r"\s", "", match[0])
            if raw in ("%s", "%d", "%i", "%u", "%@", "{}"):  # told apart by position alone
                seen[raw] = seen.get(raw, 0) + 1
                raw = f"{raw}#{seen[raw]}"
            if known_only and raw not in names:
                unknown = True
            return names.setdefault(raw, f"{{{len(names)}}}")

        result = PLACEHOLDER.sub(number, text)
        return None if unknown else result

    new_source = renamed(source, known_only=False)
    new_target = renamed(target, known_only=True)
    if new_source is None or new_target is None or any(name not in new_target for name in names.values()):
        return None
    return new_source, new_target


def clean_pairs(source: str, target: str, language: str) -> Iterator[tuple[str, str]]:
    """The sentence pairs of an English string and its translation: none when they are unfit, several when both
    sides are made of the same number of sentences."""
    if MESSAGE_FORMAT.search(source) or MESSAGE_FORMAT.search(target):
        return
    renamed = _rename_placeholders(_plain(source), _plain(target))
    if renamed is None:
        return
    sources, targets = BREAK.split(renamed[0]), BREAK.split(renamed[1])
    if len(sources) != len(targets):
        sources, targets = [renamed[0]], [renamed[1]]
    for one, other in zip(sources, targets, strict=True):
        # A part of a longer string may have lost a placeholder to its neighbour, or start with {1}.
        numbered = _rename_placeholders(one.strip(), other.strip())
        if numbered is not None and is_fit(*numbered, language):
            yield numbered


def is_fit(source: str, target: str, language: str) -> bool:
    """Whether the two look like a translation into `language` rather than code, a name or an untranslated string."""
    if max(len(source), len(target)) > MAX_CHARACTERS or "\t" in source + target:
        return False
    letters, others = skeleton(source), skeleton(target)
    if len(letters) < 2 or len(others) < 2 or letters == others:
        return False
    if len(letters) < 0.4 * len(source.replace(" ", "")) or FOREIGN.search(source) or FOREIGN.search(target):
        return False
    # Short labels may grow threefold ("Off" -> "Desligado"); sentences hardly change their length.
    if not 1 / 3 <= (len(others) + 8) / (len(letters) + 8) <= 2.5:
        return False
    if URL.search(source) or CODE.fullmatch(source) or CODE.fullmatch(target) or re.search(r"[<>{}]{2}|=>|\\", source):
        return False
    return _speaks(target, language) and _speaks(source, "en") and not _copied(source, target)


def _speaks(text: str, language: str) -> bool:
    words = words_of(text)
    own = sum(word in WORDS[language] for word in words)
    for other, telling in TELLING.items():
        foreign = sum(word in telling and word not in WORDS[language] for word in words)
        if other != language and foreign > own and (foreign > 1 or len(words) < 4):
            return False
    return True


def _copied(source: str, target: str) -> bool:
    """Whether nearly all words of a longer translation stand in the source already."""
    known, words = set(words_of(source)), words_of(target)
    return len(words) >= 4 and sum(word in known for word in words) > 0.6 * len(words)
