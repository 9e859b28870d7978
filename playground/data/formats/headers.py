"""Whether the first row of a table names its columns, or is already one of its rows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from playground.catalog.codes import is_code

# Names that people and programs give to columns of text, without accents: English, Portuguese, and the commonest of
# Spanish, French and German
NAME_WORDS = (
    "answer answers assistant audio author back bot category chosen class col column comment completion context"
    " conversation conversations corpus creator date definition description deu dialog dialogue dialogues document"
    " domain edit eng english example expected feedback field file fra front gender goal gold human hypothesis id"
    " image index input inputs instruction instructions intent ita key keyword keywords label labels lang language"
    " license line link meaning message messages model mt name negative note notes number original output outputs"
    " page paragraph paraphrase passage path pe phrase por positive post premise prompt prompts quality query"
    " question questions rank rating ref reference rejected reply response responses result role score section"
    " segment sent sentence sentences sentiment sequence source spa speaker split src status summary system tag tags"
    " target task template term test text texts tgt theme thread time timestamp title tokens topic train trans"
    " transcript transcription translated translation translations turn type unnamed url user utterance uuid value"
    " version word words"
    " arquivo assistente autor avaliacao campo categoria classe codigo coluna comentario contexto conversa data"
    " definicao descricao destino documento dominio entrada exemplo expressao fonte frase frases frente humano"
    " identificador idioma instrucao instrucoes intencao lingua linha mensagem mensagens modelo nome nota numero"
    " observacao observacoes origem palavra palavras papel paragrafo pergunta perguntas pontuacao referencia"
    " resposta respostas resultado resumo rotulo rotulos saida segmento sentenca sentimento significado sistema tema"
    " termo texto textos tipo titulo topico traducao traducoes usuario valor verso"
    " antwort cible clase etiqueta etiquette frage instruccion langue lengua mot oracion origen palabra pregunta"
    " preguntas quelle reponse reponses respuesta respuestas salida satz texte traduccion traduction ubersetzung"
    " wort ziel"
)
NAMES = frozenset(NAME_WORDS.split())
MAX_NAME, MAX_NAME_WORDS = 40, 4
SENTENCE_END = re.compile(r"[.!?…。！？]['\"”’»)]*$")
NUMBER = re.compile(r"[-+]?\d[\d.,:/ T-]*(?:%|[AaPp][Mm])?")  # or a date, or a time
PROGRAM_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[_.][A-Za-z0-9]+)+|[a-z]+[A-Z]\w*")
NEXT_ROWS = 10
LONG_TEXT, LONGER = 12, 2  # characters, and times the length of a name: such cells are not names


def is_header(first: Sequence[str], others: Sequence[Sequence[str]], known: bool = False) -> bool:
    """Whether `first` names columns, judged by its words and by how it differs from the rows below it.

    With `known`, only words that name columns everywhere count.
    """
    cells = [cell.strip() for cell in first if cell.strip()]
    if not cells:
        return False
    names = sum(map(is_known_name, cells))
    codes = sum(is_code(cell) and not is_known_name(cell) for cell in cells)  # `no` alone may be a word
    is_known = names > 0 or codes > 1
    if is_known and names + codes == len(cells):
        return True
    if len(cells) > 1 and cells == [str(place) for place in range(len(cells))]:  # columns that pandas numbers
        return True
    if any(map(_is_sentence, cells)):  # as the questions of a form, beside the time of each answer
        return is_known and _has_numbers(first, others)
    if is_known or known:
        return is_known
    if not others:
        return True
    if len(set(cells)) < len(cells) or any(map(NUMBER.fullmatch, cells)):
        return False
    return any(map(PROGRAM_NAME.fullmatch, cells)) or _differs(first, others)


def is_known_name(cell: str) -> bool:
    """Whether a cell is a name of a column that is met often: `prompt`, `Source text`, `Português`, `Resposta 1`."""
    words = [word for word in re.split(r"[\W\d_]+", _plain(cell)) if word]
    return len(words) in range(1, MAX_NAME_WORDS) and all(word in NAMES or word in _language_names() for word in words)


def _differs(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a column holds numbers below a word, or long texts below a row of single words.

    Only the rows that come next are asked: a list may be sorted by length.
    """
    if _has_numbers(first, others):
        return True
    if any(len(cell.split()) > 1 for cell in first):
        return False
    for place, name in enumerate(first):
        below = [len(row[place].strip()) for row in others[:NEXT_ROWS] if place < len(row)]
        if below and sum(below) / len(below) >= max(LONG_TEXT, LONGER * len(name.strip())):
            return True
    return False


def _has_numbers(first: Sequence[str], others: Sequence[Sequence[str]]) -> bool:
    """Whether a column holds nothing but numbers below something else."""
    for place, name in enumerate(first):
        below = [row[place].strip() for row in others if place < len(row) and row[place].strip()]
        if below and not NUMBER.fullmatch(name.strip()) and all(map(NUMBER.fullmatch, below)):
            return True
    return False


def _is_sentence(cell: str) -> bool:
    words = len(cell.split())
    return bool(SENTENCE_END.search(cell)) or words > MAX_NAME_WORDS + 1 or (words > 1 and len(cell) > 2 * MAX_NAME)


def _plain(cell: str) -> str:
    """In small letters and without accents."""
    letters = unicodedata.normalize("NFD", cell.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


@lru_cache(maxsize=1)
def _language_names() -> frozenset[str]:
    """The languages' names in English, in Portuguese and each in itself, of one word."""
    from babel import Locale

    locales = [Locale.parse(name) for name in ("en", "pt_BR")]
    names = [str(name) for locale in locales for name in locale.languages.values()]
    names += [str(Locale.parse(code).get_display_name(code)) for code in ("pt", "es", "fr", "de", "it", "gl", "ca")]
    return frozenset(_plain(name) for name in names if " " not in name)
