"""The model in the page, in Chromium, against one native thread: training, writing, tuning, a step's breakdown."""

from pathlib import Path

from tests.bench import tuning_work
from tests.bench.page import PagePython, page_python
from tests.bench.results import ROUNDS, Results, at_least, at_most, ratio_at_most
from tests.bench.shapes import LARGE, SHIPPED, SMALL, Python, in_turn
from tests.bench.worker import AVX2_ONLY, Worker
from tests.site_server import serve

FILES = [Path(__file__).with_name(name) for name in ("model_work.py", "profile_work.py", "tuning_work.py")]
STEPS = {SMALL: 10, LARGE: 2}
PROFILED_STEPS = 5
TUNING_STEPS = 300


def measure_page_model(site: Path, results: Results) -> None:
    """Every figure; both sides by the wall's clock, in turn."""
    module = "tests.bench.model_work"
    with (
        Worker(module) as native,
        Worker(module, settings=AVX2_ONLY) as avx2,
        serve(site) as server,
        page_python(server.url) as page,
    ):
        page.load(*FILES)
        for python in (native, avx2, page):
            python.evaluate("use_wall_clock()")
        at_rest = page.evaluate("page_memory()")
        training({"native": native, "native, held to AVX2": avx2}, page, results)
        writing(native, page, results)
        tuning(page, results)
        shares(page, results)
        memory(page, at_rest, results)


def training(natives: dict[str, Python], page: Python, results: Results) -> None:
    """A step of the small and of the large model, against native as it is and held to vectors of 256 bits."""
    for shape, steps in STEPS.items():
        for name, native in natives.items():
            there, here = in_turn(shape.step_ms(native, steps), shape.step_ms(page, steps))
            results.add("page", f"training step, {shape}", "ms", here, beside=(name, there), goal=ratio_at_most(2))


def writing(native: Python, page: Python, results: Results) -> None:
    """A reply that fills the shipped model's context."""
    tokens = SHIPPED.config.context_length - 4
    there, here = in_turn(SHIPPED.writing(native, tokens), SHIPPED.writing(page, tokens))
    name = f"writing {tokens} tokens with the cache, {SHIPPED.size}"
    results.add("page", name, "tokens/s", here, beside=("native", there), goal=at_least(300))


def tuning(page: PagePython, results: Results) -> None:
    """Supervised fine-tuning of the shipped base model, measured once."""
    prepared, tuned = page.evaluate(f"tune({TUNING_STEPS})")
    size = f"{tuning_work.BATCH_SIZE} × {tuning_work.LENGTH}"
    results.add("page", f"{TUNING_STEPS} steps of SFT, {size}, shipped base", "s", [tuned], goal=at_most(15))
    results.add("page", "before them: its weights fetched, its dialogues made", "s", [prepared])


def shares(page: PagePython, results: Results) -> None:
    """What a step's time consists of, in percent of a step that is looked at."""
    for shape in STEPS:
        rounds = [shape.call(page, "breakdown", PROFILED_STEPS) for _ in range(ROUNDS)]
        for category in rounds[0]:
            percents = [100 * one[category] / sum(one.values()) for one in rounds]
            results.add("page", f"share of a step, {shape.size}: {category}", "%", percents)


def memory(page: PagePython, at_rest: int, results: Results) -> None:
    """What training needs: a step's peak as Python counts it, and the size to which WebAssembly's memory has grown."""
    for shape in STEPS:
        peak = shape.call(page, "peak_bytes") / 1e6
        results.add("page", f"peak memory of a step, {shape}", "MB", [peak], exact=True)
    results.add("page", "WebAssembly's memory before training", "MB", [at_rest / 1e6], exact=True)
    after = page.evaluate("page_memory()") / 1e6
    results.add("page", "WebAssembly's memory after all of it", "MB", [after], exact=True)
