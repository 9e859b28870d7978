"""The six methods that a newcomer meets first."""

from __future__ import annotations

from functools import partial

from playground.catalog.methods.spec import MethodSpec
from playground.catalog.params import (
    DROPOUT,
    TARGET_MODULES,
    alpha,
    number,
    pick,
    rank,
    start_from,
    switch,
    virtual_tokens,
)
from playground.texts import Text

_START = (
    Text("Start from", "Partir de"),
    Text(
        "pissa, olora: the strongest directions of the weights; eva: those of the examples; loftq: what 4 bits lost.",
        "pissa, olora: as direções mais fortes dos pesos; eva: as dos exemplos; loftq: o que os 4 bits perderam.",
    ),
)
_DORA = switch(
    "use_dora",
    False,
    Text("Weight decomposition", "Decomposição dos pesos"),
    Text(
        "Learn the length of each weight vector apart from its direction (DoRA): better at low ranks, slower.",
        "Aprende o comprimento de cada vetor de pesos separado da direção (DoRA): melhor com posto baixo, mais lento.",
    ),
)
_LORA_PLUS = number(
    "loraplus_lr_ratio",
    1.0,
    1.0,
    64.0,
    Text("Learning rate of B", "Taxa de aprendizado de B"),
    Text(
        "Times that of A (LoRA+): 16 is the paper's, 1 is plain LoRA.",
        "Múltiplo da taxa de A (LoRA+): 16 é o do artigo, 1 é o LoRA comum.",
    ),
    advanced=True,
)

_start_here = partial(MethodSpec, group="start_here")

START_HERE = (
    _start_here(
        name="lora",
        label="LoRA",
        peft_config="LoraConfig",
        learning_rate=1e-3,
        for_translation={"learning_rate": 2e-3, "r": 32, "lora_alpha": 64},
        summary=Text(
            "Adds two thin matrices beside each frozen layer and trains only those.",
            "Acrescenta duas matrizes finas ao lado de cada camada congelada e treina só elas.",
        ),
        when=Text("The safe first choice.", "A primeira escolha segura."),
        paper="Hu et al. 2021",
        paper_url="https://arxiv.org/abs/2106.09685",
        params=(
            rank(8),
            alpha(16),
            TARGET_MODULES,
            DROPOUT,
            switch(
                "use_rslora",
                False,
                Text("Rank-stabilised scaling", "Escala estabilizada pelo posto"),
                Text(
                    "Scale by alpha / √rank, so that high ranks keep learning (rsLoRA).",
                    "Escala por alfa / √posto, para que postos altos continuem aprendendo (rsLoRA).",
                ),
            ),
            _DORA,
            pick(
                "init_lora_weights",
                ("default", "gaussian", "orthogonal", "pissa", "olora", "eva", "mica"),
                *_START,
            ),
            _LORA_PLUS,
        ),
    ),
    _start_here(
        name="qlora",
        label="QLoRA",
        peft_config="LoraConfig",
        learning_rate=1e-3,
        quantization="nf4",
        for_translation={"learning_rate": 2e-3, "r": 32, "lora_alpha": 64},
        summary=Text(
            "LoRA on a base whose weights are squeezed to 4 bits (NF4).",
            "LoRA sobre uma base cujos pesos são comprimidos para 4 bits (NF4).",
        ),
        when=Text("When memory is short.", "Quando falta memória."),
        paper="Dettmers et al. 2023",
        paper_url="https://arxiv.org/abs/2305.14314",
        params=(
            rank(8),
            alpha(16),
            TARGET_MODULES,
            DROPOUT,
            _DORA,
            pick("init_lora_weights", ("default", "gaussian", "orthogonal", "loftq"), *_START),
            _LORA_PLUS,
            switch(
                "double_quant",
                True,
                Text("Double quantization", "Quantização dupla"),
                Text(
                    "Also quantize the scales of the 4-bit blocks; saves about 0.4 bits per weight.",
                    "Quantiza também as escalas dos blocos de 4 bits; poupa cerca de 0,4 bit por peso.",
                ),
            ),
        ),
    ),
    _start_here(
        name="adalora",
        label="AdaLoRA",
        peft_config="AdaLoraConfig",
        learning_rate=1e-2,
        for_translation={"init_r": 16, "target_r": 8, "lora_alpha": 32},
        summary=Text(
            "LoRA that moves its rank, while training, to the layers that need it.",
            "LoRA que, durante o treino, desloca seu posto para as camadas que precisam dele.",
        ),
        when=Text("To see which layers matter.", "Para ver quais camadas importam."),
        paper="Zhang et al. 2023",
        paper_url="https://arxiv.org/abs/2303.10512",
        params=(
            number(
                "target_r",
                4,
                1,
                256,
                Text("Target rank", "Posto final"),
                Text("Average rank per layer at the end.", "Posto médio por camada no fim."),
            ),
            number(
                "init_r",
                8,
                1,
                256,
                Text("Initial rank", "Posto inicial"),
                Text(
                    "Rank of every layer at the start; must be above the target rank.",
                    "Posto de cada camada no início; precisa ser maior que o final.",
                ),
            ),
            alpha(16),
            TARGET_MODULES,
            DROPOUT,
            number(
                "orth_reg_weight",
                0.1,
                0.0,
                10.0,
                Text("Orthogonality penalty", "Penalidade de ortogonalidade"),
                Text(
                    "Weight of the term that keeps the singular vectors apart; not part of the chart's loss.",
                    "Peso do termo que separa os vetores singulares; não entra na perda do gráfico.",
                ),
                advanced=True,
            ),
        ),
    ),
    _start_here(
        name="prefix_tuning",
        label="Prefix Tuning",
        peft_config="PrefixTuningConfig",
        learning_rate=1e-2,
        prompt_learning=True,
        gradient_checkpointing=False,
        for_translation={"learning_rate": 1e-1, "num_virtual_tokens": 4, "init_weights": "random"},
        summary=Text(
            "Trains keys and values that every layer attends to before the text.",
            "Treina chaves e valores que cada camada consulta antes do texto.",
        ),
        when=Text("When the base must stay untouched.", "Quando a base não pode ser tocada."),
        paper="Li & Liang 2021",
        paper_url="https://arxiv.org/abs/2101.00190",
        params=(
            virtual_tokens(32),
            start_from("init_weights", "examples", "zero", "random"),
            switch(
                "prefix_projection",
                False,
                Text("Project the prefix", "Projetar o prefixo"),
                Text(
                    "Make the prefix with a small network, as in the paper: steadier, many more parameters.",
                    "Gera o prefixo com uma pequena rede, como no artigo: mais estável, muito mais parâmetros.",
                ),
            ),
        ),
    ),
    _start_here(
        name="p_tuning",
        label="P-Tuning",
        peft_config="PromptEncoderConfig",
        learning_rate=1e-2,
        prompt_learning=True,
        for_translation={"num_virtual_tokens": 4},
        summary=Text(
            "Trains virtual tokens through a small network placed before the model.",
            "Treina tokens virtuais por meio de uma pequena rede antes do modelo.",
        ),
        when=Text("A prompt you do not have to write.", "Um prompt que você não precisa escrever."),
        paper="Liu et al. 2021",
        paper_url="https://arxiv.org/abs/2103.10385",
        params=(
            virtual_tokens(16),
            number(
                "encoder_hidden_size",
                256,
                8,
                4096,
                Text("Encoder width", "Largura do codificador"),
                Text("Hidden size of the small network.", "Tamanho oculto da pequena rede."),
            ),
            pick(
                "encoder_reparameterization_type",
                ("MLP", "LSTM"),
                Text("Encoder type", "Tipo de codificador"),
                Text("MLP is fast; LSTM is the paper's.", "MLP é rápido; LSTM é o do artigo."),
            ),
        ),
    ),
    _start_here(
        name="prompt_tuning",
        label="Prompt Tuning",
        peft_config="PromptTuningConfig",
        learning_rate=3e-2,
        prompt_learning=True,
        for_translation={"learning_rate": 3e-1, "num_virtual_tokens": 4},
        summary=Text(
            "Trains only a handful of input vectors: tens of kilobytes.",
            "Treina só um punhado de vetores de entrada: dezenas de quilobytes.",
        ),
        when=Text("Thousands of tasks, kilobytes each.", "Milhares de tarefas, poucos quilobytes cada uma."),
        paper="Lester et al. 2021",
        paper_url="https://arxiv.org/abs/2104.08691",
        params=(
            virtual_tokens(32),
            start_from("prompt_tuning_init", "examples", "SAMPLE_VOCAB", "RANDOM"),
        ),
    ),
)
