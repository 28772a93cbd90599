"""A chart: a Vega-Lite specification that always comes with words and a table."""

from collections.abc import Mapping
from dataclasses import dataclass

from labs.core.contract.tables import Table

VEGA_LITE_MIME = "application/vnd.vegalite.v6+json"
VEGA_LITE_SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"  # a name, never fetched


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite chart with its title, a sentence for who can't see it, and its numbers as a table.

    The specification holds its data inline, fits its container and names no colour: the page themes it.
    Raises: ValueError if title or alt is blank or the data would have to be fetched.
    """

    spec: Mapping[str, object]
    title: str
    alt: str
    table: Table

    def __post_init__(self) -> None:
        """Refuse a chart that somebody could not read."""
        for name in ("title", "alt"):
            value = getattr(self, name)
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"A chart's {name}: expected a sentence, got {value!r}; say what it shows.")
        data = self.spec.get("data")
        if isinstance(data, Mapping) and "url" in data:
            raise ValueError(
                f"A chart's data: expected inline values, got the address {data['url']!r}; "
                "a page fetches nothing, so put the rows into data.values."
            )

    def vega_lite(self) -> dict[str, object]:
        """The specification as drawn: with schema, container width and the description."""
        return {"$schema": VEGA_LITE_SCHEMA, "width": "container", **self.spec, "description": self.alt}

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, object], dict[str, object]]:
        data: dict[str, object] = {
            VEGA_LITE_MIME: self.vega_lite(),
            "text/html": self.table.html(),
            "text/plain": f"{self.title}\n{self.alt}\n\n{self.table.text()}",
        }
        return data, {VEGA_LITE_MIME: {"title": self.title, "alt": self.alt}}
