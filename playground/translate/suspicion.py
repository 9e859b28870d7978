"""Badges for translations that look wrong at a glance. They need no reference, and no model but a language guess.

A badge is a reason to look, not a verdict. How often they are right is measured in tests/translate.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

from playground.data.example import Languages
from playground.data.language_guess import is_other_language, likelier
from playground.texts import Text
from playground.translate.must_keep import lost_numbers, lost_placeholders, without_placeholders


@dataclass(frozen=True)
class Badge:
    name: str
    label: Text
    help: Text


BADGES: dict[str, Badge] = {
    badge.name: badge
    for badge in (
        Badge("empty", Text("empty", "vazia"), Text("No word was written.", "Nenhuma palavra foi escrita.")),
        Badge(
            "wrong_language",
            Text("wrong language", "idioma errado"),
            Text("It reads like another language.", "Parece escrita em outro idioma."),
        ),
        Badge("copied", Text("copied", "copiada"), Text("The source came back.", "O original voltou igual.")),
        Badge(
            "repetition",
            Text("repetition", "repetição"),
            Text("It says the same again and again.", "Diz a mesma coisa várias vezes."),
        ),
        Badge("truncated", Text("cut off", "cortada"), Text("It ends too early.", "Termina cedo demais.")),
        Badge(
            "numbers",
            Text("number lost", "número perdido"),
            Text("A number of the source is missing.", "Falta um número do original."),
        ),
        Badge(
            "placeholders",
            Text("placeholder lost", "marcador perdido"),
            Text(
                "A placeholder, tag or address of the source is missing.",
                "Falta um marcador, uma tag ou um endereço do original.",
            ),
        ),
    )
}

# Words of scripts that write without spaces are single characters here.
TOKEN = re.compile(r"[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W_]+|[^\w\s]")
WORD_LOOP = re.compile(r"([^\W\d_]{1,8}?)\1{4,}")
TERMINALS = ".!?…:;。！？؟।\"'”’»)]}›」』"
OPENING = {"(": ")", "[": "]"}  # quotes are turned around from language to language
LONGEST_LOOP = 40  # tokens
MIN_LOOP_LETTERS = 3
MIN_COPIED_WORDS = 2
MIN_CUT_CHARACTERS = 24  # shorter sources have translations of any length
CUT_RATIO, OPEN_CUT_RATIO = 0.35, 0.7
DENSE = 0.4  # characters of Chinese or Japanese for one of an alphabet
# Words after which no sentence ends.
DANGLING: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the a an of to and or with from for by at your my his their our its this these is are was were will be",
        "pt": "o a os as um uma de do da dos das e ou com para por pelo pela em no na nos nas que se seu sua ao à é",
        "es": "el la los las un una de del y o con para por en que se su sus al es",
        "fr": "le la les un une de du des et ou avec pour par en dans que qui se son sa ses au aux est",
        "gl": "o a os as un unha de do da dos das e ou con para por polo pola en no na nos nas que se seu súa ao á é",
        "ca": "el la els les un una de del dels i o amb per a en que es seu seva al als és",
        "it": "il lo la i gli le un una di del della dei e o con per da in nel che si suo sua al è",
        "de": "der die das den dem des ein eine einen einem und oder mit von zu für auf in im ist sind wird",
    }.items()
}  # fmt: skip


def badges(source: str, output: str, languages: Languages, *, truncated: bool = False) -> tuple[str, ...]:
    """Names in BADGES, in their order; empty for an output that raises no doubt.

    `truncated`: what the model itself said about where it stopped.
    """
    if not any(map(str.isalnum, without_placeholders(source))):
        return ()  # a line of spaces, signs or placeholders alone: whatever comes back is right or seen elsewhere
    if not any(map(str.isalnum, output)):
        return ("empty",)
    copied = is_copied(source, output, languages)
    found = {
        "wrong_language": not copied and is_wrong_language(source, output, languages),
        "copied": copied,
        "repetition": repeats(source, output),
        "truncated": truncated or is_cut_off(source, output, languages),
        "numbers": bool(lost_numbers(source, output, languages.target)),
        "placeholders": bool(lost_placeholders(source, output)),
    }
    return tuple(name for name in BADGES if found.get(name))


def is_copied(source: str, output: str, languages: Languages) -> bool:
    """Whether the source came back, or nearly all of it; names and single words are the same in many languages."""
    plain = [_plain(text) for text in (source, output)]
    words = [word for word in TOKEN.findall(without_placeholders(source))[1:] if word.islower()]
    if len(words) + 1 < MIN_COPIED_WORDS or not words:
        return False
    if plain[0] != plain[1] and not _nearly_all(*plain):
        return False
    # Between close languages a short sentence may be right as it is.
    return likelier(without_placeholders(output), languages.target, languages.source) == languages.source


def is_wrong_language(source: str, output: str, languages: Languages) -> bool:
    """Names that stand in the source too do not count."""
    kept = {word for word in re.findall(r"\w+", without_placeholders(source)) if word[0].isupper()}
    text = re.sub(r"\w+", lambda match: "" if match.group() in kept else match.group(), without_placeholders(output))
    return is_other_language(text, languages.target, languages.source)


def repeats(source: str, output: str) -> bool:
    """Whether words, or letters inside a word, follow each other again and again, and did not in the source."""
    before, after = TOKEN.findall(source.casefold()), TOKEN.findall(output.casefold())
    if WORD_LOOP.search(output.casefold()) and not WORD_LOOP.search(source.casefold()):
        return True
    for size in range(1, min(len(after) // 2, LONGEST_LOOP) + 1):
        count = _runs(after, size)
        if count >= (3 if size < 3 else 2) and count > _runs(before, size):
            return True
    return len(after) >= 16 and _variety(after) < 0.4 < _variety(before)


def is_cut_off(source: str, output: str, languages: Languages) -> bool:
    """Whether the output ends where no sentence ends, or long before the source has been said."""
    end = output.rstrip()
    source_ends, output_ends = source.rstrip()[-1] in TERMINALS, end[-1] in TERMINALS
    if end[-1] in ",-–—(" and source.rstrip()[-1] not in ",-–—(":
        return True
    if any(end.count(one) > end.count(two) and source.count(one) <= source.count(two) for one, two in OPENING.items()):
        return True
    if len(end.split()) > 1 and _dangles(end, languages.target) and not _dangles(source, languages.source):
        return True
    length, expected = _length(output), _length(source)
    if expected < MIN_CUT_CHARACTERS:
        return False
    return length < CUT_RATIO * expected or (source_ends and not output_ends and length < OPEN_CUT_RATIO * expected)


def _dangles(text: str, language: str) -> bool:
    return text.split()[-1] in DANGLING.get(language.split("-")[0].split("_")[0], frozenset())


def _plain(text: str) -> list[str]:
    """The words alone, in one spelling."""
    return [token for token in TOKEN.findall(unicodedata.normalize("NFKC", text).casefold()) if token.isalnum()]


def _nearly_all(source: list[str], output: list[str]) -> bool:
    """Whether nine of ten words of a longer source come back."""
    same = (Counter(source) & Counter(output)).total()
    return len(source) >= 5 and same >= 0.9 * max(len(source), len(output))


def _runs(tokens: list[str], size: int) -> int:
    """How often, at most, one sequence of `size` tokens follows itself; "A-Z, a-z" and "e e" are too short to count."""
    best, same = 1, 0
    letters = [0, *accumulate(sum(map(str.isalpha, token)) for token in tokens)]  # in all tokens before each
    for place in range(len(tokens) - size):
        same = same + 1 if tokens[place] == tokens[place + size] else 0
        if 1 + same // size > best and letters[place + 1 + size] - letters[place + 1] >= MIN_LOOP_LETTERS:
            best = 1 + same // size
    return best


def _variety(tokens: list[str]) -> float:
    return len(set(tokens)) / len(tokens) if tokens else 1.0


def _length(text: str) -> float:
    """Characters, those of dense scripts counted as the several letters they stand for."""
    plain = without_placeholders(text)
    dense = sum("\u3040" <= character <= "\u9fff" for character in plain)
    return len(plain.strip()) - dense + dense / DENSE
