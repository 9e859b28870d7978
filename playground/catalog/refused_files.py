"""Kinds of files that people send and that hold no table to learn from: what each is, and what to do instead."""

from __future__ import annotations

from pathlib import PurePath
from typing import NamedTuple

from playground.texts import Text


class RefusedKind(NamedTuple):
    """`what` and `remedy` are parts of a sentence: "{file} is {what}. {remedy}"."""

    what: Text
    remedy: Text


SAVE_AS_CSV = Text(
    "In Excel or LibreOffice choose Save as, CSV UTF-8, and use that file.",
    "No Excel ou LibreOffice, escolha Salvar como, CSV UTF-8, e use esse arquivo.",
)
SAVE_AS_TEXT = Text(
    "Save it as plain text (.txt, UTF-8), or copy its rows to a table and save that as CSV UTF-8.",
    "Salve como texto simples (.txt, UTF-8), ou copie as linhas para uma tabela e salve como CSV UTF-8.",
)
EXPORT_TABLE = Text("Export its rows as CSV, JSONL or Parquet.", "Exporte as linhas como CSV, JSONL ou Parquet.")
UNPACK = Text(
    "Unpack it and use the data file in it, or pack that file as .zip.",
    "Descompacte e use o arquivo de dados que está dentro, ou compacte-o como .zip.",
)
WRITE_THE_TEXT = Text("Use a file that holds the text itself.", "Use um arquivo que contenha o próprio texto.")

WORKBOOK = RefusedKind(Text("a spreadsheet's own file", "o arquivo próprio de uma planilha"), SAVE_AS_CSV)
DOCUMENT = RefusedKind(Text("a word processor's document", "um documento de editor de texto"), SAVE_AS_TEXT)
PDF = RefusedKind(Text("a PDF", "um PDF"), SAVE_AS_TEXT)
WEB_PAGE = RefusedKind(Text("a web page", "uma página da web"), SAVE_AS_TEXT)
OFFICE = RefusedKind(Text("an Office file", "um arquivo do Office"), SAVE_AS_CSV)
PICTURE = RefusedKind(Text("a picture", "uma imagem"), WRITE_THE_TEXT)
SOUND = RefusedKind(Text("sound or video", "som ou vídeo"), WRITE_THE_TEXT)
PROGRAM_DATA = RefusedKind(
    Text(
        "the saved memory of a program (pickle, PyTorch or NumPy), which could run code when opened",
        "a memória salva de um programa (pickle, PyTorch ou NumPy), que poderia executar código ao ser aberta",
    ),
    EXPORT_TABLE,
)
DATABASE = RefusedKind(
    Text("a database or another binary table", "um banco de dados ou outra tabela binária"), EXPORT_TABLE
)
ARCHIVE = RefusedKind(
    Text("an archive of a kind that is not opened here", "um pacote de um tipo que não é aberto aqui"), UNPACK
)
DECK = RefusedKind(
    Text("a deck of Anki", "um baralho do Anki"),
    Text(
        "In Anki choose Export, Notes in Plain Text (.txt), and use that file.",
        "No Anki, escolha Exportar, Notas em texto simples (.txt), e use esse arquivo.",
    ),
)
CAT_PACKAGE = RefusedKind(
    Text("a package of a translation tool", "um pacote de ferramenta de tradução"),
    Text("Export the translation memory as TMX, or the document as XLIFF.",
         "Exporte a memória de tradução como TMX, ou o documento como XLIFF."),
)  # fmt: skip

BY_SUFFIX: dict[str, RefusedKind] = {
    suffix: kind
    for kind, suffixes in (
        (WORKBOOK, ".xlsx .xls .xlsm .xlsb .ods .numbers"),
        (DOCUMENT, ".docx .doc .odt .rtf .pages .pptx .ppt .odp"),
        (PDF, ".pdf"),
        (WEB_PAGE, ".html .htm"),
        (PICTURE, ".png .jpg .jpeg .gif .webp .bmp .tif .tiff .svg .heic"),
        (SOUND, ".mp3 .wav .ogg .flac .m4a .mp4 .mov .avi .mkv .webm"),
        (PROGRAM_DATA, ".pkl .pickle .pth .bin .npy .npz .safetensors .gguf .joblib .rds .rdata"),
        (DATABASE, ".db .sqlite .sqlite3 .mdb .accdb .arrow .feather .orc .avro .h5 .hdf5 .dta .sav"),
        (ARCHIVE, ".rar .7z .tar .tgz .bz2 .xz .zst"),
        (DECK, ".apkg .colpkg"),
        (CAT_PACKAGE, ".sdltm .sdlppx .sdlrpx .mqback .mqout .wsxz .mo"),
    )
    for suffix in suffixes.split()
}  # fmt: skip


def refused_kind(name: str) -> RefusedKind | None:
    """The kind that a file's ending speaks of; None for an ending that means nothing here."""
    return BY_SUFFIX.get(PurePath(name).suffix.lower())
