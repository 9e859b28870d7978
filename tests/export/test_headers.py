"""Headers of GGUF and CTranslate2 files that claim what is not there: said at once, and nothing is made of it."""

from __future__ import annotations

import struct
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest

from playground.errors import ModelError
from playground.export.headers.engine_files import check_ctranslate2, check_gguf

MUCH, TWO_GIGABYTES = 2**60, 2 * 2**30
FEW_BYTES = 2**20  # of memory, whatever a file claims


def name(text: str) -> bytes:
    return struct.pack("<Q", len(text)) + text.encode()


def gguf_file(*keys: bytes, tensors: int = 0, claimed: int | None = None, rest: bytes = b"") -> bytes:
    count = len(keys) if claimed is None else claimed
    return b"GGUF" + struct.pack("<IQQ", 3, tensors, count) + b"".join(keys) + rest


def tensor(*shape: int, kind: int = 0) -> bytes:
    return name("a") + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, 0)


STRINGS = name("a") + struct.pack("<IIQ", 9, 8, MUCH)
BYTES = name("a") + struct.pack("<IIQ", 9, 0, MUCH)
LISTS = name("a") + struct.pack("<IIQ", 9, 9, 1)
LAYERS = name("llama.block_count") + struct.pack("<II", 4, 10**9)
GGUF: dict[str, bytes] = {
    "nothing": b"",
    "a text": b"This is a text file with another name.\n" * 100,
    "another version": b"GGUF" + struct.pack("<IQQ", 9, 0, 0),
    "2^60 tensors": gguf_file(tensors=MUCH),
    "2^60 keys": gguf_file(claimed=MUCH),
    "a name of 2 GB": gguf_file(struct.pack("<Q", TWO_GIGABYTES)),
    "a text of 2 GB": gguf_file(name("a") + struct.pack("<IQ", 8, TWO_GIGABYTES)),
    "2^60 strings": gguf_file(STRINGS),
    "2^60 bytes": gguf_file(BYTES),
    "lists of lists": gguf_file(LISTS),
    "a value of no type": gguf_file(name("a") + struct.pack("<I", 99)),
    "more layers than tensors": gguf_file(LAYERS, tensors=1, rest=tensor(1) + bytes(64)),
    "a tensor of 2 GB": gguf_file(tensors=1, rest=tensor(TWO_GIGABYTES // 4) + bytes(64)),
    "a tensor of 2^120": gguf_file(tensors=1, rest=tensor(MUCH, MUCH) + bytes(64)),
    "a billion dimensions": gguf_file(tensors=1, rest=name("a") + struct.pack("<I", 10**9) + bytes(64)),
    "numbers that grow": gguf_file(tensors=1, rest=tensor(256, kind=19) + bytes(64)),
}


def variable(*shape: int, kind: int = 0, length: int | None = None, data: bytes = b"") -> bytes:
    claimed = len(data) if length is None else length
    return struct.pack("<H", 2) + b"a\0" + struct.pack(f"<B{len(shape)}IBI", len(shape), *shape, kind, claimed) + data


def model_bin(*variables: bytes, claimed: int | None = None) -> bytes:
    count = len(variables) if claimed is None else claimed
    begin = struct.pack("<IH", 6, 2) + b"T\0" + struct.pack("<II", 1, count)
    return begin + b"".join(variables) + struct.pack("<I", 0)


WHOLE = variable(2, 3, data=bytes(24))
MODEL_BIN: dict[str, bytes] = {
    "nothing": b"",
    "a text": b"This is a text file with another name.\n" * 100,
    "2^32 variables": model_bin(claimed=2**32 - 1),
    "2 GB": model_bin(variable(TWO_GIGABYTES // 4, length=TWO_GIGABYTES)),
    "other bytes than its shape": model_bin(variable(2**31, 2**31, data=bytes(24))),
    "numbers of no type": model_bin(variable(6, kind=77, data=bytes(24))),
    "200 dimensions": model_bin(variable(*[1] * 200, data=bytes(4))),
    "cut": model_bin(WHOLE, WHOLE)[:-20],
}
CASES = [(check_gguf, content, what) for what, content in GGUF.items()]
CASES += [(check_ctranslate2, content, what) for what, content in MODEL_BIN.items()]


@pytest.mark.parametrize(("check", "content", "what"), CASES)
def test_a_header_is_not_believed(check: Callable[[Path], None], content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(ModelError, match="cut off or was made to do harm"):
            check(path)
        assert tracemalloc.get_traced_memory()[1] < FEW_BYTES
    finally:
        tracemalloc.stop()


def test_what_the_libraries_write_is_whole_and_cut_anywhere_it_is_not(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(1)
    writer.add_token_list(["a", "b"])
    writer.add_float32("llama.attention.layer_norm_rms_epsilon", 1e-5)
    writer.add_tensor("token_embd.weight", np.ones((2, 8), np.float16))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    check_gguf(path)
    other = tmp_path / "model.bin"
    other.write_bytes(model_bin(WHOLE, WHOLE))
    check_ctranslate2(other)
    for whole, check in ((path, check_gguf), (other, check_ctranslate2)):
        content = whole.read_bytes()
        for end in range(0, len(content) - 64, 7):
            whole.write_bytes(content[:end])
            with pytest.raises(ModelError):
                check(whole)
