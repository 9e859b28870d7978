"""Texts of the Compare tab."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "compare_runs": Text(
        "Adapters to compare with the base (up to three)", "Adaptadores a comparar com a base (até três)"
    ),
    "compare_runs_help": Text(
        "All must come from the same base model. Choose none to try the base alone.",
        "Todos precisam ter o mesmo modelo base. Não escolha nenhum para testar só a base.",
    ),
    "compare_base": Text("Base model", "Modelo base"),
    "compare_base_help": Text(
        "Set by the chosen runs; otherwise a listed model, a Hub id or a folder.",
        "Definido pelas execuções escolhidas; senão, um modelo da lista, um id do Hub ou uma pasta.",
    ),
    "compare_prompts": Text("Prompts, one a line", "Prompts, um por linha"),
    "compare_prompts_help": Text(
        "⏎ stands for a line break inside a prompt. Prompts taken from the held-out split bring their reference "
        "answers, and with them the scores.",
        "⏎ representa uma quebra de linha dentro de um prompt. Prompts tirados dos exemplos reservados trazem suas "
        "respostas de referência e, com elas, as notas.",
    ),
    "compare_count": Text("How many", "Quantos"),
    "compare_take": Text("Take from the held-out split", "Tirar dos exemplos reservados"),
    "compare_take_needs_run": Text(
        "Choose a run first: its data set's held-out split is used.",
        "Escolha antes uma execução: são usados os exemplos reservados dos dados dela.",
    ),
    "compare_no_prompts": Text(
        "There is no prompt. Type one a line, or take some from the held-out split.",
        "Não há prompt. Digite um por linha, ou tire alguns dos exemplos reservados.",
    ),
    "compare_two_bases": Text(
        "The chosen runs have different base models: {models}. Choose runs of one base model.",
        "As execuções escolhidas têm modelos base diferentes: {models}. Escolha execuções de um só modelo base.",
    ),
    "compare_decoding": Text("How answers are written (decoding)", "Como as respostas são escritas (decodificação)"),
    "compare_max_new_tokens": Text("Longest answer, tokens", "Resposta mais longa, tokens"),
    "compare_temperature": Text("Temperature", "Temperatura"),
    "compare_temperature_help": Text(
        "0 always takes the likeliest word, so answers repeat exactly.",
        "0 escolhe sempre a palavra mais provável; as respostas se repetem exatamente.",
    ),
    "compare_top_p": Text("Top p", "Top p"),
    "compare_top_p_help": Text(
        "Only the likeliest words that together reach this probability; 1 allows all.",
        "Só as palavras mais prováveis que somam esta probabilidade; 1 permite todas.",
    ),
    "compare_seed": Text("Seed", "Semente"),
    "compare_start": Text("Compare", "Comparar"),
    "compare_stop": Text("Stop", "Parar"),
    "compare_loading": Text("Loading the model …", "Carregando o modelo …"),
    "compare_writing": Text(
        "Writing: {done} of {total} answers begun …", "Escrevendo: {done} de {total} respostas iniciadas …"
    ),
    "compare_done": Text("✓ Done: {total} answers.", "✓ Pronto: {total} respostas."),
    "compare_stopped": Text(
        "■ Stopped. The answers written so far are kept; scores need all of them.",
        "■ Parado. As respostas escritas até aqui ficam; as notas precisam de todas.",
    ),
    "compare_failed": Text("✗ There is no comparison.", "✗ Não há comparação."),
    "compare_marks": Text("Mark against the base", "Marcar em relação à base"),
    "compare_marks_added": Text("Added words", "Palavras acrescentadas"),
    "compare_marks_both": Text("Added and removed words", "Acrescentadas e removidas"),
    "compare_marks_none": Text("Nothing", "Nada"),
    "compare_prompt": Text("Prompt", "Prompt"),
    "compare_reference": Text("Reference", "Referência"),
    "compare_base_column": Text("Base", "Base"),
    "compare_empty_answer": Text("(empty answer)", "(resposta vazia)"),
    "compare_scores": Text("Scores on these prompts", "Notas nestes prompts"),
    "compare_score": Text("Score", "Nota"),
    "compare_best": Text("best", "melhor"),
    "compare_download": Text("Download table (CSV)", "Baixar tabela (CSV)"),
    "compare_welcome": Text(
        "Answers appear here side by side: the base model first, then each adapter, "
        "with the words in which it differs.",
        "As respostas aparecem aqui lado a lado: primeiro o modelo base, depois cada adaptador, "
        "com as palavras em que difere.",
    ),
}
