"""Ask a model of CTranslate2 what its proof says it answers: plain ctranslate2 and a transformers tokenizer.

python -I ctranslate2_model.py FOLDER

FOLDER holds model.bin, the tokenizer's files and proof.json. The last line that is printed is JSON: {"input_ids":
[...], "answers": [...], "logits": [...]}, an entry a prompt; for logits stand the log-probabilities of the tokens of
the expected answer, which are all that CTranslate2 tells.
"""

import json
import sys
from pathlib import Path

import ctranslate2
from transformers import AutoTokenizer


def source_ids(prompt, tokenizer):
    """The token that names the language, the sentence, the end."""
    first = prompt["source_token"]
    start = [] if first is None else [tokenizer.convert_tokens_to_ids(first)]
    text = tokenizer(prompt["text"], add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return [*start, *text, tokenizer.eos_token_id]


def ask(translator, tokenizer, vocabulary, asked):
    ids = source_ids(asked["prompt"], tokenizer)
    target = asked["prompt"]["target_token"]
    prefix = [] if target is None else [target]
    hypothesis = translator.translate_batch(
        [[vocabulary[place] for place in ids]],
        target_prefix=[prefix] if prefix else None,
        beam_size=1,
        max_decoding_length=asked["max_new_tokens"],
    )[0].hypotheses[0][: asked["max_new_tokens"]]  # of which it does not count the prefix
    places = {token: place for place, token in enumerate(vocabulary)}
    languages = {  # some tokenizers do not know that these are no text
        *getattr(tokenizer, "lang_code_to_token", {}).values(), *getattr(tokenizer, "supported_language_codes", []),
    }  # fmt: skip
    written = [places[token] for token in hypothesis[len(prefix) :] if token not in languages]
    answer = tokenizer.decode(written, skip_special_tokens=True, clean_up_tokenization_spaces=False).strip()
    expected = asked["continuation"]
    # It puts an end after every target itself.
    given = expected[:-1] if expected[-1] == tokenizer.eos_token_id else expected
    score = translator.score_batch(
        [[vocabulary[place] for place in asked["input_ids"]]], [[vocabulary[place] for place in given]]
    )[0]
    return ids, answer, [list(score.log_probs)[: len(expected)]]


def said(folder, _base=None):
    proof = json.loads((folder / "proof.json").read_text(encoding="utf-8"))
    vocabulary = json.loads((folder / "shared_vocabulary.json").read_text(encoding="utf-8"))
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    # Where a processor has no such numbers, CTranslate2 would round int16 once more, to int8.
    known, quantization = ctranslate2.get_supported_compute_types("cpu"), proof["facts"]["quantization"]
    computed = quantization if quantization in known else "float32"
    translator = ctranslate2.Translator(str(folder), device="cpu", compute_type=computed)
    found = [ask(translator, tokenizer, vocabulary, asked) for asked in proof["prompts"]]
    ids, answers, chances = (list(column) for column in zip(*found, strict=True)) if found else ([], [], [])
    return {"input_ids": ids, "answers": answers, "logits": chances}


if __name__ == "__main__":
    print(json.dumps(said(Path(sys.argv[1]))))
