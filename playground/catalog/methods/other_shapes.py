"""What is no low-rank update: rotations, sparse weights, waves, and trained context."""

from __future__ import annotations

from playground.catalog.methods.spec import MethodSpec
from playground.catalog.params import (
    TARGET_MODULES,
    alpha,
    dropout,
    number,
    rank,
    seed_of,
    virtual_tokens,
)
from playground.texts import Text

_SCALING = (Text("Scaling", "Escala"), Text("Factor of the update.", "Fator da atualização."))

OTHER_SHAPES = (
    MethodSpec(
        name="psoft",
        label="PSOFT",
        peft_config="PsoftConfig",
        learning_rate=1e-2,
        summary=Text(
            "Rotates only the principal directions of each layer.",
            "Gira só as direções principais de cada camada.",
        ),
        when=Text("OFT for far fewer parameters.", "OFT com bem menos parâmetros."),
        paper="PSOFT 2025",
        paper_url="https://openreview.net/forum?id=FSHrinMArK",
        params=(
            rank(32),
            alpha(32, "psoft_alpha"),
            TARGET_MODULES,
            dropout("psoft_dropout"),
        ),
    ),
    MethodSpec(
        name="osf",
        label="OSF",
        peft_config="OSFConfig",
        learning_rate=2e-4,
        for_translation={"learning_rate": 0.0005},
        summary=Text(
            "Freezes each layer's strongest directions and trains all the others.",
            "Congela as direções mais fortes de cada camada e treina todas as outras.",
        ),
        when=Text("For learning one task after another.", "Para aprender uma tarefa depois da outra."),
        paper="Nayak et al. 2025",
        paper_url="https://arxiv.org/abs/2504.07097",
        params=(TARGET_MODULES,),
    ),
    MethodSpec(
        name="frod",
        label="FRoD",
        peft_config="FrodConfig",
        learning_rate=3e-4,
        for_translation={"learning_rate": 1e-2},
        fixed={"progressbar": False},
        summary=Text(
            "Splits the weights into parts common to all layers and trains a sparse mix of them.",
            "Separa os pesos em partes comuns a todas as camadas e treina uma mistura esparsa delas.",
        ),
        when=Text("Full rank with few numbers.", "Posto cheio com poucos números."),
        paper="FRoD 2026",
        paper_url="https://doi.org/10.1609/aaai.v40i31.39813",
        params=(
            number(
                "sparse_rate",
                0.01,
                0.0001,
                0.5,
                Text("Trained share", "Parcela treinada"),
                Text("Of the mixing matrices.", "Das matrizes de mistura."),
            ),
            TARGET_MODULES,
            seed_of("projection_prng_key"),
        ),
    ),
    MethodSpec(
        name="waveft",
        label="WaveFT",
        peft_config="WaveFTConfig",
        learning_rate=1e-3,
        summary=Text(
            "Learns a few wavelet coefficients of the update.",
            "Aprende alguns coeficientes wavelet da atualização.",
        ),
        when=Text("A parameter count of your choosing.", "O número de parâmetros que você quiser."),
        paper="Bilican et al. 2025",
        paper_url="https://arxiv.org/abs/2505.12532",
        params=(
            number(
                "n_frequency",
                2592,
                1,
                100_000,
                Text("Coefficients", "Coeficientes"),
                Text("Trained numbers per layer.", "Números treinados por camada."),
                divides="weights",
            ),
            number("scaling", 25.0, 0.001, 1000.0, *_SCALING),
            TARGET_MODULES,
        ),
    ),
    MethodSpec(
        name="supertuning",
        label="Super-Tuning",
        peft_config="SupertuningConfig",
        learning_rate=2e-3,
        for_translation={"learning_rate": 0.005},
        summary=Text(
            "Trains the largest one percent of each layer's weights.",
            "Treina os maiores pesos de cada camada: um por cento deles.",
        ),
        when=Text("Sparse, without any calibration.", "Esparso, sem nenhuma calibração."),
        paper="Super-Tuning 2026",
        paper_url="https://arxiv.org/abs/2607.09287",
        params=(
            number(
                "sparsity",
                0.99,
                0.5,
                0.9999,
                Text("Frozen share", "Parcela congelada"),
                Text("Of each layer's weights.", "Dos pesos de cada camada."),
            ),
            TARGET_MODULES,
        ),
    ),
    MethodSpec(
        name="cartridge",
        label="Cartridge",
        peft_config="CartridgeConfig",
        learning_rate=1e-2,
        prompt_learning=True,
        gradient_checkpointing=False,
        summary=Text(
            "A prefix kept as plain keys and values, begun from real text.",
            "Um prefixo guardado como chaves e valores, começado a partir de texto real.",
        ),
        when=Text("A document distilled into a cache.", "Um documento destilado em cache."),
        paper="Eyuboglu et al. 2025",
        paper_url="https://arxiv.org/abs/2506.06266",
        tasks=("causal_lm",),
        params=(virtual_tokens(32),),
    ),
    MethodSpec(
        name="cpt",
        label="CPT",
        peft_config="CPTConfig",
        learning_rate=1e-2,
        prompt_learning=True,
        summary=Text(
            "Starts from a training example as context and moves its tokens, each within bounds.",
            "Parte de um exemplo de treino como contexto e move seus tokens, cada um dentro de limites.",
        ),
        when=Text("A few examples, refined.", "Poucos exemplos, refinados."),
        paper="Blau et al. 2024",
        paper_url="https://arxiv.org/abs/2410.17222",
        tasks=("causal_lm",),
        params=(
            virtual_tokens(64),
            number(
                "opt_projection_epsilon",
                0.1,
                0.001,
                100.0,
                Text("How far a token may move", "Quanto um token pode se mover"),
                Text("Length of the greatest change.", "Comprimento da maior mudança."),
                advanced=True,
            ),
        ),
    ),
    MethodSpec(
        name="adaption_prompt",
        label="LLaMA-Adapter",
        peft_config="AdaptionPromptConfig",
        learning_rate=1e-2,
        summary=Text(
            "Trained prompts in the upper layers' attention, behind a gate that starts shut.",
            "Prompts treinados na atenção das camadas de cima, atrás de uma porta (gate) que começa fechada.",
        ),
        when=Text("For Llama, Mistral and GPT-2.", "Para Llama, Mistral e GPT-2."),
        paper="Zhang et al. 2023",
        paper_url="https://arxiv.org/abs/2303.16199",
        tasks=("causal_lm",),
        params=(
            number("adapter_len", 16, 1, 256, Text("Prompt length", "Comprimento"), Text("In tokens.", "Em tokens.")),
            number("adapter_layers", 20, 1, 200, Text("Layers", "Camadas"), Text("From the top.", "A partir do topo.")),
        ),
    ),
    MethodSpec(
        group="more",
        name="trainable_tokens",
        label="Trainable tokens",
        peft_config="TrainableTokensConfig",
        learning_rate=1e-2,
        summary=Text(
            "Trains the embeddings of the tokens that the data use most, and nothing else.",
            "Treina os embeddings dos tokens que os dados mais usam, e nada além disso.",
        ),
        when=Text("New words, tags and markers.", "Palavras, etiquetas e marcas novas."),
        paper="PEFT",
        paper_url="https://huggingface.co/docs/peft/package_reference/trainable_tokens",
        params=(
            number(
                "num_tokens",
                64,
                1,
                4096,
                Text("Tokens", "Tokens"),
                Text("The most frequent ones of the training data.", "Os mais frequentes dos dados de treino."),
            ),
        ),
    ),
    MethodSpec(
        group="more",
        name="c3a",
        label="C³A",
        peft_config="C3AConfig",
        learning_rate=1e-1,
        for_translation={"learning_rate": 0.3},
        fixed={"init_weights": True},
        summary=Text(
            "Updates made of circular convolutions: high rank, few numbers.",
            "Atualizações feitas de convoluções circulares: posto alto, poucos números.",
        ),
        when=Text("High rank at LoRA's price.", "Posto alto pelo preço do LoRA."),
        paper="Chen et al. 2024",
        paper_url="https://arxiv.org/abs/2407.19342",
        params=(
            number(
                "block_size",
                64,
                1,
                4096,
                Text("Block size", "Tamanho do bloco"),
                Text(
                    "Lowered where it does not divide a layer's sides.", "Diminui se não divide os lados das camadas."
                ),
                divides="both",
            ),
            TARGET_MODULES,
        ),
    ),
)
