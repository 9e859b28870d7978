"""Texts of the Quantization tab."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "tab_quantization": Text("Quantization", "Quantização"),
    "precision_intro": Text(
        "The same base held in fp32, bf16, int8 and NF4: what each saves, and what it costs. Every figure is measured "
        "on this machine.",
        "A mesma base em fp32, bf16, int8 e NF4: o que cada um poupa, e o que custa. Todos os números são medidos "
        "nesta máquina.",
    ),
    "precision_model": Text("Base model", "Modelo base"),
    "precision_model_help": Text(
        "An included model, a Hub id such as owner/name, or a folder.",
        "Um modelo incluído, um id do Hub como dono/nome, ou uma pasta.",
    ),
    "precision_train": Text("Also measure the memory of training", "Medir também a memória do treino"),
    "precision_train_help": Text(
        "Two steps of LoRA on fp32 and on bf16, and of QLoRA on NF4, each in a process of its own.",
        "Dois passos de LoRA em fp32 e em bf16, e de QLoRA em NF4, cada um em um processo próprio.",
    ),
    "precision_again": Text("Measure again", "Medir de novo"),
    "precision_again_help": Text(
        "Else what was measured before, with the same versions on the same device, is shown at once.",
        "Senão, o que já foi medido, com as mesmas versões no mesmo dispositivo, aparece na hora.",
    ),
    "precision_start": Text("Measure", "Medir"),
    "precision_stop": Text("Stop", "Parar"),
    "precision_welcome": Text(
        "Press Measure. The included chat model takes about two minutes on two cores.",
        "Aperte Medir. O modelo de conversa incluído leva cerca de dois minutos em dois núcleos.",
    ),
    "precision_preparing": Text("Getting ready…", "Preparando…"),
    "precision_stage_loading": Text("{precision}: loading the weights…", "{precision}: carregando os pesos…"),
    "precision_stage_weights": Text(
        "{precision}: comparing each weight with the model's file…",
        "{precision}: comparando cada peso com o arquivo do modelo…",
    ),
    "precision_stage_writing": Text("{precision}: timing an answer…", "{precision}: cronometrando uma resposta…"),
    "precision_stage_reading": Text("{precision}: reading the fixed text…", "{precision}: lendo o texto fixo…"),
    "precision_stage_training": Text("{precision}: two training steps…", "{precision}: dois passos de treino…"),
    "precision_done": Text("Measured on {device}.", "Medido em {device}."),
    "precision_kept": Text("From an earlier time: {names}.", "De outra vez: {names}."),
    "precision_stopped": Text(
        "Stopped. What is finished is kept; Measure goes on from there.",
        "Parado. O que terminou está guardado; Medir continua daí.",
    ),
    "precision_failed": Text("It did not work.", "Falhou."),
    "precision_precision": Text("Precision", "Precisão"),
    "precision_bytes": Text("Weights (MB)", "Pesos (MB)"),
    "precision_share": Text("of fp32", "de fp32"),
    "precision_load": Text("Load (s)", "Carga (s)"),
    "precision_speed": Text("Tokens per second", "Tokens por segundo"),
    "precision_loss": Text("Loss (nats a token)", "Perda (nats por token)"),
    "precision_perplexity": Text("Perplexity", "Perplexidade"),
    "precision_error": Text("Largest weight error", "Maior erro de pesos"),
    "precision_loaded": Text("Base loaded (MB)", "Base carregada (MB)"),
    "precision_peak": Text("Peak of training (MB)", "Pico do treino (MB)"),
    "precision_caption_causal_lm": Text(
        "Loss over {tokens} tokens of a fixed English text; speed of one greedy answer.",
        "Perda em {tokens} tokens de um texto fixo em inglês; velocidade de uma resposta com decodificação "
        "gulosa (greedy).",
    ),
    "precision_caption_seq2seq_lm": Text(
        "Loss over {tokens} tokens of fixed translations; speed of one greedy answer.",
        "Perda em {tokens} tokens de traduções fixas; velocidade de uma resposta com decodificação gulosa (greedy).",
    ),
    "precision_rest": Text("{precision} (the rest {dtype})", "{precision} (o resto em {dtype})"),
    "precision_sentence": Text(
        "{precision} takes {share} of the bytes of fp32; its loss is {change} nats a token from that of fp32, and it "
        "{pace}.",
        "{precision} ocupa {share} dos bytes de fp32; sua perda fica a {change} nats por token da de fp32, e {pace}.",
    ),
    "precision_faster": Text("writes at {times}× the speed of fp32", "escreve a {times}× a velocidade de fp32"),
    "precision_slower": Text(
        "writes more slowly: at {times}× the speed of fp32", "escreve mais devagar: a {times}× a velocidade de fp32"
    ),
    "precision_as_fast": Text("writes as fast as fp32", "escreve tão rápido quanto fp32"),
    "precision_sentence_training": Text(
        "Two training steps: QLoRA on NF4 peaks at {qlora}, LoRA on bf16 at {bf16}, LoRA on fp32 at {fp32}, "
        "above what the libraries take.",
        "Dois passos de treino: QLoRA em NF4 chega a {qlora}, LoRA em bf16 a {bf16}, LoRA em fp32 a {fp32}, "
        "além do que as bibliotecas ocupam.",
    ),
    "precision_same_as_file": Text(
        "The model's own file holds 16 bits a weight or fewer: bf16 loses nothing of it.",
        "O próprio arquivo do modelo tem 16 bits por peso ou menos: bf16 não perde nada dele.",
    ),
    "precision_not_compared": Text(
        "{count} matrices have no counterpart in the model's files and were not compared.",
        "{count} matrizes não têm correspondente nos arquivos do modelo e não foram comparadas.",
    ),
    "precision_layers_help": Text(
        "How far each layer's weights are from those in the file: the length of the difference over the length of the "
        "original (Frobenius norm).",
        "A que distância os pesos de cada camada estão dos do arquivo: o comprimento da diferença sobre o "
        "comprimento do original (norma de Frobenius).",
    ),
    "precision_histogram": Text(
        "Errors of single weights, layer by layer", "Erros de pesos isolados, camada por camada"
    ),
}
