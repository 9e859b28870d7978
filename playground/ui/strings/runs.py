"""Texts of the Runs tab."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "runs_search": Text("Search", "Buscar"),
    "runs_search_help": Text(
        "Search: words from the name, model, data set, method or status",
        "Buscar: palavras do nome, do modelo, dos dados, do método ou do estado",
    ),
    "runs_refresh": Text("Refresh", "Atualizar"),
    "runs_table": Text("Runs: click a row to choose it", "Execuções: clique numa linha para escolhê-la"),
    "runs_none": Text(
        "No run yet. Take a card of the Start tab: the quick tour takes about two minutes.",
        "Nenhuma execução ainda. Escolha um cartão da aba Início: o passeio rápido leva cerca de dois minutos.",
    ),
    "runs_none_found": Text(
        "No run matches “{search}”. Search for fewer words.",
        "Nenhuma execução combina com “{search}”. Busque menos palavras.",
    ),
    "runs_count": Text("Runs shown: {shown} of {total}", "Execuções mostradas: {shown} de {total}"),
    "runs_chosen": Text("Chosen runs", "Execuções escolhidas"),
    "runs_chosen_help": Text(
        "Choose one to open it, several to lay their curves over each other.",
        "Escolha uma para abri-la, várias para sobrepor suas curvas.",
    ),
    "runs_column_name": Text("Name", "Nome"),
    "runs_column_status": Text("Status", "Estado"),
    "runs_column_method": Text("Method", "Método"),
    "runs_column_dataset": Text("Data set", "Dados"),
    "runs_column_steps": Text("Steps", "Passos"),
    "runs_column_base_loss": Text("Loss: base", "Perda: base"),
    "runs_column_loss": Text("Loss: adapter", "Perda: adaptador"),
    "runs_column_seconds": Text("Seconds", "Segundos"),
    "runs_column_size": Text("Adapter, MB", "Adaptador, MB"),
    "runs_column_created": Text("Created", "Criada em"),
    "runs_column_id": Text("Id", "Id"),
    "runs_status_queued": Text("⋯ queued", "⋯ na fila"),
    "runs_status_running": Text("▶ running", "▶ treinando"),
    "runs_status_finished": Text("✓ finished", "✓ concluída"),
    "runs_status_stopped": Text("■ stopped", "■ parada"),
    "runs_status_failed": Text("✗ failed", "✗ falhou"),
    "runs_status_interrupted": Text("⚠ interrupted", "⚠ interrompida"),
    "runs_status_waiting": Text("↻ waiting since the restart", "↻ esperando desde o reinício"),
    "runs_resume_waiting": Text(
        "Let the runs go on that were waiting before the restart ({count})",
        "Retomar as execuções que esperavam antes do reinício ({count})",
    ),
    "runs_waiting_resumed": Text("In the queue again: {count}", "De volta à fila: {count}"),
    "runs_status_damaged": Text("⚠ damaged", "⚠ danificada"),
    "runs_open": Text("Open in Train", "Abrir em Treinar"),
    "runs_resume": Text("Resume", "Retomar"),
    "runs_resumed": Text(
        "“{name}” is in the queue again and goes on from its last checkpoint.",
        "“{name}” voltou à fila e continua do último ponto salvo.",
    ),
    "runs_download": Text("Download adapter (zip)", "Baixar adaptador (zip)"),
    "runs_rename": Text("Rename", "Renomear"),
    "runs_new_name": Text("New name", "Novo nome"),
    "runs_renamed": Text("Renamed to “{name}”.", "Renomeada para “{name}”."),
    "runs_delete": Text("Delete", "Apagar"),
    "runs_delete_ask": Text(
        "Delete {count} run(s) with their history and adapters? This cannot be undone.",
        "Apagar {count} execução(ões) com seu histórico e seus adaptadores? Não há como desfazer.",
    ),
    "runs_delete_yes": Text("Yes, delete", "Sim, apagar"),
    "runs_delete_no": Text("Keep", "Manter"),
    "runs_deleted": Text("Deleted: {count}", "Apagadas: {count}"),
    "runs_curves": Text("Curves of the chosen runs", "Curvas das execuções escolhidas"),
    "runs_axis": Text("Horizontal axis", "Eixo horizontal"),
    "runs_axis_step": Text("Steps", "Passos"),
    "runs_axis_time": Text("Time", "Tempo"),
    "runs_differences": Text("Settings in which they differ", "Configurações em que diferem"),
    "runs_no_differences": Text(
        "These runs have equal settings, seed included.",
        "Essas execuções têm configurações iguais, inclusive a semente.",
    ),
    "runs_setting": Text("Setting", "Configuração"),
    "runs_failed": Text("“{name}” failed:", "“{name}” falhou:"),
    "runs_damaged": Text("“{name}” is damaged:", "“{name}” está danificada:"),
    "runs_choose_one": Text(
        "{count} runs are chosen. Choose exactly one for this.",
        "Há {count} execuções escolhidas. Escolha exatamente uma para isso.",
    ),
}
