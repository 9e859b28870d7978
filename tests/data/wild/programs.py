"""What programs write: JSON in its many layouts, Parquet."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow
import pyarrow.parquet

from tests.data.wild.file import WildFile

ROWS = [{"prompt": "Who?", "completion": "Me."}, {"prompt": "Why?", "completion": "Porque não."}]
PAIR = ["prompt", "completion"]
LAST = (1, "completion", "Porque não.")


def parquet() -> bytes:
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), stream)
    return stream.getvalue()


def as_json(value: Any, **options: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, **options).encode()


LINES = b"\n".join(map(as_json, ROWS)) + b"\n"
VIEWER = {
    "features": [{"feature_idx": 0, "name": "prompt", "type": {"dtype": "string", "_type": "Value"}}],
    "rows": [{"row_idx": place, "row": row, "truncated_cells": []} for place, row in enumerate(ROWS)],
    "num_rows_total": 2, "num_rows_per_page": 100, "partial": False,
}  # fmt: skip
SQUAD = {
    "version": "v2.0",
    "data": [{"title": "Rain", "paragraphs": [{"context": "It rained all day.", "qas": [
        {"id": "1", "question": "What fell?", "answers": [{"text": "rain", "answer_start": 3}], "is_impossible": False},
        {"id": "2", "question": "Who fell?", "answers": [], "is_impossible": True},
    ]}]}],
}  # fmt: skip
TABLE = {"schema": {"fields": [{"name": "prompt", "type": "string"}], "pandas_version": "1.4.0"}, "data": ROWS}
CHATS = [[{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]] * 3

FILES = [
    *(WildFile(f"rows under {key}", "rows.json", as_json({key: ROWS, "count": 2}), PAIR, 2, LAST)
      for key in ("data", "rows", "examples", "train", "instances", "items", "records", "my_own_key")),
    WildFile("the Hub's viewer", "rows.json", as_json(VIEWER), PAIR, 2, LAST),
    WildFile("a web service", "answer.json", as_json({"status": "ok", "response": {"total": 2, "items": ROWS}}), PAIR,
             2, LAST),
    WildFile("a training and a test part", "parts.json", as_json({"train": ROWS, "test": ROWS[:1]}), PAIR, 2, LAST),
    WildFile("pandas, columns", "df.json",
             as_json({column: {str(n): row[column] for n, row in enumerate(ROWS)} for column in PAIR}), PAIR, 2, LAST),
    WildFile("pandas, index", "df.json", as_json(dict(zip("01", ROWS, strict=True))), PAIR, 2, LAST),
    WildFile("pandas, split", "df.json",
             as_json({"columns": PAIR, "index": [0, 1], "data": [list(row.values()) for row in ROWS]}), PAIR, 2, LAST),
    WildFile("pandas, table", "df.json", as_json(TABLE), PAIR, 2, LAST),
    WildFile("pandas, records in lines", "df.json", LINES, PAIR, 2, LAST),
    WildFile("datasets, to_dict", "rows.json", as_json({column: [row[column] for row in ROWS] for column in PAIR}),
             PAIR, 2, LAST),
    WildFile("a list of lists below a header", "rows.json", as_json([PAIR, *(list(row.values()) for row in ROWS)]),
             PAIR, 2, LAST),
    WildFile("a list of pairs", "pairs.json", as_json([["Good morning.", "Bom dia."], ["Bye now.", "Tchau."]]),
             ["column_1", "column_2"], 2, (0, "column_2", "Bom dia.")),
    WildFile("a list of texts", "texts.json", as_json(["Um texto.", "Outro."]), ["text"], 2, (1, "text", "Outro.")),
    WildFile("a list of chats", "chats.json", as_json(CHATS), ["messages"], 3, (0, "messages", CHATS[0])),
    WildFile("texts by language", "langs.json", as_json({"en": ["One", "Two"], "pt": ["Um", "Dois"]}), ["en", "pt"], 2,
             (1, "pt", "Dois")),
    WildFile("texts by key and language", "i18n.json",
             as_json({"greeting": {"en": "Hello", "pt": "Olá"}, "bye": {"en": "Bye", "pt": "Tchau"}}), ["en", "pt"], 2,
             (1, "pt", "Tchau")),
    WildFile("a list of words", "words.json",
             as_json({"dog": "cachorro", "cat": "gato", "house": "casa", "rain": "chuva"}), ["column_1", "column_2"], 4,
             (1, "column_2", "gato")),
    WildFile("SQuAD", "dev-v2.0.json", as_json(SQUAD),
             ["id", "title", "context", "question", "answers", "is_impossible"], 2,
             (0, "answers", {"text": ["rain"], "answer_start": [3]})),
    WildFile("JSON with a mark", "bom.json", b"\xef\xbb\xbf" + as_json(ROWS, indent=2), PAIR, 2, LAST),
    WildFile("PowerShell, JSON in UTF-16", "ps.json", as_json(ROWS, indent=4).decode().encode("utf-16"), PAIR, 2, LAST),
    WildFile("jq -c", "rows.jsonl", LINES, PAIR, 2, LAST),
    WildFile("jq", "rows.json", b"\n".join(as_json(row, indent=2) for row in ROWS), PAIR, 2, LAST),
    WildFile("jq, called .jsonl", "rows.jsonl", b"\n".join(as_json(row, indent=2) for row in ROWS), PAIR, 2, LAST),
    WildFile("JSON Lines with empty lines", "rows.NDJSON", LINES.replace(b"\n", b"\r\n\r\n"), PAIR, 2, LAST),
    WildFile("a pretty list called .jsonl", "rows.jsonl", as_json(ROWS, indent=1), PAIR, 2, LAST),
    WildFile("a list in one line called .jsonl", "rows.jsonl", as_json(ROWS), PAIR, 2, LAST),
    WildFile("a CSV called .json", "rows.json", "prompt,completion\nWho?,Me.\nWhy?,Porque não.\n".encode(), PAIR, 2,
             LAST),
    WildFile("JSON Lines called .txt", "rows.txt", LINES, PAIR, 2, LAST),
    WildFile("a JSON list called .csv", "rows.csv", as_json(ROWS), PAIR, 2, LAST),
    WildFile("Parquet", "train-00000-of-00001.parquet", parquet(), PAIR, 2, LAST),
    WildFile("Parquet without its ending", "train-00000-of-00001", parquet(), PAIR, 2, LAST),
    WildFile("Parquet called .parq", "rows.parq", parquet(), PAIR, 2, LAST),
]  # fmt: skip
