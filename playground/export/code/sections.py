"""The parts that a program of training and one of answers have in common: the base, and how a text becomes tokens."""

from __future__ import annotations

from string import Template

from playground.catalog.methods import METHODS
from playground.export.code.literals import call, literal
from playground.export.code.recipe import Recipe

FROM_PACKAGE = """\
# A file of an installed package, whose code never runs. Its SHA-256 is
# $sha256
weights = Path(importlib.util.find_spec($name).submodule_search_locations[0])
tokenizer = AutoTokenizer.from_pretrained(weights, gguf_file=$file)
"""
BASE_FOLDER = "BASE_FOLDER"  # the variable that tells a program where its base lies
LOCAL_BASE = """\
# A folder of the machine that trained. Put yours beside this file, or say where it lies in the variable BASE_FOLDER.
"""
FROM_NAME = """\
base = $base
tokenizer = AutoTokenizer.from_pretrained(base$revision)
"""
GGUF_MODEL = """\
model = AutoModelForCausalLM.from_pretrained(weights, gguf_file=$file, dtype=torch.bfloat16)
"""
# Only where it is another type: `to` would round the rotary frequencies as well, which a model in bfloat16 keeps whole.
TO_FLOAT32 = "model = model.float()\n"
TO_DEVICE = "model = model.to(device)\n"
NF4 = """\
nf4 = BitsAndBytesConfig(
    load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=$double, bnb_4bit_compute_dtype=torch.$dtype
)
"""
GGUF_TO_NF4 = """\
whole = AutoModelForCausalLM.from_pretrained(weights, gguf_file=$file, dtype=torch.bfloat16)
settings = {name: value for name, value in whole.config.to_dict().items() if name != "quantization_config"}
model = type(whole).from_pretrained(
    None, config=type(whole.config).from_dict(settings), state_dict=whole.state_dict(), dtype=torch.$dtype,
    quantization_config=nf4, device_map={"": device},
)
model.generation_config = whole.generation_config
"""
# bitsandbytes 0.50 repacks 4-bit weights at the first evaluation on some processors, without a way back.
PLAIN_KERNELS = """\
for layer in model.modules():
    if hasattr(layer, "support_avx512bf16_for_cpu"):
        layer.support_avx512bf16_for_cpu = False  # its 4-bit product there has no backward pass
"""
PAD = "tokenizer.pad_token = tokenizer.eos_token\n"

CHAT_IDS = 'tokenizer.apply_chat_template(row["messages"], add_generation_prompt=True, return_dict=True)["input_ids"]'
TEXT_IDS = 'tokenizer(row["prompt"])["input_ids"]'
PROMPT_IDS = {"chat": CHAT_IDS, "plain": TEXT_IDS, "tokens": TEXT_IDS}
# Language tokens that a tokenizer does not know to be special.
HIDDEN = {
    "language_tokens": ", *tokenizer.lang_code_to_id.values()",
    "fixed_pair": ", *tokenizer.convert_tokens_to_ids(tokenizer.supported_language_codes)",
}
SPECIAL = "special = {*tokenizer.all_special_ids$languages}\n"
SOURCE_IDS = """\


def text_ids(**text):
    \"\"\"Tokens of a text; what it spells out of special tokens stays text.\"\"\"
    ids = tokenizer(**text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return [tokenizer.unk_token_id if token in special else token for token in ids]


def source_ids(row):
    \"\"\"What the encoder reads: $what.\"\"\"
    start = tokenizer.convert_tokens_to_ids(row["languages"])$first
    return [*start, *text_ids(text=row["source"]), tokenizer.eos_token_id]
"""


def base_section(recipe: Recipe) -> str:
    """Tokenizer and frozen base, as `tokenizer` and `model`."""
    source, quantized = recipe.source, is_quantized(recipe)
    packaged = source.kind == "package"
    pad = PAD if recipe.pads_with_end else ""
    kernels = PLAIN_KERNELS if quantized else ""
    if not packaged:
        about = LOCAL_BASE if source.kind == "local" else ""
        return _filled(recipe, about + FROM_NAME + pad + (NF4 if quantized else "")) + _from_name(recipe) + kernels
    rounded = GGUF_MODEL + ("" if recipe.dtype == "bfloat16" else TO_FLOAT32) + TO_DEVICE
    return _filled(recipe, FROM_PACKAGE + pad + (NF4 + GGUF_TO_NF4 if quantized else rounded) + kernels)


def _filled(recipe: Recipe, text: str) -> str:
    source, name = recipe.source, literal(recipe.source.name)
    bases = {"folder": f"HERE / {name}", "local": f'os.environ.get("{BASE_FOLDER}", HERE / {name})'}
    return Template(text).substitute(
        name=name,
        file=literal(source.file),
        sha256=source.sha256,
        base=bases.get(source.kind, name),
        revision=_revision(recipe),
        dtype=recipe.dtype,
        double=bool(recipe.config.method.params.get("double_quant", True)),
    )


def _from_name(recipe: Recipe) -> str:
    arguments = [f"base{_revision(recipe)}", f"dtype=torch.{recipe.dtype}"]
    arguments += [f"{name}=0.0" for name in recipe.layer_drops]
    arguments += ["quantization_config=nf4", 'device_map={"": device}'] if is_quantized(recipe) else []
    line = "model = " + call(f"{loader(recipe)}.from_pretrained", arguments)
    return line + ("\n" if is_quantized(recipe) else "\n" + TO_DEVICE)


def _revision(recipe: Recipe) -> str:
    return f", revision={literal(recipe.source.revision)}" if recipe.source.revision else ""


def loader(recipe: Recipe) -> str:
    return "AutoModelForSeq2SeqLM" if recipe.task == "seq2seq_lm" else "AutoModelForCausalLM"


def is_quantized(recipe: Recipe) -> bool:
    return METHODS[recipe.config.method.method].quantization is not None


def source_section(recipe: Recipe) -> str:
    """`special` and `source_ids`, of translations."""
    tokens = recipe.form == "language_tokens"
    values = {
        "languages": HIDDEN[recipe.form] if recipe.hidden_languages else "",
        "what": "the language, the text, the end"
        if tokens
        else "the target's token where it has one, the text, the end",
        "first": "[:1]" if tokens else "",
    }
    return Template(SPECIAL + SOURCE_IDS).substitute(values)


def imports(recipe: Recipe, standard: set[str], third: dict[str, set[str]]) -> str:
    """The import lines, sorted as linters want them, with what the base's section needs."""
    names = {module: set(found) for module, found in third.items()}
    names.setdefault("transformers", set()).update({"AutoTokenizer", loader(recipe)})
    plain = {"json", *standard}
    if recipe.source.kind == "package":
        plain.add("importlib.util")
    if recipe.source.kind == "local":
        plain.add("os")
    if is_quantized(recipe):
        names["transformers"].add("BitsAndBytesConfig")
    lines = [*(f"import {name}" for name in sorted(plain)), "from pathlib import Path", ""]
    lines += ["import torch"]
    lines += [f"from {module} import {', '.join(sorted(found))}" for module, found in sorted(names.items())]
    return "\n".join(lines) + "\n"
