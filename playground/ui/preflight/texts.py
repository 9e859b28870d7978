"""Texts of the pre-flight: the strip under the form, and the view "Before you train"."""

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "view_preflight": Text("Before you train", "Antes de treinar"),
    "preflight_empty": Text(
        "Change something in the form, or open this view again, to see what the run would cost.",
        "Mude algo no formulário, ou abra esta aba de novo, para ver quanto a execução custaria.",
    ),
    "preflight_ready": Text("Ready to train", "Pronto para treinar"),
    "preflight_not_ready": Text("Not ready", "Ainda não está pronto"),
    "preflight_strip": Text(
        "{trainable} of {total} parameters train · adapter {file} · {memory}",
        "{trainable} de {total} de parâmetros treinam · adaptador {file} · {memory}",
    ),
    "preflight_about": Text("about {size} of memory", "cerca de {size} de memória"),
    "preflight_memory_unknown": Text("memory not known yet", "memória ainda desconhecida"),
    "preflight_more_reasons": Text("and {count} more", "e mais {count}"),
    "preflight_warnings": Text("{count} to look at", "{count} a conferir"),
    "preflight_trainable": Text("Parameters that train", "Parâmetros treinados"),
    "preflight_share": Text("{share} of {total}", "{share} de {total}"),
    "preflight_file": Text("Adapter on disk", "Adaptador no disco"),
    "preflight_memory": Text("Memory at the fullest", "Memória no pico"),
    "preflight_off_last_time": Text("{off} off on the last run, {name}", "errou {off} na última execução, {name}"),
    "preflight_moment_training": Text("while it trains", "durante o treino"),
    "preflight_moment_evaluation": Text("while it evaluates", "durante a avaliação"),
    "preflight_moment_optimizer": Text("in the optimizer's step", "no passo do otimizador"),
    "preflight_examples": Text("Examples", "Exemplos"),
    "preflight_examples_note": Text(
        "{held_out} held out; each is seen {passes} times", "{held_out} reservados; cada um é visto {passes} vezes"
    ),
    "preflight_tokens": Text("Longest example", "Exemplo mais longo"),
    "preflight_tokens_value": Text("{count} tokens", "{count} tokens"),
    "preflight_tokens_note": Text(
        "limit {limit}; {cut} cut, {dropped} left out, {lost} of the tokens lost",
        "limite {limit}; {cut} cortados, {dropped} de fora, {lost} dos tokens perdidos",
    ),
    "preflight_sample": Text("Tokens of an example", "Tokens de um exemplo"),
    "preflight_sample_value": Text("{mean:.1f} ± {margin:.1f}", "{mean:.1f} ± {margin:.1f}"),
    "preflight_sample_note": Text(
        "95% interval if all rows are like the first: {examples} of about {of} examples; other counts are estimates as"
        " well",
        "intervalo de 95% se todas as linhas forem como as primeiras: {examples} de cerca de {of} exemplos; as outras"
        " contagens também são estimativas",
    ),
    "preflight_only_place": Text(
        "All of them outside the layers, in {module}.", "Todos fora das camadas, em {module}."
    ),
    "preflight_exact_button": Text(
        "Count every example (may take a minute)", "Contar cada exemplo (pode levar um minuto)"
    ),
    "preflight_time_button": Text("Time it: train two steps", "Medir o tempo: treinar dois passos"),
    "preflight_time_result": Text(
        "About {total} of training: {step} a step, {evaluation} an evaluation, {sample} a sample.",
        "Cerca de {total} de treino: {step} por passo, {evaluation} por avaliação, {sample} por amostra.",
    ),
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
