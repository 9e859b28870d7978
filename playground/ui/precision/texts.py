"""Texts of the Quantization tab."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "tab_quantization": Text("Quantization", "Quantização"),
    "quant_intro": Text(
        "The same base held in fp32, bf16, int8 and NF4: what each saves, and what it costs. Every figure is measured "
        "on this machine.",
        "A mesma base em fp32, bf16, int8 e NF4: o que cada um poupa, e o que custa. Todos os números são medidos "
        "nesta máquina.",
    ),
    "quant_model": Text("Base model", "Modelo base"),
    "quant_model_help": Text(
        "An included model, a Hub id such as owner/name, or a folder.",
        "Um modelo incluído, um id do Hub como dono/nome, ou uma pasta.",
    ),
    "quant_train": Text("Also measure the memory of training", "Medir também a memória do treino"),
    "quant_train_help": Text(
        "Two steps of LoRA on fp32 and on bf16, and of QLoRA on NF4, each in a process of its own.",
        "Dois passos de LoRA em fp32 e em bf16, e de QLoRA em NF4, cada um em um processo próprio.",
    ),
    "quant_again": Text("Measure again", "Medir de novo"),
    "quant_again_help": Text(
        "Else what was measured before, with the same versions on the same device, is shown at once.",
        "Senão, o que já foi medido, com as mesmas versões no mesmo dispositivo, aparece na hora.",
    ),
    "quant_start": Text("Measure", "Medir"),
    "quant_stop": Text("Stop", "Parar"),
    "quant_welcome": Text(
        "Press Measure. The included chat model takes about two minutes on two cores.",
        "Aperte Medir. O modelo de conversa incluído leva cerca de dois minutos em dois núcleos.",
    ),
    "quant_preparing": Text("Getting ready…", "Preparando…"),
    "quant_stage_loading": Text("{precision}: loading the weights…", "{precision}: carregando os pesos…"),
    "quant_stage_weights": Text(
        "{precision}: comparing each weight with the model's file…",
        "{precision}: comparando cada peso com o arquivo do modelo…",
    ),
    "quant_stage_writing": Text("{precision}: timing an answer…", "{precision}: cronometrando uma resposta…"),
    "quant_stage_reading": Text("{precision}: reading the fixed text…", "{precision}: lendo o texto fixo…"),
    "quant_stage_training": Text("{precision}: two training steps…", "{precision}: dois passos de treino…"),
    "quant_done": Text("Measured on {device}.", "Medido em {device}."),
    "quant_kept": Text("From an earlier time: {names}.", "De outra vez: {names}."),
    "quant_stopped": Text(
        "Stopped. What is finished is kept; Measure goes on from there.",
        "Parado. O que terminou está guardado; Medir continua daí.",
    ),
    "quant_failed": Text("It did not work.", "Falhou."),
    "quant_precision": Text("Precision", "Precisão"),
    "quant_bytes": Text("Weights (MB)", "Pesos (MB)"),
    "quant_share": Text("of fp32", "de fp32"),
    "quant_load": Text("Load (s)", "Carga (s)"),
    "quant_speed": Text("Tokens per second", "Tokens por segundo"),
    "quant_loss": Text("Loss (nats a token)", "Perda (nats por token)"),
    "quant_perplexity": Text("Perplexity", "Perplexidade"),
    "quant_error": Text("Largest weight error", "Maior erro de pesos"),
    "quant_loaded": Text("Base loaded (MB)", "Base carregada (MB)"),
    "quant_peak": Text("Peak of training (MB)", "Pico do treino (MB)"),
    "quant_caption_causal_lm": Text(
        "Loss over {tokens} tokens of a fixed English text; speed of one greedy answer.",
        "Perda em {tokens} tokens de um texto fixo em inglês; velocidade de uma resposta com decodificação "
        "gulosa (greedy).",
    ),
    "quant_caption_seq2seq_lm": Text(
        "Loss over {tokens} tokens of fixed translations; speed of one greedy answer.",
        "Perda em {tokens} tokens de traduções fixas; velocidade de uma resposta com decodificação gulosa (greedy).",
    ),
    "quant_rest": Text("{precision} (the rest {dtype})", "{precision} (o resto em {dtype})"),
    "quant_sentence": Text(
        "{precision} takes {share} of the bytes of fp32; its loss is {change} nats a token from that of fp32, and it "
        "{pace}.",
        "{precision} ocupa {share} dos bytes de fp32; sua perda fica a {change} nats por token da de fp32, e {pace}.",
    ),
    "quant_faster": Text("writes at {times}× the speed of fp32", "escreve a {times}× a velocidade de fp32"),
    "quant_slower": Text(
        "writes more slowly: at {times}× the speed of fp32", "escreve mais devagar: a {times}× a velocidade de fp32"
    ),
    "quant_as_fast": Text("writes as fast as fp32", "escreve tão rápido quanto fp32"),
    "quant_sentence_training": Text(
        "Two training steps: QLoRA on NF4 peaks at {qlora}, LoRA on bf16 at {bf16}, LoRA on fp32 at {fp32}, "
        "above what the libraries take.",
        "Dois passos de treino: QLoRA em NF4 chega a {qlora}, LoRA em bf16 a {bf16}, LoRA em fp32 a {fp32}, "
        "além do que as bibliotecas ocupam.",
    ),
    "quant_same_as_file": Text(
        "The model's own file holds 16 bits a weight or fewer: bf16 loses nothing of it.",
        "O próprio arquivo do modelo tem 16 bits por peso ou menos: bf16 não perde nada dele.",
    ),
    "quant_not_compared": Text(
        "{count} matrices have no counterpart in the model's files and were not compared.",
        "{count} matrizes não têm correspondente nos arquivos do modelo e não foram comparadas.",
    ),
    "quant_layers_help": Text(
        "How far each layer's weights are from those in the file: the length of the difference over the length of the "
        "original (Frobenius norm).",
        "A que distância os pesos de cada camada estão dos do arquivo: o comprimento da diferença sobre o "
        "comprimento do original (norma de Frobenius).",
    ),
    "quant_histogram": Text("Errors of single weights, layer by layer", "Erros de pesos isolados, camada por camada"),
}
