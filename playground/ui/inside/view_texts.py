"""Texts of the Inside tab's views."""

from __future__ import annotations

from playground.texts import Text

VIEW_STRINGS: dict[str, Text] = {
    "inside_view_working": Text("Looking…", "Olhando…"),
    "inside_view_control": Text(
        "The same of its control, trained on shuffled answers…",
        "O mesmo do seu controle, treinado com respostas embaralhadas…",
    ),
    "inside_view_done": Text("All of it is here.", "Está tudo aqui."),
    "inside_view_stopped": Text(
        "Stopped. What was found is kept; the start button goes on from there.",
        "Parado. O que foi encontrado fica guardado; o botão de início continua dali.",
    ),
    "inside_view_failed": Text("This view could not be made.", "Não foi possível montar esta visão."),
    # the map of weights
    "inside_weights_title": Text("Where it sits: the map of weights", "Onde ele está: o mapa dos pesos"),
    "inside_weights_intro": Text(
        "How much of each weight the adapter has changed, and in how many directions.",
        "Quanto de cada peso o adaptador mudou, e em quantas direções.",
    ),
    "inside_weights_start": Text("Draw the map", "Desenhar o mapa"),
    "inside_weights_stop": Text("Stop", "Parar"),
    "inside_weights_caption": Text(
        "A bright cell is a weight that has changed much, measured against its own size. Click a cell to see its"
        " spectrum; in grey, that of a random change of the same size.",
        "Uma célula clara é um peso que mudou muito, em relação ao próprio tamanho. Clique em uma célula para ver seu"
        " espectro; em cinza, o de uma mudança aleatória do mesmo tamanho.",
    ),
    "inside_weights_number": Text("Cell", "Célula"),
    "inside_view_csv": Text("Download as CSV", "Baixar como CSV"),
    "inside_weights_cell": Text(
        "{name}: ‖ΔW‖ is {norm}, {relative} of ‖W‖. Effective rank {own}; of a random change {control}.",
        "{name}: ‖ΔW‖ é {norm}, {relative} de ‖W‖. Posto efetivo {own}; o de uma mudança aleatória, {control}.",
    ),
    "inside_weights_rank": Text("The adapter has rank {rank} here.", "O adaptador tem posto {rank} aqui."),
    "inside_weights_matches": Text(
        "A random change of this size looks the same: its directions say nothing about what was learned.",
        "Uma mudança aleatória desse tamanho tem a mesma aparência: as direções nada dizem sobre o que foi aprendido.",
    ),
    "inside_weights_shuffled": Text(
        "Its control, trained on shuffled answers, changed it by {relative}.",
        "Seu controle, treinado com respostas embaralhadas, o mudou em {relative}.",
    ),
    "inside_weights_shuffled_matches": Text(
        "The control changed it as much: the size says nothing about what was learned from the pairs.",
        "O controle o mudou tanto quanto: o tamanho nada diz sobre o que foi aprendido com os pares.",
    ),
    # answers, token by token
    "inside_answers_title": Text("What it changed: answers token by token", "O que ele mudou: respostas token a token"),
    "inside_answers_intro": Text(
        "The adapter's own answers. A coloured token is one that the base would not have chosen there. Press any token,"
        " or go to it with Tab and the arrow keys, to read the five likeliest of both below its answer.",
        "As respostas do próprio adaptador. Um token colorido é um que a base não teria escolhido ali. Toque em"
        " qualquer token, ou vá até ele com Tab e as setas, para ler abaixo da resposta os cinco mais prováveis dos"
        " dois.",
    ),
    "inside_answers_start": Text("Compare the answers", "Comparar as respostas"),
    "inside_answers_stop": Text("Stop", "Parar"),
    "inside_answers_share": Text(
        "{share} of all tokens were changed; a random change of the same size changes {control} in its own answers."
        " Each token is judged after the adapter's words before it: left alone, the base would soon be elsewhere.",
        "{share} de todos os tokens mudaram; uma mudança aleatória do mesmo tamanho muda {control} nas próprias"
        " respostas. Cada token é julgado depois das palavras do adaptador: sozinha, a base logo iria por outro"
        " caminho.",
    ),
    "inside_answers_so_far": Text("{share} of the tokens so far were changed.", "{share} dos tokens até aqui mudaram."),
    "inside_answers_matches": Text(
        "The random change alters as many: this share says nothing about what was learned.",
        "A mudança aleatória altera tantos quanto: essa parcela nada diz sobre o que foi aprendido.",
    ),
    "inside_answers_same": Text("the base's first choice", "a primeira escolha da base"),
    "inside_answers_near": Text("its 2nd to 5th", "da 2ª à 5ª"),
    "inside_answers_far": Text("6th to 50th", "da 6ª à 50ª"),
    "inside_answers_farther": Text("beyond", "além disso"),
    "inside_answers_adapter": Text(
        "Adapter: {changed} of {count} tokens changed", "Adaptador: {changed} de {count} tokens mudaram"
    ),
    "inside_answers_control": Text(
        "Random change of the same size: {changed} of {count}",
        "Mudança aleatória do mesmo tamanho: {changed} de {count}",
    ),
    "inside_answers_shuffled": Text(
        "Its control, trained on shuffled answers: {changed} of {count}",
        "Seu controle, treinado com respostas embaralhadas: {changed} de {count}",
    ),
    "inside_answers_shuffled_share": Text(
        "Its control, trained on shuffled answers, changed {share} in its own answers.",
        "Seu controle, treinado com respostas embaralhadas, mudou {share} nas próprias respostas.",
    ),
    "inside_answers_shuffled_matches": Text(
        "The control changed as many: this share says nothing about what was learned from the pairs.",
        "O controle mudou tantos quanto: essa parcela nada diz sobre o que foi aprendido com os pares.",
    ),
    "inside_answers_hint": Text(
        "Rank {rank} for the base.\nBase: {base}\nAdapter: {adapter}",
        "Posição {rank} para a base.\nBase: {base}\nAdaptador: {adapter}",
    ),
    # layers taken out and put in
    "inside_layers_title": Text("Which layers carry it: knock-out and knock-in", "Que camadas o carregam: tirar e pôr"),
    "inside_layers_intro": Text(
        "Each layer's change taken out of the adapter, and each alone on the base, with 95% intervals over held-out"
        " examples. Layers stand in for each other, so the effects do not add up. It takes some minutes.",
        "A mudança de cada camada tirada do adaptador, e cada uma sozinha na base, com intervalos de 95%"
        " sobre exemplos reservados. As camadas se substituem umas às outras, então os efeitos não se somam."
        " Leva alguns minutos.",
    ),
    "inside_layers_start": Text("Try each layer", "Testar cada camada"),
    "inside_layers_stop": Text("Stop", "Parar"),
    "inside_layers_without": Text(
        "Taking one out raises the loss clearly for {own} of {count} layers; of a random change of the same size, for"
        " {control}.",
        "Tirar uma aumenta a perda claramente em {own} de {count} camadas; de uma mudança aleatória do mesmo tamanho,"
        " em {control}.",
    ),
    "inside_layers_alone": Text(
        "Alone, {own} of {count} layers lower the base's loss clearly; of the random change, {control}.",
        "Sozinhas, {own} de {count} camadas reduzem a perda da base claramente; da mudança aleatória, {control}.",
    ),
    "inside_layers_matches": Text(
        "The random change matters as often: this says nothing about what was learned.",
        "A mudança aleatória importa com a mesma frequência: isso nada diz sobre o que foi aprendido.",
    ),
    "inside_layers_shuffled_without": Text(
        "Of its control, trained on shuffled answers, taking one out raises the loss clearly for {control} of {count}"
        " layers.",
        "Do seu controle, treinado com respostas embaralhadas, tirar uma aumenta a perda claramente em {control} de"
        " {count} camadas.",
    ),
    "inside_layers_shuffled_alone": Text(
        "Alone, {control} of the control's {count} layers lower the base's loss clearly.",
        "Sozinhas, {control} das {count} camadas do controle reduzem a perda da base claramente.",
    ),
    "inside_layers_shuffled_matches": Text(
        "That is as many as of the adapter: this count says nothing about what was learned from the pairs.",
        "São tantas quanto as do adaptador: essa contagem nada diz sobre o que foi aprendido com os pares.",
    ),
    # soft prompts
    "inside_prompt_title": Text("What its virtual tokens do", "O que seus tokens virtuais fazem"),
    "inside_prompt_intro": Text(
        "For prompt methods, which change no weight: what each virtual token is worth, how much it is looked at, and"
        " which words it lies next to.",
        "Para métodos de prompt, que não mudam nenhum peso: quanto vale cada token virtual, quanto se olha para ele e"
        " de que palavras ele está perto.",
    ),
    "inside_prompt_start": Text("Look at the virtual tokens", "Olhar os tokens virtuais"),
    "inside_prompt_stop": Text("Stop", "Parar"),
    "inside_prompt_losses": Text(
        "Loss with the learned prompt: {own}; with random vectors of the same length in its place: {control}.",
        "Perda com o prompt aprendido: {own}; com vetores aleatórios do mesmo comprimento no lugar: {control}.",
    ),
    "inside_prompt_attention": Text(
        "Of the text's attention {own} goes to the virtual tokens; to random ones {control}.",
        "{own} da atenção do texto vai para os tokens virtuais; para os aleatórios, {control}.",
    ),
    "inside_prompt_attention_matches": Text(
        "Random ones draw about as much: attention says nothing about what was learned. Models look much at whatever"
        " comes first.",
        "Os aleatórios atraem quase o mesmo: a atenção nada diz sobre o que foi aprendido. Modelos olham muito para"
        " o que vem primeiro.",
    ),
    "inside_prompt_began": Text(
        "This prompt began as words of a training example: the nearest words are mostly what is left of them.",
        "Este prompt começou como palavras de um exemplo de treino: as mais próximas são sobretudo o que restou delas.",
    ),
    "inside_prompt_removals": Text(
        "Taking one away raises the loss clearly for {own} of {count} tokens; of the random prompt for {control}.",
        "Tirar um aumenta a perda claramente em {own} de {count} tokens; no prompt aleatório, em {control}.",
    ),
    "inside_prompt_removals_match": Text(
        "The random prompt's tokens are missed as often: single tokens say nothing about what was learned.",
        "Os tokens do prompt aleatório fazem falta com a mesma frequência: tokens isolados nada dizem sobre o que foi"
        " aprendido.",
    ),
    "inside_prompt_shuffled": Text(
        "The prompt of its control, trained on shuffled answers: loss {loss}, {attention} of the attention;"
        " taking one of its {count} tokens away raises the loss clearly for {removals}.",
        "O prompt do seu controle, treinado com respostas embaralhadas: perda {loss}, {attention} da atenção; tirar um"
        " dos seus {count} tokens aumenta a perda claramente em {removals}.",
    ),
    "inside_prompt_shuffled_matches": Text(
        "The control does as well: the loss says nothing about what was learned from the pairs.",
        "O controle se sai tão bem quanto: a perda nada diz sobre o que foi aprendido com os pares.",
    ),
    "inside_prompt_prefix": Text(
        "A prefix is keys and values inside the layers: it stands nowhere among words and has no nearest ones.",
        "Um prefixo são chaves e valores dentro das camadas: não está entre palavras e não tem palavras próximas.",
    ),
    "inside_prompt_words": Text(
        "Nearest words, with the cosine of the angle: {own} on average, of random vectors {control}. They are not what"
        " the prompt means: a prompt that works as well can lie next to any other text.",
        "Palavras mais próximas, com o cosseno do ângulo: {own} em média; de vetores aleatórios, {control}. Elas não"
        " são o que o prompt significa: um prompt tão bom quanto pode estar perto de qualquer outro texto.",
    ),
    "inside_prompt_token": Text("virtual token", "token virtual"),
    "inside_prompt_nearest": Text("nearest words", "palavras mais próximas"),
    "inside_prompt_random": Text("of a random vector", "de um vetor aleatório"),
}
