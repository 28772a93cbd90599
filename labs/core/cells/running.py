"""Compile a cell and run it, awaiting what it awaits."""

import ast
import io
from collections.abc import Callable, Coroutine, Generator
from types import CodeType, coroutine

CO_COROUTINE = 0x80  # inspect.CO_COROUTINE, whose module takes longer to load than this one


def compile_cell(source: str, filename: str) -> tuple[CodeType, CodeType | None]:
    """The cell's statements, and its last expression apart unless a semicolon hides its value.

    Raises: whatever Python's compiler raises for the source.
    """
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    tree = compile(source, filename, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    last = tree.body[-1] if tree.body else None
    result: CodeType | None = None
    if isinstance(last, ast.Expr) and not _ends_in_semicolon(source, last):
        tree.body.pop()
        result = compile(ast.Expression(last.value), filename, "eval", flags, dont_inherit=True)
    return compile(tree, filename, "exec", flags, dont_inherit=True), result


async def execute(code: CodeType, names: dict[str, object], before_waiting: Callable[[], None]) -> object:
    """Run code in a namespace and return its value; call `before_waiting` whenever it waits."""
    value = eval(code, names)
    if code.co_flags & CO_COROUTINE:
        return await _waiting_after(value, before_waiting)
    return value


@coroutine
def _waiting_after(
    awaited: Coroutine[object, object, object], before_waiting: Callable[[], None]
) -> Generator[object, object, object]:
    """Await a coroutine, but call something each time before control goes back to the event loop."""
    reply: object = None
    error: BaseException | None = None
    while True:
        try:
            waited_for = awaited.send(reply) if error is None else awaited.throw(error)
        except StopIteration as stop:
            return stop.value
        before_waiting()
        reply = error = None
        try:
            reply = yield waited_for
        except GeneratorExit:
            awaited.close()
            raise
        except BaseException as thrown:
            error = thrown


def source_lines(source: str) -> list[str]:
    """The lines as the compiler counts them: str.splitlines would also split at a form feed."""
    return list(io.StringIO(source, newline=None))


def _ends_in_semicolon(source: str, last: ast.Expr) -> bool:
    assert last.end_lineno is not None and last.end_col_offset is not None
    line = source_lines(source)[last.end_lineno - 1]
    after = line.encode()[last.end_col_offset :]  # the compiler counts bytes
    return after.lstrip().startswith(b";")
