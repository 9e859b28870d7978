"""Rows as well-known data sets lay them out (Dolly, SQuAD, OASST, hh-rlhf, UltraFeedback, …), with words of our own."""

from __future__ import annotations

from typing import Any

from playground.data.example import Example
from tests.data.wild.rows.trainers import Case, N, ask

DOLLY = Case(
    [
        {
            "instruction": f"When was boat {n} built?",
            "context": "In 1901." if n else "",
            "response": f"1901, {n}.",
            "category": "closed_qa",
        }
        for n in N
    ],
    [ask(f"When was boat {n} built?" + ("\n\nIn 1901." if n else ""), answer=f"1901, {n}.") for n in N],
)
NO_ANSWERS: dict[str, list[Any]] = {"text": [], "answer_start": []}
SQUAD = Case(
    [
        {
            "id": f"{n}",
            "title": "Port",
            "context": f"The port has {n} cranes.",
            "question": "How many?",
            "answers": {"text": [f"{n}", f"{n} cranes"], "answer_start": [13, 13]} if n < 4 else NO_ANSWERS,
        }
        for n in range(6)
    ],
    [ask(f"The port has {n} cranes.\n\nHow many?", answer=f"{n}") for n in range(4)],
    {"no_answer": 2},
)
GSM8K = Case(
    [{"question": f"Ann has {n} fish and buys 2. How many?", "answer": f"{n}+2 = {n + 2}\n#### {n + 2}"} for n in N],
    [ask(f"Ann has {n} fish and buys 2. How many?", answer=f"{n}+2 = {n + 2}\n#### {n + 2}") for n in N],
)
OPEN_ORCA = Case(
    [
        {"id": f"t0.{n}", "system_prompt": "Think." if n else "", "question": f"Why {n}?", "response": f"So {n}."}
        for n in N
    ],
    [ask(f"Why {n}?", answer=f"So {n}.", system="Think." if n else "") for n in N],
)
ORCA_DPO = Case(
    [{"system": "", "question": f"Rain {n}?", "chosen": f"Rain {n}, yes.", "rejected": "no"} for n in N],
    [ask(f"Rain {n}?", answer=f"Rain {n}, yes.") for n in N],
    {"rejected": 5},
)
HH_RLHF = Case(
    [
        {
            "chosen": f"\n\nHuman: Hi {n}\n\nAssistant: Hello.\n\nHuman: Boat?\n\nAssistant: Boat {n}.",
            "rejected": f"\n\nHuman: Hi {n}\n\nAssistant: Hello.\n\nHuman: Boat?\n\nAssistant: What?",
        }
        for n in N
    ],
    [ask(f"Hi {n}", "Hello.", "Boat?", answer=f"Boat {n}.") for n in N],
    {"rejected": 5},
)
HH_PROMPT = Case(
    [
        {
            "prompt": f"\n\nHuman: Cape {n}?\n\nAssistant:",
            "response": f" Cape {n}.",
            "chosen": f" Cape {n}.",
            "rejected": " x",
        }
        for n in N
    ],
    [ask(f"Cape {n}?", answer=f"Cape {n}.") for n in N],
    {"rejected": 5},
)
ULTRAFEEDBACK = Case(
    [
        {
            "prompt": f"Isle {n}?",
            "prompt_id": f"{n}",
            "chosen": [{"role": "user", "content": f"Isle {n}?"}, {"role": "assistant", "content": f"Isle {n}."}],
            "rejected": [{"role": "user", "content": f"Isle {n}?"}, {"role": "assistant", "content": "?"}],
            "messages": [{"role": "user", "content": f"Isle {n}?"}, {"role": "assistant", "content": f"Isle {n}."}],
            "score_chosen": 8.0,
            "score_rejected": 2.0,
        }
        for n in N
    ],
    [ask(f"Isle {n}?", answer=f"Isle {n}.") for n in N],
    {"rejected": 5},
)


def oasst(n: int) -> list[dict[str, Any]]:
    """Messages of one tree: a question, two answers of which the second is better, a question, an answer."""
    said = (
        ("prompter", None, "a", f"Gull {n}?", None),
        ("assistant", "a", "b", "Bird.", 1),
        ("assistant", "a", "c", "A bird.", 0),
        ("prompter", "c", "d", "White?", None),
        ("assistant", "d", "e", f"White, {n}.", 0),
    )
    return [
        {
            "message_id": f"{n}{name}",
            "parent_id": parent and f"{n}{parent}",
            "text": text,
            "role": role,
            "lang": "en",
            "rank": rank,
            "deleted": False,
        }
        for role, parent, name, text, rank in said
    ]


OASST = Case(
    [message for n in N for message in oasst(n)],
    [ask(f"Gull {n}?", "A bird.", "White?", answer=f"White, {n}.") for n in N],
    {"rejected": 5},
)
OASST_TREES = Case(
    [
        {
            "message_tree_id": f"{n}",
            "tree_state": "ready_for_export",
            "prompt": {
                "text": f"Seal {n}?",
                "role": "prompter",
                "replies": [
                    {"text": f"Seal {n}.", "role": "assistant", "rank": 0, "replies": []},
                    {"text": "Eh.", "role": "assistant", "rank": 1, "replies": []},
                ],
            },
        }
        for n in N
    ],
    [ask(f"Seal {n}?", answer=f"Seal {n}.") for n in N],
    {"rejected": 5},
)
MMLU = Case(
    [{"question": f"Port side {n}?", "subject": "sea", "choices": ["left", "right"], "answer": n % 2} for n in N],
    [ask(f"Port side {n}?\n\nA. left\nB. right", answer=("A. left", "B. right")[n % 2]) for n in N],
)
ARC = Case(
    [
        {
            "id": f"{n}",
            "question": f"Star {n}?",
            "choices": {"text": ["sun", "moon"], "label": ["A", "B"]},
            "answerKey": "B",
        }
        for n in N
    ],
    [ask(f"Star {n}?\n\nA. sun\nB. moon", answer="B. moon") for n in N],
)
SUMMARIES = Case(
    [{"id": f"{n}", "dialogue": f"Ana: Ferry {n}?\r\nRui: Late.", "summary": f"Ferry {n} is late."} for n in N],
    [ask(f"Ana: Ferry {n}?\r\nRui: Late.", answer=f"Ferry {n} is late.") for n in N],
)
NEWS = Case(
    [{"article": f"Long story {n}.", "highlights": f"Story {n}.", "id": f"{n}"} for n in N],
    [ask(f"Long story {n}.", answer=f"Story {n}.") for n in N],
)
IMDB = Case(
    [{"text": f"Film {n} moves.", "label": n % 2} for n in N], [ask(f"Film {n} moves.", answer=f"{n % 2}") for n in N]
)
NLI = Case(
    [{"premise": f"Boat {n} floats.", "hypothesis": "It sinks.", "label": 2} for n in N],
    [ask(f"Boat {n} floats.\n\nIt sinks.", answer="2") for n in N],
)
MATH = Case(
    [{"problem": f"{n}+1?", "solution": f"It is {n + 1}.", "answer": f"{n + 1}"} for n in N],
    [ask(f"{n}+1?", answer=f"It is {n + 1}.") for n in N],
)
PORTUGUESE = Case(
    [{"Instrução": f"Diga {n}", "Entrada": "alto", "Saída": f"{n}!"} for n in N],
    [ask(f"Diga {n}\n\nalto", answer=f"{n}!") for n in N],
)
NESTED = Case(
    [{"row_idx": n, "row": {"prompt": f"Sea {n}?", "completion": f"Sea {n}."}} for n in N],
    [ask(f"Sea {n}?", answer=f"Sea {n}.") for n in N],
)
NESTED_TEXTS = Case(
    [{"input": {"text": f"Bay {n}?"}, "output": {"text": f"Bay {n}."}} for n in N],
    [ask(f"Bay {n}?", answer=f"Bay {n}.") for n in N],
)
GLAIVE_CHAT = Case(
    [{"system": "SYSTEM: Be brief.", "chat": f"USER: Dune {n}?\n\n\nASSISTANT: Dune {n}. <|endoftext|>"} for n in N],
    [ask(f"Dune {n}?", answer=f"Dune {n}.", system="SYSTEM: Be brief.") for n in N],
)
BOOLQ = Case(
    [{"question": f"is buoy {n} red", "passage": "Buoys are red.", "answer": n > 0} for n in N],
    [ask(f"Buoys are red.\n\nis buoy {n} red", answer="true" if n else "false") for n in N],
)
SPIDER = Case(
    [{"db_id": "port", "question": f"Boats {n}?", "query": f"SELECT {n}"} for n in N],
    [ask(f"Boats {n}?", answer=f"SELECT {n}") for n in N],
)
ULTRACHAT = Case(
    [{"id": f"{n}", "data": [f"Swim {n}?", "Where?", "Bay.", f"Yes, {n}."]} for n in N],
    [ask(f"Swim {n}?", "Where?", "Bay.", answer=f"Yes, {n}.") for n in N],
)
MESSAGE_A_ROW = Case(
    [
        {"conversation_id": n, "role": role, "content": text}
        for n in N
        for role, text in (("User", f"Anchor {n}?"), ("Assistant", f"Anchor {n}."))
    ],
    [ask(f"Anchor {n}?", answer=f"Anchor {n}.") for n in N],
)
EMOTION = Case(
    [{"text": f"I love wave {n}", "emotion": "joy"} for n in N],
    [ask(f"I love wave {n}", answer="joy") for n in N],
)
STORIES = Case([{"story": f"Once {n} gulls met."} for n in N], [Example((), f"Once {n} gulls met.") for n in N])

CASES = {name: value for name, value in list(globals().items()) if isinstance(value, Case)}
