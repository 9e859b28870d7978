"""Texts of the Start tab."""

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "start_heading": Text("What do you want to see?", "O que você quer ver?"),
    "start_intro": Text(
        "Each card is a complete experiment with a small model that is already here: no account, no GPU, no download."
        " One click trains it.",
        "Cada cartão é um experimento completo com um modelo pequeno que já está aqui: sem conta, sem GPU,"
        " sem download. Um clique treina.",
    ),
    "start_minutes": Text("about {minutes} min", "cerca de {minutes} min"),
    "start_look_at": Text("Look at", "Observe"),
    "start_try_next": Text("Try next", "Tente depois"),
    "start_run": Text("Train this now", "Treinar agora"),
    "start_fill": Text("Only fill in the form", "Só preencher o formulário"),
}
