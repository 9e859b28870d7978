"""Texts of the lessons, on their cards and beside the charts."""

from playground.texts import Text

STRINGS: dict[str, Text] = {
    "lesson_done": Text("done", "feita"),
    "lesson_recommended": Text("start here", "comece aqui"),
    "lesson_link": Text("Link to this lesson", "Link para esta lição"),
    "lesson_question": Text("Question", "Pergunta"),
    "lesson_none": Text("none", "nenhum"),
    "lesson_guess": Text("Your guess", "Seu palpite"),
    "lesson_no_guess": Text(
        "You did not guess. What do you expect now, before it ends?",
        "Você não deu palpite. O que espera agora, antes do fim?",
    ),
    "lesson_see": Text("What to look at", "O que observar"),
    "lesson_words": Text("Words", "Palavras"),
    "lesson_answer": Text("The answer", "A resposta"),
    "lesson_right": Text("You guessed right.", "Você acertou."),
    "lesson_wrong": Text("The answer is: {answer}.", "A resposta é: {answer}."),
    "lesson_plain": Text("In your run, {measured}.", "Na sua execução, {measured}."),
    "lesson_plain_race": Text("In your race, {measured}.", "Na sua corrida, {measured}."),
    "lesson_unanswered": Text(
        "It ended before the question could be answered. Take the lesson again and let it run to its end.",
        "Terminou antes de responder à pergunta. Faça a lição de novo e deixe-a ir até o fim.",
    ),
    "lesson_to_measure": Text(
        "The run has ended. The answer lies in its adapter: have it measured, and it is revealed.",
        "A execução terminou. A resposta está no adaptador: mande medir, e ela é revelada.",
    ),
    "lesson_measure": Text("Measure and reveal", "Medir e revelar"),
    "lesson_measuring": Text("Measuring the adapter …", "Medindo o adaptador …"),
    "lesson_measure_failed": Text("It could not be measured.", "Não foi possível medir."),
    "lesson_card": Text("Save the result card", "Salvar o cartão do resultado"),
    "lesson_next": Text("What next?", "E agora?"),
    "lesson_next_lesson": Text("Lesson: {title}", "Lição: {title}"),
}
