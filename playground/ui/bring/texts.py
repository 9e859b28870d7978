"""Texts of the panel that brings an adapter in, and of the one that trains on from one."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "bring_heading": Text("Bring an adapter", "Trazer um adaptador"),
    "bring_intro": Text(
        "An adapter that PEFT saved elsewhere becomes a run of yours: ask it, judge it, look inside, train it on. Only"
        " safetensors are read, and no code.",
        "Um adaptador que a PEFT salvou em outro lugar vira uma execução sua: pergunte, julgue, veja por dentro,"
        " continue a treinar. Só safetensors são lidos, e nenhum código.",
    ),
    "bring_files": Text(
        "A zip, or adapter_config.json and adapter_model.safetensors (at most {limit} MB)",
        "Um zip, ou adapter_config.json e adapter_model.safetensors (no máximo {limit} MB)",
    ),
    "bring_hub": Text("Or an id of the Hub", "Ou um id do Hub"),
    "bring_hub_help": Text(
        "owner/name; its two files are fetched, nothing else.", "dono/nome; só os dois arquivos são baixados."
    ),
    "bring_base": Text("Base model", "Modelo base"),
    "bring_base_help": Text(
        "Empty: the one that the adapter names. Another base is noticed before anything is computed.",
        "Vazio: o que o adaptador cita. Outra base é notada antes de qualquer cálculo.",
    ),
    "bring_dataset": Text("Data", "Dados"),
    "bring_dataset_help": Text(
        "Adapters come without data. With these it is measured, looked into and trained on. Empty: a set for its kind"
        " of model.",
        "Adaptadores vêm sem dados. Com estes ele é medido, visto por dentro e treinado. Vazio: um conjunto para esse"
        " tipo de modelo.",
    ),
    "bring_source": Text("From", "De"),
    "bring_target": Text("To", "Para"),
    "bring_language_help": Text("Language code, for translation.", "Código do idioma, para tradução."),
    "bring_start": Text("Bring it", "Trazer"),
    "bring_stop": Text("Stop", "Parar"),
    "bring_welcome": Text("Nothing was brought yet.", "Nada foi trazido ainda."),
    "bring_checking": Text("Taking the adapter apart…", "Examinando o adaptador…"),
    "bring_measuring": Text(
        "It fits its base. Loading both, and measuring the held-out loss…",
        "Serve na base. Carregando os dois e medindo a perda nos exemplos reservados…",
    ),
    "bring_waiting": Text("Waiting for the model. {reason}", "Esperando o modelo. {reason}"),
    "bring_stopped": Text("Stopped. Nothing was kept.", "Parado. Nada foi guardado."),
    "bring_failed": Text("No run was made.", "Nenhuma execução foi criada."),
    "bring_done": Text(
        "“{name}” is a run now, and is ticked in the table above: {method} on {base}. Held-out loss on {dataset}: base"
        " {base_loss}, adapter {loss}.",
        "“{name}” agora é uma execução, e está marcada na tabela acima: {method} sobre {base}. Perda nos exemplos"
        " reservados de {dataset}: base {base_loss}, adaptador {loss}.",
    ),
    "train_on_heading": Text("Train on from an adapter", "Continuar a treinar um adaptador"),
    "train_on_intro": Text(
        "The one ticked run, brought in or trained here, stays as it is: a new run begins with its adapter, on the same"
        " data.",
        "A única execução marcada, trazida ou treinada aqui, fica como está: uma nova começa com o adaptador dela, com"
        " os mesmos dados.",
    ),
    "train_on_steps": Text("Steps", "Passos"),
    "train_on_rate": Text("Learning rate", "Taxa de aprendizado"),
    "train_on_rate_help": Text("Empty: that run's.", "Vazio: a daquela execução."),
    "train_on_needs_steps": Text("Say how many steps to train.", "Diga quantos passos treinar."),
    "train_on_start": Text("Train on", "Continuar a treinar"),
    "train_on_started": Text("“{name}” is in the queue.", "“{name}” está na fila."),
}
