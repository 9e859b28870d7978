"""Texts of the Race tab."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "tab_race": Text("Race", "Corrida"),
    "race_intro": Text(
        "Let methods, or settings of one method, train under equal conditions: same base, same examples in the same "
        "order, same budget. Then see what each one brings and what it costs.",
        "Pôr para correr, em condições iguais, vários métodos ou configurações de um só: mesma base, mesmos "
        "exemplos na mesma ordem, mesmo orçamento. Depois se vê o que cada um traz e quanto custa.",
    ),
    "race_new": Text("New race", "Nova corrida"),
    "race_base": Text("Base model", "Modelo base"),
    "race_dataset": Text("Data set", "Conjunto de dados"),
    "race_source": Text("From", "De"),
    "race_target": Text("To", "Para"),
    "race_methods": Text(
        "Methods, each with its own tuned settings", "Métodos, cada um com suas configurações calibradas"
    ),
    "race_methods_help": Text("2 to 12 entrants in all.", "De 2 a 12 participantes ao todo."),
    "race_vary": Text("One method with different values", "Um método com valores diferentes"),
    "race_vary_method": Text("Method", "Método"),
    "race_vary_param": Text("Setting", "Configuração"),
    "race_vary_values": Text("Values", "Valores"),
    "race_vary_help": Text("An entrant each: 2, 8, 32", "Um participante para cada: 2, 8, 32"),
    "race_steps": Text("Steps, at most", "Passos, no máximo"),
    "race_seconds": Text("Training seconds, at most", "Segundos de treino, no máximo"),
    "race_seconds_help": Text("Empty: only the steps count.", "Vazio: só os passos contam."),
    "race_batch": Text("Batch size", "Tamanho do lote"),
    "race_eval_every": Text("Evaluate every … steps", "Avaliar a cada … passos"),
    "race_seeds": Text("Seeds", "Sementes"),
    "race_seeds_help": Text("3: everything three times, with error bars.", "3: tudo três vezes, com barras de erro."),
    "race_name": Text("Name", "Nome"),
    "race_default_name": Text("race", "corrida"),
    "race_start": Text("Start the race", "Iniciar a corrida"),
    "race_earlier": Text("Races", "Corridas"),
    "race_empty": Text(
        "No race yet. Choose entrants and start one, or take a card of the Start tab.",
        "Nenhuma corrida ainda. Escolha participantes e inicie uma, ou use um cartão da aba Início.",
    ),
    "race_stop": Text("Stop", "Parar"),
    "race_stopping": Text("Stopping after this step …", "Parando depois deste passo …"),
    "race_continue": Text("Continue", "Continuar"),
    "race_to_runs": Text("All in the Runs tab", "Todas na aba Execuções"),
    "race_delete_ask": Text(
        "Delete the race {name}? This cannot be undone.",
        "Apagar a corrida {name}? Não há como desfazer.",
    ),
    "race_delete_keeps": Text(
        "Its runs are ordinary runs: they stay in the Runs tab, with their adapters.",
        "Suas execuções são execuções comuns: continuam na aba Execuções, com seus adaptadores.",
    ),
    "race_deleted": Text("Deleted: {name}", "Apagada: {name}"),
    "race_line": Text(
        "{name}: {done} of {total} runs done · {model} · {dataset}",
        "{name}: {done} de {total} execuções prontas · {model} · {dataset}",
    ),
    "race_status_running": Text("under way", "em andamento"),
    "race_status_finished": Text("over", "terminada"),
    "race_status_stopped": Text("stopped", "parada"),
    "race_entrant_waiting": Text("waiting", "esperando"),
    "race_entrant_queued": Text("next in the queue", "próximo da fila"),
    "race_entrant_running": Text("training", "treinando"),
    "race_entrant_finished": Text("finished", "concluído"),
    "race_entrant_stopped": Text("stopped", "parado"),
    "race_entrant_failed": Text("failed", "falhou"),
    "race_table": Text(
        "Entrants. Click one to open its run. ★ no other has so low a loss for so low a price.",
        "Participantes. Clique em um para abrir sua execução. ★ nenhum outro tem perda tão baixa por preço tão baixo.",
    ),
    "race_column_name": Text("Entrant", "Participante"),
    "race_column_status": Text("Status", "Estado"),
    "race_column_steps": Text("Steps", "Passos"),
    "race_column_eval_loss": Text("Held-out loss", "Perda nos exemplos reservados"),
    "race_column_chrf": Text("chrF", "chrF"),
    "race_column_trainable_parameters": Text("Trainable", "Treináveis"),
    "race_column_seconds": Text("Seconds", "Segundos"),
    "race_column_peak_memory_bytes": Text("Memory (MB)", "Memória (MB)"),
    "race_column_adapter_bytes": Text("Adapter (MB)", "Adaptador (MB)"),
    "race_column_pareto": Text("★", "★"),
    "race_failed": Text("{name} failed (seed {seed}):", "{name} falhou (semente {seed}):"),
    "race_axis": Text("Horizontal axis", "Eixo horizontal"),
    "race_score": Text("Score", "Nota"),
    "race_cost": Text("Price", "Preço"),
    "race_pareto_help": Text(
        "Ringed entrants are beaten by none: whoever has a better score costs more. Click a point to open its run. "
        "Seconds count training steps only; memory is the base's weights and what training took above them.",
        "Participantes com anel, ninguém supera: quem tem nota melhor custa mais. Clique em um ponto para "
        "abrir sua execução. Os segundos contam só os passos de treino; a memória é a dos pesos da base e o "
        "que o treino ocupou além deles.",
    ),
    "race_no_run": Text("This entrant has not started yet.", "Este participante ainda não começou."),
    "start_race": Text("Start this race", "Iniciar esta corrida"),
}
