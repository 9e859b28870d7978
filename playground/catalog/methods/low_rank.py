"""Relatives of LoRA: updates of low rank, built, shared or scaled in other ways."""

from __future__ import annotations

from playground.catalog.methods.spec import MethodSpec
from playground.catalog.params import (
    TARGET_MODULES,
    alpha,
    dropout,
    number,
    pick,
    rank,
    save_projection,
    seed_of,
)
from playground.texts import Text

_SCALING = (Text("Scaling", "Escala"), Text("Factor of the update.", "Fator da atualização."))

LOW_RANK = (
    MethodSpec(
        name="delora",
        label="DeLoRA",
        peft_config="DeloraConfig",
        learning_rate=1e-3,
        for_translation={"delora_lambda": 15},
        summary=Text(
            "LoRA whose strength and direction are learned apart.",
            "LoRA que aprende separadamente a força e a direção.",
        ),
        when=Text("When learning rates are hard to find.", "Quando é difícil achar a taxa de aprendizado."),
        paper="Bini et al. 2025",
        paper_url="https://arxiv.org/abs/2503.18225",
        params=(
            rank(8),
            number("delora_lambda", 1, 1, 1000, Text("Strength", "Força"), Text("Its start.", "O valor inicial.")),
            TARGET_MODULES,
            dropout("module_dropout"),
        ),
    ),
    MethodSpec(
        name="deft",
        label="DEFT",
        peft_config="DeftConfig",
        learning_rate=2e-3,
        for_translation={"learning_rate": 0.004},
        summary=Text(
            "Projects a direction out of each layer and puts a learned one in its place.",
            "Retira uma direção de cada camada e põe uma aprendida no lugar.",
        ),
        when=Text("To replace, not only to add.", "Para trocar, não só somar."),
        paper="PEFT",
        paper_url="https://huggingface.co/docs/peft/package_reference/deft",
        params=(
            rank(8),
            TARGET_MODULES,
            pick(
                "decomposition_method",
                ("relu", "qr"),
                Text("Projection", "Projeção"),
                Text("qr makes it orthogonal.", "qr a torna ortogonal."),
            ),
            dropout("deft_dropout"),
        ),
    ),
    MethodSpec(
        name="gralora",
        label="GraLoRA",
        peft_config="GraloraConfig",
        learning_rate=1e-3,
        for_translation={"learning_rate": 0.003},
        summary=Text(
            "A small LoRA for each block of a layer's weights.",
            "Um pequeno LoRA para cada bloco dos pesos de uma camada.",
        ),
        when=Text("At high ranks.", "Com postos altos."),
        paper="Jung et al. 2025",
        paper_url="https://arxiv.org/abs/2505.20355",
        params=(
            rank(16),
            alpha(32, "alpha"),
            number(
                "gralora_k",
                2,
                1,
                64,
                Text("Blocks per side", "Blocos por lado"),
                Text(
                    "Divides the rank; lowered where it does not divide a layer.",
                    "Divide o posto; diminui se não divide a camada.",
                ),
                divides="both",
            ),
            TARGET_MODULES,
            dropout("gralora_dropout"),
        ),
    ),
    MethodSpec(
        name="glora",
        label="GLoRA",
        peft_config="GloraConfig",
        learning_rate=2e-3,
        for_translation={"learning_rate": 0.004},
        summary=Text(
            "Low-rank changes of weights, inputs and outputs at once.",
            "Mudanças de posto baixo nos pesos, nas entradas e nas saídas ao mesmo tempo.",
        ),
        when=Text("When one change is not enough.", "Quando uma só mudança não basta."),
        paper="Chavan et al. 2023",
        paper_url="https://arxiv.org/abs/2306.07967",
        params=(rank(8), TARGET_MODULES),
    ),
    MethodSpec(
        name="hira",
        label="HiRA",
        peft_config="HiraConfig",
        learning_rate=1e-2,
        for_translation={"learning_rate": 0.02},
        summary=Text(
            "Multiplies each weight by a low-rank factor: updates as rich as the weights.",
            "Multiplica cada peso por um fator de posto baixo: atualizações tão ricas quanto os pesos.",
        ),
        when=Text("When the update must have a high rank.", "Quando a atualização precisa de posto alto."),
        paper="Huang et al. 2025",
        paper_url="https://openreview.net/forum?id=TwJrTz9cRS",
        params=(rank(32), TARGET_MODULES, dropout("hira_dropout")),
    ),
    MethodSpec(
        name="lily",
        label="Lily",
        peft_config="LilyConfig",
        learning_rate=2e-3,
        for_translation={"learning_rate": 0.004},
        summary=Text(
            "LoRA whose second matrices are shared by all layers and mixed by a router.",
            "LoRA cujas segundas matrizes são comuns a todas as camadas e misturadas por um roteador.",
        ),
        when=Text("When layers should help one another.", "Quando as camadas devem se ajudar."),
        paper="Zhong et al. 2024",
        paper_url="https://arxiv.org/abs/2407.09946",
        params=(
            rank(16),
            number("num_B", 2, 1, 64, Text("Shared matrices", "Matrizes comuns"), Text("Per kind.", "Por tipo.")),
            number("scaling", 1.0, 0.001, 1000.0, *_SCALING),
            TARGET_MODULES,
        ),
    ),
    MethodSpec(
        name="peanut",
        label="PEANuT",
        peft_config="PeanutConfig",
        learning_rate=1e-3,
        for_translation={"learning_rate": 0.002},
        summary=Text(
            "A small network reads each layer's weights and writes their update.",
            "Uma pequena rede lê os pesos de cada camada e escreve a atualização deles.",
        ),
        when=Text("For updates that are not linear.", "Para atualizações que não são lineares."),
        paper="Zhong et al. 2024",
        paper_url="https://arxiv.org/abs/2410.01870",
        params=(
            rank(16),
            number(
                "depth", 0, 0, 16, Text("Hidden layers", "Camadas ocultas"), Text("0: the smallest.", "0: a menor.")
            ),
            number("scaling", 1.0, 0.001, 1000.0, *_SCALING),
            TARGET_MODULES,
        ),
    ),
    MethodSpec(
        name="pvera",
        label="PVeRA",
        peft_config="PveraConfig",
        learning_rate=3e-2,
        for_translation={"learning_rate": 0.06},
        summary=Text(
            "VeRA that learns a distribution and draws from it while training.",
            "VeRA que aprende uma distribuição e sorteia valores dela durante o treino.",
        ),
        when=Text("To see what noise does.", "Para ver o que o ruído faz."),
        paper="PVeRA 2025",
        paper_url="https://arxiv.org/abs/2512.07703",
        params=(rank(256), TARGET_MODULES, seed_of("projection_prng_key"), save_projection(False)),
    ),
    MethodSpec(
        name="vblora",
        label="VB-LoRA",
        peft_config="VBLoRAConfig",
        learning_rate=1e-2,
        for_translation={"learning_rate": 0.02},
        summary=Text(
            "Builds every layer's LoRA out of one shared bank of vectors.",
            "Monta o LoRA de todas as camadas com um só banco de vetores.",
        ),
        when=Text("When layers have much in common.", "Quando as camadas têm muito em comum."),
        paper="Li et al. 2024",
        paper_url="https://arxiv.org/abs/2405.15179",
        params=(
            rank(4),
            number("num_vectors", 256, 2, 10_000, Text("Vectors", "Vetores"), Text("In the bank.", "No banco.")),
            number(
                "vector_length",
                64,
                1,
                4096,
                Text("Their length", "Comprimento"),
                Text(
                    "Lowered where it does not divide a layer's sides.", "Diminui se não divide os lados das camadas."
                ),
                divides="both",
            ),
            TARGET_MODULES,
            dropout("vblora_dropout"),
        ),
    ),
    MethodSpec(
        name="tinylora",
        label="TinyLoRA",
        peft_config="TinyLoraConfig",
        learning_rate=1e-2,
        summary=Text(
            "Turns a few dozen trained numbers per layer into an update of its main directions.",
            "Transforma algumas dezenas de números treinados por camada em uma atualização das direções principais.",
        ),
        when=Text("To see how few numbers suffice.", "Para ver com quantos números se consegue ficar."),
        paper="TinyLoRA 2026",
        paper_url="https://arxiv.org/abs/2602.04118",
        params=(
            number("r", 2, 1, 64, Text("Rank (r)", "Posto (rank)"), Text("Main directions used.", "Direções usadas.")),
            number("u", 64, 1, 10_000, Text("Trained numbers", "Números treinados"), Text("Per layer.", "Por camada.")),
            TARGET_MODULES,
            seed_of("projection_seed"),
            save_projection(False),
        ),
    ),
    MethodSpec(
        name="unilora",
        label="Uni-LoRA",
        peft_config="UniLoraConfig",
        learning_rate=1e-1,
        summary=Text(
            "All of LoRA's weights from one short trained vector.",
            "Todos os pesos do LoRA a partir de um só vetor curto treinado.",
        ),
        when=Text("One vector for a whole model.", "Um vetor para um modelo inteiro."),
        paper="Li et al. 2025",
        paper_url="https://arxiv.org/abs/2506.00799",
        params=(
            rank(4),
            number(
                "theta_d_length",
                4096,
                1,
                1_000_000,
                Text("Vector's length", "Comprimento do vetor"),
                Text("All the numbers that are trained.", "Todos os números que são treinados."),
            ),
            TARGET_MODULES,
            seed_of("proj_seed"),
        ),
    ),
)
