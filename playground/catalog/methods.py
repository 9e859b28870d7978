"""The PEFT methods, as one table: form, command line, docs and tests are made from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from playground.errors import Problem
from playground.texts import Text

Kind = Literal["int", "float", "bool", "choice", "modules"]


@dataclass(frozen=True, kw_only=True)
class ParamSpec:
    """One parameter of a method, under PEFT's own name.

    kind "modules" is `all-linear`, one module name, or a list of them.
    """

    name: str
    kind: Kind
    default: Any
    label: Text
    help: Text
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    advanced: bool = False

    def check(self, value: Any) -> Problem | None:
        """The problem with `value`, or None. Booleans are not numbers here."""
        where = f"method.params.{self.name}"
        if self.kind == "bool":
            return None if isinstance(value, bool) else Problem(where, NOT_A_SWITCH, {"value": repr(value)[:80]})
        if self.kind == "choice":
            if value in self.choices:
                return None
            return Problem(where, NOT_A_CHOICE, {"value": repr(value)[:80], "choices": ", ".join(self.choices)})
        if self.kind == "modules":
            names = [value] if isinstance(value, str) else value
            valid = isinstance(names, list | tuple) and names and all(isinstance(n, str) and n.strip() for n in names)
            return None if valid else Problem(where, NOT_MODULES, {"value": repr(value)[:80]})
        number = isinstance(value, int | float) and not isinstance(value, bool)
        whole = number and float(value).is_integer()
        inside = (
            number
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
        )
        if inside and (self.kind == "float" or whole):
            return None
        message = NOT_A_WHOLE_NUMBER if self.kind == "int" else NOT_A_NUMBER
        bounds = {"minimum": self.minimum, "maximum": self.maximum, "default": self.default}
        return Problem(where, message, {"value": repr(value)[:80], **bounds})


@dataclass(frozen=True, kw_only=True)
class MethodSpec:
    """One method. `peft_config` is the name of its configuration class in `peft`.

    `learning_rate` and the parameters' defaults were tuned on the embedded model (docs/tuning.md).
    """

    name: str
    label: str
    peft_config: str
    summary: Text
    when: Text
    paper: str
    paper_url: str
    learning_rate: float
    params: tuple[ParamSpec, ...]
    tasks: tuple[str, ...] = ("causal_lm",)
    quantization: Literal["nf4"] | None = None
    prompt_learning: bool = False
    fixed: dict[str, Any] = field(default_factory=dict)  # arguments of the configuration that are not a choice

    def defaults(self) -> dict[str, Any]:
        return {param.name: param.default for param in self.params}

    def check(self, params: dict[str, Any]) -> list[Problem]:
        """Every problem with `params`; missing ones take their default and are no problem."""
        known = {param.name: param for param in self.params}
        problems = []
        for name, value in params.items():
            if name not in known:
                values = {"method": self.name, "known": ", ".join(known)}
                problems.append(Problem(f"method.params.{name}", UNKNOWN_PARAM, values))
            elif problem := known[name].check(value):
                problems.append(problem)
        return problems


NOT_A_SWITCH = Text("is {value}: use true or false.", "é {value}: use true ou false.")
NOT_A_CHOICE = Text("is {value}: choose one of {choices}.", "é {value}: escolha um de {choices}.")
NOT_MODULES = Text(
    "is {value}: use all-linear, or module names such as [q_proj, v_proj].",
    "é {value}: use all-linear, ou nomes de módulos como [q_proj, v_proj].",
)
NOT_A_WHOLE_NUMBER = Text(
    "is {value}: use a whole number from {minimum} to {maximum}, for example {default}.",
    "é {value}: use um número inteiro de {minimum} a {maximum}, por exemplo {default}.",
)
NOT_A_NUMBER = Text(
    "is {value}: use a number from {minimum} to {maximum}, for example {default}.",
    "é {value}: use um número de {minimum} a {maximum}, por exemplo {default}.",
)
UNKNOWN_PARAM = Text(
    "{method} has no such parameter. It has: {known}.",
    "{method} não tem esse parâmetro. Ele tem: {known}.",
)


def _rank(default: int) -> ParamSpec:
    return ParamSpec(
        name="r",
        kind="int",
        default=default,
        minimum=1,
        maximum=256,
        label=Text("Rank (r)", "Posto (r)"),
        help=Text(
            "Width of the two thin matrices added to each layer. Higher learns more and weighs more.",
            "Largura das duas matrizes finas somadas a cada camada. Maior aprende mais e pesa mais.",
        ),
    )


def _alpha(default: int) -> ParamSpec:
    return ParamSpec(
        name="lora_alpha",
        kind="int",
        default=default,
        minimum=1,
        maximum=1024,
        label=Text("Alpha", "Alfa"),
        help=Text("The update is scaled by alpha / rank.", "A atualização é multiplicada por alfa / posto."),
    )


DROPOUT = ParamSpec(
    name="lora_dropout",
    kind="float",
    default=0.0,
    minimum=0.0,
    maximum=0.9,
    advanced=True,
    label=Text("Dropout", "Dropout"),
    help=Text(
        "Share of adapter inputs silenced at each step; helps against overfitting on tiny data.",
        "Parcela das entradas do adaptador zeradas a cada passo; ajuda contra sobreajuste em dados pequenos.",
    ),
)
TARGET_MODULES = ParamSpec(
    name="target_modules",
    kind="modules",
    default="all-linear",
    label=Text("Target modules", "Módulos-alvo"),
    help=Text(
        "Layers that receive an adapter: all-linear, or names separated by commas (q_proj, v_proj).",
        "Camadas que recebem um adaptador: all-linear, ou nomes separados por vírgula (q_proj, v_proj).",
    ),
)


def _virtual_tokens(default: int) -> ParamSpec:
    return ParamSpec(
        name="num_virtual_tokens",
        kind="int",
        default=default,
        minimum=1,
        maximum=256,
        label=Text("Virtual tokens", "Tokens virtuais"),
        help=Text(
            "Number of trained vectors placed before the text. Each one takes a place in the context.",
            "Número de vetores treinados colocados antes do texto. Cada um ocupa um lugar no contexto.",
        ),
    )


METHODS: dict[str, MethodSpec] = {
    spec.name: spec
    for spec in (
        MethodSpec(
            name="lora",
            label="LoRA",
            peft_config="LoraConfig",
            learning_rate=1e-3,
            summary=Text(
                "Adds two thin matrices beside each frozen layer and trains only those.",
                "Soma duas matrizes finas ao lado de cada camada congelada e treina só elas.",
            ),
            when=Text("The safe first choice.", "A primeira escolha segura."),
            paper="Hu et al. 2021",
            paper_url="https://arxiv.org/abs/2106.09685",
            params=(
                _rank(8),
                _alpha(16),
                TARGET_MODULES,
                DROPOUT,
                ParamSpec(
                    name="use_rslora",
                    kind="bool",
                    default=False,
                    advanced=True,
                    label=Text("Rank-stabilised scaling", "Escala estabilizada pelo posto"),
                    help=Text(
                        "Scale by alpha / √rank, so that high ranks keep learning (rsLoRA).",
                        "Escala por alfa / √posto, para que postos altos continuem aprendendo (rsLoRA).",
                    ),
                ),
            ),
        ),
        MethodSpec(
            name="qlora",
            label="QLoRA",
            peft_config="LoraConfig",
            learning_rate=1e-3,
            quantization="nf4",
            summary=Text(
                "LoRA on a base whose weights are squeezed to 4 bits (NF4).",
                "LoRA sobre uma base cujos pesos são comprimidos para 4 bits (NF4).",
            ),
            when=Text("When memory is short.", "Quando falta memória."),
            paper="Dettmers et al. 2023",
            paper_url="https://arxiv.org/abs/2305.14314",
            params=(
                _rank(8),
                _alpha(16),
                TARGET_MODULES,
                DROPOUT,
                ParamSpec(
                    name="double_quant",
                    kind="bool",
                    default=True,
                    advanced=True,
                    label=Text("Double quantization", "Quantização dupla"),
                    help=Text(
                        "Also quantize the scales of the 4-bit blocks; saves about 0.4 bits per weight.",
                        "Quantiza também as escalas dos blocos de 4 bits; poupa cerca de 0,4 bit por peso.",
                    ),
                ),
            ),
        ),
        MethodSpec(
            name="adalora",
            label="AdaLoRA",
            peft_config="AdaLoraConfig",
            learning_rate=3e-3,
            summary=Text(
                "LoRA that moves its rank, while training, to the layers that need it.",
                "LoRA que, durante o treino, desloca seu posto para as camadas que precisam dele.",
            ),
            when=Text("To see which layers matter.", "Para ver quais camadas importam."),
            paper="Zhang et al. 2023",
            paper_url="https://arxiv.org/abs/2303.10512",
            params=(
                ParamSpec(
                    name="target_r",
                    kind="int",
                    default=4,
                    minimum=1,
                    maximum=256,
                    label=Text("Target rank", "Posto final"),
                    help=Text("Average rank per layer at the end.", "Posto médio por camada no fim."),
                ),
                ParamSpec(
                    name="init_r",
                    kind="int",
                    default=8,
                    minimum=1,
                    maximum=256,
                    label=Text("Initial rank", "Posto inicial"),
                    help=Text(
                        "Rank of every layer at the start; must be above the target rank.",
                        "Posto de cada camada no início; precisa ser maior que o final.",
                    ),
                ),
                _alpha(16),
                TARGET_MODULES,
                DROPOUT,
                ParamSpec(
                    name="orth_reg_weight",
                    kind="float",
                    default=0.1,
                    minimum=0.0,
                    maximum=10.0,
                    advanced=True,
                    label=Text("Orthogonality penalty", "Penalidade de ortogonalidade"),
                    help=Text(
                        "Weight of the term that keeps the singular vectors apart; not part of the chart's loss.",
                        "Peso do termo que separa os vetores singulares; não entra na perda do gráfico.",
                    ),
                ),
            ),
        ),
        MethodSpec(
            name="prefix_tuning",
            label="Prefix Tuning",
            peft_config="PrefixTuningConfig",
            learning_rate=1e-2,
            prompt_learning=True,
            summary=Text(
                "Trains keys and values that every layer attends to before the text.",
                "Treina chaves e valores aos quais cada camada atenta antes do texto.",
            ),
            when=Text("When the base must stay untouched.", "Quando a base não pode ser tocada."),
            paper="Li & Liang 2021",
            paper_url="https://arxiv.org/abs/2101.00190",
            params=(
                _virtual_tokens(8),
                ParamSpec(
                    name="prefix_projection",
                    kind="bool",
                    default=False,
                    advanced=True,
                    label=Text("Project the prefix", "Projetar o prefixo"),
                    help=Text(
                        "Make the prefix with a small network, as in the paper: steadier, many more parameters.",
                        "Gera o prefixo com uma pequena rede, como no artigo: mais estável, muito mais parâmetros.",
                    ),
                ),
            ),
        ),
        MethodSpec(
            name="p_tuning",
            label="P-Tuning",
            peft_config="PromptEncoderConfig",
            learning_rate=1e-2,
            prompt_learning=True,
            summary=Text(
                "Trains virtual tokens through a small network placed before the model.",
                "Treina tokens virtuais por meio de uma pequena rede antes do modelo.",
            ),
            when=Text("A prompt you do not have to write.", "Um prompt que você não precisa escrever."),
            paper="Liu et al. 2021",
            paper_url="https://arxiv.org/abs/2103.10385",
            params=(
                _virtual_tokens(16),
                ParamSpec(
                    name="encoder_hidden_size",
                    kind="int",
                    default=256,
                    minimum=8,
                    maximum=4096,
                    label=Text("Encoder width", "Largura do codificador"),
                    help=Text("Hidden size of the small network.", "Tamanho oculto da pequena rede."),
                ),
                ParamSpec(
                    name="encoder_reparameterization_type",
                    kind="choice",
                    default="MLP",
                    choices=("MLP", "LSTM"),
                    advanced=True,
                    label=Text("Encoder type", "Tipo de codificador"),
                    help=Text("MLP is fast; LSTM is the paper's.", "MLP é rápido; LSTM é o do artigo."),
                ),
            ),
        ),
        MethodSpec(
            name="prompt_tuning",
            label="Prompt Tuning",
            peft_config="PromptTuningConfig",
            learning_rate=3e-2,
            prompt_learning=True,
            summary=Text(
                "Trains only a handful of input vectors: the smallest adapter of all.",
                "Treina só um punhado de vetores de entrada: o menor adaptador de todos.",
            ),
            when=Text("Thousands of tasks, kilobytes each.", "Milhares de tarefas, kilobytes cada."),
            paper="Lester et al. 2021",
            paper_url="https://arxiv.org/abs/2104.08691",
            params=(
                _virtual_tokens(16),
                ParamSpec(
                    name="prompt_tuning_init",
                    kind="choice",
                    default="SAMPLE_VOCAB",
                    choices=("SAMPLE_VOCAB", "RANDOM"),
                    advanced=True,
                    label=Text("Start from", "Partir de"),
                    help=Text(
                        "SAMPLE_VOCAB starts from vectors of real words and learns faster than RANDOM.",
                        "SAMPLE_VOCAB parte de vetores de palavras reais e aprende mais rápido que RANDOM.",
                    ),
                ),
            ),
        ),
    )
}
