"""Texts of the header, of the live view and of errors."""

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "title": Text("PEFT Playground", "PEFT Playground"),
    "tagline": Text(
        "Train a small adapter, watch it learn, compare it with its base.",
        "Treine um adaptador pequeno, veja-o aprender, compare-o com a base.",
    ),
    "language_switch": Text("Language", "Idioma"),
    "tab_start": Text("Start", "Início"),
    "tab_train": Text("Train", "Treinar"),
    "tab_runs": Text("Runs", "Execuções"),
    "tab_compare": Text("Compare", "Comparar"),
    "device_cpu": Text("{cores} processor cores", "{cores} núcleos de processador"),
    "others_train": Text("another visitor's run is training", "a execução de outro visitante está treinando"),
    "nothing_trains": Text("nothing is training", "nenhum treino em andamento"),
    "watch": Text("Watch", "Ver"),
    "stop": Text("Stop", "Parar"),
    "stopping": Text("Stopping…", "Parando…"),
    "needs_model": Text("Choose a base model first.", "Escolha primeiro um modelo base."),
    "error_title": Text("That did not work", "Isso não funcionou"),
    "info_title": Text("Note", "Aviso"),
    "close": Text("Close", "Fechar"),
    "connection_lost": Text(
        "The connection to the app was lost. The page loads itself again as soon as the app answers.",
        "A conexão com o aplicativo caiu. A página se recarrega assim que o aplicativo responder.",
    ),
    "wrong_file_type": Text(
        "{files} cannot be taken here: only {kinds} can. Choose a file of that kind.",
        "{files} não é aceito aqui: só {kinds}. Escolha um arquivo desse tipo.",
    ),
    "foreign_file": Text(
        "Only files that were sent from here can be used. Choose the file on your own computer and send it.",
        "Só podem ser usados arquivos enviados por aqui. Escolha o arquivo no seu computador e envie-o.",
    ),
    "odd_request": Text(
        "The page sent a value that its form does not offer, as it does when something was deleted or the app has"
        " restarted since. Reload the page and choose again.",
        "A página enviou um valor que o formulário não oferece, como quando algo foi apagado ou o aplicativo foi"
        " reiniciado. Recarregue a página e escolha de novo.",
    ),
    "unexpected_error": Text(
        "Something unexpected went wrong. The log of the app has the details; your runs are safe.",
        "Algo inesperado deu errado. O registro do aplicativo tem os detalhes; suas execuções estão a salvo.",
    ),
    "disk_full": Text(
        "The disk of the server is full, so this could not be written. Free some space on it, then try again.",
        "O disco do servidor está cheio, e isto não pôde ser gravado. Libere espaço nele e tente de novo.",
    ),
    "status_queued": Text("waiting", "na fila"),
    "status_running": Text("training", "em treino"),
    "status_finished": Text("finished", "concluída"),
    "status_stopped": Text("stopped", "parada"),
    "status_failed": Text("failed", "falhou"),
    "status_interrupted": Text("interrupted", "interrompida"),
    "status_waiting": Text("waiting since the restart", "esperando desde o reinício"),
    "resumed_earlier": Text(
        "Goes on after step {step}: {damaged} newer checkpoint(s) could not be read.",
        "Continua depois do passo {step}: {damaged} ponto(s) salvo(s) mais novo(s) não puderam ser lidos.",
    ),
    "rows_skipped": Text(
        "{count} of {rows} rows cannot be read and were passed over ({places}). The first: {reason}",
        "{count} de {rows} linhas não podem ser lidas e foram puladas ({places}). A primeira: {reason}",
    ),
    "stage_starting": Text("Getting ready…", "Preparando…"),
    "stage_loading_model": Text("Loading the base model…", "Carregando o modelo base…"),
    "stage_downloading": Text("Downloading the base model…", "Baixando o modelo base…"),
    "download_progress": Text("Downloading: {done} of {total}", "Baixando: {done} de {total}"),
    "download_silent": Text(
        "nothing has come for {seconds} s; still waiting", "nada chega há {seconds} s; ainda esperando"
    ),
    "stage_reading_data": Text("Reading the examples…", "Lendo os exemplos…"),
    "stage_encoding": Text("Turning text into tokens…", "Transformando texto em tokens…"),
    "stage_attaching": Text("Attaching the adapter…", "Acoplando o adaptador…"),
    "stage_training": Text(
        "Measuring the base model, then the first step…", "Medindo o modelo base, depois o primeiro passo…"
    ),
    "stage_last_evaluation": Text(
        "Measuring the held-out examples once more…", "Medindo os exemplos reservados mais uma vez…"
    ),
    "stage_saving": Text("Saving the adapter…", "Salvando o adaptador…"),
    "waiting_in_queue": Text(
        "Number {position} in the queue; it starts by itself.",
        "Número {position} na fila; começa sozinha.",
    ),
    "progress_steps": Text("step {step} of {total}", "passo {step} de {total}"),
    "progress_loss": Text("loss {loss}", "perda {loss}"),
    "progress_elapsed": Text("{time} so far", "{time} até agora"),
    "progress_took": Text("{time} in all", "{time} no total"),
    "progress_left": Text("{time} left", "faltam {time}"),
    "live_empty": Text(
        "No run yet. Press <b>Train</b>, or take a ready-made lesson from the <b>Start</b> tab:"
        " the curves appear here as the model learns.",
        "Nenhuma execução ainda. Aperte <b>Treinar</b>, ou escolha uma lição pronta na aba <b>Início</b>:"
        " as curvas aparecem aqui enquanto o modelo aprende.",
    ),
    "axis_step": Text("by step", "por passo"),
    "axis_time": Text("by time", "por tempo"),
    "samples_heading": Text("The same question, before and after", "A mesma pergunta, antes e depois"),
    "samples_empty": Text(
        "The base model's answer appears here before the first step.",
        "A resposta do modelo base aparece aqui antes do primeiro passo.",
    ),
    "change_caption": Text(
        "The brighter a cell, the more of that layer's weights the adapter has changed; where it sits is not yet what"
        " it does.",
        "Quanto mais clara a célula, mais dos pesos daquela camada o adaptador mudou; onde ele está ainda não diz o que"
        " ele faz.",
    ),
    "sample_prompt": Text("Question", "Pergunta"),
    "sample_reference": Text("Expected", "Esperado"),
    "sample_base": Text("Base model", "Modelo base"),
    "sample_adapter": Text("After step {step}", "Após o passo {step}"),
    "fact_trainable": Text("Parameters that train", "Parâmetros treinados"),
    "fact_device": Text("Device", "Dispositivo"),
    "fact_base_weights": Text("File of the base", "Arquivo da base"),
    "fact_base_weights_note": Text("beginning of its SHA-256", "início do seu SHA-256"),
    "fact_dtype": Text("Base weights", "Pesos da base"),
    "fact_examples": Text("Examples", "Exemplos"),
    "fact_examples_value": Text(
        "{train} to train, {held} held-out ones at each evaluation",
        "{train} para treinar, {held} reservados em cada avaliação",
    ),
    "fact_examples_streamed": Text(
        "about {train} to train, told by the first rows (the others are read while it trains); {held} held-out ones at"
        " each evaluation",
        "cerca de {train} para treinar, a julgar pelas primeiras linhas (as outras são lidas durante o treino); {held}"
        " reservados em cada avaliação",
    ),
    "fact_left_out": Text("{dropped} left out, {cut} cut", "{dropped} deixados de fora, {cut} cortados"),
    "result_loss": Text("Held-out loss", "Perda nos exemplos reservados"),
}
