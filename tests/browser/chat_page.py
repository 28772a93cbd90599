"""The live chat as a test uses it: say something, press what can be pressed, read what the reader would read."""

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Locator, Page, expect

PATH = "/chat/"
BOOT_SECONDS = 60

# Stands in for Python: each request is kept, and answered by what a test says.
FAKE = """() => {
    const client = customElements.get('live-chat').client;
    window.fake = { requests: [], runs: [] };
    client.run = (key, call) => {
        const run = Object.assign(new EventTarget(), {
            id: window.fake.runs.length + 1000, call, outputs: [], state: 'running', active: true, note: '', reason: '',
            seconds: 0.1, failure: null,
        });
        window.fake.requests.push(JSON.parse(call.request));
        window.fake.runs.push(run);
        return run;
    };
    client.stop = (run) => window.fake.end('stopped', run);
    window.fake.put = (outputs) => {
        const run = window.fake.runs.at(-1);
        run.dispatchEvent(new CustomEvent('output', { detail: outputs }));
    };
    window.fake.end = (state, run = window.fake.runs.at(-1)) => {
        run.state = state;
        run.active = false;
        run.dispatchEvent(new Event('change'));
    };
}"""


class ChatPage:
    """A `<live-chat>` on a page, or the one in the dock."""

    def __init__(self, page: Page, within: str = "live-chat") -> None:
        self.page = page
        self.chat = page.locator(within)
        self.box = self.chat.get_by_label("Your message; Enter sends")
        self.log = self.chat.get_by_role("log", name="Conversation", include_hidden=True)
        self.exchanges = self.chat.locator(".chat__exchange")
        self.fault = self.chat.locator(".chat__fault")

    def reply(self, column: int, exchange: int = -1) -> Locator:
        """What a column, from 0, said in an exchange."""
        return self.exchanges.nth(exchange).locator(".chat__turn--model").nth(column)

    def say(self, text: str) -> None:
        """Write this and press Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def wait(self, state: str = "done") -> None:
        """Wait until the replies have come, or whatever else became of them."""
        expect(self.chat).to_have_attribute("data-state", state, timeout=BOOT_SECONDS * 1000)

    def ask(self, text: str) -> None:
        """Say this and wait for the replies."""
        self.say(text)
        self.wait()

    def press(self, name: str) -> None:
        """Press one of the chat's buttons."""
        self.chat.get_by_role("button", name=name).click()

    def switch(self, name: str) -> Locator:
        """The pill for thinking, or for tools."""
        return self.chat.get_by_role("switch", name=name)

    def call(self, tool: str, value: str | None = None) -> None:
        """Write a call in the model's place and have it carried out."""
        self.chat.get_by_label("Tool to call").select_option(tool)
        if value is not None:
            self.chat.locator(".chat__call input").fill(value)
        self.press("Call it")

    def more(self, **values: float) -> None:
        """Open what is folded away, and set temperature or seed."""
        details = self.chat.locator(".chat__more")
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        for label, value in values.items():
            self.chat.get_by_label(label.capitalize()).evaluate(
                "(input, value) => { input.value = value;"
                " for (const name of ['input', 'change']) input.dispatchEvent(new Event(name)); }",
                str(value),
            )

    def models(self, first: str, second: str) -> None:
        """Choose the models."""
        self.chat.get_by_label("First model", exact=True).select_option(first)
        self.chat.get_by_label("Second model", exact=True).select_option(second)

    def tokens(self, column: int, exchange: int = -1) -> Locator:
        """The unfolded tokens of a reply."""
        details = self.reply(column, exchange).locator(".chat__tokens").last
        if details.get_attribute("open") is None:
            details.locator("summary").click()
        return details


class FakePython:
    """Answers for Python, so that a test says what comes and when."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.wait_for_function("() => customElements.get('live-chat') !== undefined")
        page.evaluate(FAKE)

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What was asked, the latest last."""
        requests: list[dict[str, Any]] = self.page.evaluate("window.fake.requests")
        return requests

    def put(self, *events: object) -> None:
        """Put out these events."""
        outputs = [
            {"output_type": "display_data", "data": {"application/vnd.labs.chat+json": event}} for event in events
        ]
        self.page.evaluate("outputs => window.fake.put(outputs)", outputs)

    def fail(self, name: str, text: str) -> None:
        """Put out an exception and end."""
        error = {"output_type": "error", "ename": name, "evalue": text, "traceback": "Traceback: here", "line": None}
        self.page.evaluate("error => window.fake.put([error])", error)
        self.end("error")

    def end(self, state: str = "done") -> None:
        """End the run."""
        self.page.evaluate("state => window.fake.end(state)", state)

    def carry_out(self, result: str, ok: bool = True, cut: str | None = None) -> None:
        """Let the call in the latest request have this result; `cut` is what the model reads of it, if not all."""
        (call,) = self.requests[-1]["columns"][0]["messages"][-1]["tool_calls"]
        told = {"role": "tool", "content": result if cut is None else cut}
        event = {"kind": "tool", **call, "result": result, "ok": ok, "cut": cut is not None, "message": told}
        for column in range(len(self.requests[-1]["columns"])):
            self.put({"column": column, **event})

    def answer(self, text: str, columns: int = 2, dropped: int = 0) -> None:
        """Let each column say this and end its turn."""
        for column in range(columns):
            self.put(*turn(column, text, dropped))
        self.end()


def turn(column: int, text: str, dropped: int = 0, before: Sequence[object] = ()) -> list[dict[str, object]]:
    """The events of a plain reply; `before` are the messages that this turn had already."""

    def say(kind: str, **more: object) -> dict[str, object]:
        return {"column": column, "kind": kind, **more}

    message: dict[str, object] = {"role": "assistant", "content": text, "think": None, "tool_calls": []}
    top = [{"text": text, "probability": 0.75}, {"text": "other", "probability": 0.25}]
    return [
        say(
            "prompt",
            tokens=[{"id": 1, "text": "x", "special": False, "role": ""}],
            dropped=dropped,
            context=160,
            used=1,
        ),
        say("token", id=5, text=text, piece=text, special=False, probability=0.75, top=top),
        say("message", message=message, ended=True, fault=""),
        say("end", reason="ended", said=[*before, message], fault=""),
    ]
