"""Rows as those who sell fine-tuning ask for them (OpenAI, Gemini, Cohere, Bedrock, Mistral), with words of our own."""

from __future__ import annotations

import json

from tests.data.wild.rows.trainers import Case, N, ask

FUNCTION = {"name": "tide", "parameters": {"type": "object", "properties": {"place": {"type": "string"}}}}
TOOL = {"type": "function", "function": FUNCTION}
ARGUMENTS = '{"place": "Sines"}'
CALL = '{"name": "tide", "arguments": {"place": "Sines"}}'

OPENAI_CHAT = Case(
    [
        {
            "messages": [
                {"role": "system", "content": "You know the harbour."},
                {"role": "user", "content": f"Where is quay {n}?"},
                {"role": "assistant", "content": "North.", "weight": 0},
                {"role": "user", "content": "Exactly?"},
                {"role": "assistant", "content": f"Past shed {n}.", "weight": 1},
            ]
        }
        for n in N
    ],
    [
        ask(f"Where is quay {n}?", "North.", "Exactly?", answer=f"Past shed {n}.", system="You know the harbour.")
        for n in N
    ],
)
OPENAI_PARTS = Case(
    [
        {
            "messages": [
                {"role": "developer", "content": [{"type": "text", "text": "Be brief."}]},
                {
                    "role": "user",
                    "content": [{"type": "text", "text": f"Light {n}?"}, {"type": "text", "text": "Red?"}],
                },
                {"role": "assistant", "content": [{"type": "text", "text": f"Light {n} is red."}]},
            ]
        }
        for n in N
    ],
    [ask(f"Light {n}?\nRed?", answer=f"Light {n} is red.", system="Be brief.") for n in N],
)
OPENAI_VISION = Case(
    [
        *OPENAI_PARTS.rows,
        {
            "messages": [
                {
                    "role": "user",
                    "content": [
                        {"type": "text", "text": "What is this?"},
                        {"type": "image_url", "image_url": {"url": "https://a.example/1.jpg"}},
                    ],
                },
                {"role": "assistant", "content": "A mast."},
            ]
        },
        {
            "messages": [
                {"role": "user", "content": [{"type": "input_audio", "input_audio": {"data": "x", "format": "wav"}}]},
                {"role": "assistant", "content": "A horn."},
            ]
        },
    ],
    OPENAI_PARTS.examples,
    {"image": 1, "sound": 1},
)


def called(n: int) -> list[dict[str, object]]:
    call = {"id": f"call_{n}", "type": "function", "function": {"name": "tide", "arguments": ARGUMENTS}}
    return [
        {"role": "user", "content": f"Tide on day {n}?"},
        {"role": "assistant", "content": None, "tool_calls": [call, call]},
        {"role": "tool", "tool_call_id": f"call_{n}", "content": f"0{n}:30"},
        {"role": "tool", "tool_call_id": f"call_{n}", "content": f"1{n}:45"},
    ]


OPENAI_TOOLS = Case(
    [
        {
            "messages": [*called(n), {"role": "assistant", "content": f"At {n}."}],
            "tools": [TOOL],
            "parallel_tool_calls": True,
        }
        for n in N
    ],
    [
        ask(
            f"Tide on day {n}?",
            f"{CALL}\n{CALL}",
            f"0{n}:30\n1{n}:45",
            answer=f"At {n}.",
            system=f"Tools: {json.dumps([TOOL])}",
        )
        for n in N
    ],
)
OPENAI_CALL_IS_THE_ANSWER = Case(
    [{"messages": called(n)[:2]} for n in N],
    [ask(f"Tide on day {n}?", answer=f"{CALL}\n{CALL}") for n in N],
)
OPENAI_FUNCTION = Case(
    [
        {
            "messages": [
                {"role": "user", "content": f"Tide {n}?"},
                {"role": "assistant", "function_call": {"name": "tide", "arguments": ARGUMENTS}},
            ],
            "functions": [FUNCTION],
        }
        for n in N
    ],
    [ask(f"Tide {n}?", answer=CALL) for n in N],
)
OPENAI_PREFERENCE = Case(
    [
        {
            "input": {
                "messages": [{"role": "user", "content": f"Fish {n}?"}],
                "tools": [],
                "parallel_tool_calls": True,
            },
            "preferred_output": [{"role": "assistant", "content": f"Hake {n}."}],
            "non_preferred_output": [{"role": "assistant", "content": "Yes."}],
        }
        for n in N
    ],
    [ask(f"Fish {n}?", answer=f"Hake {n}.") for n in N],
    {"rejected": 5},
)
OPENAI_OLD = Case(
    [{"prompt": f"Ship {n} ->", "completion": f" Ship {n} sails.\n"} for n in N],
    [ask(f"Ship {n} ->", answer=f"Ship {n} sails.") for n in N],
)
GEMINI = Case(
    [
        {
            "systemInstruction": {"role": "system", "parts": [{"text": "Answer as a pilot."}]},
            "contents": [
                {"role": "user", "parts": [{"text": f"Course {n}?"}]},
                {"role": "model", "parts": [{"text": f"Course {n} it is."}]},
            ],
        }
        for n in N
    ],
    [ask(f"Course {n}?", answer=f"Course {n} it is.", system="Answer as a pilot.") for n in N],
)
GEMINI_PICTURE = Case(
    [
        *GEMINI.rows,
        {
            "contents": [
                {
                    "role": "user",
                    "parts": [{"fileData": {"mimeType": "image/jpeg", "fileUri": "gs://b/1"}}, {"text": "What?"}],
                },
                {"role": "model", "parts": [{"text": "A sail."}]},
            ]
        },
    ],
    GEMINI.examples,
    {"image": 1},
)
GEMINI_CALL = Case(
    [
        {
            "contents": [
                {"role": "user", "parts": [{"text": f"Tide {n}?"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "tide", "args": {"place": "Sines"}}}]},
                {"role": "function", "parts": [{"functionResponse": {"name": "tide", "response": {"at": n}}}]},
                {"role": "model", "parts": [{"text": f"At {n}."}]},
            ]
        }
        for n in N
    ],
    [ask(f"Tide {n}?", CALL, f'{{"at": {n}}}', answer=f"At {n}.") for n in N],
)
VERTEX_TEXT = Case(
    [{"input_text": f"Sum up {n}", "output_text": f"Sum {n}"} for n in N],
    [ask(f"Sum up {n}", answer=f"Sum {n}") for n in N],
)
COHERE = Case(
    [
        {
            "messages": [
                {"role": "System", "content": "You moor boats."},
                {"role": "User", "content": f"Line {n}?"},
                {"role": "Chatbot", "content": f"Line {n} holds."},
            ]
        }
        for n in N
    ],
    [ask(f"Line {n}?", answer=f"Line {n} holds.", system="You moor boats.") for n in N],
)
BEDROCK = Case(
    [
        {
            "schemaVersion": "bedrock-conversation-2024",
            "system": [{"text": "You are calm."}],
            "messages": [
                {"role": "user", "content": [{"text": f"Storm {n}?"}]},
                {"role": "assistant", "content": [{"text": f"Storm {n} passes."}]},
            ],
        }
        for n in N
    ],
    [ask(f"Storm {n}?", answer=f"Storm {n} passes.", system="You are calm.") for n in N],
)

CASES = {name: value for name, value in list(globals().items()) if isinstance(value, Case)}
