"""Texts of the Inside tab."""

from __future__ import annotations

from playground.texts import Text
from playground.ui.inside.view_texts import VIEW_STRINGS

STRINGS: dict[str, Text] = {
    "tab_inside": Text("Inside", "Por dentro"),
    "inside_intro": Text(
        "What an adapter learned is a change of the base's weights. Turn it up or down, cut it, and see what the task"
        " gains and what the model forgets.",
        "O que um adaptador aprendeu é uma mudança nos pesos da base. Aumente, diminua ou corte essa mudança e veja"
        " o que a tarefa ganha e o que o modelo esquece.",
    ),
    "inside_run": Text("Run", "Execução"),
    "inside_run_help": Text(
        "A finished run. Prompts and prefixes have no knobs; look at their tokens below.",
        "Uma execução terminada. Prompts e prefixos não têm controles; veja os tokens deles mais abaixo.",
    ),
    "inside_no_runs": Text("No run has finished yet: train one first.", "Nenhuma execução terminou ainda: treine uma."),
    "inside_needs_run": Text("Choose a run first.", "Escolha primeiro uma execução."),
    "inside_start": Text("Measure the knobs", "Medir os controles"),
    "inside_stop": Text("Stop", "Parar"),
    "inside_welcome": Text(
        "Choose a run, then measure its knobs: each at several places, once. The sliders answer from that.",
        "Escolha uma execução e meça os controles: cada um em vários pontos, uma só vez. Os controles deslizantes"
        " respondem a partir disso.",
    ),
    "inside_loading": Text("Loading the model, once it is free…", "Carregando o modelo, assim que estiver livre…"),
    "inside_progress": Text("Measured: {done} of {total} places", "Medidos: {done} de {total} pontos"),
    "inside_waiting": Text("Waiting for the model. {reason}", "Esperando o modelo. {reason}"),
    "inside_kept": Text("Measured earlier: {done} of {total} places.", "Medidos antes: {done} de {total} pontos."),
    "inside_done": Text("All places are measured.", "Todos os pontos foram medidos."),
    "inside_stopped": Text(
        "Stopped. What was measured is kept; measuring goes on from there.",
        "Parado. O que foi medido fica guardado; a medição continua dali.",
    ),
    "inside_failed": Text("The knobs were not measured.", "Os controles não foram medidos."),
    "inside_strength": Text("Strength", "Força"),
    "inside_strength_help": Text(
        "0 is the base, 1 the adapter as trained; below 0 it unlearns.",
        "0 é a base, 1 o adaptador como treinado; abaixo de 0 ele desaprende.",
    ),
    "inside_rank": Text("Cut to rank", "Cortar ao posto (rank)"),
    "inside_rank_help": Text(
        "Each layer keeps only the strongest directions of its change; at the right end nothing is cut.",
        "Cada camada guarda só as direções mais fortes da sua mudança; no fim à direita nada é cortado.",
    ),
    "inside_gains": Text("Gain of some layers", "Ganho de algumas camadas"),
    "inside_gain_early": Text("Early layers (first third)", "Primeiras camadas (primeiro terço)"),
    "inside_gain_middle": Text("Middle layers", "Camadas do meio"),
    "inside_gain_late": Text("Late layers (last third)", "Últimas camadas (último terço)"),
    "inside_gain_attention": Text("Attention", "Atenção"),
    "inside_gain_mlp": Text("MLP (feed-forward)", "MLP (feed-forward)"),
    "inside_exact": Text("Measure this setting", "Medir esta posição"),
    "inside_measuring": Text("Measuring exactly…", "Medindo com exatidão…"),
    "inside_measured": Text("Measured in {seconds:.1f} s.", "Medido em {seconds:.1f} s."),
    "inside_not_measured": Text("This setting was not measured.", "Esta posição não foi medida."),
    "inside_setting": Text("setting", "posição"),
    "inside_task_loss": Text("task loss", "perda na tarefa"),
    "inside_general_loss": Text("loss on general text", "perda em texto geral"),
    "inside_kl": Text("KL from the base", "KL a partir da base"),
    "inside_source": Text("how it is known", "como se sabe"),
    "inside_is_measured": Text("measured", "medido"),
    "inside_is_between": Text("between measured points", "entre pontos medidos"),
    "inside_not_between": Text(
        "two knobs are turned, or this place is not measured: let go and it will be",
        "há dois controles girados, ou este ponto não foi medido: solte e ele será",
    ),
    "inside_base": Text("base", "base"),
    "inside_adapter": Text("strength 1, as trained", "força 1, como treinado"),
    "inside_caption": Text(
        "Means per answer token, in nats, over {count} held-out examples. KL(base || setting) on the task's answers"
        " says how far the model has moved from its base, and so how much it may have forgotten.",
        "Médias por token da resposta, em nats, em {count} exemplos reservados. KL(base || posição) nas respostas da"
        " tarefa diz o quanto o modelo se afastou da base e, com isso, o quanto pode ter esquecido.",
    ),
    "inside_no_general": Text("There is no general text in these languages.", "Não há texto geral nesses idiomas."),
    "inside_advice_intro": Text(
        "Which strength and which cut forget least, with the task no worse than at strength 1? 32 held-out examples"
        " choose, the others report.",
        "Que força e que corte esquecem menos, sem piorar a tarefa em relação à força 1? 32 exemplos reservados"
        " escolhem, os outros relatam.",
    ),
    "inside_advice_start": Text("Recommend", "Recomendar"),
    "inside_advice_stop": Text("Stop", "Parar"),
    "inside_advice_trying": Text("Measuring the settings worth a try…", "Medindo as posições que valem a pena…"),
    "inside_advice_stopped": Text("Stopped before a recommendation.", "Parado antes de uma recomendação."),
    "inside_advice_failed": Text("There is no recommendation.", "Não há recomendação."),
    "inside_advice_same": Text(
        "Strength 1, uncut: none of the {tried} other settings that were measured forgets less with the task as good.",
        "Força 1, sem corte: nenhuma das {tried} outras posições medidas esquece menos com a tarefa tão boa quanto.",
    ),
    "inside_advice_other": Text("Turn it to {setting}.", "Gire para {setting}."),
    "inside_advice_forgets": Text(
        "There the loss on general text differs from the base's by {here:+.4f}, at strength 1 by {adapter:+.4f}: above"
        " 0 something is forgotten.",
        "Ali a perda em texto geral difere da perda da base em {here:+.4f}, e na força 1 em {adapter:+.4f}: acima de 0"
        " algo foi esquecido.",
    ),
    "inside_advice_saved": Text(
        "On {count} general texts that took no part in the choice it forgets less, by {low:.4f} to {high:.4f} (95%).",
        "Em {count} textos gerais que não participaram da escolha ela esquece menos, de {low:.4f} a {high:.4f} (95%).",
    ),
    "inside_advice_slight": Text(
        "Whether it forgets less at all is not certain: by {low:+.4f} to {high:+.4f} on {count} general texts that"
        " took no part in the choice (95%).",
        "Não é certo que ela esqueça menos: de {low:+.4f} a {high:+.4f} em {count} textos gerais que não participaram"
        " da escolha (95%).",
    ),
    "inside_advice_distance": Text(
        "There is no general text in these languages: by KL it is {here:.4f} nats from the base, where strength 1 is"
        " {adapter:.4f}.",
        "Não há texto geral nesses idiomas: pela KL ela está a {here:.4f} nats da base, e a força 1 a {adapter:.4f}.",
    ),
    "inside_advice_reported": Text(
        "On {examples} examples that took no part in the choice the task loss is {task:.4f}, at strength 1"
        " {adapter:.4f}; the difference lies between {low:.4f} and {high:.4f} (95%).",
        "Em {examples} exemplos que não participaram da escolha a perda na tarefa é {task:.4f}, e na força 1"
        " {adapter:.4f}; a diferença fica entre {low:.4f} e {high:.4f} (95%).",
    ),
    "inside_advice_fails": Text(
        "There it may be worse by more than 2%: the choice does not hold on other examples.",
        "Ali ela pode ser pior em mais de 2%: a escolha não se confirma em outros exemplos.",
    ),
    "inside_keep_intro": Text(
        "A setting can be kept as a run of its own: its adapter needs no knob, and plain PEFT loads it.",
        "Uma posição pode ser guardada como execução própria: o adaptador dela dispensa controles, e o PEFT puro o"
        " carrega.",
    ),
    "inside_keep": Text("Keep this setting", "Guardar esta posição"),
    "inside_keeping": Text("Keeping…", "Guardando…"),
    "inside_not_kept": Text("This setting was not kept.", "Esta posição não foi guardada."),
    "inside_is_kept": Text(
        "Kept as the run {name}: it is in the list of runs above, in the Runs tab, and in the lists of Compare,"
        " Translate and Verdict.",
        "Guardada como a execução {name}: está na lista de execuções acima, na aba Execuções e nas listas de Comparar,"
        " Traduzir e Veredito.",
    ),
    "inside_control_intro": Text(
        "Its control: a run with the same settings, each training example with the answer of another one. What that"
        " gains, this adapter did not learn from the pairs. It is drawn in grey.",
        "Seu controle: uma execução com as mesmas configurações, cada exemplo de treino com a resposta de outro. O que"
        " ela ganha, este adaptador não aprendeu com os pares. Aparece em cinza.",
    ),
    "inside_control_start": Text("Train its control", "Treinar seu controle"),
    "inside_control_itself": Text(
        "This run was itself trained on shuffled answers: it is a control.",
        "Esta execução foi ela mesma treinada com respostas embaralhadas: é um controle.",
    ),
    "inside_control_none": Text(
        "This run was not trained here, so there is no training to repeat: it has no control.",
        "Esta execução não foi treinada aqui, então não há treino a repetir: ela não tem controle.",
    ),
    "inside_control_took": Text("This run itself took {time}.", "Esta execução levou {time}."),
    "inside_control_there": Text(
        "Its control is the run {name}: {state}. Once it has finished, measure the knobs, or make a view, again.",
        "Seu controle é a execução {name}: {state}. Depois que terminar, meça de novo os controles ou uma visão.",
    ),
    "inside_control_ended": Text(
        "Its control is the run {name}, which has finished. Measure the knobs, or make a view, to draw it.",
        "Seu controle é a execução {name}, já terminada. Meça os controles, ou faça uma visão, para desenhá-lo.",
    ),
    "inside_control_progress": Text("Measured of the control: {done} places", "Medidos do controle: {done} pontos"),
    "inside_random_matches": Text(
        "A random change of the same size gains as much: the loss says nothing about what was learned.",
        "Uma mudança aleatória do mesmo tamanho ganha o mesmo tanto: a perda nada diz sobre o que foi aprendido.",
    ),
    "inside_random_moves": Text(
        "A random change of the same size moves it as far from the base: this distance says nothing about what was"
        " learned.",
        "Uma mudança aleatória do mesmo tamanho o afasta tanto quanto da base: essa distância nada diz sobre o que foi"
        " aprendido.",
    ),
    "inside_control_compared": Text(
        "At strength 1 the adapter lowers the task loss by {own}, its control by {control}; their KL from the base is"
        " {own_kl} and {control_kl}.",
        "Na força 1 o adaptador reduz a perda na tarefa em {own}, seu controle em {control}; a KL deles a partir da"
        " base é {own_kl} e {control_kl}.",
    ),
    "inside_control_matches": Text(
        "The control gains as much: the loss says nothing about what was learned from the pairs.",
        "O controle ganha o mesmo tanto: a perda nada diz sobre o que foi aprendido com os pares.",
    ),
    "inside_control_moves": Text(
        "The control has moved as far from the base: this distance says nothing about what was learned.",
        "O controle se afastou tanto quanto da base: essa distância nada diz sobre o que foi aprendido.",
    ),
    "inside_drawn": Text("Draw along", "Desenhar ao longo de"),
    "inside_answer": Text("Answer to a held-out example", "Resposta a um exemplo reservado"),
    **VIEW_STRINGS,
}
