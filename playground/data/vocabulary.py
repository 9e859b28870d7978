"""Names that a home gives to its rooms and devices, written for this project: the package leaves them open."""

from __future__ import annotations

from typing import NamedTuple


class Vocabulary(NamedTuple):
    """`lists` by list name, `names` by kind of device; `articles`: the article that each noun takes, where it has one."""

    lists: dict[str, tuple[str, ...]]
    names: dict[str, tuple[str, ...]]
    articles: dict[str, str]


ENGLISH = Vocabulary(
    lists={
        "area": ("kitchen", "bedroom", "living room", "bathroom", "garage", "office", "hallway", "dining room"),
        "floor": ("ground", "first", "second"),
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
)

PORTUGUESE = Vocabulary(
    lists={
        "area": ("cozinha", "sala", "varanda", "garagem", "banheiro", "quarto", "escritório", "corredor"),
        "floor": ("térreo", "primeiro", "segundo"),
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
             "timer", "temporizador", "térreo", "primeiro", "segundo", "piso", "andar"),
            "o",
        ),
        **dict.fromkeys(
            ("candeeiros", "portões", "toldos", "estores", "ventiladores", "alarmes", "cronômetros", "timers",
             "temporizadores"),
            "os",
        ),
    },
)  # fmt: skip

VOCABULARIES = {"en": ENGLISH, "pt-BR": PORTUGUESE}

# Words that must agree with the noun after them, by the article that they contain or stand for
AGREEING = {
    "o": {"o", "no", "do", "ao", "pro", "um", "meu", "todo"},
    "a": {"a", "na", "da", "à", "pra", "uma", "minha", "toda"},
    "os": {"os", "nos", "dos", "aos", "meus", "todos"},
    "as": {"as", "nas", "das", "às", "minhas", "todas"},
}


def agrees(utterance: str, vocabulary: Vocabulary) -> bool:
    """Whether articles fit their nouns; the package's templates allow any article before any noun."""
    words = utterance.split()
    for before, noun in zip(words, words[1:]):
        article = vocabulary.articles.get(noun)
        if article and any(before in words for other, words in AGREEING.items() if other != article):
            return False
    return True
