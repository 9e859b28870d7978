// gradio's page hears the answers to its events on one stream, which the server closes when nothing is left to answer.
// An event that is on its way at that moment would be answered on no stream: the page takes the old one to be open, and
// the answer comes with the next click, if there is one. Here the stream goes on over another connection for as long as
// an answer is awaited. Runs before gradio's own scripts.
(() => {
  const ask = window.fetch.bind(window);
  const awaited = new Set(); // ids of events that the server has taken and not answered
  const early = new Set(); // of those that were answered before the page knew that they had been taken
  let joining = 0; // events on their way to the server

  window.fetch = (input, options) => {
    const address = input instanceof Request ? input.url : String(input);
    if (address.includes("/queue/join")) return join(input, options);
    if (address.includes("/queue/data")) return listen(new Request(input, options));
    return ask(input, options);
  };

  const join = async (input, options) => {
    joining += 1;
    try {
      const response = await ask(input, options);
      if (response.ok) {
        const { event_id } = await response.clone().json();
        if (!early.delete(event_id)) awaited.add(event_id);
      }
      return response;
    } finally {
      joining -= 1;
    }
  };

  const listen = async (request) => {
    const first = await ask(request.clone());
    if (!first.ok) return first;
    const messages = withAnswersToCome(first, request);
    const body = new ReadableStream({
      async pull(controller) {
        const { done, value } = await messages.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: () => messages.return(),
    });
    return new Response(body.pipeThrough(new TextEncoderStream()), { headers: first.headers });
  };

  async function* withAnswersToCome(response, request) {
    try {
      while (response) {
        let next = null;
        for await (const message of messagesOf(response)) {
          const [, kind, id] = /^data: *\{"msg": *"(\w+)"(?:, *"event_id": *"([^"]+)")?/.exec(message) ?? [];
          if (kind === "process_completed" && !awaited.delete(id)) early.add(id);
          if (kind === "close_stream" && (joining || awaited.size)) {
            next = await ask(request.clone());
            if (!next.ok) throw new Error(`the stream of answers was refused (${next.status})`); // gradio says so
            break;
          }
          yield message;
        }
        response = next;
      }
    } finally {
      awaited.clear(); // of a stream that broke off nothing more is heard
      early.clear();
    }
  }

  async function* messagesOf(response) {
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    try {
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        const parts = (rest + value).split("\n\n");
        rest = parts.pop();
        for (const part of parts) yield `${part}\n\n`;
      }
    } finally {
      await reader.cancel();
    }
  }
})();
