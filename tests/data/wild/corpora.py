"""What corpus sites and flash-card programs offer for download."""

from __future__ import annotations

import gzip
import io
import zipfile

from tests.data.wild.file import WildFile


def packed(files: dict[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


CREDIT = "CC-BY 2.0 (France) Attribution: example.org #{n} (somebody)"
CARDS = "".join(
    f"{source}\t{target}\t{CREDIT.format(n=n)}\n"
    for n, (source, target) in enumerate([("Go.", "Vá."), ("Hi.", "Oi."), ('"Run!" he said.', '"Corra!", disse ele.')])
)
TATOEBA = "1276\tLet's try it.\t5423\tVamos tentar.\n1277\tI have to sleep.\t5424\tTenho que dormir.\n"
TWO = ["column_1", "column_2"]
THREE = [*TWO, "column_3"]

FILES = [
    WildFile("ManyThings, a .txt with attributions", "por.txt", CARDS.encode(), THREE, 3,
             (2, "column_2", '"Corra!", disse ele.')),
    WildFile("ManyThings, as downloaded", "por-eng.zip", packed({"_about.txt": "About\n", "por.txt": CARDS}), THREE, 3,
             (0, "column_1", "Go.")),
    WildFile("Tatoeba, sentence pairs", "Sentence pairs in English-Portuguese - 2025-11-01.tsv",
             b"\xef\xbb\xbf" + TATOEBA.encode(), [*THREE, "column_4"], 2, (0, "column_4", "Vamos tentar.")),
    WildFile("Tatoeba, a .csv of sentences", "sentences.csv",
             "1\tpor\tVamos tentar, então.\n2\teng\tI have to sleep, now.\n".encode(), THREE, 2,
             (0, "column_3", "Vamos tentar, então.")),
    WildFile("Anki, notes in plain text", "Português.txt",
             b'#separator:tab\n#html:true\n#tags column:3\nthe dog\to cachorro\tanimal\n"the ""big"" cat"\to gato\t\n',
             THREE, 2, (1, "column_1", 'the "big" cat')),
    WildFile("Anki with column names", "deck.txt",
             b"#separator:Semicolon\n#html:false\n#columns:Front;Back\nthe dog;o cachorro\nthe cat;o gato\n",
             ["Front", "Back"], 2, (1, "Back", "o gato")),
    WildFile("OPUS, Moses files", "en-pt.txt.zip",
             packed({"README": "OPUS", "LICENSE": "CC", "Books.en-pt.en": "One.\nTwo, \"three\".\n",
                     "Books.en-pt.pt": "Um.\nDois, \"três\".\n", "Books.en-pt.xml": "<x/>"}),
             ["en", "pt"], 2, (1, "pt", 'Dois, "três".')),
    WildFile("a Mac's zip of one CSV", "data.zip",
             packed({"data/": "", "data/rows.csv": "prompt,completion\nHi,Hello\n", "__MACOSX/data/._rows.csv": b"\0\5",
                     "data/.DS_Store": b"\0\0\0\1", "README.md": "# About"}),
             ["prompt", "completion"], 1, (0, "completion", "Hello")),
    WildFile("a zip of two text files", "pair.zip", packed({"en.txt": "One.\nTwo.\n", "pt.txt": "Um.\nDois.\n"}),
             ["en", "pt"], 2, (1, "en", "Two.")),
    WildFile("a zip of a training and a test part", "parts.zip",
             packed({"x/train.jsonl": '{"text": "a"}\n{"text": "b"}\n', "x/test.jsonl": '{"text": "c"}\n'}),
             ["text"], 2, (1, "text", "b")),
    WildFile("gzip of JSON Lines", "corpus.jsonl.gz", gzip.compress(b'{"text": "Um."}\n{"text": "Dois."}\n'),
             ["text"], 2, (1, "text", "Dois.")),
    WildFile("Gutenberg, plain text in paragraphs", "book.txt",
             b"CHAPTER I\r\n\r\nIt was late, and\r\nit rained.\r\n\r\n\r\nNobody came.\r\n", ["text"], 3,
             (1, "text", "It was late, and\nit rained.")),
    WildFile("a text of one sentence a line", "lines.txt", "Uma frase.\nOutra, com vírgula.\nMais uma.\n".encode(),
             ["text"], 3, (1, "text", "Outra, com vírgula.")),
    WildFile("a poem indented with tabs", "poem.txt", b"\tRoses are red,\n\tViolets are blue.\n", ["text"], 2,
             (1, "text", "\tViolets are blue.")),
    WildFile("notes in Markdown", "notes.md", b"# Title\n\n- one\n- two\n\nA paragraph | with a bar.\n", ["text"], 3,
             (1, "text", "- one\n- two")),
    WildFile("a table without an ending", "download", b"question\tanswer\nWho?\tMe.\nWhy?\tBecause.\n",
             ["question", "answer"], 2, (1, "answer", "Because.")),
]  # fmt: skip
