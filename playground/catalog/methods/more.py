"""Well-known methods beyond the first six, and the yardstick: training every weight."""

from __future__ import annotations

from functools import partial

from playground.catalog.methods.spec import MethodSpec
from playground.catalog.params import (
    TARGET_MODULES,
    alpha,
    dropout,
    modules,
    number,
    rank,
    save_projection,
    seed_of,
    switch,
)
from playground.texts import Text

_more = partial(MethodSpec, group="more")

MORE = (
    _more(
        name="full",
        label="Full fine-tuning",
        peft_config="LNTuningConfig",
        learning_rate=2e-4,
        for_translation={"learning_rate": 0.0005},
        summary=Text(
            "Trains a copy of every weight: the yardstick for all the others.",
            "Treina uma cópia de todos os pesos: a referência para todos os outros.",
        ),
        when=Text("To know what the small ones give up.", "Para saber de que os pequenos abrem mão."),
        paper="Howard & Ruder 2018",
        paper_url="https://arxiv.org/abs/1801.06146",
        params=(modules("everything"),),
    ),
    _more(
        name="ia3",
        label="(IA)³",
        peft_config="IA3Config",
        learning_rate=3e-2,
        for_translation={"learning_rate": 0.06},
        summary=Text(
            "Learns one factor for each key, value and hidden unit: tens of thousands of numbers.",
            "Aprende um fator para cada chave, valor e unidade oculta: dezenas de milhares de números.",
        ),
        when=Text("When adapters must be tiny.", "Quando o adaptador precisa ser minúsculo."),
        paper="Liu et al. 2022",
        paper_url="https://arxiv.org/abs/2205.05638",
        params=(modules("ia3"),),
    ),
    _more(
        name="ln_tuning",
        label="LayerNorm tuning",
        peft_config="LNTuningConfig",
        learning_rate=1e-2,
        for_translation={"learning_rate": 0.03},
        summary=Text(
            "Trains only the normalisation layers.",
            "Treina só as camadas de normalização.",
        ),
        when=Text("Surprisingly strong for its size.", "Surpreende para o tamanho que tem."),
        paper="Zhao et al. 2023",
        paper_url="https://arxiv.org/abs/2312.11420",
        params=(modules("norms"),),
    ),
    _more(
        name="beft",
        label="BEFT",
        peft_config="BeftConfig",
        learning_rate=1e-2,
        for_translation={"learning_rate": 0.03},
        summary=Text(
            "Adds a trained bias to each layer: BitFit for models that have none.",
            "Soma um viés treinado a cada camada: o BitFit para modelos que não têm viés.",
        ),
        when=Text("The simplest change there is.", "A mudança mais simples que existe."),
        paper="Huang et al. 2025",
        paper_url="https://arxiv.org/abs/2509.15974",
        params=(TARGET_MODULES,),
    ),
    _more(
        name="loha",
        label="LoHa",
        peft_config="LoHaConfig",
        learning_rate=1e-2,
        summary=Text(
            "Multiplies two low-rank updates entry by entry, which squares their rank.",
            "Multiplica duas atualizações de posto baixo elemento a elemento, o que eleva o posto ao quadrado.",
        ),
        when=Text("High rank for few parameters.", "Posto alto com poucos parâmetros."),
        paper="Hyeon-Woo et al. 2021",
        paper_url="https://arxiv.org/abs/2108.06098",
        params=(rank(8), alpha(8, "alpha"), TARGET_MODULES, dropout("rank_dropout")),
    ),
    _more(
        name="lokr",
        label="LoKr",
        peft_config="LoKrConfig",
        learning_rate=1e-2,
        for_translation={"learning_rate": 0.02},
        summary=Text(
            "Builds the update as a Kronecker product of two small matrices.",
            "Monta a atualização como produto de Kronecker de duas matrizes pequenas.",
        ),
        when=Text("Small files, high rank.", "Arquivos pequenos, posto alto."),
        paper="Yeh et al. 2023",
        paper_url="https://arxiv.org/abs/2309.14859",
        params=(
            rank(8),
            alpha(8, "alpha"),
            TARGET_MODULES,
            number(
                "decompose_factor",
                -1,
                -1,
                256,
                Text("Size of the small factor", "Tamanho do fator pequeno"),
                Text(
                    "-1 makes both factors as square as it can.", "-1 deixa os dois fatores o mais quadrados possível."
                ),
                advanced=True,
            ),
        ),
    ),
    _more(
        name="oft",
        label="OFT",
        peft_config="OFTConfig",
        learning_rate=3e-3,
        summary=Text(
            "Rotates each layer's inputs in blocks, which keeps angles between neurons.",
            "Gira as entradas de cada camada em blocos, o que preserva os ângulos entre neurônios.",
        ),
        when=Text("When little must be forgotten.", "Quando se deve esquecer pouco."),
        paper="Qiu et al. 2023",
        paper_url="https://arxiv.org/abs/2306.07280",
        params=(
            number(
                "oft_block_size",
                32,
                2,
                1024,
                Text("Block size", "Tamanho do bloco"),
                Text(
                    "Lowered where it does not divide a layer's width.", "Diminui se não divide a largura das camadas."
                ),
                divides="inputs",
            ),
            TARGET_MODULES,
        ),
    ),
    _more(
        name="boft",
        label="BOFT",
        peft_config="BOFTConfig",
        learning_rate=1e-2,
        for_translation={"learning_rate": 0.02},
        summary=Text(
            "OFT with butterfly factors: fewer parameters, more time.",
            "OFT com fatores borboleta: menos parâmetros, mais tempo.",
        ),
        when=Text("If time does not matter.", "Se o tempo não importa."),
        paper="Liu et al. 2023",
        paper_url="https://arxiv.org/abs/2311.06243",
        params=(
            number(
                "boft_block_size",
                4,
                2,
                1024,
                Text("Block size", "Tamanho do bloco"),
                Text(
                    "Lowered where it does not divide a layer's width.", "Diminui se não divide a largura das camadas."
                ),
                divides="inputs",
            ),
            modules("attention"),
        ),
    ),
    _more(
        name="vera",
        label="VeRA",
        peft_config="VeraConfig",
        learning_rate=3e-2,
        for_translation={"learning_rate": 0.06},
        summary=Text(
            "Shares one pair of frozen random matrices among all layers and learns only their scales.",
            "Usa um só par de matrizes aleatórias congeladas, compartilhado por todas as camadas, e aprende só "
            "as escalas.",
        ),
        when=Text("Many adapters, little disk.", "Muitos adaptadores, pouco disco."),
        paper="Kopiczko et al. 2023",
        paper_url="https://arxiv.org/abs/2310.11454",
        params=(rank(256), TARGET_MODULES, seed_of("projection_prng_key"), save_projection(False)),
    ),
    _more(
        name="fourierft",
        label="FourierFT",
        peft_config="FourierFTConfig",
        learning_rate=1e-1,
        fixed={"init_weights": True},
        summary=Text(
            "Learns a few coefficients of the update's Fourier transform.",
            "Aprende alguns coeficientes da transformada de Fourier da atualização.",
        ),
        when=Text("Parameters by the thousand, not the million.", "Parâmetros aos milhares, não aos milhões."),
        paper="Gao et al. 2024",
        paper_url="https://arxiv.org/abs/2405.03003",
        params=(
            number(
                "n_frequency",
                1000,
                1,
                100_000,
                Text("Coefficients", "Coeficientes"),
                Text("Trained numbers per layer.", "Números treinados por camada."),
                divides="weights",
            ),
            TARGET_MODULES,
        ),
    ),
    _more(
        name="miss",
        label="MiSS",
        peft_config="MissConfig",
        learning_rate=1e-3,
        for_translation={"learning_rate": 0.002},
        summary=Text(
            "One small matrix per layer, shared over shards of its input.",
            "Uma só matriz pequena por camada, compartilhada por fatias da entrada.",
        ),
        when=Text("Fast, and strong for its memory.", "Rápido, e forte pela memória que usa."),
        paper="Kang & Yin 2024",
        paper_url="https://arxiv.org/abs/2409.15371",
        params=(rank(16), TARGET_MODULES, dropout("miss_dropout")),
    ),
    _more(
        name="hra",
        label="HRA",
        peft_config="HRAConfig",
        learning_rate=1e-2,
        for_translation={"learning_rate": 0.03},
        summary=Text(
            "Rotates each layer by a chain of Householder reflections.",
            "Gira cada camada por uma cadeia de reflexões de Householder.",
        ),
        when=Text("Between LoRA and OFT.", "Entre o LoRA e o OFT."),
        paper="Yuan et al. 2024",
        paper_url="https://arxiv.org/abs/2405.17484",
        params=(
            rank(4),
            modules("attention"),
            switch(
                "apply_GS",
                False,
                Text("Orthogonalise", "Ortogonalizar"),
                Text(
                    "Keep the reflections orthogonal (Gram-Schmidt).", "Mantém as reflexões ortogonais (Gram-Schmidt)."
                ),
            ),
        ),
    ),
    _more(
        name="randlora",
        label="RandLoRA",
        peft_config="RandLoraConfig",
        learning_rate=2e-3,
        summary=Text(
            "Full-rank updates from random matrices that all layers share; learns their scales.",
            "Atualizações de posto cheio com matrizes aleatórias comuns a todas as camadas; aprende as escalas.",
        ),
        when=Text("When LoRA's rank is the limit.", "Quando o posto do LoRA é o limite."),
        paper="Albert et al. 2025",
        paper_url="https://arxiv.org/abs/2502.00987",
        params=(
            rank(32),
            alpha(640, "randlora_alpha"),
            TARGET_MODULES,
            seed_of("projection_prng_key"),
            save_projection(False),
        ),
    ),
    _more(
        name="shira",
        label="SHiRA",
        peft_config="ShiraConfig",
        learning_rate=2e-3,
        for_translation={"learning_rate": 0.004},
        fixed={"random_seed": 0},
        summary=Text(
            "Trains a few weights in a hundred, chosen at random, in place.",
            "Treina alguns pesos em cada cem, sorteados, no próprio lugar.",
        ),
        when=Text("To forget little and merge at once.", "Para esquecer pouco e fundir na hora."),
        paper="Bhardwaj et al. 2024",
        paper_url="https://arxiv.org/abs/2406.13175",
        params=(rank(16), TARGET_MODULES),
    ),
    _more(
        name="road",
        label="RoAd",
        peft_config="RoadConfig",
        learning_rate=1e-2,
        summary=Text(
            "Rotates and scales pairs of each layer's outputs.",
            "Gira e escala pares das saídas de cada camada.",
        ),
        when=Text("Tiny, and quick at serving.", "Minúsculo, e rápido ao responder."),
        paper="Liao & Monz 2024",
        paper_url="https://arxiv.org/abs/2409.00119",
        params=(
            number(
                "group_size",
                64,
                2,
                1024,
                Text("Group size", "Tamanho do grupo"),
                Text(
                    "Even; lowered where it does not divide a layer's outputs.", "Par; diminui se não divide as saídas."
                ),
                divides="outputs",
            ),
            TARGET_MODULES,
        ),
    ),
)
