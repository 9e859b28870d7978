"""Names that gradio and plotly give their own buttons, in English only: page.js looks them up by the English."""

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "borrowed_png": Text("Download plot as a PNG", "Baixar o gráfico como PNG"),
    "borrowed_download": Text("Download", "Baixar"),
    "borrowed_zoom_in": Text("Zoom in", "Ampliar"),
    "borrowed_zoom_out": Text("Zoom out", "Reduzir"),
    "borrowed_autoscale": Text("Autoscale", "Ajustar a escala"),
    "borrowed_reset_axes": Text("Reset axes", "Restaurar os eixos"),
    "borrowed_reset": Text("Reset to default value", "Voltar ao valor padrão"),
    "borrowed_table": Text("Table actions", "Ações da tabela"),
    "borrowed_copy": Text("Copy table data", "Copiar os dados da tabela"),
    "borrowed_fullscreen": Text("Fullscreen", "Tela cheia"),
    "borrowed_fullscreen_end": Text("Exit fullscreen mode", "Sair da tela cheia"),
    "borrowed_menu": Text("Open cell menu", "Abrir o menu da coluna"),
    "borrowed_upload": Text("File upload", "Envio de arquivo"),
    "borrowed_footer": Text("Gradio footer navigation", "Rodapé"),
    "borrowed_clear": Text("Clear", "Limpar"),
    "borrowed_remove": Text("Remove", "Remover"),
}
