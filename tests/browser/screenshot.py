"""`make screenshot`: the picture in README.md, of the lab's page after a run, taken anew from this checkout."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.bench.plain_site import ROOT, build
from tests.browser.lab_page import LabPage
from tests.browser.launching import CHROMIUM_FLAGS, chromium
from tests.site_server import serve

PICTURE = ROOT / "docs/assets/screenshot.png"


def main() -> None:
    """Build, run the chart's cell, and take the picture."""
    with tempfile.TemporaryDirectory() as temporary:
        site = Path(temporary) / "site"
        build(ROOT / "mkdocs.yml", site)
        with serve(site) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
            page = browser.new_page(viewport={"width": 1280, "height": 860}, device_scale_factor=1)
            lab = LabPage(page, server.url)
            lab.open()
            chart = page.locator("lab-cell:has(figure)").first
            number = int(chart.get_attribute("number") or "1")
            for earlier in range(1, number + 1):
                lab.run(earlier)
            chart.evaluate("cell => window.scrollTo(0, cell.getBoundingClientRect().top + window.scrollY - 70)")
            page.wait_for_timeout(800)
            PICTURE.parent.mkdir(exist_ok=True)
            page.screenshot(path=str(PICTURE))
            browser.close()
    print(f"wrote {PICTURE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
