"""The recipe of m2m100-mini: a corpus without leaks, ids as the tokenizer gives them, training that can be resumed."""

import csv
import random
import struct
import sys
import zipfile
from pathlib import Path

import pytest
import torch
from transformers import AutoTokenizer, M2M100Config

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "assets" / "models" / "m2m100-mini"
sys.path.insert(0, str(MODEL / "recipe"))
import batches  # noqa: E402
import cleaning  # noqa: E402
import corpus  # noqa: E402
import loaders  # noqa: E402
import sources  # noqa: E402
import tokenizer  # noqa: E402
import train  # noqa: E402

sys.path.remove(str(MODEL / "recipe"))

SENTENCES = [
    ("Save the file before closing.", "Salvar o arquivo antes de fechar."),
    ("The device is offline.", "O dispositivo está offline."),
    ("Turn on the kitchen light", "Ligar a luz da cozinha"),
    ("Delete {0} and {1}?", "Excluir {0} e {1}?"),
    ("Open settings", "Abrir configurações"),
    ("Your password has expired.", "Sua senha expirou."),
    ("No results were found.", "Nenhum resultado foi encontrado."),
    ("Choose a language", "Escolha um idioma"),
]


@pytest.mark.parametrize(
    ("source", "target", "clean"),
    [
        ("<b>Delete</b> %(name)s?", "<b>Excluir</b> %(name)s?", [("Delete {0}?", "Excluir {0}?")]),
        ("From {a} to {b}, today", "Até {b} de {a}, hoje", [("From {0} to {1}, today", "Até {1} de {0}, hoje")]),
        ("&Open the file", "&Abrir o arquivo", [("Open the file", "Abrir o arquivo")]),
        (
            "Learn [more here](https://example.com) now",
            "Saiba [mais aqui](https://example.com) agora",
            [("Learn more here now", "Saiba mais aqui agora")],
        ),
        (
            "It failed. Try again.",
            "Falhou. Tente de novo.",
            [("It failed.", "Falhou."), ("Try again.", "Tente de novo.")],
        ),
        ("It failed. Try again.", "Falhou, tente de novo.", [("It failed. Try again.", "Falhou, tente de novo.")]),
        ("Hello {name}, welcome", "Olá, boas-vindas a todos", []),  # the placeholder was lost
        ("{n, plural, one {day} other {days}}", "{n, plural, one {dia} other {dias}}", []),
        ("Bluetooth", "Bluetooth", []),
        ("Restart the server of the app", "Restart the server of the app now", []),  # untranslated
        ("Turn on the light now", "Encender la luz de las salas y los baños", []),  # Spanish
        ("Off", "Включено", []),
        ("config_entry", "entrada_config", []),
    ],
)
def test_a_pair_is_cleaned_or_dropped(source: str, target: str, clean: list[tuple[str, str]]) -> None:
    assert list(cleaning.clean_pairs(source, target, "pt")) == clean


def test_a_sentence_is_on_one_side_in_every_language_and_training_never_sees_it() -> None:
    english = [f"Word{chr(97 + a)} number{chr(97 + b)} is written here" for a in range(26) for b in range(26)]
    rows = {
        language: [
            corpus.Row(f"{text}{end}", f"{language} {text}", "a/b", "MIT") for text in english for end in (".", "!")
        ]
        for language in ("pt", "es")
    }
    splits = {language: corpus.split_rows(found) for language, found in rows.items()}
    skeletons = {
        name: {cleaning.skeleton(row.source) for parts in splits.values() for row in parts[name]}
        for name in corpus.SPLITS
    }
    assert skeletons["dev"]
    assert skeletons["test"]
    assert not skeletons["train"] & (skeletons["dev"] | skeletons["test"])
    assert not skeletons["dev"] & skeletons["test"]
    assert [row.source for row in splits["pt"]["test"]] == [row.source for row in splits["es"]["test"]]


def test_a_file_of_the_corpus_reads_back_and_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    rows = [corpus.Row(source, target, "app/main", "MIT") for source, target in SENTENCES]
    corpus.write_rows(tmp_path / "a.tsv.gz", rows)
    corpus.write_rows(tmp_path / "b.tsv.gz", rows)
    assert corpus.read_rows(tmp_path / "a.tsv.gz") == rows
    assert (tmp_path / "a.tsv.gz").read_bytes() == (tmp_path / "b.tsv.gz").read_bytes()


def test_json_files_of_a_wheel_are_aligned_by_key(tmp_path: Path) -> None:
    wheel = tmp_path / "app-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("app/light/strings/en.json", '{"a": {"on": "On"}, "b": "Only English", "terms": ["x"]}')
        archive.writestr("app/light/strings/pt-BR.json", '{"pt-BR": {"a": {"on": "Ligado"}, "terms": ["y"]}}')
    load = loaders.json_files("app/{component}/strings/{language}.json", drop="/terms")
    (catalog,) = load([wheel], {"en": "en", "pt": "pt-BR"})
    assert catalog.component == "light"
    assert catalog.texts == {"en": {"/a/on": "On", "/b": "Only English"}, "pt": {"/a/on": "Ligado"}}


def test_fuzzy_entries_of_a_catalog_are_left_out_and_plurals_keep_their_forms(tmp_path: Path) -> None:
    po = """msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n
msgid "Save"\nmsgstr "Salvar"\n
#, fuzzy\nmsgid "Print"\nmsgstr "Pintar"\n
msgid "%d file"\nmsgid_plural "%d files"\nmsgstr[0] "%d arquivo"\nmsgstr[1] "%d arquivos"\n"""
    wheel = tmp_path / "app-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("app/locale/pt_BR/app.po", po)
    (catalog,) = loaders.po_files("app/locale/{language}/app.po")([wheel], {"pt": "pt_BR"})
    pairs = [(catalog.texts["en"][key], text) for key, text in catalog.texts["pt"].items()]
    assert pairs == [("Save", "Salvar"), ("%d file", "%d arquivo"), ("%d files", "%d arquivos")]


def test_a_data_pack_gives_its_strings_by_number() -> None:
    texts = ["Salvar", "Não"]
    data, offset = struct.pack("<IB3xHH", 5, 1, len(texts), 0), 12 + 6 * 3
    for number, text in zip((7, 9, 0), [*texts, ""], strict=True):
        data += struct.pack("<HI", number, offset)
        offset += len(text.encode())
    assert loaders._unpack(data + "".join(texts).encode()) == {7: "Salvar", 9: "Não"}


def test_every_source_names_its_licence_and_a_version() -> None:
    permissive = {"Apache-2.0", "MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Unicode-3.0"}
    for source in (*sources.SOURCES, sources.HELD_OUT):
        assert source.licence in permissive
        assert source.index == "debian" or all("==" in package for package in source.packages)
    assert sources.HELD_OUT.name not in {source.name for source in sources.SOURCES}


def test_the_encoder_gives_the_ids_of_the_tokenizer() -> None:
    real = AutoTokenizer.from_pretrained(MODEL)
    texts = [text for pair in SENTENCES for text in pair] + ["Não é só isso… 42 % ☃", "¿Dónde está?"]
    for language in ("en", "pt", "es", "fr"):
        real.src_lang = language
        assert batches.Encoder(MODEL).encode(texts, [language] * len(texts)) == real(texts).input_ids


def test_slots_are_filled_alike_on_both_sides() -> None:
    pair = batches.Pair("Delete {0} and {1}?", "Excluir {1} e {0}?", "en", "pt")
    filled = {batches.fill_slots(pair, random.Random(seed)) for seed in range(20)}
    assert pair in filled
    for other in filled - {pair}:
        first, second = other.source.removeprefix("Delete ").removesuffix("?").split(" and ")
        assert other.target == f"Excluir {second} e {first}?"


def test_an_epoch_holds_every_pair_in_batches_within_the_limit() -> None:
    pairs = [batches.Pair(*texts, "en", "pt", repeat=2) for texts in SENTENCES]
    found = batches.epoch_batches(pairs, batches.Encoder(MODEL), batch_tokens=40, seed=0, epoch=0)
    assert sum(map(len, found)) == 2 * len(SENTENCES)
    assert max(len(batch) * max(len(side) for row in batch for side in row) for batch in found) <= 40
    assert found == batches.epoch_batches(pairs, batches.Encoder(MODEL), batch_tokens=40, seed=0, epoch=0)
    assert found != batches.epoch_batches(pairs, batches.Encoder(MODEL), batch_tokens=40, seed=0, epoch=1)


def test_a_trained_tokenizer_loads_as_m2m100_and_hides_its_language_tokens(tmp_path: Path) -> None:
    lines = [text for pair in SENTENCES for text in pair] * 20
    tokenizer.train_tokenizer(iter(lines), tmp_path, pieces=90)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    loaded.src_lang = "pt"
    ids = loaded("Salvar o arquivo").input_ids
    assert loaded.convert_ids_to_tokens(ids)[0] == "__pt__"
    assert loaded.decode(ids, skip_special_tokens=True) == "Salvar o arquivo"
    assert batches.Encoder(tmp_path).encode(["Salvar o arquivo"], ["pt"]) == [ids]


SETTINGS = train.Settings(
    steps=12, batch_tokens=60, warmup_steps=4, log_every=2, checkpoint_every=4, learning_rate=1e-2, dev_pairs=4
)
PAIRS = [batches.Pair(*texts, "en", "pt") for texts in SENTENCES]


def tiny_trainer(folder: Path, settings: train.Settings = SETTINGS) -> train.Trainer:
    config = M2M100Config(
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        dropout=0.0,
        attention_dropout=0.0,
        encoder_layerdrop=0.0,
        decoder_layerdrop=0.0,
    )
    encoder = batches.Encoder(MODEL)
    model = train.new_model(encoder.vocabulary_size, 0, config)
    folder.mkdir(exist_ok=True)
    return train.Trainer(model, encoder, folder, settings, torch.device("cpu"), torch.float32)


def losses(folder: Path) -> list[tuple[str, str, str]]:
    with (folder / "loss.csv").open(newline="", encoding="utf-8") as file:
        return [(row["step"], row["loss"], row["dev_loss"]) for row in csv.DictReader(file)]


class RunKilledError(Exception):
    """Stands for the end of the process: nothing after it is written."""


def killed_at(step: int):
    def should_stop(progress) -> bool:
        if progress.step == step:
            raise RunKilledError
        return False

    return should_stop


def test_a_stopped_and_a_killed_run_go_on_to_the_losses_of_one_that_was_left_alone(tmp_path: Path) -> None:
    whole = tiny_trainer(tmp_path / "whole")
    whole.run(PAIRS, PAIRS, lambda _: False)
    assert [step for step, _, _ in losses(tmp_path / "whole")] == ["2", "4", "6", "8", "10", "12"]

    tiny_trainer(tmp_path / "parts").run(PAIRS, PAIRS, lambda progress: progress.step == 3)  # within a row of the log
    with pytest.raises(RunKilledError):
        tiny_trainer(tmp_path / "parts").run(PAIRS, PAIRS, killed_at(7))  # after row 6, before checkpoint 8
    last = tiny_trainer(tmp_path / "parts")
    assert last.progress.step == 4
    last.run(PAIRS, PAIRS, lambda _: False)

    assert losses(tmp_path / "parts") == losses(tmp_path / "whole")
    for name, parameter in whole.model.named_parameters():
        torch.testing.assert_close(last.model.get_parameter(name), parameter, rtol=0, atol=0)


def test_other_settings_are_refused_rather_than_mixed_into_a_run(tmp_path: Path) -> None:
    tiny_trainer(tmp_path).run(PAIRS, PAIRS, lambda progress: progress.step == 2)
    with pytest.raises(ValueError, match="learning_rate"):
        tiny_trainer(tmp_path, train.Settings(**{**vars(SETTINGS), "learning_rate": 1e-4}))


def test_the_embeddings_start_at_the_size_that_the_model_scales_them_from() -> None:
    model = train.new_model(500, 0)
    assert model.model.shared.weight.std().item() == pytest.approx(256**-0.5, rel=0.02)


def test_the_learning_rate_warms_up_and_ends_at_zero() -> None:
    settings = train.Settings(steps=100, warmup_steps=10, learning_rate=1.0)
    assert train.learning_rate_at(5, settings) == 0.5
    assert train.learning_rate_at(10, settings) == 1.0
    assert train.learning_rate_at(55, settings) == pytest.approx(0.5)
    assert train.learning_rate_at(100, settings) == pytest.approx(0.0)
