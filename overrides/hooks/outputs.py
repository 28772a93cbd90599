"""Recorded outputs as HTML: the same Jupyter MIME types that the browser draws, in the same markup."""

import functools
import html
import json
import re
from collections.abc import Sequence
from typing import Any

from labs.core.files import write_whole
from overrides.hooks.common import BUILD_CACHE, ROOT, tree_hash

VEGA_LITE = "application/vnd.vegalite.v6+json"
VEGA_LITE_VERSION = "6.4"
CHART_THEME = ROOT / "overrides/browser/elements/chart-theme.json"
RECORDED_WIDTHS = {"wide": 600, "narrow": 300}
FIT = {"type": "fit-x", "contains": "padding"}  # what Vega-Lite itself does for a width of "container"
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def render_outputs(outputs: Sequence[dict[str, Any]], key: str) -> str:
    """Outputs of a cell in nbformat's form, one after the other; `key` makes ids inside drawings unique on the page."""
    return "".join(render_output(output, f"{key}-{number}") for number, output in enumerate(outputs))


def render_output(output: dict[str, Any], key: str) -> str:
    """One output: stream, error, notice, or display data in its richest known form."""
    kind = output["output_type"]
    if kind == "notice":
        return f'<p class="lab-notice">{html.escape(output["text"])}</p>'
    if kind == "stream":
        return f'<pre class="lab-stream lab-stream--{output["name"]}">{html.escape(output["text"])}</pre>'
    if kind == "error":
        text = html.escape(ANSI.sub("", f"{output['ename']}: {output['evalue']}"))
        return f'<pre class="lab-error">{text}</pre>'
    return render_bundle(output["data"], output.get("metadata", {}), key)


def render_bundle(data: dict[str, Any], metadata: dict[str, Any], key: str) -> str:
    """A MIME bundle as HTML, by the richest type that we know."""
    if VEGA_LITE in data:
        return render_chart(data, metadata.get(VEGA_LITE, {}), key)
    if "text/html" in data:
        return f'<lab-wide><div class="lab-html">{data["text/html"]}</div></lab-wide>'
    if "image/svg+xml" in data:
        return f'<div class="lab-image">{data["image/svg+xml"]}</div>'
    for mime in ("image/png", "image/jpeg"):
        if mime in data:
            alt = html.escape(data.get("text/plain", "Picture made by the cell"), quote=True)
            return f'<p class="lab-image"><img src="data:{mime};base64,{data[mime].strip()}" alt="{alt}"></p>'
    return f'<pre class="lab-plain">{html.escape(data.get("text/plain", ""))}</pre>'


def render_chart(data: dict[str, Any], metadata: dict[str, str], key: str) -> str:
    """A Vega-Lite chart as SVG in a figure with its title, its text alternative and its data as a table.

    A chart that fits its container is drawn twice, so that its words keep their size on a phone; styles pick one.
    """
    spec = data[VEGA_LITE]
    widths = RECORDED_WIDTHS if spec.get("width") == "container" else {"only": None}
    pictures = "".join(
        f'<div class="lab-chart__{name}">{draw_chart(spec, f"{key}-{name}", width)}</div>'
        for name, width in widths.items()
    )
    title = html.escape(metadata.get("title", "Chart"))
    alt = html.escape(metadata.get("alt", metadata.get("title", "A chart made by the cell")), quote=True)
    return (
        f'<figure class="lab-chart"><figcaption>{title}</figcaption>'
        f'<div class="lab-chart__picture" role="img" aria-label="{alt}">{pictures}</div>'
        f"<details><summary>Description and data</summary><p>{alt}</p>{data.get('text/html', '')}</details></figure>"
    )


@functools.cache
def chart_theme() -> dict[str, Any]:
    """Vega's configuration for the site: colours are our CSS variables, so that drawings follow light and dark."""
    theme: dict[str, Any] = json.loads(CHART_THEME.read_text())
    return theme


def draw_chart(spec: dict[str, Any], key: str, width: int | None = None) -> str:
    """A Vega-Lite specification as an SVG element, of this width if given; drawn once and kept while unchanged."""
    if width is not None:
        spec = {"autosize": FIT, **spec, "width": width}
    wanted = json.dumps(spec, sort_keys=True)
    kept = BUILD_CACHE / "charts" / f"{tree_hash([CHART_THEME], wanted, key)}.svg"
    if not kept.exists():
        import vl_convert  # only a chart that was not drawn before pays for its import

        svg = vl_convert.vegalite_to_svg(spec, vl_version=VEGA_LITE_VERSION, config=chart_theme())
        svg = re.sub(r'\b(id="|url\(#)(?=clip|gradient)', rf"\g<1>{key}-", svg)
        write_whole(kept, svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1).encode())
    return kept.read_text()
