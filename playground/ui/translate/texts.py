"""Texts of the Translate tab."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "tab_translate": Text("Translate", "Traduzir"),
    "translate_model": Text("Model", "Modelo"),
    "translate_model_help": Text(
        "A listed model, a Hub id or a folder.", "Um modelo da lista, um id do Hub ou uma pasta."
    ),
    "translate_about_included": Text(
        "{parameters} million parameters, included: nothing to download; up to {memory} of memory. {licence}.",
        "{parameters} milhões de parâmetros, incluído: nada para baixar; até {memory} de memória. {licence}.",
    ),
    "translate_about_hub": Text(
        "{parameters} million parameters. The first use downloads {download} from the Hub; up to {memory} of"
        " memory. {licence}.",
        "{parameters} milhões de parâmetros. O primeiro uso baixa {download} do Hub; até {memory} de memória."
        " {licence}.",
    ),
    "translate_about_unknown": Text(
        "Its languages are known once it is on this machine. From the Hub, that is a download of its full size.",
        "Seus idiomas só são conhecidos quando ele está nesta máquina. Se vem do Hub, é preciso baixá-lo inteiro.",
    ),
    "translate_load": Text("Load it and list its languages", "Carregar e listar seus idiomas"),
    "translate_loading_languages": Text(
        "Loading {model} to see its languages …", "Carregando {model} para ver seus idiomas …"
    ),
    "translate_loaded": Text(
        "{model} is loaded: it reads {sources} languages and writes {targets}.",
        "{model} está carregado: lê {sources} idiomas e escreve {targets}.",
    ),
    "translate_from": Text("From", "De"),
    "translate_to": Text("Into", "Para"),
    "translate_swap": Text("⇄ Swap", "⇄ Trocar"),
    "translate_untrained": Text("{name} · not learned yet", "{name} · ainda não aprendido"),
    "translate_runs": Text("Adapters beside the base (up to three)", "Adaptadores ao lado da base (até três)"),
    "translate_runs_help": Text(
        "Runs that adapted this model. Choose none to see the base alone.",
        "Execuções que adaptaram este modelo. Não escolha nenhuma para ver só a base.",
    ),
    "translate_text": Text("Text", "Texto"),
    "translate_pane_empty": Text("The translation appears here.", "A tradução aparece aqui."),
    "translate_file_heading": Text("Or a file", "Ou um arquivo"),
    "translate_file": Text(
        "Text (.txt, a sentence or paragraph a line), TMX, XLIFF or PO, up to {limit} lines or texts",
        "Texto (.txt, uma frase ou um parágrafo por linha), TMX, XLIFF ou PO, até {limit} linhas ou textos",
    ),
    "translate_file_chosen": Text(
        "The file is translated, not the text above. Remove it to go back to the text.",
        "O arquivo é traduzido, e não o texto acima. Remova-o para voltar ao texto.",
    ),
    "translate_file_texts": Text("Texts to translate: {count}.", "Textos a traduzir: {count}."),
    "translate_file_says": Text("The file says {pair}.", "O arquivo diz {pair}."),
    "translate_file_changes": Text(
        "The file says {pair}: the languages above were changed to it.",
        "O arquivo diz {pair}: os idiomas acima foram trocados por estes.",
    ),
    "translate_file_lacks": Text(
        "The file says {pair}, which this model does not have. Choose another model.",
        "O arquivo diz {pair}, que este modelo não tem. Escolha outro modelo.",
    ),
    "translate_filled": Text("Filled in: {count}.", "Preenchidos: {count}."),
    "translate_filled_file": Text("Download your file, filled in", "Baixar seu arquivo preenchido"),
    "translate_search": Text("How translations are searched", "Como as traduções são buscadas"),
    "translate_beams": Text("Beams", "Feixes (beams)"),
    "translate_beams_help": Text(
        "How many beginnings are followed at once: more is better and slower; 1 is fastest.",
        "Quantos começos são seguidos ao mesmo tempo: mais é melhor e mais lento; 1 é o mais rápido.",
    ),
    "translate_longest": Text("Longest translation, tokens", "Tradução mais longa, tokens"),
    "translate_longest_help": Text("Of each sentence.", "De cada frase."),
    "translate_length_penalty": Text("Length", "Comprimento"),
    "translate_length_penalty_help": Text(
        "Above 1 favours longer translations, below 1 shorter ones; with one beam it does nothing.",
        "Acima de 1 favorece traduções mais longas, abaixo de 1 mais curtas; com um feixe não faz nada.",
    ),
    "translate_ngram": Text("No repeated word groups of", "Sem repetir grupos de palavras de"),
    "translate_ngram_help": Text(
        "3 or 4 ends loops, but also forbids what a text repeats on purpose; 0 allows all.",
        "3 ou 4 acaba com repetições sem fim, mas também proíbe o que o texto repete de propósito; 0 permite tudo.",
    ),
    "translate_repetition": Text("Repetition penalty", "Penalidade de repetição"),
    "translate_repetition_help": Text(
        "1 is none; 1.1 to 1.3 holds back words that were already written.",
        "1 é nenhuma; de 1,1 a 1,3 evita palavras que já foram escritas.",
    ),
    "translate_engine": Text("Engine", "Motor"),
    "translate_engine_help": Text(
        "CTranslate2 rounds the weights to 8 bits and is faster on a processor; an adapter is merged into them."
        " How often it writes what PyTorch writes is counted and told.",
        "O CTranslate2 arredonda os pesos para 8 bits e é mais rápido em um processador; um adaptador é mesclado a"
        " eles. Quantas vezes ele escreve o mesmo que o PyTorch é contado e informado.",
    ),
    "translate_converting": Text(
        "CTranslate2 gets each model converted once; that is kept.",
        "Para o CTranslate2, cada modelo é convertido uma vez; isso fica guardado.",
    ),
    "translate_start": Text("Translate", "Traduzir"),
    "translate_stop": Text("Stop", "Parar"),
    "translate_welcome": Text(
        "The text is split into sentences for the model and put back with its lines, lists and blank lines. Below, each"
        " sentence will stand with how sure the model is of it.",
        "O texto é dividido em frases para o modelo e remontado com suas linhas, listas e linhas em branco. Abaixo"
        " ficará cada frase, com o grau de certeza do modelo.",
    ),
    "translate_loading": Text("Loading the model …", "Carregando o modelo …"),
    "translate_loading_hub": Text(
        "Loading the model … The first use downloads it from the Hub, which can take minutes.",
        "Carregando o modelo … O primeiro uso o baixa do Hub, o que pode levar minutos.",
    ),
    "translate_working": Text("{done} of {total} translated …", "{done} de {total} traduzidas …"),
    "translate_done": Text("✓ Done: {total} translated.", "✓ Pronto: {total} traduzidas."),
    "translate_stopped": Text(
        "■ Stopped: {done} of {total} are translated and kept.", "■ Parado: {done} de {total} estão traduzidas e ficam."
    ),
    "translate_failed": Text("✗ It was not translated.", "✗ Não foi traduzido."),
    "translate_suspicious": Text("{count} look suspicious.", "{count} parecem suspeitas."),
    "translate_only_suspicious": Text("Show only suspicious sentences", "Mostrar só frases suspeitas"),
    "translate_sentence": Text("Sentence", "Frase"),
    "translate_confidence": Text("how sure the model is", "grau de certeza do modelo"),
    "translate_empty": Text("(empty)", "(vazio)"),
    "translate_first_rows": Text(
        "The first {shown} of {count} are shown here; the downloads have all of them.",
        "As primeiras {shown} de {count} aparecem aqui; os downloads têm todas.",
    ),
    "translate_tsv": Text("Download table (TSV)", "Baixar tabela (TSV)"),
    "translate_tmx": Text("Download memory (TMX)", "Baixar memória (TMX)"),
    "translate_tmx_column": Text("Translations in the memory and the file", "Traduções na memória e no arquivo"),
    "translate_one_way": Text(
        "{model} does not translate from {source} into {target}, so they cannot be swapped.",
        "{model} não traduz de {source} para {target}, por isso não dá para trocar.",
    ),
    "translate_no_language": Text(
        "Choose the language of the text and the one to translate into.",
        "Escolha o idioma do texto e aquele para o qual traduzir.",
    ),
}
