"""answer.py: the trained adapter's greedy answers, in plain transformers and PEFT."""

from __future__ import annotations

from string import Template

from playground.export.code.literals import literal
from playground.export.code.recipe import Recipe
from playground.export.code.sections import PROMPT_IDS, base_section, imports, source_section
from playground.model.generate import DecodingConfig
from playground.model.translate import TOKENS_MORE, TOKENS_PER_SOURCE_TOKEN, TranslationConfig

HEAD = '''\
"""The answers of a trained adapter, in plain transformers and PEFT: a line of JSON each.

    pip install -r requirements.txt
    python answer.py                   # to the prompts of prompts.json
    python answer.py "Your own text."
"""

'''
OPTIONS = """\

HERE = Path(__file__).resolve().parent
parser = argparse.ArgumentParser()
parser.add_argument("texts", nargs="*")
parser.add_argument("--adapter", default=".")
options = parser.parse_args()
texts, adapter = options.texts, options.adapter
device = "cuda" if torch.cuda.is_available() else "cpu"
sys.stdout.reconfigure(encoding="utf-8")
"""
PROMPTS = """\
rows = json.loads((HERE / "prompts.json").read_text(encoding="utf-8"))
if texts:
    rows = [$row for text in texts]
"""
OWN_ROW = {
    "chat": '{"messages": [{"role": "user", "content": text}]}',
    "plain": '{"prompt": text + "\\n"}',
    "tokens": '{"prompt": text}',
}
STOPS = """\
own = model.generation_config.eos_token_id
stops = sorted({tokenizer.eos_token_id, *(own if isinstance(own, list) else [own])} - {None})
# What the model would add of its own (sampling, penalties) is left out.
model.generation_config = GenerationConfig(
    max_new_tokens=$new_tokens, do_sample=False, eos_token_id=stops, pad_token_id=tokenizer.pad_token_id
)
"""
TRANSLATION = """\
own = model.generation_config  # without what the model would add of its own: beams, penalties, lengths
model.generation_config = GenerationConfig(
    do_sample=False, decoder_start_token_id=own.decoder_start_token_id, bos_token_id=own.bos_token_id,
    eos_token_id=own.eos_token_id, pad_token_id=own.pad_token_id, bad_words_ids=own.bad_words_ids,
)
"""
ADAPTER = "model = PeftModel.from_pretrained(model, HERE / adapter).eval()\n"
ANSWERS = """\
for row in rows:
    prompt = $prompt
    ids = torch.tensor([prompt], device=device)
    with torch.no_grad():
        written = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids))[0, ids.shape[1] :].tolist()
    end = next((place for place, token in enumerate(written) if token in stops), len(written))
    answer = tokenizer.decode(written[:end], skip_special_tokens=True, clean_up_tokenization_spaces=False)
    print(json.dumps({"prompt": $shown, "answer": answer}, ensure_ascii=False), flush=True)
"""
TRANSLATIONS = """\
for row in rows:
    ids = source_ids(row)
    ids = ids if len(ids) <= $room else [*ids[:$all_but_one], ids[-1]]
    longest = min($most, $times * len(ids) + $more)
    ids = torch.tensor([ids], device=device)
    with torch.no_grad():
        written = model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=longest$forced
        )[0].tolist()
    kept = [token for token in written if token not in special]
    answer = tokenizer.decode(kept, skip_special_tokens=True, clean_up_tokenization_spaces=False).strip()
    print(json.dumps({"prompt": row["source"], "answer": answer}, ensure_ascii=False), flush=True)
"""
FORCED = ',\n            forced_bos_token_id=tokenizer.convert_tokens_to_ids(row["languages"])[1],'
ANSWER_IMPORTS = {"peft": {"PeftModel"}, "transformers": {"GenerationConfig"}}
SHOWN = {"chat": 'row["messages"][-1]["content"]', "plain": 'row["prompt"]', "tokens": 'row["prompt"]'}


def answer_program(recipe: Recipe) -> str:
    """The text of answer.py."""
    body = "\n".join(f"# {title}\n{text}" for title, text in answer_sections(recipe))
    return HEAD + imports(recipe, {"argparse", "sys"}, ANSWER_IMPORTS) + OPTIONS + "\n" + body


def answer_sections(recipe: Recipe) -> list[tuple[str, str]]:
    """Title and text of each part, which use `HERE`, `texts`, `adapter` and `device`."""
    return [
        ("The base model", base_section(recipe)),
        ("The prompts", prompts_section(recipe)),
        ("The adapter on its base", adapter_section(recipe)),
        ("The answers: always the likeliest token", answers_section(recipe)),
    ]


def prompts_section(recipe: Recipe) -> str:
    encode = source_section(recipe) + "\n\n" if recipe.is_translation else ""
    return encode + rows_section(recipe)


def rows_section(recipe: Recipe) -> str:
    row = OWN_ROW.get(recipe.form, f'{{"source": text, "languages": {literal(list(recipe.language_tokens))}}}')
    return Template(PROMPTS).substitute(row=row)


def adapter_section(recipe: Recipe) -> str:
    settings = Template(STOPS).substitute(new_tokens=DecodingConfig().max_new_tokens)
    return (TRANSLATION if recipe.is_translation else settings) + ADAPTER


def answers_section(recipe: Recipe) -> str:
    if not recipe.is_translation:
        prompt = PROMPT_IDS[recipe.form]
        return Template(ANSWERS).substitute(prompt=prompt, shown=SHOWN[recipe.form])
    room = max(recipe.context_tokens - recipe.virtual_tokens, 2)
    return Template(TRANSLATIONS).substitute(
        room=room,
        all_but_one=room - 1,
        most=min(TranslationConfig().max_new_tokens, room - 1),
        times=TOKENS_PER_SOURCE_TOKEN,
        more=TOKENS_MORE,
        forced=FORCED if recipe.form == "language_tokens" else "",
    )
