"""`translate` against a loop over single sentences: seconds, and how many translations are the same.

    python benchmarks/translate_speed.py [--dataset everyday-phrases] [--sentences 500] [--beams 4] [--json]

The loop is what a careful script does: encode one sentence, `model.generate` with the same decoding,
decode. Both use the same model in one process, one after the other; `translate` also works out a
confidence for each sentence, which the loop does not.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playground.data.example import Languages
    from playground.model.load import BaseModel
    from playground.model.translate import TranslationConfig

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def sentences_of(dataset: str, count: int, languages: Languages) -> list[str]:
    """The first `count` source sentences, no two alike, training part first."""
    from playground.config import DataConfig
    from playground.data.read import load_split

    data = DataConfig(dataset=dataset, source_language=languages.source, target_language=languages.target)
    split = load_split(data, 42)
    return list(dict.fromkeys(example.prompt for example in (*split.train, *split.held_out)))[:count]


def one_by_one(base: BaseModel, sentences: list[str], languages: Languages, decoding: TranslationConfig) -> list[str]:
    """The plain loop; each sentence may grow as long as `translate` lets it."""
    import torch

    from playground.model.languages import encode_source, forced_bos
    from playground.model.translate import TOKENS_MORE, TOKENS_PER_SOURCE_TOKEN

    beams = {"length_penalty": decoding.length_penalty, "early_stopping": True} if decoding.num_beams > 1 else {}
    found = []
    for sentence in sentences:
        ids = torch.tensor([encode_source(base, sentence, languages)], device=base.device)
        with torch.no_grad():
            output = base.model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                forced_bos_token_id=forced_bos(base, languages),
                max_new_tokens=min(decoding.max_new_tokens, TOKENS_PER_SOURCE_TOKEN * ids.shape[1] + TOKENS_MORE),
                num_beams=decoding.num_beams,
                do_sample=False,
                **beams,
            )
        found.append(base.tokenizer.decode(output[0], skip_special_tokens=True).strip())
    return found


def compare(dataset: str, count: int, beams: int) -> dict[str, Any]:
    import torch

    from playground.data.example import Languages
    from playground.model.load import load_base
    from playground.model.translate import TranslationConfig, translate

    languages, decoding = Languages("en", "pt"), TranslationConfig(num_beams=beams)
    base = load_base("m2m100-mini")
    sentences = sentences_of(dataset, count, languages)
    one_by_one(base, sentences[:5], languages, decoding)  # both have warmed up
    started = time.perf_counter()
    together = dict(translate(base.model, base, sentences, languages, decoding))
    ours = time.perf_counter() - started
    started = time.perf_counter()
    alone = one_by_one(base, sentences, languages, decoding)
    loop = time.perf_counter() - started
    same = sum(together[index].text == text for index, text in enumerate(alone))
    return {
        "dataset": dataset,
        "sentences": len(sentences),
        "decoding": decoding.signature(),
        "threads": torch.get_num_threads(),
        "loop_seconds": loop,
        "our_seconds": ours,
        "time_ratio": ours / loop,
        "share_equal": same / len(sentences),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--dataset", default="everyday-phrases", help="an included set or a file with en and pt columns"
    )
    parser.add_argument("--sentences", type=int, default=500)
    parser.add_argument("--beams", type=int, default=4)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = compare(arguments.dataset, arguments.sentences, arguments.beams)
    if arguments.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:16} {value:.4g}" if isinstance(value, float) else f"{name:16} {value}")


if __name__ == "__main__":
    main()
