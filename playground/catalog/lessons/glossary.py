"""Words that a lesson may explain: closed, so that one word is explained one way."""

from __future__ import annotations

from typing import NamedTuple

from playground.texts import Text


class Word(NamedTuple):
    """A word, and what it means in a sentence."""

    word: Text
    meaning: Text


GLOSSARY: dict[str, Word] = {
    "adapter": Word(
        Text("adapter", "adaptador"),
        Text(
            "the few numbers that are trained beside a base model, which itself stays as it is",
            "os poucos números que são treinados ao lado de um modelo base, que continua como está",
        ),
    ),
    "rank": Word(
        Text("rank", "posto (rank)"),
        Text(
            "the width of LoRA's two matrices: how many directions of a layer they can change",
            "a largura das duas matrizes do LoRA: em quantas direções elas podem mudar uma camada",
        ),
    ),
    "held_out": Word(
        Text("held-out examples", "exemplos reservados"),
        Text(
            "examples that are never trained on, so that they show what was learned and not what was memorised",
            "exemplos que nunca entram no treino, e por isso mostram o que foi aprendido, e não o que foi decorado",
        ),
    ),
    "loss": Word(
        Text("loss", "perda (loss)"),
        Text(
            "how surprised the model is by the expected answer, token by token: 0 is no surprise at all",
            "o quanto a resposta esperada surpreende o modelo, token a token: 0 é surpresa nenhuma",
        ),
    ),
    "quantization": Word(
        Text("quantization", "quantização"),
        Text(
            "storing weights in fewer bits, each rounded to the nearest of a few levels",
            "guardar os pesos em menos bits, cada um arredondado para o mais próximo de poucos níveis",
        ),
    ),
    "prefix": Word(
        Text("prefix", "prefixo"),
        Text(
            "trained keys and values that every layer finds before the first token of a text",
            "chaves e valores treinados que cada camada encontra antes do primeiro token de um texto",
        ),
    ),
    "chrf": Word(
        Text("chrF", "chrF"),
        Text(
            "a score of translations, 0 to 100: how many short letter sequences they share with the reference",
            "uma nota de traduções, de 0 a 100: quantas sequências curtas de letras elas têm em comum com a referência",
        ),
    ),
    "forgetting": Word(
        Text("forgetting", "esquecimento"),
        Text(
            "what a model could do before it was trained on something else, and no longer can",
            "o que um modelo sabia fazer antes de ser treinado em outra coisa, e já não sabe",
        ),
    ),
    "domain": Word(
        Text("domain", "domínio"),
        Text(
            "a kind of text with words and habits of its own, such as the messages of programs",
            "um tipo de texto com palavras e hábitos próprios, como as mensagens de programas",
        ),
    ),
    "strength": Word(
        Text("strength", "força"),
        Text(
            "what an adapter's change of the weights is multiplied by: 0 is the base, 1 the adapter as it was trained",
            "por quanto se multiplica o que o adaptador muda nos pesos: 0 é a base, 1 o adaptador como foi treinado",
        ),
    ),
    "soft_prompt": Word(
        Text("soft prompt", "soft prompt"),
        Text(
            "trained vectors that stand before a text as if they were words, which they are not",
            "vetores treinados que ficam antes de um texto como se fossem palavras, o que não são",
        ),
    ),
    "control": Word(
        Text("control", "controle"),
        Text(
            "the same with the one thing taken out that is to be shown: what remains of the effect was not due to it",
            "o mesmo sem a única coisa que se quer mostrar: o que resta do efeito não se devia a ela",
        ),
    ),
    "pareto": Word(
        Text("Pareto chart", "gráfico de Pareto"),
        Text(
            "shows who is beaten by nobody: no other entrant is at least as good in both respects",
            "mostra quem ninguém supera: nenhum outro participante é pelo menos tão bom nos dois aspectos",
        ),
    ),
}
