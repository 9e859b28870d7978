"""The ways to hold a base's weights that can be compared; `METHODS` says which of them a method trains on."""

from __future__ import annotations

from dataclasses import dataclass

from playground.texts import Text


@dataclass(frozen=True, kw_only=True)
class Precision:
    """`dtype` is that of every weight, or None: quantized linear layers, the other weights as the device likes them."""

    name: str
    label: str
    summary: Text
    dtype: str | None = None  # a torch dtype's name
    quantization: str | None = None
    double_quant: bool = False
    trains_as: str = ""  # the usual name of LoRA on such weights; empty where nobody trains so


PRECISIONS: dict[str, Precision] = {
    precision.name: precision
    for precision in (
        Precision(
            name="fp32",
            label="fp32",
            dtype="float32",
            trains_as="LoRA",
            summary=Text("32 bits a weight, as it was computed with.", "32 bits por peso, como foi calculado."),
        ),
        Precision(
            name="bf16",
            label="bf16",
            dtype="bfloat16",
            trains_as="LoRA",
            summary=Text(
                "16 bits: fp32 without the last 16 digits of each number.",
                "16 bits: fp32 sem os últimos 16 dígitos de cada número.",
            ),
        ),
        Precision(
            name="int8",
            label="int8",
            quantization="int8",
            summary=Text(
                "LLM.int8(): linear layers in 8 bits, one scale a row.",
                "LLM.int8(): camadas lineares em 8 bits, uma escala por linha.",
            ),
        ),
        Precision(
            name="nf4",
            label="NF4",
            quantization="nf4",
            summary=Text(
                "Linear layers in 4 bits, one scale for every 64 weights.",
                "Camadas lineares em 4 bits, uma escala a cada 64 pesos.",
            ),
        ),
        Precision(
            name="nf4_double",
            label="NF4 + double quant.",
            quantization="nf4",
            double_quant=True,
            trains_as="QLoRA",
            summary=Text(
                "NF4 whose scales are themselves squeezed to 8 bits.",
                "NF4 cujas escalas também são comprimidas para 8 bits.",
            ),
        ),
    )
}
