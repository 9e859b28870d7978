"""Texts of the learning-rate finder."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "lr_title": Text("Find a learning rate", "Achar uma taxa de aprendizado"),
    "lr_help": Text(
        "At most fifty steps with these settings, at growing rates; no run is made. Too small a rate leaves "
        "the loss where it is, too large a one throws it up. Suggested is a tenth of the rate with the lowest loss.",
        "No máximo cinquenta passos com estas configurações, a taxas crescentes; nenhuma execução é criada. "
        "Uma taxa pequena demais deixa a perda onde está, uma grande demais a faz disparar. A sugestão é um "
        "décimo da taxa com a menor perda.",
    ),
    "lr_start": Text("Test learning rates", "Testar taxas"),
    "lr_stop": Text("Stop", "Parar"),
    "lr_preparing": Text("Getting ready…", "Preparando…"),
    "lr_progress": Text("Step {step} of {total}, at a rate of {rate}", "Passo {step} de {total}, com taxa {rate}"),
    "lr_use": Text("Use {rate}", "Usar {rate}"),
    "lr_suggested": Text(
        "Suggestion: {suggestion}. The loss was lowest at {lowest}; the default of {method} is {default}.",
        "Sugestão: {suggestion}. A perda foi menor em {lowest}; o padrão de {method} é {default}.",
    ),
    "lr_none": Text(
        "No suggestion: the loss did not fall at any of these rates. Check the method's settings and the examples; the "
        "default of {method} is {default}.",
        "Sem sugestão: a perda não caiu com nenhuma destas taxas. Confira as configurações do método e os "
        "exemplos; o padrão de {method} é {default}.",
    ),
    "lr_stopped": Text("Stopped; no suggestion.", "Parado; sem sugestão."),
    "lr_failed": Text("It did not work.", "Falhou."),
}
