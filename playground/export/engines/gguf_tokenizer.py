"""A byte-level BPE tokenizer, its chat template and its stop tokens, as GGUF holds them."""

from __future__ import annotations

import json
from typing import Any

import gguf

from playground.errors import ModelError
from playground.model.load import BaseModel
from playground.texts import Text

NO_TOKENIZER = Text(
    "The tokenizer of {model} is not written into GGUF by this app: its {part} is none that llama.cpp has by a name"
    " that we know. Take the merged model away as safetensors.",
    "O tokenizador de {model} não é escrito em GGUF por este app: seu {part} não é nenhum dos que o llama.cpp tem com"
    " um nome que conheçamos. Leve o modelo mesclado em safetensors.",
)

BYTES = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
# How a text is cut into words before it becomes tokens, by llama.cpp's name for it. Each stands for code there, so a
# name is given only to a tokenizer that says the same of itself. SmolLM2 as it is read from its own GGUF does not cut
# numbers into digits, and has learned its adapter so: it is gpt-2, not smollm.
PRE_TOKENIZERS: dict[str, Any] = {
    "gpt-2": BYTES,
    "smollm": {"type": "Sequence", "pretokenizers": [{"type": "Digits", "individual_digits": True}, BYTES]},
}


def add_tokenizer(writer: gguf.GGUFWriter, base: BaseModel) -> None:
    """Everything that turns text into ids and back, and says where an answer ends. Raises ModelError."""
    tokenizer = base.tokenizer
    inside = json.loads(tokenizer.backend_tokenizer.to_str())
    if inside["model"]["type"] != "BPE" or inside["model"].get("byte_fallback") or inside["normalizer"]:
        raise ModelError(NO_TOKENIZER, model=base.source, part=inside["model"]["type"])
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_pre_tokenizer(inside, base))
    tokens, types = _tokens(tokenizer, base.model.config.vocab_size)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(pair) for pair in inside["model"]["merges"]])
    for kind in ("bos", "eos", "unk", "pad"):
        if (token := getattr(tokenizer, f"{kind}_token_id")) is not None:
            getattr(writer, f"add_{kind}_token_id")(token)
    # The page's prompts begin as the chat template has them, with nothing put before it.
    begins = tokenizer("a")["input_ids"][:1] == [tokenizer.bos_token_id]
    writer.add_add_bos_token(begins and tokenizer.bos_token_id is not None)
    writer.add_add_space_prefix(False)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _pre_tokenizer(inside: dict[str, Any], base: BaseModel) -> str:
    found = inside["pre_tokenizer"]
    for name, expected in PRE_TOKENIZERS.items():
        if found == expected:
            return name
    kind = (found or {}).get("type", "pre-tokenizer")
    raise ModelError(NO_TOKENIZER, model=base.source, part=kind)


def _tokens(tokenizer: Any, vocabulary: int) -> tuple[list[str], list[gguf.TokenType]]:
    """By id, with what each is; rows of the embedding without a token are unused."""
    names = {place: token for token, place in tokenizer.get_vocab().items()}
    added = tokenizer.added_tokens_decoder
    tokens, types = [], []
    for place in range(vocabulary):
        tokens.append(names.get(place, f"[PAD{place}]"))
        if place not in names:
            types.append(gguf.TokenType.UNUSED)
        elif place in added:
            types.append(gguf.TokenType.CONTROL if added[place].special else gguf.TokenType.USER_DEFINED)
        else:
            types.append(gguf.TokenType.NORMAL)
    return tokens, types
