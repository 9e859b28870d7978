"""Why the base weights have the dtype they have, by the code that `choose_device` returns and events carry."""

from __future__ import annotations

from playground.texts import Text

DTYPE_REASONS: dict[str, Text] = {
    "cuda_bf16": Text("CUDA device with bf16 instructions", "GPU CUDA com instruções bf16"),
    "cuda_fp32": Text("CUDA device without bf16 instructions", "GPU CUDA sem instruções bf16"),
    "mps_fp32": Text("Apple GPU: fp32 is the safe choice", "GPU da Apple: fp32 é a escolha segura"),
    "cpu_bf16": Text("processor with bf16 instructions", "processador com instruções bf16"),
    "cpu_fp32": Text(
        "processor without bf16 instructions: bf16 would be slower",
        "processador sem instruções bf16: bf16 seria mais lento",
    ),
    "asked": Text("asked for", "pedido"),
}
