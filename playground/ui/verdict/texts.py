"""Texts of the Verdict tab."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "tab_verdict": Text("Verdict", "Veredito"),
    "verdict_intro": Text(
        "Did the adapter translate better than its base, or was it luck? Both translate the same test sentences; "
        "sacrebleu scores them, and resampling tells how sure the difference is.",
        "O adaptador traduz melhor que a base, ou foi sorte? Os dois traduzem as mesmas frases de teste; o "
        "sacrebleu dá as notas, e a reamostragem indica o grau de certeza da diferença.",
    ),
    "verdict_runs": Text("Translation runs to judge (up to three)", "Execuções de tradução a julgar (até três)"),
    "verdict_runs_help": Text(
        "Trained runs of one translation model. Each is compared with their common base.",
        "Execuções treinadas de um só modelo de tradução. Cada uma é comparada com a base comum.",
    ),
    "verdict_no_runs": Text(
        "No translation run yet: train one, for example with an M2M100 lesson of the Start tab.",
        "Nenhuma execução de tradução ainda: treine uma, por exemplo com uma lição M2M100 da aba Início.",
    ),
    "verdict_test": Text("Test sentences", "Frases de teste"),
    "verdict_test_held_out": Text("held-out split of the first run", "exemplos reservados da primeira execução"),
    "verdict_test_file": Text("a file of my own", "um arquivo meu"),
    "verdict_file": Text(
        "Pairs of sentences: TSV, CSV, JSONL, TMX, XLIFF or PO, or two aligned text files at once",
        "Pares de frases: TSV, CSV, JSONL, TMX, XLIFF ou PO, ou dois textos alinhados de uma vez",
    ),
    "verdict_from": Text("Its sources are in", "As origens estão em"),
    "verdict_to": Text("Its references are in", "As referências estão em"),
    "verdict_file_languages": Text(
        "The file holds {names}. Choose the two to judge.", "O arquivo tem {names}. Escolha os dois a julgar."
    ),
    "verdict_file_silent": Text(
        "The file does not say its languages. Check that these are right.",
        "O arquivo não diz seus idiomas. Confira se estes estão certos.",
    ),
    "verdict_file_missing": Text(
        "No test file was given. Choose one, or take the held-out split.",
        "Nenhum arquivo de teste foi dado. Escolha um, ou use os exemplos reservados.",
    ),
    "verdict_needs_run": Text("Choose at least one run to judge.", "Escolha ao menos uma execução para julgar."),
    "verdict_beams": Text("Beams", "Feixes (beams)"),
    "verdict_beams_help": Text(
        "How many translations are followed at once; told beside the signatures.",
        "Quantas traduções são seguidas ao mesmo tempo; fica dito junto às assinaturas.",
    ),
    "verdict_start": Text("Judge", "Julgar"),
    "verdict_stop": Text("Stop", "Parar"),
    "verdict_welcome": Text("Choose a run, then press Judge.", "Escolha uma execução e aperte Julgar."),
    "verdict_loading": Text("Loading the model …", "Carregando o modelo …"),
    "verdict_progress": Text(
        "{label}: {done} of {total} sentences translated …", "{label}: {done} de {total} frases traduzidas …"
    ),
    "verdict_counting": Text(
        "All translated; resampling for the intervals …", "Tudo traduzido; reamostrando para os intervalos …"
    ),
    "verdict_stopped": Text(
        "Stopped: a verdict needs every sentence, so there is none.",
        "Parado: um veredito precisa de todas as frases, então não há nenhum.",
    ),
    "verdict_done": Text("✓ Judged on {count} sentences.", "✓ Julgado em {count} frases."),
    "verdict_failed": Text("✗ There is no verdict.", "✗ Não há veredito."),
    "verdict_earlier": Text("Verdicts on this run", "Vereditos desta execução"),
    "verdict_leaks_title": Text(
        "{count} of {total} test sentences were trained on", "{count} de {total} frases de teste estavam no treino"
    ),
    "verdict_leaks_help": Text(
        "A score on a sentence that the model has seen shows memory, not skill. Give other test sentences, or tick "
        "the box and press Judge again; the verdict will say so.",
        "A nota de uma frase que o modelo já viu mostra memória, não habilidade. Dê outras frases de teste, ou marque "
        "a caixa e aperte Julgar de novo; o veredito vai dizer isso.",
    ),
    "verdict_leaks_accept": Text("I have seen these pairs; judge all the same", "Vi estes pares; julgue mesmo assim"),
    "verdict_leaks_more": Text("… and {count} more.", "… e mais {count}."),
    "verdict_leaks_note": Text(
        "{count} of these {total} test sentences were trained on: these scores are too good.",
        "{count} destas {total} frases de teste estavam no treino: estas notas são boas demais.",
    ),
    "verdict_leak_number": Text("No.", "Nº"),
    "verdict_leak_kind": Text("Trained on", "Visto no treino"),
    "verdict_leak_trained": Text("Target in training", "Alvo no treino"),
    "verdict_leak_pair": Text("the same pair", "o mesmo par"),
    "verdict_leak_source": Text("the source", "a origem"),
    "verdict_leak_reversed": Text("the pair, reversed", "o par, invertido"),
    "verdict_base": Text("Base", "Base"),
    "verdict_system": Text("Model", "Modelo"),
    "verdict_source": Text("Source", "Origem"),
    "verdict_reference": Text("Reference", "Referência"),
    "verdict_scores": Text(
        "Scores with their 95% intervals; p: how likely so large a difference is by chance (paired bootstrap / "
        "paired approximate randomization).",
        "Notas com seus intervalos de 95%; p: a probabilidade de uma diferença tão grande por acaso "
        "(bootstrap pareado / randomização aproximada pareada).",
    ),
    "verdict_by_sentence": Text(
        "Sentence by sentence (chrF): {wins} better, {ties} equal, {losses} worse.",
        "Frase a frase (chrF): {wins} melhores, {ties} iguais, {losses} piores.",
    ),
    "verdict_badges": Text("Suspicious translations: {found}.", "Traduções suspeitas: {found}."),
    "verdict_badges_none": Text("none", "nenhuma"),
    "verdict_test_line": Text(
        "{name}: {count} sentences, {source} → {target}", "{name}: {count} frases, {source} → {target}"
    ),
    "verdict_decoding": Text("Decoding settings", "Configurações da decodificação"),
    "verdict_signatures": Text("Signatures, for a paper or an issue", "Assinaturas, para um artigo ou um relato"),
    "verdict_scatter_help": Text(
        "Each point is a sentence: above the line the adapter did better. Click a point to read it, or type its "
        "number.",
        "Cada ponto é uma frase: acima da linha, o adaptador foi melhor. Clique em um ponto para lê-la, ou digite o "
        "número.",
    ),
    "verdict_number": Text("Sentence number", "Número da frase"),
    "verdict_list": Text("Sentences", "Frases"),
    "verdict_list_gained": Text("gained most", "mais ganharam"),
    "verdict_list_lost": Text("lost most", "mais perderam"),
    "verdict_list_best": Text("best", "melhores"),
    "verdict_list_worst": Text("worst", "piores"),
    "verdict_adapter": Text("Adapter", "Adaptador"),
    "verdict_list_empty": Text("No sentence moved in this direction.", "Nenhuma frase mudou nesta direção."),
    "verdict_change": Text("chrF", "chrF"),
    "verdict_empty_output": Text("(empty)", "(vazia)"),
    "verdict_tsv": Text("Sentences (TSV)", "Frases (TSV)"),
    "verdict_csv": Text("Scores (CSV)", "Notas (CSV)"),
    "verdict_json": Text("Everything (JSON)", "Tudo (JSON)"),
    "verdict_signature_file": Text("Signatures (TXT)", "Assinaturas (TXT)"),
}
