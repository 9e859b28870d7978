"""Ask a model, or a base with an adapter, what its proof says it answers: plain transformers and PEFT, nothing else.

python -I model.py FOLDER [BASE]

FOLDER holds proof.json; BASE is the folder of a base that neither lies in it nor in a Python package. The last line
that is printed is JSON: {"input_ids": [...], "answers": [...], "logits": [...]}, an entry a prompt.
"""

import importlib.util
import json
import sys
from pathlib import Path

import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    BitsAndBytesConfig,
    GenerationConfig,
)


def load(folder, base, dtype, elsewhere):
    """The model and its tokenizer; with the adapter around it where the folder has one."""
    options = {"dtype": dtype}
    # A quantized base is kept as it is computed with: only its other weights have a type.
    if base["quantization"] == "nf4":
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=base["double_quant"],
            bnb_4bit_compute_dtype=dtype,
        )  # fmt: skip
    elif base["quantization"] == "int8":
        options["quantization_config"] = BitsAndBytesConfig(load_in_8bit=True)
    gguf = next(folder.glob("*.gguf"), None)
    merged = gguf is not None or (folder / "config.json").is_file()
    if merged:
        options.pop("quantization_config", None)
        place, options = folder, options | ({"gguf_file": gguf.name} if gguf else {"use_safetensors": True})
    elif base["where"] == "package":
        place = Path(importlib.util.find_spec(base["package"]).submodule_search_locations[0])
        options["gguf_file"] = base["file"]
    else:
        place = folder / "base" if base["where"] == "inside" else elsewhere
        options["use_safetensors"] = True
    tokenizer = AutoTokenizer.from_pretrained(
        place, trust_remote_code=False, **{key: options[key] for key in ("gguf_file",) if key in options}
    )
    model = read(place, options, base, merged)
    for layer in model.modules():
        if hasattr(layer, "support_avx512bf16_for_cpu"):
            # On processors with bf16 instructions bitsandbytes would repack 4-bit weights at the first answer and round
            # each product to bf16, whatever type it was asked to compute in.
            layer.support_avx512bf16_for_cpu = False
    model.eval()
    if not merged:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, folder).eval()
    return model, tokenizer


def read(place, options, base, merged):
    """`from_pretrained`; the weights of a package's file are rounded first, as those that were trained on were."""
    config = AutoConfig.from_pretrained(
        place, trust_remote_code=False, **{key: options[key] for key in ("gguf_file",) if key in options}
    )
    loader = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    if merged or base["where"] != "package":
        return loader.from_pretrained(place, trust_remote_code=False, **options)
    rounded = loader.from_pretrained(
        place, gguf_file=options["gguf_file"], dtype=getattr(torch, base["dtype"]), trust_remote_code=False
    )
    if "quantization_config" not in options:
        return rounded.to(options["dtype"])
    # Quantized from a plain copy: weights that come from a GGUF file cannot be quantized while they are read.
    import tempfile

    with tempfile.TemporaryDirectory() as copy:
        values = {key: value for key, value in rounded.config.to_dict().items() if key != "quantization_config"}
        config = type(rounded.config).from_dict(values)
        plain = loader.from_config(config, dtype=rounded.dtype, trust_remote_code=False)
        plain.load_state_dict(rounded.state_dict(), assign=True)
        plain.tie_weights()
        plain.save_pretrained(copy)
        del rounded, plain
        return loader.from_pretrained(
            copy,
            quantization_config=options["quantization_config"],
            dtype=options["dtype"],
            use_safetensors=True,
            trust_remote_code=False,
        )


def tokens(prompt, tokenizer):
    if "messages" in prompt and tokenizer.chat_template:
        chat = tokenizer.apply_chat_template(prompt["messages"], add_generation_prompt=True, return_dict=True)
        return list(chat["input_ids"])
    if "messages" in prompt:
        return tokenizer("\n".join(turn["content"] for turn in prompt["messages"]) + "\n")["input_ids"]
    if "source_token" not in prompt:
        return tokenizer(prompt["text"])["input_ids"]
    # A sentence to translate: the token that names its language, the sentence, the end.
    first = prompt["source_token"]
    start = [] if first is None else [tokenizer.convert_tokens_to_ids(first)]
    text = tokenizer(prompt["text"], add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return [*start, *text, tokenizer.eos_token_id]


def generation(model, tokenizer, asked):
    """Greedy, and complete: transformers fills what is missing from the model's own defaults."""
    own = model.generation_config
    ends = own.eos_token_id if isinstance(own.eos_token_id, list) else [own.eos_token_id]
    ends = sorted({end for end in [*ends, tokenizer.eos_token_id] if end is not None})
    target = asked["prompt"].get("target_token")
    return GenerationConfig(
        max_new_tokens=asked["max_new_tokens"], do_sample=False, num_beams=1, eos_token_id=ends or None,
        pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
        decoder_start_token_id=own.decoder_start_token_id, bad_words_ids=own.bad_words_ids,
        forced_bos_token_id=None if target is None else tokenizer.convert_tokens_to_ids(target),
    )  # fmt: skip


@torch.no_grad()
def ask(model, tokenizer, asked):
    """What it answers to its own tokens of the prompt, and the logits for the tokens that the proof names."""
    own = torch.tensor([tokens(asked["prompt"], tokenizer)])
    is_translation = model.config.is_encoder_decoder
    config = generation(model, tokenizer, asked)
    model.generation_config = GenerationConfig(
        decoder_start_token_id=config.decoder_start_token_id, pad_token_id=config.pad_token_id,
        eos_token_id=config.eos_token_id, bad_words_ids=config.bad_words_ids,
    )  # fmt: skip
    written = model.generate(input_ids=own, attention_mask=torch.ones_like(own), generation_config=config)[0]
    # What it did not choose: of a translation the start and the token that names the language, else the prompt.
    given = 1 + (config.forced_bos_token_id is not None) if is_translation else own.shape[1]
    answer = tokenizer.decode(written[given:], skip_special_tokens=True, clean_up_tokenization_spaces=False)
    ids, expected = asked["input_ids"], asked["continuation"]
    if is_translation:
        inputs = {"input_ids": [ids], "decoder_input_ids": [[config.decoder_start_token_id, *expected[:-1]]]}
    else:
        inputs = {"input_ids": [[*ids, *expected[:-1]]]}
    inputs = {name: torch.tensor(value) for name, value in inputs.items()}
    logits = model(**inputs, attention_mask=torch.ones_like(inputs["input_ids"])).logits[0, -len(expected) :]
    rows = [logits[0].float(), logits[-1].float()]
    told = [[float(row[place]) for place in places] for row, places in zip(rows, asked["places"], strict=True)]
    return own[0].tolist(), answer.strip() if is_translation else answer, told


def said(folder, elsewhere=None):
    proof = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    model, tokenizer = load(folder, proof["base"], getattr(torch, proof["dtype"]), elsewhere)
    found = [ask(model, tokenizer, asked) for asked in proof["prompts"]]
    ids, answers, logits = (list(column) for column in zip(*found, strict=True)) if found else ([], [], [])
    return {"input_ids": ids, "answers": answers, "logits": logits}


if __name__ == "__main__":
    print(json.dumps(said(*map(Path, sys.argv[1:]))))
