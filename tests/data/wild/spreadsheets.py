"""What spreadsheets and databases save."""

from __future__ import annotations

from tests.data.wild.file import WildFile


def lines(*rows: str) -> str:
    return "".join(f"{row}\r\n" for row in rows)


PAIR = ["pergunta", "resposta"]
EXCEL_PT = lines(
    "pergunta;resposta",
    "Onde fica a farmácia?;Na esquina, à direita.",
    '"Ela disse ""já vou""; e foi.";Entendi.',
    '"Duas\nlinhas";"Uma resposta; com ponto e vírgula"',
)

FILES = [
    WildFile("Excel pt-BR, CSV UTF-8", "frases.csv", b"\xef\xbb\xbf" + EXCEL_PT.encode(), PAIR, 3,
             (1, "pergunta", 'Ela disse "já vou"; e foi.')),
    WildFile("Excel pt-BR, CSV", "frases.csv", EXCEL_PT.encode("cp1252"), PAIR, 3,
             (0, "pergunta", "Onde fica a farmácia?")),
    WildFile("Excel, Unicode text", "frases.txt",
             lines("pergunta\tresposta", "Que dia é hoje?\tTerça.", '"Sim, claro."\tÓtimo!').encode("utf-16"), PAIR, 2,
             (1, "pergunta", "Sim, claro.")),
    WildFile("a program that leaves out the mark of UTF-16", "frases.csv",
             lines("pergunta;resposta", "Que dia é hoje?;Terça.").encode("utf-16-le"), PAIR, 1,
             (0, "resposta", "Terça.")),
    WildFile("Excel, big-endian Unicode text", "frases.csv",
             b"\xfe\xff" + lines("pergunta\tresposta", "Que dia é hoje?\tTerça.").encode("utf-16-be"), PAIR, 1,
             (0, "resposta", "Terça.")),
    WildFile("Excel for Mac, CSV (Macintosh line ends)", "frases.csv",
             b"prompt,completion\rHow are you?,Fine.\r\"One\ntwo\",Three\r", ["prompt", "completion"], 2,
             (1, "prompt", "One\ntwo")),
    WildFile("Excel with a line for itself", "sep.csv", lines("sep=;", *EXCEL_PT.split("\r\n")[:2]).encode(), PAIR, 1,
             (0, "resposta", "Na esquina, à direita.")),
    WildFile("Excel with a title above the header", "curso.csv",
             lines("Frases do mês de março;;", ";;", "Pergunta;Resposta;Fonte", "Tudo?;Tudo.;livro").encode("cp1252"),
             ["Pergunta", "Resposta", "Fonte"], 1, (0, "Resposta", "Tudo.")),
    WildFile("a title line typed by hand", "curso.csv", b"Course phrases\n\nprompt,completion\nHi,Hello\nBye,See you\n",
             ["prompt", "completion"], 2, (1, "completion", "See you")),
    WildFile("Excel with empty columns and rows that were once used", "vazio.csv",
             lines("prompt;completion;;", "Oi;Olá;;", ";;;", "Tchau;Até logo;;", ";;;").encode(),
             ["prompt", "completion"], 2, (1, "completion", "Até logo")),
    WildFile("Excel that drops empty cells at the end of a row", "fim.csv",
             lines("prompt,completion,note", "Hi,Hello,", "Bye,See you", "Yes,No,a note").encode(),
             ["prompt", "completion", "note"], 3, (1, "completion", "See you")),
    WildFile("LibreOffice, CSV with all text cells quoted", "calc.csv",
             lines('"English","Portuguese","n"', '"Good, thanks.","Bem, obrigado.",1', '"Yes","Sim",2').encode(),
             ["English", "Portuguese", "n"], 2, (0, "Portuguese", "Bem, obrigado.")),
    WildFile("Google Sheets, CSV", "Sheet1.csv",
             lines("Source text,Target text", '"He said ""no"".","Ele disse ""não""."', "Rain,Chuva").encode()[:-2],
             ["Source text", "Target text"], 2, (0, "Target text", 'Ele disse "não".')),
    WildFile("Google Sheets, TSV: marks are of the text", "Sheet1.tsv",
             lines("en\tpt", '"Come in," she said.\t"Entre", disse ela.', '5" nails\tpregos de 5"')[:-2].encode(),
             ["en", "pt"], 2, (0, "en", '"Come in," she said.')),
    WildFile("pandas, TSV: marks around what needs them", "out.tsv",
             b'en\tpt\n"a\ttab"\tcom tab\n"two\nlines"\t"um ""dois"""\n', ["en", "pt"], 2, (0, "en", "a\ttab")),
    WildFile("pandas, CSV with its index", "out.csv", b",prompt,completion\n0,Hi there,Hello\n1,Bye now,See you\n",
             ["column_1", "prompt", "completion"], 2, (1, "completion", "See you")),
    WildFile("a database, separated by bars", "dump.csv", b"id|question|answer\n1|Who, me?|Yes, you\n2|Where?|Here\n",
             ["id", "question", "answer"], 2, (0, "answer", "Yes, you")),
    WildFile("bars between spaces, without a header", "bars.csv", "Good day | Bom dia\nNot now | Agora não\n".encode(),
             ["column_1", "column_2"], 2, (1, "column_2", " Agora não")),
    WildFile("spaces after commas", "spaces.csv", b'prompt, completion\n"Hi, you", "Hello, me"\nBye, See you\n',
             ["prompt", "completion"], 2, (0, "completion", "Hello, me")),
    WildFile("a form's answers", "form.csv",
             b'"Timestamp","What do you ask?","What is the answer?"\n"2025/11/01 9:15:00 AM","Who, me","Yes, you"\n',
             ["Timestamp", "What do you ask?", "What is the answer?"], 1, (0, "What is the answer?", "Yes, you")),
    WildFile("a .csv that holds tabs", "tabs.csv", b"text\tlabel\nMuito bom, gostei\tpos\nRuim\tneg\n",
             ["text", "label"], 2, (0, "text", "Muito bom, gostei")),
    WildFile("a .tsv that holds commas", "commas.TSV", b'prompt,completion\n"Hi, you",Hello\nBye,See you\n',
             ["prompt", "completion"], 2, (0, "prompt", "Hi, you")),
    WildFile("a CSV of one column", "text.csv", b'text\n"Hello, world, again"\nHow are you?\n', ["text"], 2,
             (0, "text", "Hello, world, again")),
    WildFile("a CSV whose sentences begin with a quotation", "quotes.csv",
             b'prompt,completion\n"Run!" he cried.,He ran\n"No, wait",Why?\n', ["prompt", "completion"], 2,
             (0, "prompt", '"Run!" he cried.')),
    WildFile("two CSV files joined, each with its header", "joined.csv",
             b"prompt,completion\nHi,Hello\nprompt,completion\nBye,See you\n", ["prompt", "completion"], 2,
             (1, "prompt", "Bye")),
    WildFile("a CSV of sentences without a header", "pairs.csv",
             "Good morning.,Bom dia.\nSee you tomorrow!,Até amanhã!\n\"Well, yes.\",\"Bem, sim.\"\n".encode(),
             ["column_1", "column_2"], 3, (2, "column_2", "Bem, sim.")),
]  # fmt: skip
