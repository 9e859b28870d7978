"""Texts of the report, which speaks its reader's language."""

from __future__ import annotations

from playground.texts import Text

ASKED = Text(
    "{method} on {base}: {steps} steps of training on {data}, {train} examples, {held_out} held out.",
    "{method} em {base}: {steps} passos de treino com {data}, {train} exemplos, {held_out} reservados.",
)
ASKED_LITTLE = Text("{method} on {base}, for {data}.", "{method} em {base}, para {data}.")

TEXTS: dict[str, Text] = {
    "report": Text("Report of a run", "Relatório de uma execução"),
    "result": Text("What came out", "O que resultou"),
    "loss_found": Text(
        "Held-out loss: {base} of the base, {adapter} with the adapter. The difference is {change}, 95% sure between"
        " {low} and {high}, on {examples} examples.",
        "Perda nos exemplos reservados: {base} do modelo base, {adapter} com o adaptador. A diferença é de {change},"
        " com 95% de certeza entre {low} e {high}, em {examples} exemplos.",
    ),
    "loss_logged": Text(
        "Held-out loss, as the run logged it: {base} of the base, {adapter} with the adapter.",
        "Perda nos exemplos reservados, como a execução registrou: {base} do modelo base, {adapter} com o adaptador.",
    ),
    "metric": Text("Metric", "Métrica"),
    "base": Text("Base", "Modelo base"),
    "adapter": Text("Adapter", "Adaptador"),
    "of_adapter": Text("95% of the adapter", "95% do adaptador"),
    "of_difference": Text("95% of the difference", "95% da diferença"),
    "sentences": Text("Sentences", "Frases"),
    "signature": Text("Signature", "Assinatura"),
    "decoding": Text("Decoding", "Decodificação"),
    "verdict": Text("Verdict", "Veredito"),
    "judged_on": Text("Judged on {name}, {count} sentences.", "Julgado em {name}, {count} frases."),
    "curves": Text("While it trained", "Durante o treino"),
    "inside": Text("Inside the adapter", "Dentro do adaptador"),
    "in_words": Text("In words", "Em palavras"),
    "no_script": Text(
        "Charts need the script that came in this file; what they show is said in words below each.",
        "Os gráficos precisam do script que veio neste arquivo; o que mostram está em palavras abaixo de cada um.",
    ),
    "answers": Text("Base and adapter, side by side", "Modelo base e adaptador, lado a lado"),
    "answers_help": Text(
        "Held-out prompts, on which nothing trained. Words that the base did not say are underlined.",
        "Prompts reservados, que não foram usados no treino. Palavras que o modelo base não disse estão sublinhadas.",
    ),
    "prompt": Text("Prompt", "Prompt"),
    "reference": Text("Reference", "Referência"),
    "empty": Text("(empty)", "(vazio)"),
    "settings": Text("Settings", "Configurações"),
    "setting": Text("Setting", "Configuração"),
    "value": Text("Value", "Valor"),
    "data": Text("Data", "Dados"),
    "data_set": Text("Data set", "Conjunto de dados"),
    "train_examples": Text("Examples trained on", "Exemplos de treino"),
    "held_out_examples": Text("Examples held out and evaluated", "Exemplos reservados e avaliados"),
    "licence": Text("Licence", "Licença"),
    "not_known": Text("not known here", "não conhecida aqui"),
    "model": Text("Model", "Modelo"),
    "file": Text("File", "Arquivo"),
    "versions": Text("Versions and machine", "Versões e máquina"),
    "proof": Text("Proof", "Prova"),
    "proof_help": Text(
        "Who has the adapter can compare it with these. proof.json beside this file has the hash of the file itself.",
        "Quem tem o adaptador pode comparar com estes. O proof.json ao lado deste arquivo tem o hash dele próprio.",
    ),
    "sha256_data": Text("SHA-256 of the data", "SHA-256 dos dados"),
    "sha256_base": Text("SHA-256 of the base", "SHA-256 do modelo base"),
    "sha256_adapter": Text("SHA-256 of the adapter", "SHA-256 do adaptador"),
    "made": Text(
        "Made with PEFT Playground. This file asks nothing of any network.",
        "Feito com o PEFT Playground. Este arquivo não pede nada a nenhuma rede.",
    ),
}
