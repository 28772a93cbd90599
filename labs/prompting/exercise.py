"""The exercise: from the text of a reply to the tool call in it."""

from labs.core.contract.checking import call_text, function_named, outcome, probe, shown
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer

ADD = "<tool_call><function=add><parameter=a>3</parameter><parameter=b>4</parameter></function></tool_call>"
SUM = "<tool_call><function=calculator><parameter=expression>37+45</parameter></function></tool_call>"
NOTE = "One moment.<tool_call><function=note><parameter=text> Line one.\nLine two. </parameter></function></tool_call>"
CLOCK = "<tool_call><function=clock></function></tool_call>"
HALF = "<tool_call><function=calculator><parameter=expression>37+45</parameter>"
BROKEN = (
    HALF,
    "<tool_call><function=calculator><parameter=expression>37+4",
    "<tool_call><parameter=expression>37+45</parameter></function></tool_call>",
    "<tool_call><function=add><parameter=a>3</parameter> and <parameter=b>4</parameter></function></tool_call>",
)


def _expect(names: Names, reply: str, expected: tuple[str, dict[str, str]] | None, next_step: str) -> None:
    function_named(names, "parse_tool_call")
    got = outcome(names, "parse_tool_call", reply)
    same = got is None if expected is None else isinstance(got, tuple) and got == expected
    if not same:
        raise CheckFailed(f"{call_text('parse_tool_call', reply)} to return {shown(expected)}", shown(got), next_step)


def _one(names: Names) -> None:
    _expect(names, SUM, ("calculator", {"expression": "37+45"}), "Return a tuple: the name, and a dict of arguments.")


def _many(names: Names) -> None:
    _expect(names, ADD, ("add", {"a": "3", "b": "4"}), "Take every parameter, up to its own </parameter>, as text.")
    _expect(names, CLOCK, ("clock", {}), "A function may have no parameters: its arguments are an empty dict.")


def _as_written(names: Names) -> None:
    _expect(names, NOTE, ("note", {"text": " Line one.\nLine two. "}), "Keep spaces and newlines of a value.")


def _no_call(names: Names) -> None:
    for reply in ("Mira eats bread.", ""):
        _expect(names, reply, None, "Look for <tool_call> first; most replies have none.")


def _broken(names: Names) -> None:
    function = function_named(names, "parse_tool_call")
    for reply in BROKEN:
        got: object
        try:
            got = function(reply)
        except ValueError:
            continue  # an error of the reader's own, made from ValueError, will do
        except (Exception, SystemExit) as error:
            got = ("raised", type(error).__name__)
        wanted = f"{call_text('parse_tool_call', reply)} to raise a ValueError"
        raise CheckFailed(
            wanted, shown(got), "Match the whole call, to </tool_call>; between parameters nothing may stand."
        )


SOLUTION = r"""import re

CALL = re.compile(r"<tool_call><function=(\w+)>(.*)</function></tool_call>", re.DOTALL)
PARAMETER = re.compile(r"<parameter=(\w+)>(.*?)</parameter>", re.DOTALL)


def parse_tool_call(reply):
    start = reply.find("<tool_call>")
    if start < 0:
        return None
    call = CALL.fullmatch(reply, start)
    if call is None or PARAMETER.sub("", call[2]):
        raise ValueError(f"expected a whole call, got {reply[start:]}")
    return call[1], dict(PARAMETER.findall(call[2]))
"""
LOOSE = r"""import re


def parse_tool_call(reply):
    if "<tool_call>" not in reply:
        return None
    name = re.search(r"<function=(\w+)>", reply)[1]
    return name, dict(re.findall(r"<parameter=(\w+)>(.*?)</parameter>", reply, re.DOTALL))
"""

EXERCISE = Exercise(
    title="Parse a tool call",
    task=r"""
A server that offers tools has to find the calls in the text that the model writes. Write `parse_tool_call(reply)` for
our template, in which a call looks like this, in one line:

```text
<tool_call><function=NAME><parameter=NAME>VALUE</parameter></function></tool_call>
```

- A reply without `<tool_call>` gives `None`.
- A reply with a call at its end gives a tuple: the function's name, and a dict of its arguments. There may be none or
  several. Values are text, and stay as they were written.
- A call that is not whole and well formed raises a `ValueError`.
""",
    starter="import re\n\n\ndef parse_tool_call(reply):\n    return ...  # (name, arguments)\n",
    solution=SOLUTION,
    checks=(
        Check("A call with one parameter", _one),
        Check("Several parameters, and none", _many),
        Check("Text before the call, and values as they were written", _as_written),
        Check("A reply without a call", _no_call),
        Check("A call that is cut off or malformed", _broken),
    ),
    wrong_answers=(
        WrongAnswer(
            "half a call",
            LOOSE,
            probe("parse_tool_call", HALF),
            "You return a call whose end never came. It may be cut off before its next parameter: then a tool would be "
            "called with an argument missing. Match it up to </tool_call>.",
        ),
        WrongAnswer(
            "silent",
            SOLUTION.replace('raise ValueError(f"expected a whole call, got {reply[start:]}")', "return None"),
            probe("parse_tool_call", HALF),
            "None says that there was no call. There was one, and it is broken: raise, so that the model can be told.",
        ),
        WrongAnswer(
            "greedy",
            SOLUTION.replace("(.*?)", "(.*)"),
            probe("parse_tool_call", ADD),
            "`.*` runs on to the last </parameter> and swallows the parameters between. `.*?` stops at the first.",
        ),
        WrongAnswer(
            "one parameter",
            SOLUTION.replace("PARAMETER.findall(call[2])", "PARAMETER.findall(call[2])[:1]"),
            probe("parse_tool_call", ADD),
            "Only one parameter comes out. `re.findall` gives all of them.",
        ),
        WrongAnswer(
            "numbers",
            SOLUTION.replace(
                "dict(PARAMETER.findall(call[2]))",
                "{n: int(v) if v.isdigit() else v for n, v in PARAMETER.findall(call[2])}",
            ),
            probe("parse_tool_call", ADD),
            "You make numbers of digits. The template carries text; what type a value should be, the tool knows.",
        ),
        WrongAnswer(
            "stripped",
            SOLUTION.replace(
                "dict(PARAMETER.findall(call[2]))", "{n: v.strip() for n, v in PARAMETER.findall(call[2])}"
            ),
            probe("parse_tool_call", NOTE),
            "You strip the values. Spaces may matter: in a file's text, for one.",
        ),
    ),
    hints=(
        'Find `reply.find("<tool_call>")` first: -1 means that there is none.',
        "Two patterns: one for the whole call with `fullmatch`, one for a parameter with `findall`. `re.DOTALL` lets "
        "`.` match newlines.",
        "Take the parameters out of the middle with `sub`. If anything is left, the call is malformed.",
    ),
)
