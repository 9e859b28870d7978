"""Rows as other trainers lay them out (LLaMA-Factory, Axolotl, TRL, AutoTrain, H2O, Unsloth), with words of our own.

Each case: the rows of a file, the examples that its maker meant, and what is left out.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from playground.data.example import Example, Message


class Case(NamedTuple):
    rows: list[dict[str, Any]]
    examples: list[Example]
    left_out: dict[str, int] = {}


def ask(*said: str, answer: str, system: str = "") -> Example:
    """Turns of user and assistant, a user's last, and the answer to it."""
    first = [Message("system", system)] if system else []
    turns = [Message(("user", "assistant")[place % 2], text) for place, text in enumerate(said)]
    return Example((*first, *turns), answer)


N = range(5)
TOOLS = json.dumps(
    [{"name": "tide", "description": "High tide at a place", "parameters": {"place": {"type": "string"}}}]
)
CALL = '{"name": "tide", "arguments": {"place": "Olhão"}}'

ALPACA = Case(
    [{"instruction": f"Name boat {n}", "input": "" if n % 2 else "red hull", "output": f"Boat {n}"} for n in N],
    [ask(f"Name boat {n}" if n % 2 else f"Name boat {n}\n\nred hull", answer=f"Boat {n}") for n in N],
)
ALPACA_ROUNDS = Case(
    [
        {
            "instruction": f"And {n}?",
            "input": "",
            "output": f"Also {n}.",
            "system": "You count boats.",
            "history": [["Ready?", "Ready."], ["Slowly?", "Slowly."]],
        }
        for n in N
    ],
    [
        ask("Ready?", "Ready.", "Slowly?", "Slowly.", f"And {n}?", answer=f"Also {n}.", system="You count boats.")
        for n in N
    ],
)
IDENTITY = Case(
    [{"instruction": f"Who are you? {n}", "input": "", "output": "I am {{name}}, made by {{author}}."} for n in N],
    [ask(f"Who are you? {n}", answer="I am {{name}}, made by {{author}}.") for n in N],
)
GLAIVE_TOOLS = Case(
    [
        {
            "conversations": [
                {"from": "human", "value": f"High tide on day {n}?"},
                {"from": "function_call", "value": CALL},
                {"from": "observation", "value": f'{{"time": "0{n}:10"}}'},
                {"from": "gpt", "value": f"At 0{n}:10."},
            ],
            "tools": TOOLS,
        }
        for n in N
    ],
    [
        ask(f"High tide on day {n}?", CALL, f'{{"time": "0{n}:10"}}', answer=f"At 0{n}:10.", system=f"Tools: {TOOLS}")
        for n in N
    ],
)
DPO = Case(
    [
        {
            "conversations": [{"from": "human", "value": f"Is pier {n} open?"}],
            "chosen": {"from": "gpt", "value": f"Pier {n} is open."},
            "rejected": {"from": "gpt", "value": "No idea."},
        }
        for n in N
    ],
    [ask(f"Is pier {n} open?", answer=f"Pier {n} is open.") for n in N],
    {"rejected": 5},
)
KTO = Case(
    [
        {
            "messages": [
                {"content": f"Greet guest {n}", "role": "user"},
                {"content": f"Welcome, guest {n}!" if n < 4 else "What?", "role": "assistant"},
            ],
            "label": n < 4,
        }
        for n in N
    ],
    [ask(f"Greet guest {n}", answer=f"Welcome, guest {n}!") for n in range(4)],
    {"bad": 1},
)
MEDIA_TURNS = [{"content": "<image>What is this?", "role": "user"}, {"content": "A buoy.", "role": "assistant"}]
MULTIMODAL = Case(
    [
        *(
            {"messages": [{"role": "user", "content": f"Say {n}"}, {"role": "assistant", "content": f"{n}!"}]}
            for n in N
        ),
        {"messages": MEDIA_TURNS, "images": ["demo/1.jpg"]},
        {"messages": MEDIA_TURNS},
        {"messages": [{"content": "<audio>Who speaks?", "role": "user"}, MEDIA_TURNS[1]], "audios": ["demo/1.mp3"]},
        {"messages": [{"content": "<video>Who runs?", "role": "user"}, MEDIA_TURNS[1]], "videos": ["demo/1.mp4"]},
    ],
    [ask(f"Say {n}", answer=f"{n}!") for n in N],
    {"image": 3, "sound": 1},
)
C4 = Case(
    [
        {
            "text": f"The harbour opens at {n}.\nBring a coat.",
            "timestamp": "2019-04-25T12:57:54Z",
            "url": "https://a.example/x",
        }
        for n in N
    ],
    [Example((), f"The harbour opens at {n}.\nBring a coat.") for n in N],
)
WIKI = Case(
    [
        {"id": str(n), "url": "https://a.example", "title": f"Ferry {n}", "text": f"Ferry {n} crosses the bay."}
        for n in N
    ],
    [Example((), f"Ferry {n} crosses the bay.") for n in N],
)
ONLY_TEXT = Case(
    [{"text": f"Line {n} of a log book."} for n in N], [Example((), f"Line {n} of a log book.") for n in N]
)
AXOLOTL_SHAREGPT = Case(
    [
        {
            "id": f"x{n}",
            "conversations": [
                {"from": "system", "value": "Be brief."},
                {"from": "human", "value": f"Knots in {n}?"},
                {"from": "gpt", "value": f"{n} knots."},
                {"from": "human", "value": "Thanks"},
            ],
        }
        for n in N
    ],
    [ask(f"Knots in {n}?", answer=f"{n} knots.", system="Be brief.") for n in N],
)
AXOLOTL_SEGMENTS = Case(
    [{"segments": [{"label": False, "text": f"Which pier, {n}?\n"}, {"label": True, "text": f"Pier {n}."}]} for n in N],
    [ask(f"Which pier, {n}?\n", answer=f"Pier {n}.") for n in N],
)
AXOLOTL_PREFERENCE = Case(
    [
        {
            "messages": [{"role": "user", "content": f"Rust {n}?"}],
            "chosen": {"role": "assistant", "content": f"Rust {n}."},
            "rejected": {"role": "assistant", "content": "No."},
        }
        for n in N
    ],
    [ask(f"Rust {n}?", answer=f"Rust {n}.") for n in N],
    {"rejected": 5},
)
TRL_PREFERENCE = Case(
    [
        {
            "prompt": [{"role": "user", "content": f"Colour of buoy {n}?"}],
            "chosen": [{"role": "assistant", "content": f"Buoy {n} is green."}],
            "rejected": [{"role": "assistant", "content": "Blue?"}],
        }
        for n in N
    ],
    [ask(f"Colour of buoy {n}?", answer=f"Buoy {n} is green.") for n in N],
    {"rejected": 5},
)
TRL_IMPLICIT_PROMPT = Case(
    [
        {
            "chosen": [{"role": "user", "content": f"Depth {n}?"}, {"role": "assistant", "content": f"{n} m"}],
            "rejected": [{"role": "user", "content": f"Depth {n}?"}, {"role": "assistant", "content": "deep"}],
        }
        for n in N
    ],
    [ask(f"Depth {n}?", answer=f"{n} m") for n in N],
    {"rejected": 5},
)
TRL_MESSAGES_PAIR = Case(
    [
        {
            "prompt": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": f"Wind {n}?"}],
            "completion": [{"role": "assistant", "content": f"Force {n}."}],
        }
        for n in N
    ],
    [ask(f"Wind {n}?", answer=f"Force {n}.", system="Be kind.") for n in N],
)
TRL_KTO = Case(
    [{"prompt": f"Sail {n}?", "completion": f"Sail {n}." if n else "Never.", "label": bool(n)} for n in N],
    [ask(f"Sail {n}?", answer=f"Sail {n}.") for n in N if n],
    {"bad": 1},
)
AUTOTRAIN_PREFERENCE = Case(
    [{"prompt": f"Berth {n}?", "text": f"Berth {n} is free.", "rejected_text": "Maybe."} for n in N],
    [ask(f"Berth {n}?", answer=f"Berth {n} is free.") for n in N],
    {"rejected": 5},
)
H2O = Case(
    [{"instruction": f"Oar {n}?", "system": "You row.", "output": f"Oar {n}.", "parent_id": ""} for n in N],
    [ask(f"Oar {n}?", answer=f"Oar {n}.", system="You row.") for n in N],
)
UNSLOTH_TEXT = Case(
    [{"text": f"### Instruction:\nAdd\n\n### Input:\n{n} + 1\n\n### Response:\n{n + 1}<|im_end|>"} for n in N],
    [ask(f"Add\n\n{n} + 1", answer=str(n + 1)) for n in N],
)
GUANACO_TEXT = Case(
    [{"text": f"### Human: Tide {n}?### Assistant: Low.### Human: Sure?### Assistant: Sure, {n}."} for n in N],
    [ask(f"Tide {n}?", "Low.", "Sure?", answer=f"Sure, {n}.") for n in N],
)
CHATML_TEXT = Case(
    [{"text": f"<|im_start|>user\nMast {n}?<|im_end|>\n<|im_start|>assistant\nMast {n}.<|im_end|>\n"} for n in N],
    [ask(f"Mast {n}?", answer=f"Mast {n}.") for n in N],
)
LLAMA_2_TEXT = Case(
    [{"text": f"<s>[INST] Hi [/INST] Hello </s><s>[INST] Deck {n}? [/INST] Deck {n}. </s>"} for n in N],
    [ask("Hi", "Hello", f"Deck {n}?", answer=f"Deck {n}.") for n in N],
)
HEADER = "<|start_header_id|>{}<|end_header_id|>\n\n{}<|eot_id|>"
LLAMA_3_TEXT = Case(
    [
        {"text": f"<|begin_of_text|>{HEADER.format('user', f'Bow {n}?')}{HEADER.format('assistant', f'Bow {n}.')}"}
        for n in N
    ],
    [ask(f"Bow {n}?", answer=f"Bow {n}.") for n in N],
)
GEMMA_TEXT = Case(
    [
        {"text": f"<bos><start_of_turn>user\nStern {n}?<end_of_turn>\n<start_of_turn>model\nStern {n}.<end_of_turn>\n"}
        for n in N
    ],
    [ask(f"Stern {n}?", answer=f"Stern {n}.") for n in N],
)
ZEPHYR_TEXT = Case(
    [{"text": f"<|system|>\nRow.</s>\n<|user|>\nOar {n}?</s>\n<|assistant|>\nOar {n}.</s>"} for n in N],
    [ask(f"Oar {n}?", answer=f"Oar {n}.", system="Row.") for n in N],
)
GPTEACHER = Case(
    [{"INSTRUCTION": f"Rope {n}?", "RESPONSE": f"Rope {n}.", "SOURCE": "deck"} for n in N],
    [ask(f"Rope {n}?", answer=f"Rope {n}.") for n in N],
)
LIMA = Case(
    [{"conversations": [f"Fog {n}?", f"Fog {n}."], "source": "deck"} for n in N],
    [ask(f"Fog {n}?", answer=f"Fog {n}.") for n in N],
)

PARTS_WITH_VALUES = Case(
    [
        {
            "messages": [
                {"role": "user", "content": [{"type": "text", "value": f"Swell {n}?"}], "loss_weight": 0.0},
                {
                    "role": "assistant",
                    "content": [{"type": "reasoning", "value": "Look west."}, {"type": "text", "value": f"{n} m."}],
                    "loss_weight": 1.0,
                },
            ]
        }
        for n in N
    ],
    [ask(f"Swell {n}?", answer=f"<think>\nLook west.\n</think>\n\n{n} m.") for n in N],
)
REASONING = Case(
    [
        {
            "messages": [
                {"role": "user", "content": f"Ebb {n}?"},
                {"role": "assistant", "reasoning_content": "Count.", "content": f"Ebb {n}."},
            ]
        }
        for n in N
    ],
    [ask(f"Ebb {n}?", answer=f"<think>\nCount.\n</think>\n\nEbb {n}.") for n in N],
)
CHOSEN_MESSAGES = Case(
    [
        {
            "chosen_messages": [
                {"role": "user", "content": [{"type": "text", "value": f"Fender {n}?"}]},
                {"role": "assistant", "content": [{"type": "text", "value": f"Fender {n}."}]},
            ],
            "rejected_messages": [
                {"role": "user", "content": [{"type": "text", "value": f"Fender {n}?"}]},
                {"role": "assistant", "content": [{"type": "text", "value": "Eh?"}]},
            ],
        }
        for n in N
    ],
    [ask(f"Fender {n}?", answer=f"Fender {n}.") for n in N],
    {"rejected": 5},
)
XTUNER_ROUNDS = Case(
    [
        {
            "conversation": [
                {"system": "Be brief.", "input": f"Keel {n}?", "output": "Which?"},
                {"input": "Mine.", "output": f"Keel {n}."},
            ]
        }
        for n in N
    ],
    [ask(f"Keel {n}?", "Which?", "Mine.", answer=f"Keel {n}.", system="Be brief.") for n in N],
)
XTUNER_TEXTS = Case(
    [{"conversation": [{"input": "", "output": f"A long page {n} about rope."}]} for n in N],
    [Example((), f"A long page {n} about rope.") for n in N],
)
SWIFT_ROUNDS = Case(
    [{"system": "Sail.", "conversation": [{"human": f"Jib {n}?", "assistant": f"Jib {n}."}]} for n in N],
    [ask(f"Jib {n}?", answer=f"Jib {n}.", system="Sail.") for n in N],
)
SWIFT_QUERY = Case(
    [{"query": f"Hull {n}?", "response": f"Hull {n}.", "history": [["Hi", "Hello"]]} for n in N],
    [ask("Hi", "Hello", f"Hull {n}?", answer=f"Hull {n}.") for n in N],
)
SWIFT_REJECTED = Case(
    [
        {
            "messages": [{"role": "user", "content": f"Reef {n}?"}, {"role": "assistant", "content": f"Reef {n}."}],
            "rejected_response": "No.",
        }
        for n in N
    ],
    [ask(f"Reef {n}?", answer=f"Reef {n}.") for n in N],
    {"rejected": 5},
)

CASES = {name: value for name, value in list(globals().items()) if isinstance(value, Case)}
