"""A visitor who speaks gradio's own protocol over HTTP, and who reads every byte that comes back."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import httpx

SECONDS_TO_ANSWER = 10.0
PASSWD = "root:x:0:0"
# What only a program's inside has: an exception's name, a frame, an object's address, a library's module.
FROM_INSIDE = re.compile(
    r"Traceback|\b[A-Za-z]{3,}Error\b|<class '|object at 0x|pydantic|site-packages|File \"/|errno|\[Errno",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Ended:
    """How an event ended: `data` when it went well, else `message`, which is what the visitor reads."""

    success: bool
    data: list[Any] | None
    message: str | None
    finished: bool = True  # False: it was still at work when its time was over, and was cancelled

    @property
    def text(self) -> str:
        return json.dumps([self.data, self.message], ensure_ascii=False)


NOT_ENDED = Ended(False, None, None, finished=False)


def fault_of(ended: Ended) -> str | None:
    """What is wrong with the way in which an event ended; None where nothing is."""
    if ended.success or not ended.finished:
        return None
    if not ended.message:
        return "refused without a message"
    inside = FROM_INSIDE.search(ended.message)
    return f"the message shows the inside ({inside.group()}): {ended.message[:200]}" if inside else None


def refused(ended: Ended) -> bool:
    """Whether the visitor was told in our own words what is wrong, and within the time."""
    return not ended.success and ended.finished and bool(ended.message) and fault_of(ended) is None


@dataclass(frozen=True)
class Event:
    """One event of the page, as `/config` describes it."""

    index: int
    name: str
    is_public: bool
    is_queued: bool
    takes_event_data: bool
    inputs: tuple[dict[str, Any], ...]
    outputs: tuple[dict[str, Any], ...]

    @property
    def initial(self) -> list[Any]:
        return [component["props"].get("value") for component in self.inputs]

    @property
    def handler(self) -> tuple[Any, ...]:
        """Equal for events that gradio made of one function, and numbered: `show`, `show_1`.

        Their inputs are the same, or of the same class, as the guess that each lesson's card asks for.
        """
        inputs = (tuple(it["props"].get("elem_classes") or ()) or it["id"] for it in self.inputs)
        return re.sub(r"_\d+$", "", self.name), *inputs

    def positions(self) -> list[int]:
        """Those that take what the caller sends: a `gr.State` is the server's own."""
        return [place for place, component in enumerate(self.inputs) if component["type"] != "state"]


def body_json(value: Any) -> bytes:
    """JSON as a hostile program writes it: lone surrogates escaped, NaN and 1e400 spelt out."""
    return json.dumps(value).replace('"\\u0001e400"', "1e400").encode()


@dataclass
class Visitor:
    """One browser: its own cookies, and its own session on the page of one language.

    `secrets` are texts that lie on the server outside of what the page offers, `paths` absolute paths of the
    server; `leaks` lists each of them that came back in any answer without having been sent.
    """

    address: str
    language: str = "en"
    headers: dict[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    leaks: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    session: str = field(default_factory=lambda: secrets.token_hex(6))
    configs: dict[str, dict[str, Any]] = field(default_factory=dict)  # by language; visitors of a server share them

    def __post_init__(self) -> None:
        self.cookies: dict[str, str] = {}
        hooks = {"request": [self._send_cookies], "response": [self._keep_cookies]}
        # Certificates are of no use here, and reading them takes longer than most answers.
        self.http = httpx.Client(
            base_url=self.address, headers=self.headers, timeout=SECONDS_TO_ANSWER, event_hooks=hooks, verify=False
        )

    def close(self) -> None:
        self.http.close()

    def _send_cookies(self, request: httpx.Request) -> None:
        """By hand: over plain HTTP, a client's own jar holds back what a Space marks as `Secure`."""
        if self.cookies:
            request.headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def _keep_cookies(self, answer: httpx.Response) -> None:
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]

    # --- plain requests ---------------------------------------------------------------------------

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Any request; its answer is searched for what must not leave the server."""
        answer = self.http.request(method, path, **options)
        sent = options.get("content", b"")
        self.read(answer.text, f"{path} {sent.decode(errors='replace') if isinstance(sent, bytes) else ''}")
        if answer.status_code >= 500 and not _is_gradios_way_to_refuse(answer):
            self.crashes.append(f"{method} {path[:120]}: HTTP {answer.status_code} {answer.text[:120]}")
        return answer

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, value: Any, **options: Any) -> httpx.Response:
        headers = {"content-type": "application/json", **options.pop("headers", {})}
        return self.request("POST", path, content=body_json(value), headers=headers, **options)

    def read(self, text: str, sent: str) -> None:
        found = [secret for secret in (*self.secrets, PASSWD) if secret in text]
        found += [path for path in self.paths if path in text and path not in unquote(unquote(sent))]
        self.leaks += [f"{item} in the answer to {sent[:200]!r}" for item in found]

    def get_as_spelt(self, path: str) -> int:
        """The status of a GET whose path goes out as it is: httpx would resolve its dots and slashes first."""
        url = httpx.URL(self.address)
        connection = http.client.HTTPConnection(url.host, url.port, timeout=SECONDS_TO_ANSWER)
        try:
            connection.request("GET", path, headers=self.headers)
            answer = connection.getresponse()
            self.read(answer.read().decode("utf-8", "replace"), path)
            return answer.status
        finally:
            connection.close()

    def seconds_of_page(self) -> float:
        """The best of three, as a visitor without a session finds the page."""
        best = SECONDS_TO_ANSWER
        for _ in range(3):
            started = time.monotonic()
            assert self.http.get(f"/{self.language}/").status_code < 500
            best = min(best, time.monotonic() - started)
            if best < 1.0:
                break
        return best

    # --- the page's events ------------------------------------------------------------------------

    def api(self, path: str) -> str:
        return f"/{self.language}/gradio_api/{path}"

    @property
    def config(self) -> dict[str, Any]:
        if self.language not in self.configs:
            self.configs[self.language] = self.get(f"/{self.language}/config").json()
        return self.configs[self.language]

    @property
    def events(self) -> list[Event]:
        """All that the server computes; nothing here knows their names."""
        components = {component["id"]: component for component in self.config["components"]}
        return [
            Event(
                index=found["id"],
                name=found["api_name"],
                is_public=found["api_visibility"] == "public",
                is_queued=found["queue"] is not False,
                takes_event_data=found["collects_event_data"],
                inputs=tuple(components[place] for place in found["inputs"]),
                outputs=tuple(components[place] for place in found["outputs"]),
            )
            for found in self.config["dependencies"]
            if found["backend_fn"] and not found["types"]["cancel"]
        ]

    def event(self, name: str) -> Event:
        return next(event for event in self.events if event.name == name)

    def call(self, name: str, *data: Any, seconds: float = SECONDS_TO_ANSWER) -> Ended:
        """One event by its name, in this visitor's session; missing inputs have their initial values."""
        event = self.event(name)
        (ended,) = self.send(event, [[*data, *event.initial[len(data) :]]], seconds=seconds)
        return ended

    def send(
        self,
        event: Event,
        rows: Sequence[list[Any]],
        event_data: Sequence[Any] = (),
        seconds: float = SECONDS_TO_ANSWER,
    ) -> list[Ended]:
        """The event once with each row of inputs, all of them waiting in one stream.

        `seconds` is for one of them: what then is still at work is cancelled.
        """
        joined: dict[str, int] = {}
        ended: dict[int, Ended] = {}
        for number, row in enumerate(rows):
            body = {"data": row, "fn_index": event.index, "session_hash": self.session}
            if number < len(event_data):
                body["event_data"] = event_data[number]
            try:
                answer = self.post(self.api("queue/join"), body)
            except httpx.TransportError:
                self.crashes.append(f"the server no longer answered after {json.dumps(rows[number - 1])[:200]}")
                return [ended.get(place, NOT_ENDED) for place in range(len(rows))]
            if answer.status_code == 200:
                joined[answer.json()["event_id"]] = number
            else:
                ended[number] = Ended(False, None, answer.text)
        sent = json.dumps([rows, list(event_data)], ensure_ascii=False) if self.paths else event.name
        for event_id, result in self._follow(event, list(joined), sent, seconds):
            ended[joined[event_id]] = result
        return [ended[number] for number in range(len(rows))]

    def _follow(self, event: Event, waiting: list[str], sent: str, seconds: float) -> Iterator[tuple[str, Ended]]:
        """Each event with how it ended; one that takes longer than `seconds` since the last has its end here."""
        since = time.monotonic()
        while waiting:
            try:
                for message in self.stream(timeout=seconds):
                    self.read(json.dumps(message, ensure_ascii=False), sent)
                    event_id = message.get("event_id")
                    if message["msg"] == "process_completed" and event_id in waiting:
                        waiting.remove(event_id)
                        since = time.monotonic()
                        output = message["output"] or {}
                        yield event_id, Ended(message["success"], output.get("data"), output.get("error"))
                    elif time.monotonic() - since > seconds:
                        break
                    if not waiting:
                        return
            except httpx.TransportError:
                pass  # nothing came in time: the same as too late
            event_id = waiting.pop(0)
            yield event_id, NOT_ENDED
            if not self.cancel(event, event_id):
                yield from ((left, NOT_ENDED) for left in waiting)
                return
            since = time.monotonic()

    def stream(self, timeout: float = SECONDS_TO_ANSWER) -> Iterator[dict[str, Any]]:
        """What the server says to this session, until it closes the stream."""
        url = self.api(f"queue/data?session_hash={self.session}")
        with self.http.stream("GET", url, timeout=timeout) as answer:
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    message = json.loads(line.removeprefix("data: "))
                    yield message
                    if message["msg"] == "close_stream":
                        return

    def cancel(self, event: Event, event_id: str) -> bool:
        """False when the server did not even answer this."""
        body = {"session_hash": self.session, "fn_index": event.index, "event_id": event_id}
        try:
            self.post(self.api("cancel"), body)
        except httpx.TransportError:
            self.crashes.append(f"the server did not answer when {event.name} was cancelled")
            return False
        return True

    def upload(self, name: str, content: bytes, **options: Any) -> httpx.Response:
        return self.request("POST", self.api("upload"), files={"files": (name, content)}, **options)

    def keep(self, *files: Any) -> Ended:
        """The event behind the upload button of the Train tab."""
        return self.call("keep", list(files))

    def kept_name(self, ended: Ended) -> str:
        """What the form's data set is after files were kept."""
        ids = [component["props"].get("elem_id") for component in self.event("keep").outputs]
        return str((ended.data or [])[ids.index("pp-dataset")]["value"])

    def send_file(self, name: str, content: bytes) -> Ended:
        """A file the way the page sends it: first its bytes, then its event."""
        (path,) = self.upload(name, content).json()
        return self.keep(file_data(path, orig_name=name))


def file_data(path: str, **more: Any) -> dict[str, Any]:
    """A file as the page sends it to an event."""
    return {"path": path, "orig_name": "a.csv", "meta": {"_type": "gradio.FileData"}, **more}


def _is_gradios_way_to_refuse(answer: httpx.Response) -> bool:
    """`/run` answers 500 for every error; one that says so in words was meant."""
    try:
        error = answer.json().get("error")
    except (ValueError, AttributeError):
        return False
    return isinstance(error, str) and bool(error) and not FROM_INSIDE.search(error)
