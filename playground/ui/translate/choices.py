"""What the Translate tab offers: models with their cost, and languages by name."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from playground.catalog.families import M2M100_CODES
from playground.catalog.languages import language_name, match
from playground.catalog.models import MODELS, ModelCard
from playground.config import DataConfig
from playground.numbers import byte_size
from playground.texts import Language
from playground.ui.texts import t

DEFAULT_PAIR = ("en", "pt")
# Software texts, which the embedded model has read, and at the end what it has never seen.
EXAMPLES = {
    "en": "An error occurred while loading the page.\nDo you want to delete this item? You do not have permission to"
    " open this file.\n\n- Click the button to add a new user.\n- My mother is happy today.",
    "pt": "Ocorreu um erro ao carregar a página.\nDeseja excluir este item? Você não tem permissão para abrir este"
    " arquivo.\n\n- Clique no botão para adicionar um novo usuário.\n- Minha mãe está feliz hoje.",
    "es": "Se ha producido un error al cargar la página.\n¿Desea eliminar este elemento? No tiene permiso para abrir"
    " este archivo.\n\n- Haga clic en el botón para añadir un nuevo usuario.\n- Mi madre está feliz hoy.",
    "fr": "Une erreur s'est produite lors du chargement de la page.\nVoulez-vous supprimer cet élément ? Vous n'avez"
    " pas la permission d'ouvrir ce fichier.\n\n- Cliquez sur le bouton pour ajouter un nouvel utilisateur.\n"
    "- Ma mère est heureuse aujourd'hui.",
}


class Offered(NamedTuple):
    """The codes that a model reads and writes; `trained` are those that it has learned."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    trained: tuple[str, ...]


def translation_models() -> dict[str, ModelCard]:
    """Those that need no download first."""
    cards = [card for card in MODELS.values() if card.task == "seq2seq_lm"]
    return {card.name: card for card in sorted(cards, key=lambda card: not card.included)}


def offered_by(model: str) -> Offered | None:
    """The languages of a listed model; None where they are known only when it is loaded."""
    if model not in translation_models():
        return None
    # Every listed model is an M2M100, whose tokenizer has a token for each of these, learned or not.
    return Offered(M2M100_CODES, M2M100_CODES, MODELS[model].languages or M2M100_CODES)


def language_choices(codes: tuple[str, ...], trained: tuple[str, ...], ui: Language) -> list[tuple[str, str]]:
    """By name: the learned ones, then the others, which say that they are not."""
    names = {code: language_name(code, ui) for code in codes}
    letters = {code: unicodedata.normalize("NFKD", name).casefold() for code, name in names.items()}
    ordered = sorted(codes, key=lambda code: (code not in trained, letters[code], code))
    unlearned = {code: t("translate_untrained", ui, name=names[code]) for code in codes if code not in trained}
    return [(unlearned.get(code, names[code]), code) for code in ordered]


def chosen_pair(offered: Offered, source: str | None, target: str | None) -> tuple[str | None, str | None]:
    """The pair that was chosen as far as the model has it, else one that it has learned."""
    sources, targets = _learned_first(offered.sources, offered), _learned_first(offered.targets, offered)
    first = _first_of([source, DEFAULT_PAIR[0], *sources], offered.sources)
    second = _first_of([target, DEFAULT_PAIR[1], *targets], tuple(code for code in offered.targets if code != first))
    return first, second


def trained_pair(data: DataConfig, offered: Offered | None) -> tuple[str, str] | None:
    """The direction that a run learned, in the model's codes; None where its settings do not say."""
    if offered is None or not data.source_language or not data.target_language:
        return None
    source, target = match(data.source_language, offered.sources), match(data.target_language, offered.targets)
    return (source, target) if source and target else None


def about_model(model: str, ui: Language) -> str:
    """What choosing a model costs, before anything is downloaded."""
    card = MODELS.get(model)
    if card is None:
        return t("translate_about_unknown", ui)
    facts = t(
        "translate_about_included" if card.included else "translate_about_hub",
        ui,
        parameters=round(card.parameters / 1e6),
        download=byte_size(card.download_bytes, ui),
        memory=byte_size(card.memory_bytes, ui),
        licence=card.licence,
    )
    return f"{card.summary.to(ui)}. {facts}"


def _learned_first(codes: tuple[str, ...], offered: Offered) -> list[str]:
    return [code for code in offered.trained if code in codes] + [code for code in codes if code not in offered.trained]


def _first_of(wanted: list[str | None], available: tuple[str, ...]) -> str | None:
    return next((code for code in wanted if code in available), None)
