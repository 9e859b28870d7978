"""Names of columns that say what the column is, in order of preference."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

CONVERSATIONS = (
    "messages", "conversations", "conversation", "dialog", "dialogue", "chat", "turns", "contents", "segments", "data",
)  # fmt: skip
ALWAYS_CONVERSATIONS = CONVERSATIONS[:2]  # the others may as well be one text
SYSTEMS = ("system", "system_prompt", "system_message", "system_instruction", "systeminstruction", "sistema")
CHOSEN = (
    "chosen", "preferred_output", "chosen_response", "response_chosen", "chosen_messages", "preferred", "accepted",
    "winner",
)  # fmt: skip
REJECTED = (
    "rejected", "non_preferred_output", "rejected_response", "response_rejected", "rejected_messages", "dispreferred",
    "loser", "rejected_text",
)  # fmt: skip
# Read on, where nothing is asked; a transcript among them is read as the conversation that it is.
CONTINUED = ("text", "texto", "content", "conteudo", "raw_content", "chat", "conversation", "dialog", "dialogue")
QUESTIONS = ("prompt", "question", "instruction", "query", "pergunta", "instrucao", "questions", "prompts")
# About a row, and no part of what it says.
ABOUT = frozenset(
    ("id", "uuid", "guid", "key", "index", "idx", "url", "link", "source", "timestamp", "date", "created_at", "split",
     "file", "filename", "path", "license", "licence", "lang", "language", "idioma", "meta", "metadata", "author",
     "tags", "hash", "fonte", "autor")
)  # fmt: skip
# One meaning, so one spelling in the lists below.
ALIASES = {"choices": "options", "alternativas": "opcoes", "passage": "context"}
CLASSIFIED = (
    "sentence", "text", "review", "review_body", "comment", "tweet", "utterance", "headline", "prompt", "content",
)  # fmt: skip
CLASSES = ("label", "sentiment", "emotion", "intent", "category", "class", "stars", "star_rating", "rating", "target")


class Pair(NamedTuple):
    """The columns of a question, joined in this order (one with `?` may be missing), and that of its answer."""

    prompts: tuple[str, ...]
    answer: str


# What is asked and answered. A file may have several of them: the more deliberate name comes first.
ASKED: tuple[Pair, ...] = (
    Pair(("prompt",), "completion"),  # what these trainers call it themselves
    Pair(("instruction", "input?"), "output"),  # Alpaca; before input/output, which it contains
    Pair(("prompt",), "response"),
    Pair(("instruction", "context?"), "response"),  # Dolly
    Pair(("instruction", "input?"), "response"),
    Pair(("instruction", "input?"), "completion"),
    Pair(("article", "question"), "answer"),
    Pair(("context?", "question", "options?"), "answer"),  # a context is read before its question
    Pair(("context?", "question"), "answers"),  # SQuAD
    Pair(("question", "options?"), "answerkey"),  # ARC and its kin
    Pair(("question",), "response"),  # OpenOrca, beside its system_prompt
    Pair(("question",), "best_answer"),  # TruthfulQA
    Pair(("question",), "correct_answer"),  # SciQ
    Pair(("question",), "sql"),
    Pair(("question",), "query"),  # Spider
    Pair(("sql_prompt", "sql_context?"), "sql"),
    Pair(("prompt",), "canonical_solution"),  # HumanEval
    Pair(("source",), "target"),
    Pair(("input",), "output"),
    Pair(("contexto?", "pergunta", "opcoes?"), "resposta"),
    Pair(("instrucao", "entrada?"), "saida"),
    Pair(("instrucao",), "resposta"),
    Pair(("prompt",), "answer"),
    Pair(("prompt",), "output"),
    Pair(("prompt",), "generation"),
    Pair(("instruction",), "answer"),
    Pair(("query",), "response"),
    Pair(("query",), "answer"),
    Pair(("question",), "solution"),
    Pair(("question",), "output"),
    Pair(("problem",), "solution"),  # worked out; the bare answer stands beside it
    Pair(("problem",), "answer"),
    Pair(("problema",), "solucao"),
    Pair(("entrada",), "saida"),
    Pair(("inputs",), "targets"),  # FLAN
    Pair(("input_text",), "output_text"),
    Pair(("user",), "assistant"),
    Pair(("human",), "assistant"),
    Pair(("human",), "gpt"),
    Pair(("human",), "bot"),
    Pair(("user",), "bot"),
    Pair(("usuario",), "assistente"),
    Pair(("message_1",), "message_2"),
    Pair(("q",), "a"),
)
# A text and what somebody made of it. After what is asked: `text` and `title` are the commonest names of all.
MADE: tuple[Pair, ...] = (
    Pair(("origem",), "traducao"),
    Pair(("src",), "tgt"),
    Pair(("src",), "ref"),
    Pair(("source",), "reference"),
    Pair(("source",), "translation"),
    Pair(("texto",), "traducao"),
    *(Pair((text,), "translation") for text in ("text", "sentence", "original")),
    Pair(("original",), "traducao"),
    Pair(("source_text",), "target_text"),
    Pair(("src_text",), "tgt_text"),
    Pair(("article",), "highlights"),  # CNN/DailyMail
    Pair(("document",), "summary"),
    Pair(("dialogue",), "summary"),
    Pair(("article",), "summary"),
    Pair(("text",), "summary"),
    Pair(("texto",), "resumo"),
    Pair(("premise", "hypothesis"), "label"),
    Pair(("sentence1", "sentence2"), "label"),
    Pair(("question1", "question2"), "is_duplicate"),  # Quora
    *(Pair((text,), label) for text in CLASSIFIED for label in CLASSES),
    *(
        Pair((text,), label)
        for text in ("texto", "frase", "comentario")
        for label in ("rotulo", "sentimento", "categoria")
    ),
    Pair(("front",), "back"),  # of a flash card
    Pair(("frente",), "verso"),
    Pair(("term",), "definition"),
    Pair(("word",), "definition"),
    Pair(("termo",), "definicao"),
    Pair(("docstring",), "code"),
    Pair(("text",), "code"),  # MBPP
    *(Pair(("original",), better) for better in ("corrected", "simplified", "rewritten", "paraphrase")),
    Pair(("incorrect",), "correct"),
    Pair(("input",), "target"),
    Pair(("subject",), "body"),
    Pair(("title",), "body"),
    Pair(("titulo",), "corpo"),
)
# What may stand before a chosen answer.
PROMPTS: tuple[tuple[str, ...], ...] = (
    ("prompt",), ("instruction", "input?"), ("context?", "question"), ("query",), ("input",), ("pergunta",),
    ("instrucao", "entrada?"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A name without what its maker may have chosen freely: case, accents, spaces and hyphens."""
    letters = unicodedata.normalize("NFKD", name.strip().casefold())
    return re.sub(r"[\s-]+", "_", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def by_plain_name(columns: Iterable[str]) -> dict[str, str]:
    """From plain names to columns; the first of two that are spelt alike."""
    found: dict[str, str] = {}
    for column in columns:
        found.setdefault(ALIASES.get(plain(column), plain(column)), column)
    return found


def first_of(names: Iterable[str], known: Mapping[str, str]) -> str | None:
    return next((known[name] for name in names if name in known), None)


def present(names: Iterable[str], known: Mapping[str, str]) -> list[str]:
    """The columns of a question; empty where one that must be there is not."""
    columns = []
    for name in names:
        if name.removesuffix("?") in known:
            columns.append(known[name.removesuffix("?")])
        elif not name.endswith("?"):
            return []
    return columns
