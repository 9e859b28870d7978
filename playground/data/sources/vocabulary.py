"""Names that a home gives to its rooms and devices, written for this project: the package leaves them open."""

from __future__ import annotations

import re
from typing import NamedTuple


class Vocabulary(NamedTuple):
    """`lists` by list name, `names` by kind of device, `articles` by noun (empty: the language needs none)."""

    label: str
    lists: dict[str, tuple[str, ...]]
    names: dict[str, tuple[str, ...]]
    articles: dict[str, str]
    rules: dict[str, str]  # in place of the package's, where those put articles in odd places
    awkward: re.Pattern[str]  # what nobody would say, although a template allows it


ENGLISH = Vocabulary(
    label="Command",
    lists={
        "area": ("kitchen", "bedroom", "living room", "bathroom", "garage", "office", "hallway", "dining room"),
        "floor": ("ground floor", "first floor", "basement", "attic"),
        "shopping_list_item": (
            "milk", "bread", "eggs", "coffee", "rice", "apples", "cheese", "soap", "tomatoes", "batteries", "tea",
            "butter", "olive oil", "bananas", "flour", "sugar", "onions", "yogurt", "pasta", "orange juice",
        ),
        "timer_name": ("pizza", "tea", "laundry", "homework", "bread", "nap"),
    },
    names={
        "light": ("desk lamp", "reading light", "ceiling light", "floor lamp", "porch light", "night light"),
        "switch": ("coffee maker", "christmas tree", "heater", "water pump"),
        "fan": ("ceiling fan", "desk fan", "tower fan"),
        "media_player": ("tv", "radio", "smart speaker", "stereo"),
        "climate": ("thermostat", "air conditioner"),
        "cover": ("garage door", "left curtain", "patio blind", "front gate"),
        "lock": ("front door", "back door", "side gate"),
        "scene": ("movie night", "party time", "good morning", "dinner"),
        "script": ("bedtime routine", "welcome home", "cleaning mode"),
        "valve": ("garden valve", "sprinkler"),
        "weather": ("london", "lisbon", "tokyo", "new york"),
    },
    articles={},
    rules={},
    awkward=re.compile(
        r"\b(?!1\b)\d+[ -](hour|minute|second|degree)\b(?! timer)|\b1[ -](hour|minute|second|degree)s"
        r"|\b(hour|minute|second)s timer|\ban (?!8|11\b|18\b)\d|\ba (8|11\b|18\b)|\d(kelvin|percent|degree)|\d+ %"
        r"|(floor|basement|attic) floor|(light|lamp)s? (light|lamp)|brightness [a-z ]*brightness"
        r"|(the|my|our) (london|lisbon|tokyo|new york)|tell me .*like"
    ),
)  # fmt: skip

PORTUGUESE = Vocabulary(
    label="Comando",
    lists={
        "area": ("cozinha", "sala", "varanda", "garagem", "banheiro", "quarto", "escritório", "corredor"),
        "floor": ("térreo", "subsolo", "primeiro andar", "segundo andar"),
        "shopping_list_item": (
            "leite", "pão", "ovos", "café", "arroz", "maçãs", "queijo", "sabão", "tomates", "pilhas", "feijão",
            "manteiga", "azeite", "bananas", "farinha", "açúcar", "cebolas", "iogurte", "macarrão", "suco de laranja",
        ),
        "timer_name": ("pizza", "chá", "roupa", "lição", "bolo", "soneca"),
    },
    names={
        "light": ("abajur", "luminária", "lustre", "arandela", "pendente"),
        "switch": ("cafeteira", "aquecedor", "bomba", "umidificador"),
        "fan": ("ventilador", "exaustor", "circulador"),
        "media_player": ("televisão", "rádio", "caixa de som", "projetor"),
        "climate": ("termostato", "ar-condicionado"),
        "cover": ("persiana esquerda", "cortina azul", "portão social", "toldo grande"),
        "lock": ("fechadura principal", "cadeado", "trinco"),
        "scene": ("cinema", "festa", "jantar", "leitura"),
        "script": ("rotina noturna", "boas-vindas", "faxina"),
        "valve": ("registro", "irrigador"),
        "weather": ("recife", "manaus", "curitiba", "salvador"),
    },
    articles={
        **dict.fromkeys(
            ("cozinha", "sala", "varanda", "garagem", "luminária", "arandela", "cafeteira", "bomba", "televisão",
             "caixa", "persiana", "cortina", "curtinha", "fechadura", "festa", "leitura", "rotina", "faxina", "luz",
             "lâmpada", "iluminação", "porta", "porteira", "veneziana", "janela", "cor", "temperatura", "música",
             "tv", "reprodução", "casa", "lista"),
            "a",
        ),
        **dict.fromkeys(
            ("luzes", "lâmpadas", "persianas", "cortinas", "curtinhas", "portas", "porteiras", "venezianas",
             "janelas", "boas-vindas"),
            "as",
        ),
        **dict.fromkeys(
            ("banheiro", "quarto", "escritório", "corredor", "abajur", "lustre", "pendente", "aquecedor",
             "umidificador", "ventilador", "exaustor", "circulador", "rádio", "projetor", "termostato",
             "ar-condicionado", "portão", "toldo", "cadeado", "trinco", "cinema", "jantar", "registro", "irrigador",
             "candeeiro", "estore", "brilho", "volume", "som", "vídeo", "video", "programa", "alarme", "cronômetro",
             "timer", "temporizador", "térreo", "subsolo", "primeiro", "segundo", "piso", "andar"),
            "o",
        ),
        **dict.fromkeys(
            ("candeeiros", "portões", "toldos", "estores", "ventiladores", "alarmes", "cronômetros", "timers",
             "temporizadores"),
            "os",
        ),
    },
    rules={"timer": "(alarme|cronômetro|timer|temporizador)"},
    awkward=re.compile(
        r"\b(em|de|a) (o|a|os|as)\b|\d(por|k)|\d (°|%)|\bqua(is|l|l é) a? ?que"
        r"|\b(uma?|1) (horas|minutos|segundos)\b|\b(?!1\b)\d+ (hora|minuto|segundo)\b"
        r"|\bum hora|\buma (minuto|segundo)"
        r"|(andar|piso|térreo|subsolo) (andar|piso)|\b(andar|piso) (primeiro|segundo)"
        r"|\b(o|a|os|as|no|na|do|da|meu|minha|à) (recife|manaus|curitiba|salvador)|quais"
        r"|^(cri|defin|inici|começ|lig|cancel|elimin|abort|par)\w* (no|do|meu|minha|um meu|uma minha)\b"
        r"|^(no|do|o|a) |(meu|minha) (meu|minha)|\b(o|a|os|as) de\b|\b(de|em) (luminária|termostato|ar-cond|subsolo)"
    ),
)  # fmt: skip

VOCABULARIES = {"en": ENGLISH, "pt-BR": PORTUGUESE}

# Words that must agree with the noun after them, by the article that they contain or stand for
AGREEING = {
    "o": {"o", "no", "do", "ao", "pro", "um", "meu", "todo"},
    "a": {"a", "na", "da", "à", "pra", "uma", "minha", "toda"},
    "os": {"os", "nos", "dos", "aos", "meus", "todos"},
    "as": {"as", "nas", "das", "às", "minhas", "todas"},
}
GENDER = {word: article for article, words in AGREEING.items() for word in words}
FIRST = {"todo", "toda", "todos", "todas"}  # stand before an article: todas as luzes
LAST = {"meu", "minha", "meus", "minhas"}  # stand after one: o meu timer


def sounds_natural(utterance: str, vocabulary: Vocabulary) -> bool:
    """Whether a person might say it; the package's templates allow any article before any noun."""
    if vocabulary.awkward.search(utterance):
        return False
    if not vocabulary.articles:
        return True
    words = utterance.split()
    for before, word in zip(words, words[1:], strict=False):
        asked = vocabulary.articles.get(word, GENDER.get(word))
        if before not in GENDER or asked is None or (before in ("a", "pra") and word in FIRST):
            continue
        if GENDER[before] != asked:
            return False
        if word in GENDER and before not in FIRST and word not in LAST:
            return False
    return True
