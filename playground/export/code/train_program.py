"""train.py: a run's training once more, in plain transformers and PEFT."""

from __future__ import annotations

import math
from string import Template

from playground.config import TrainingConfig
from playground.export.code.recipe import Recipe
from playground.export.code.sections import PROMPT_IDS, base_section, imports, source_section

HEAD = '''\
"""The training of a run, in plain transformers and PEFT.

    pip install -r requirements.txt
    python train.py         # all steps; with a number, only so many. The adapter is in the folder retrained/ then.
"""

'''
OPTIONS = """\

HERE = Path(__file__).resolve().parent
steps = int(sys.argv[1]) if sys.argv[1:] else $steps
device = "cuda" if torch.cuda.is_available() else "cpu"
"""
CAUSAL_ENCODE = """\
def encode(row):
    \"\"\"The tokens of a row, and those of them that are learned: the answer's, not the prompt's.\"\"\"
    prompt = $prompt
    answer = tokenizer(row["completion"], add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    return {"input_ids": (prompt + answer)[:$max_tokens], "labels": ([-100] * len(prompt) + answer)[:$max_tokens]}
"""
TOKENS_ENCODE = """\
def encode(row):
    \"\"\"The tokens of a piece of text, and those of them that are learned.\"\"\"
    return {"input_ids": row["tokens"], "labels": [-100] * row["given"] + row["tokens"][row["given"] :]}
"""
PAIR_ENCODE = """\


def cut(ids):
    return ids if len(ids) <= $max_tokens else [*ids[:$all_but_one], ids[-1]]


def encode(row):
    \"\"\"What the encoder reads, and what the decoder should write.\"\"\"
    start = $start
    target = [*start, *text_ids($side=row["target"]), tokenizer.eos_token_id]
    return {"input_ids": cut(source_ids(row)), "labels": cut(target)}
"""
ROWS = """\


def read(name):
    return [encode(json.loads(line)) for line in (HERE / name).open(encoding="utf-8")]


rows = cycle(read("train.jsonl"))  # in the order in which the run took them
held_out = read("held_out.jsonl")
${padding}batch_of = DataCollatorForSeq2Seq(tokenizer)  # pads on the right; -100 marks what is not learned
"""
PADS_RIGHT = 'tokenizer.padding_side = "right"\n'
ADAPTER = """\
torch.manual_seed($seed)
model = get_peft_model(model, $call)
"""
CHECKPOINTING = 'model.gradient_checkpointing_enable({"use_reentrant": False})  # less memory, longer steps\n'
RANK_COUNTS = """\
for name, parameter in model.named_parameters():
    if ".ranknum." in name:
        parameter.requires_grad_(False)  # a constant, which a bfloat16 base would make PEFT train
"""
START_WORDS = """\
# The virtual tokens begin as the end of the first examples: a random start disturbs the base for dozens of steps.
words = [token for row in read("start.jsonl") for token in row["input_ids"][-$count:]]
words = torch.tensor((words * $count)[:$count], device=device)
with torch.no_grad():
"""
START_VECTORS = """\
    model.prompt_encoder["default"].embedding.weight.copy_(model.get_input_embeddings()(words))
"""
START_PREFIX = """\
    with model.disable_adapter():
        cache = model.get_base_model()(input_ids=words[None], use_cache=True).past_key_values
    layers = [(layer.keys, layer.values) for layer in cache.layers]
    initialize_kv_prefix_from_past_key_values(model, past_key_values=layers)
"""
OPTIMIZER = """\
trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
optimizer = torch.optim.AdamW($groups, weight_decay=$weight_decay, fused=True)
"""
TWO_RATES = """\
faster = [p for name, p in model.named_parameters() if p.requires_grad and ".lora_B." in name]  # LoRA+
plain = [p for name, p in model.named_parameters() if p.requires_grad and ".lora_B." not in name]
"""
APART_LOSS = """\
def losses(batch):
    \"\"\"What a step minimises, with $what, and the loss of the answers' tokens alone.\"\"\"
    output = model(**batch)
    logits, labels = output.logits[:, $places].float().flatten(0, 1), batch["labels"][:, $first:].flatten()
    told = F.cross_entropy(logits, labels)
    return $minimised, told.detach()


"""
HELD_OUT = """\
@torch.no_grad()
def held_out_loss():
    model.eval()
    batches = [batch_of(held_out[start : start + $many]).to(device) for start in range(0, len(held_out), $many)]
    learned = [(batch["labels"] != -100).sum().item() for batch in batches]
    return sum($loss.item() * count for batch, count in zip(batches, learned)) / sum(learned)


"""
LOOP_HEAD = """\
best = float("inf")
for step in range(1, steps + 1):
    torch.manual_seed($seed + step)  # of dropout
    model.train()
"""
ONE_BATCH = """\
    loss = model(**batch_of(list(islice(rows, $batch_size))).to(device)).loss
    loss.backward()
"""
ONE_BATCH_APART = """\
    minimised, loss = losses(batch_of(list(islice(rows, $batch_size))).to(device))
    minimised.backward()
"""
MANY_BATCHES = """\
    batches = [batch_of(list(islice(rows, $batch_size))).to(device) for _ in range($accumulation)]
    learned = [(batch["labels"] != -100).sum().item() for batch in batches]
    loss = 0.0
    for batch, count in zip(batches, learned):  # weighed by what they teach: the step is that of one large batch
        $parts
        (minimised * (count / sum(learned))).backward()
        loss += told.detach() * (count / sum(learned))
"""
LOOP_TAIL = """\
    torch.nn.utils.clip_grad_norm_(trained, $max_grad_norm)
    for group in optimizer.param_groups:  # $about
        group["lr"] = $rate
    optimizer.step()
$allocate    optimizer.zero_grad()
    print(f"step {step}  loss {loss.item():.6f}", flush=True)
    if step % $eval_every == 0 or step == steps:
        print(f"step {step}  held-out loss {(now := held_out_loss()):.6f}", flush=True)
        if now < best:
            best = now
            model.save_pretrained(HERE / "retrained", save_embedding_layers=False)
"""
ALLOCATE = "    model.base_model.update_and_allocate(step)  # AdaLoRA moves its ranks by these gradients\n"


def train_program(recipe: Recipe) -> str:
    """The text of train.py."""
    sections = training_sections(recipe)
    options = Template(OPTIONS).substitute(steps=recipe.config.training.max_steps)
    body = "\n".join(f"# {title}\n{text}" for title, text in sections)
    return HEAD + training_imports(recipe, {"sys"}) + options + "\n" + body


def training_sections(recipe: Recipe) -> list[tuple[str, str]]:
    """Title and text of each part, which use `HERE`, `steps` and `device`."""
    return [
        ("The base model: frozen, and never changed", base_section(recipe)),
        ("The data: only answers are learned", data_section(recipe)),
        ("The adapter: all that is trained", adapter_section(recipe)),
        ("The training", loop_section(recipe)),
    ]


def training_imports(recipe: Recipe, standard: set[str], more: dict[str, set[str]] | None = None) -> str:
    more = more or {}
    peft = {*more.get("peft", ()), recipe.adapter.config_class, "get_peft_model"}
    if _starts_from_examples(recipe) and recipe.config.method.method == "prefix_tuning":
        peft.add("initialize_kv_prefix_from_past_key_values")
    transformers = {*more.get("transformers", ()), "DataCollatorForSeq2Seq"}
    third = {**more, "peft": peft, "transformers": transformers}
    if _loss_apart(recipe):
        third["torch.nn"] = {"functional as F"}
    schedule = {"math"} if recipe.config.training.lr_schedule == "cosine" else set()
    text = imports(recipe, {*standard, *schedule}, third)
    return text.replace("from pathlib", "from itertools import cycle, islice\nfrom pathlib", 1)


def data_section(recipe: Recipe) -> str:
    limit = _text_limit(recipe)
    if recipe.form == "tokens":
        encode = TOKENS_ENCODE
    elif recipe.is_translation:
        encode = source_section(recipe) + PAIR_ENCODE
    else:
        encode = CAUSAL_ENCODE
    tokens = recipe.form == "language_tokens"
    return _filled(
        encode + ROWS,
        prompt=PROMPT_IDS.get(recipe.form, ""),
        max_tokens=limit,
        all_but_one=limit - 1,
        start='tokenizer.convert_tokens_to_ids(row["languages"])[1:]' if tokens else "[]",
        side="text" if tokens else "text_target",
        padding=PADS_RIGHT if recipe.pads_left else "",
    )


def adapter_section(recipe: Recipe) -> str:
    training = recipe.config.training
    text = _filled(ADAPTER, seed=recipe.config.seed, call=recipe.adapter.call)
    if recipe.config.method.method == "adalora":
        text += RANK_COUNTS
    if _starts_from_examples(recipe):
        start = START_PREFIX if recipe.config.method.method == "prefix_tuning" else START_VECTORS
        text += _filled(START_WORDS + start, count=recipe.virtual_tokens)
    if training.gradient_checkpointing:
        text += CHECKPOINTING
    ratio, groups = _lora_plus(recipe), "trained"
    if ratio != 1:
        text += TWO_RATES
        groups = f'[{{"params": plain, "ratio": 1.0}}, {{"params": faster, "ratio": {ratio!r}}}]'
    return text + _filled(OPTIMIZER, groups=groups, weight_decay=training.weight_decay)


def loop_section(recipe: Recipe) -> str:
    training, apart = recipe.config.training, _loss_apart(recipe)
    about, rate = _rate(training)
    if training.gradient_accumulation_steps > 1:
        batches = MANY_BATCHES
    else:
        batches = ONE_BATCH_APART if apart else ONE_BATCH
    return _filled(
        (_apart(recipe) if apart else "") + HELD_OUT + LOOP_HEAD + batches + LOOP_TAIL,
        loss="losses(batch)[1]" if apart else "model(**batch).loss",
        parts="minimised, told = losses(batch)" if apart else "minimised = told = model(**batch).loss",
        many=max(training.batch_size, 8),
        seed=recipe.config.seed,
        batch_size=training.batch_size,
        accumulation=training.gradient_accumulation_steps,
        max_grad_norm=training.max_grad_norm,
        about=about,
        rate=rate + (' * group["ratio"]' if _lora_plus(recipe) != 1 else ""),
        allocate=ALLOCATE if recipe.config.method.method == "adalora" else "",
        eval_every=training.eval_every,
    )


def _rate(training: TrainingConfig) -> tuple[str, str]:
    """The learning rate of a step in words, and as an expression: `learning_rate_at` of the playground's own loop."""
    first = math.ceil(training.warmup_ratio * training.max_steps)
    done = f"(step - {first + 1}) / {max(training.max_steps - first, 1)}"
    words, factor = {
        "constant": ("the same", "1"),
        "linear": ("a straight line down", f"1 - {done}"),
        "cosine": ("half a cosine down", f"0.5 * (1 + math.cos(math.pi * {done}))"),
    }[training.lr_schedule]
    if not first:
        return f"at its highest, then {words}", f"{training.learning_rate!r} * ({factor})"
    # Before the peak a straight line down is above 1, but half a cosine is not.
    rising = f"(step / {first} if step <= {first} else {factor})"
    if training.lr_schedule != "cosine":
        rising = f"min(step / {first}, {factor})"
    return f"up in {first} steps, then {words}", f"{training.learning_rate!r} * {rising}"


def _apart(recipe: Recipe) -> str:
    smoothing, is_adalora = recipe.config.training.label_smoothing, recipe.config.method.method == "adalora"
    what = ["AdaLoRA's penalty, which PEFT adds"] if is_adalora else []
    what += ["smoothed labels"] if smoothing else []
    minimised = "output.loss"
    if smoothing:
        minimised = f"F.cross_entropy(logits, labels, label_smoothing={smoothing!r})"
        minimised += " + output.loss - told" if is_adalora else ""
    return _filled(
        APART_LOSS,
        what=" and ".join(what),
        minimised=minimised,
        places=":" if recipe.is_translation else '-batch["labels"].shape[1] : -1',
        first="" if recipe.is_translation else "1",
    )


def _lora_plus(recipe: Recipe) -> float:
    return float(recipe.config.method.params.get("loraplus_lr_ratio", 1.0))


def _loss_apart(recipe: Recipe) -> bool:
    """Whether a step minimises something else than the loss that it tells."""
    return recipe.config.method.method == "adalora" or recipe.config.training.label_smoothing > 0


def _starts_from_examples(recipe: Recipe) -> bool:
    params = recipe.config.method.params
    if recipe.config.method.method == "prefix_tuning" and params.get("prefix_projection"):
        return False  # such a prefix cannot begin so, and stays random
    return "examples" in (params.get("init_weights"), params.get("prompt_tuning_init"))


def _text_limit(recipe: Recipe) -> int:
    virtual = int(recipe.config.method.params.get("num_virtual_tokens", 0))
    return min(recipe.config.data.max_tokens, recipe.context_tokens - virtual)


def _filled(text: str, **values: object) -> str:
    return Template(text).substitute({name: str(value) for name, value in values.items()})
