"""Texts of what is taken away, and of what is verified."""

from __future__ import annotations

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "export_title": Text("Take away", "Levar"),
    "export_intro": Text(
        "The chosen run as something that works elsewhere. It is written, executed in a process of its own that sees"
        " only its files, and offered once it says there what the trained model says here.",
        "A execução escolhida como algo que funciona em outro lugar. Ela é gravada, executada em um processo à parte"
        " que vê só os arquivos dela, e oferecida quando diz lá o que o modelo treinado diz aqui.",
    ),
    "export_kind": Text("As", "Como"),
    "export_start": Text("Take away", "Levar"),
    "export_stop": Text("Stop", "Parar"),
    "export_refused": Text("Not for this run:", "Não para esta execução:"),
    "export_repo": Text("Repository", "Repositório"),
    "export_token": Text("Token that may write there", "Token que possa escrever ali"),
    "export_token_help": Text(
        "Neither kept nor logged. Whoever runs this app may leave it empty: then HF_TOKEN is used.",
        "Não é guardado nem registrado. Quem roda este aplicativo pode deixar vazio: vale então HF_TOKEN.",
    ),
    "export_public": Text("Everybody may see it", "Todos podem ver"),
    "export_public_help": Text("Otherwise it is private.", "Senão é privado."),
    "export_failed": Text("Nothing was written.", "Nada foi gravado."),
    "export_stopped": Text("Stopped. Nothing was written.", "Parado. Nada foi gravado."),
    "export_download": Text("Download ({bytes:bytes})", "Baixar ({bytes:bytes})"),
    "verify_title": Text("Verify an export", "Verificar uma exportação"),
    "verify_intro": Text(
        "Drop a zip that was taken away from here or anywhere. It is executed again, none of its code is run, and you"
        " see whether it still is what its proof says, or which part differs.",
        "Solte um zip levado daqui ou de qualquer lugar. Ele é executado de novo, nenhum código dele é rodado, e você"
        " vê se ainda é o que a prova diz, ou que parte difere.",
    ),
    "verify_file": Text("A zip that was taken away", "Um zip que foi levado"),
    "verify_start": Text("Verify", "Verificar"),
    "verify_stop": Text("Stop", "Parar"),
    "verify_needs_file": Text("Choose the zip first.", "Escolha primeiro o zip."),
    "verify_failed": Text("It was not executed.", "Não foi executado."),
    "verify_stopped": Text("Stopped.", "Parado."),
}
