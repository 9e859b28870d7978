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
    python answer.py                  # to the prompts of prompts.json
    python answer.py "Your own text"
"""

'''
OPTIONS = """\

HERE = Path(__file__).resolve().parent
adapter = HERE  # or, once train.py has run: HERE / "retrained"
texts = sys.argv[1:]
device = "cuda" if torch.cuda.is_available() else "cpu"
sys.stdout.reconfigure(encoding="utf-8")
"""
PROMPTS = """\
rows = [$row for text in texts]
rows = rows or json.loads((HERE / "prompts.json").read_text(encoding="utf-8"))
"""
OWN_ROW = {
    "chat": '{"messages": [{"role": "user", "content": text}]}',
    "plain": '{"prompt": text + "\\n"}',
    "tokens": '{"prompt": text}',
}
STOPS = """\
own = model.generation_config.eos_token_id
stops = sorted({tokenizer.eos_token_id, *(own if isinstance(own, list) else [own])} - {None})
# Greedy: what the model would add of its own (sampling, penalties) is left out.
model.generation_config = GenerationConfig(
    max_new_tokens=$new_tokens, do_sample=False, eos_token_id=stops, pad_token_id=tokenizer.pad_token_id
)
"""
TRANSLATION = """\
# Greedy, and without what the model would add of its own: beams, penalties, lengths.
kept = ("decoder_start_token_id", "bos_token_id", "eos_token_id", "pad_token_id", "bad_words_ids")
kept = {name: getattr(model.generation_config, name) for name in kept}
model.generation_config = GenerationConfig(do_sample=False, **kept)
"""
ADAPTER = "model = PeftModel.from_pretrained(model, adapter).eval()\n"
ANSWERS = """\
for row in rows:
    prompt = $prompt
    ids = torch.tensor([prompt], device=device)
    written = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids))[0, len(prompt) :].tolist()
    end = next((place for place, token in enumerate(written) if token in stops), len(written))
    answer = tokenizer.decode(written[:end], skip_special_tokens=True, clean_up_tokenization_spaces=False)
    print(json.dumps({"prompt": $shown, "answer": answer}, ensure_ascii=False), flush=True)
"""
TRANSLATIONS = """\
for row in rows:
    source = source_ids(row)
    source = source if len(source) <= $room else [*source[:$all_but_one], source[-1]]
    longest = min($most, $times * len(source) + $more)
    ids = torch.tensor([source], device=device)
    written = model.generate(
        input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=longest$forced
    )
    text = [token for token in written[0].tolist() if token not in special]
    answer = tokenizer.decode(text, skip_special_tokens=True, clean_up_tokenization_spaces=False).strip()
    print(json.dumps({"prompt": row["source"], "answer": answer}, ensure_ascii=False), flush=True)
"""
FORCED = ',\n        forced_bos_token_id=tokenizer.convert_tokens_to_ids(row["languages"])[1],'
ANSWER_IMPORTS = {"peft": {"PeftModel"}, "transformers": {"GenerationConfig"}}
SHOWN = {"chat": 'row["messages"][-1]["content"]', "plain": 'row["prompt"]', "tokens": 'row["prompt"]'}


def answer_program(recipe: Recipe) -> str:
    """The text of answer.py."""
    body = "\n".join(f"# {title}\n{text}" for title, text in answer_sections(recipe))
    return HEAD + imports(recipe, {"sys"}, ANSWER_IMPORTS) + OPTIONS + "\n" + body


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
