"""Panels of labs that only a test has: written as the build would, and run by the page's own Python."""

import json
from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Locator

from labs.core.contract import Lab, publishing_to, show
from labs.core.describing import describe_control
from overrides.hooks.panels import render_panel
from overrides.hooks.recording import Answer, settled
from tests.browser.lab_page import LabPage

HOME = "base_simulator"


def plant(lab: LabPage, source: str, recorded: bool = True) -> Locator:
    """Open the lab's page, let its lab be the one that this source declares, and put its panel first on the page.

    The source defines LAB and run. With `recorded`, the panel shows what the lab does when run here.
    """
    names: dict[str, Any] = {}
    exec(source, names)
    html = panel_of(names["LAB"], list(names["run"](**_defaults(names["LAB"]))) if recorded else [])
    lab.open()
    lab.run(1, f"import labs.{HOME}.lab as home\nexec({source!r}, vars(home))")
    put(lab, html)
    return lab.page.locator("lab-panel").first


def put(lab: LabPage, html: str) -> None:
    """Put HTML of the build at the head of the page's text."""
    lab.page.locator("article").evaluate("(place, html) => place.insertAdjacentHTML('afterbegin', html)", html)


def panel_of(declared: Lab, shown: list[object], values: Mapping[str, Any] | None = None) -> str:
    """The panel as the build writes it, with these objects for its recorded output."""
    outputs: list[dict[str, Any]] = []

    def keep(data: dict[str, object], metadata: dict[str, object], display_id: str | None, update: bool) -> None:
        kind = "update_display_data" if update else "display_data"
        outputs.append({"output_type": kind, "data": data, "metadata": metadata, "display_id": display_id})

    with publishing_to(keep):
        show(shown)
    described = {
        "slug": HOME,
        "title": declared.title,
        "question": declared.question,
        "label": declared.label,
        "action": declared.action,
        "waits": declared.waits,
        "controls": [describe_control(control) for control in declared.controls],
    }
    answer = Answer(lab=json.loads(json.dumps(described)), outputs=settled(outputs))
    return render_panel(answer, values or {}, "planted#panel-1", 90)


def declared(source: str) -> Lab:
    """The lab that this source declares as LAB."""
    names: dict[str, object] = {}
    exec(source, names)
    assert isinstance(names["LAB"], Lab)
    return names["LAB"]


def _defaults(declared: Lab) -> dict[str, object]:
    return {control.name: control.check(control.default) for control in declared.controls}
