"""Texts of the Train tab."""

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "section_model": Text("1 · Base model", "1 · Modelo base"),
    "section_data": Text("2 · Examples", "2 · Exemplos"),
    "section_method": Text("3 · Method", "3 · Método"),
    "section_training": Text("4 · Training", "4 · Treino"),
    "train_button": Text("Train", "Treinar"),
    "view_live": Text("Live", "Ao vivo"),
    "view_data": Text("Examples", "Exemplos"),
    "view_yaml": Text("As a file", "Como arquivo"),
    "code_title": Text("The code of what you are about to run", "O código do que você vai executar"),
    "code_help": Text(
        "The same run in plain transformers and PEFT, without any code of the playground. It follows the form.",
        "A mesma execução só com transformers e PEFT, sem nenhum código do playground. Acompanha o formulário.",
    ),
    "code_train": Text("Training", "Treino"),
    "code_answer": Text("Answers", "Respostas"),
    "base_model_label": Text("Base model", "Modelo base"),
    "base_model_help": Text(
        "An included model, or type a Hugging Face Hub id such as owner/name.",
        "Um modelo incluído, ou digite um id do Hugging Face Hub como dono/nome.",
    ),
    "model_parameters": Text("{count} parameters", "{count} de parâmetros"),
    "model_download": Text("{size} to download", "{size} para baixar"),
    "model_here": Text("{model} is on this machine already.", "{model} já está nesta máquina."),
    "model_gated": Text(
        "gated: yes; accept its licence on its Hub page first", "acesso restrito: sim; aceite antes a licença no Hub"
    ),
    "model_not_gated": Text("gated: no", "acesso restrito: não"),
    "model_renamed": Text("now called {name}", "agora se chama {name}"),
    "hub_licence": Text("licence: {licence}", "licença: {licence}"),
    "licence_not_said": Text("not said", "não informada"),
    "dataset_label": Text("Data set", "Conjunto de dados"),
    "dataset_help": Text(
        "An included data set, or type a Hub id such as owner/name.",
        "Um conjunto incluído, ou digite um id do Hub como dono/nome.",
    ),
    "subset_label": Text("Subset", "Subconjunto"),
    "subset_help": Text("Which of the data set's parts.", "Qual das partes do conjunto."),
    "subset_choose": Text("There are several subsets: choose one.", "Há vários subconjuntos: escolha um."),
    "split_label": Text("Split", "Divisão"),
    "split_help": Text("Where the examples come from.", "De onde vêm os exemplos."),
    "upload_button": Text("Use your own file…", "Usar seu próprio arquivo…"),
    "upload_help": Text(
        "CSV, TSV, JSON, JSONL, Parquet or plain text, or a zip of one; for translation also TMX, XLIFF (Trados and"
        " memoQ too), PO, or two text files at once that are aligned line by line (news.en, news.pt). At most"
        " {limit} MB.",
        "CSV, TSV, JSON, JSONL, Parquet ou texto simples, ou um zip de um deles; para tradução também TMX, XLIFF (e os"
        " do Trados e do memoQ), PO, ou dois arquivos de texto de uma vez, alinhados linha por linha (news.en,"
        " news.pt). No máximo {limit} MB.",
    ),
    "prompt_column_label": Text("Column with the question", "Coluna com a pergunta"),
    "completion_column_label": Text("Column with the answer", "Coluna com a resposta"),
    "column_help": Text("Guessed when left empty.", "Adivinhada quando vazia."),
    "method_label": Text("Method", "Método"),
    "method_group_label": Text("Which methods are shown", "Quais métodos aparecem"),
    "peft_settings_heading": Text("Every other setting of PEFT", "Todas as outras configurações do PEFT"),
    "peft_settings_label": Text("Settings by name", "Configurações pelo nome"),
    "peft_settings_help": Text(
        "One a line, as in a run file: any field of the method's PEFT configuration.",
        "Uma por linha, como em um arquivo de execução: qualquer campo da configuração do PEFT para o método.",
    ),
    "methods_left_out": Text("Not for this model", "Não servem para este modelo"),
    "method_when": Text("{when} Paper:", "{when} Artigo:"),
    "method_more": Text("More settings of {method}", "Mais configurações de {method}"),
    "training_more": Text("More settings", "Mais configurações"),
    "name_label": Text("Name of the run", "Nome da execução"),
    "name_placeholder": Text("made from method and data set", "gerado a partir do método e do conjunto de dados"),
    "max_steps_label": Text("Steps", "Passos"),
    "max_steps_help": Text("Updates of the adapter.", "Atualizações do adaptador."),
    "max_seconds_label": Text("Seconds, at most", "Segundos, no máximo"),
    "max_seconds_help": Text(
        "Of training; ends the run before its last step. Empty: no limit.",
        "De treino; encerra a execução antes do último passo. Vazio: sem limite.",
    ),
    "batch_size_label": Text("Batch size", "Tamanho do lote"),
    "batch_size_help": Text("Examples in each step.", "Exemplos em cada passo."),
    "learning_rate_label": Text("Learning rate", "Taxa de aprendizado"),
    "learning_rate_help": Text("Empty: the method's own.", "Vazia: a do próprio método."),
    "eval_every_label": Text("Evaluate every", "Avaliar a cada"),
    "eval_every_help": Text("Steps between evaluations.", "Passos entre avaliações."),
    "gradient_accumulation_steps_label": Text("Gradient accumulation", "Acúmulo de gradiente"),
    "gradient_accumulation_steps_help": Text(
        "Batches that are summed into one step; saves memory.", "Lotes somados em um passo; poupa memória."
    ),
    "gradient_checkpointing_label": Text("Gradient checkpointing", "Recálculo de ativações (gradient checkpointing)"),
    "gradient_checkpointing_help": Text(
        "Memory against time: each layer forgets what it computed and computes it again on the way back. Less memory,"
        " longer steps, the same losses.",
        "Memória em troca de tempo: cada camada esquece o que calculou e calcula de novo na volta. Menos memória,"
        " passos mais longos, as mesmas perdas.",
    ),
    "lr_schedule_label": Text("Schedule", "Evolução da taxa"),
    "lr_schedule_help": Text("How the learning rate moves.", "Como a taxa de aprendizado muda."),
    "schedule_linear": Text("linear, down to zero", "linear, até zero"),
    "schedule_cosine": Text("cosine, down to zero", "cosseno, até zero"),
    "schedule_constant": Text("constant", "constante"),
    "warmup_ratio_label": Text("Warm-up", "Aquecimento"),
    "warmup_ratio_help": Text("Share of the steps in which the rate rises.", "Parcela dos passos em que a taxa sobe."),
    "weight_decay_label": Text("Weight decay", "Decaimento de pesos"),
    "weight_decay_help": Text("Pulls weights towards zero.", "Puxa os pesos para zero."),
    "max_grad_norm_label": Text("Gradient clipping", "Corte de gradiente"),
    "max_grad_norm_help": Text("Longest step allowed.", "Maior passo permitido."),
    "eval_examples_label": Text("Examples per evaluation", "Exemplos por avaliação"),
    "eval_examples_help": Text("More is steadier and slower.", "Mais é mais estável e mais lento."),
    "label_smoothing_label": Text("Label smoothing", "Suavização de rótulos"),
    "label_smoothing_help": Text(
        "0 to 0.5; 0.1 is usual for translation. The chart shows the plain loss.",
        "De 0 a 0,5; 0,1 é usual em tradução. O gráfico mostra a perda sem suavização.",
    ),
    "score_examples_label": Text("Sentences to score", "Frases para dar nota"),
    "score_examples_help": Text(
        "Translated at each evaluation for the chrF chart; 0: none.",
        "Traduzidas a cada avaliação para o gráfico de chrF; 0: nenhuma.",
    ),
    "result_chrf": Text("chrF of held-out sentences", "chrF das frases reservadas"),
    "result_general_chrf": Text("chrF of general sentences", "chrF das frases gerais"),
    "source_language_label": Text("From", "De"),
    "target_language_label": Text("Into", "Para"),
    "language_help": Text("For translation models.", "Para modelos de tradução."),
    "both_directions_label": Text("Train both directions", "Treinar nas duas direções"),
    "both_directions_help": Text("Adds each pair the other way round.", "Acrescenta cada par no sentido contrário."),
    "shuffled_answers_label": Text("Shuffle the answers", "Embaralhar as respostas"),
    "shuffled_answers_help": Text(
        "A control, not for use: each training example gets the answer of another one, held-out examples keep theirs."
        " What such a run gains, it did not learn from the pairs.",
        "Um controle, não para uso: cada exemplo de treino recebe a resposta de outro; os reservados ficam com a sua."
        " O que essa execução ganha, ela não aprendeu com os pares.",
    ),
    "pairs_switched": Text(
        "These are sentence pairs: the base model is now {model}, which translates.",
        "São pares de frases: o modelo base agora é {model}, que traduz.",
    ),
    "pairs_note": Text(
        "{count} pairs, {source} → {target}: {held_out} held out. With {held_out}, a difference of about {detectable}"
        " chrF or more can be told from chance (an estimate).",
        "{count} pares, {source} → {target}: {held_out} reservados. Com {held_out}, uma diferença de cerca de"
        " {detectable} chrF ou mais se distingue do acaso (uma estimativa).",
    ),
    "max_tokens_label": Text("Longest example", "Maior exemplo"),
    "max_tokens_help": Text("In tokens; longer ones are cut.", "Em tokens; maiores são cortados."),
    "max_examples_label": Text("Use at most", "Usar no máximo"),
    "max_examples_help": Text("Examples; empty: all of them.", "Exemplos; vazio: todos."),
    "seed_label": Text("Seed", "Semente"),
    "seed_help": Text("Same seed, same losses.", "Mesma semente, mesmas perdas."),
    "monitoring_label": Text("Also log to", "Registrar também em"),
    "monitoring_help": Text(
        "TensorBoard and trackio stay on this machine; Weights & Biases sends to its own site. Open them with"
        " `tensorboard --logdir runs`, `trackio show --project peft-playground`, wandb.ai.",
        "O TensorBoard e o trackio ficam nesta máquina; o Weights & Biases envia ao seu próprio site. Para abrir:"
        " `tensorboard --logdir runs`, `trackio show --project peft-playground`, wandb.ai.",
    ),
    "monitoring_not_installed": Text("{name} (not installed yet)", "{name} (ainda não instalado)"),
    "preview_rows": Text("First rows, as read from the file", "Primeiras linhas, como lidas do arquivo"),
    "preview_tokens": Text("One example, as the model sees it", "Um exemplo, como o modelo o vê"),
    "preview_tokens_help": Text(
        "Each marked box carries loss: a token, or the few that make up one character. The model learns to write the"
        " answer, not to repeat the question; a text that asks nothing is learned as a whole.",
        "Cada caixa marcada conta na perda: um token, ou os poucos que formam um caractere. O modelo aprende a escrever"
        " a resposta, não a repetir a pergunta; um texto que nada pergunta é aprendido inteiro.",
    ),
    "preview_learned": Text("carries loss", "conta na perda"),
    "preview_previous": Text("← Previous", "← Anterior"),
    "preview_next": Text("Next →", "Próximo →"),
    "preview_position": Text("Example {number} of {count}", "Exemplo {number} de {count}"),
    "yaml_help": Text(
        "These are the settings on the left. Save them as a file and run"
        " `python -m playground train FILE.yaml`: the same run, without the page.",
        "Estas são as configurações ao lado. Salve-as em um arquivo e rode `python -m playground train "
        "ARQUIVO.yaml`: a mesma execução, sem a página.",
    ),
}
