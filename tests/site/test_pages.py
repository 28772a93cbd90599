"""Every page of the built site: links that lead somewhere, sound structure, honest labels, nothing from elsewhere."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree

import jupytext  # type: ignore[import-untyped]
from bs4 import BeautifulSoup, Tag

from labs.core.bridge import lab_slugs, load_lab
from tests.site.conftest import ROOT, BuiltPage, BuiltSite

LABELS = {"live", "recorded", "illustrative"}
ADDRESSES = ("href", "src", "poster", "data", "action", "xlink:href")
CSS_ADDRESS = re.compile(r"""url\(\s*(["']?)(.*?)\1\s*\)|@import\s+(["'])(.*?)\3""")


def attribute(tag: Tag, name: str) -> str:
    """An attribute's text; empty if it is not there."""
    value = tag.get(name) or ""
    return value if isinstance(value, str) else " ".join(value)


def links(page: BuiltPage) -> Iterator[tuple[Tag, str]]:
    """Every address on a page with its element, but the canonical one, which names the published site."""
    for tag in page.soup.find_all(True):
        if tag.name == "link" and "canonical" in attribute(tag, "rel"):
            continue
        for name in ADDRESSES:
            if name == "action" and tag.name != "form":
                continue  # a panel's is what its button says
            if link := attribute(tag, name):
                yield tag, link
        for candidate in attribute(tag, "srcset").split(","):
            if candidate.strip():
                yield tag, candidate.split()[0]


def css_addresses(css: str) -> list[str]:
    """The addresses in a style sheet."""
    return [match[2] or match[4] for match in CSS_ADDRESS.finditer(css) if match[2] or match[4]]


def is_foreign(link: str, root: str | None = None) -> bool:
    """Whether a link leads out of the site, which lies at this address."""
    elsewhere = re.match(r"(?i)([a-z][a-z+.-]*:)?//|(mailto|tel):", link) is not None
    return elsewhere and not (root is not None and link.startswith(root))


def test_every_internal_link_and_anchor_leads_somewhere(site: BuiltSite) -> None:
    ids = {url: {attribute(tag, "id") for tag in page.soup.select("[id]")} for url, page in site.pages.items()}
    faults, checked = [], Counter[str]()
    for url, page in site.pages.items():
        for _, link in links(page):
            if is_foreign(link, site.root) or link.startswith(("data:", "javascript:")):
                continue
            path, _, anchor = page.resolve(link).partition("#")
            file = site.file(path)
            if not file.is_file():
                faults.append(f"/{url}: {link} leads to no file")
            elif anchor:
                checked["anchors"] += 1
                target = file.relative_to(site.folder).as_posix().removesuffix("index.html")
                if target in ids and anchor not in ids[target]:
                    faults.append(f"/{url}: {link} leads to no place on /{target}")
            checked["files"] += 1
    assert faults == []
    assert checked["files"] > 100
    assert checked["anchors"] > 20


def test_addresses_in_style_sheets_lead_somewhere(site: BuiltSite) -> None:
    faults = []
    for sheet in site.files(".css"):
        for address in css_addresses(sheet.read_text(encoding="utf-8")):
            if address.startswith(("data:", "#")):
                continue
            if is_foreign(address) or not (sheet.parent / address.split("#")[0].split("?")[0]).is_file():
                faults.append(f"{sheet.name}: {address}")
    assert faults == []


def test_nothing_is_fetched_from_elsewhere(site: BuiltSite) -> None:
    faults = []
    for url, page in site.pages.items():
        fetching = [(tag, link) for tag, link in links(page) if tag.name not in ("a", "area")]
        faults += [f"/{url}: <{tag.name}> {link}" for tag, link in fetching if is_foreign(link, site.root)]
        styles = [tag.get_text() for tag in page.soup.select("style")]
        styles += [attribute(tag, "style") for tag in page.soup.select("[style]")]
        found = [address for css in styles for address in css_addresses(css)]
        faults += [f"/{url}: style {address}" for address in found if is_foreign(address)]
    assert faults == []


def test_our_scripts_name_no_content_network(site: BuiltSite) -> None:
    hosts = re.compile(r"jsdelivr|unpkg|cdnjs|googleapis|gstatic|esm\.sh|skypack", re.IGNORECASE)
    scripts = list((site.folder / "assets/browser").glob("*.js"))
    assert len(scripts) >= 2
    # Pyodide, which the worker holds, has a default for `packageBaseUrl`, which we give.
    default = re.compile(r"https://cdn\.jsdelivr\.net/pyodide/v\$\{\w+\}/full/")
    texts = {path.name: default.sub("", path.read_text(encoding="utf-8")) for path in scripts}
    assert [name for name, text in texts.items() if hosts.search(text)] == []


def test_each_page_has_one_first_heading_and_skips_no_level(site: BuiltSite) -> None:
    faults = []
    for url, page in site.pages.items():
        levels = [int(tag.name[1]) for tag in page.soup.select("h1, h2, h3, h4, h5, h6")]
        if levels.count(1) != 1 or levels[0] != 1:
            faults.append(f"/{url}: headings {levels}")
        faults += [f"/{url}: h{a} is followed by h{b}" for a, b in pairwise(levels) if b > a + 1]
        empty = [tag for tag in page.soup.select("h1, h2, h3, h4") if not tag.get_text(strip=True)]
        faults += [f"/{url}: an empty <{tag.name}>" for tag in empty]
    assert faults == []


def test_ids_are_unique(site: BuiltSite) -> None:
    for url, page in site.pages.items():
        counted = Counter(attribute(tag, "id") for tag in page.soup.select("[id]"))
        assert [name for name, count in counted.items() if count > 1] == [], url


def test_references_between_elements_hold(site: BuiltSite) -> None:
    faults = []
    for url, page in site.pages.items():
        ids = {attribute(tag, "id") for tag in page.soup.select("[id]")}
        for name in ("for", "aria-labelledby", "aria-describedby", "aria-controls"):
            for tag in page.soup.select(f"[{name}]"):
                faults += [f"/{url}: {name}={word}" for word in attribute(tag, name).split() if word not in ids]
        for tag in page.soup.select("svg"):
            text = str(tag)
            faults += [f"/{url}: url(#{one})" for one in re.findall(r"url\(#([^)\"']+)\)", text) if one not in ids]
    assert faults == []


def test_each_page_says_its_title_language_and_what_it_is_about(site: BuiltSite) -> None:
    titles = Counter[str]()
    for url, page in site.pages.items():
        (title,) = page.soup.select("head > title")
        titles[title.get_text(strip=True)] += 1
        (description,) = page.soup.select('head > meta[name="description"]')
        assert len(attribute(description, "content")) >= 30, url
        (html,) = page.soup.select("html")
        assert attribute(html, "lang") == "en", url
        assert page.soup.select('meta[name="viewport"]'), url
    del titles[site.pages["404.html"].soup.select("head > title")[0].get_text(strip=True)]
    assert [title for title, count in titles.items() if count > 1 or not title] == []


def test_pictures_have_a_text_alternative(site: BuiltSite) -> None:
    for url, page in site.pages.items():
        assert [str(tag)[:80] for tag in page.soup.select("img:not([alt]), area:not([alt])")] == [], url
        unnamed = [tag for tag in page.soup.select("[role=img]") if not attribute(tag, "aria-label").strip()]
        assert unnamed == [], url


def test_every_output_wears_exactly_one_label(site: BuiltSite) -> None:
    outputs = 0
    for url, page in site.pages.items():
        for output in page.soup.select(".lab-output"):
            outputs += 1
            assert output.parent is not None
            labels = output.parent.select(".lab-label")
            assert len(labels) == 1, f"/{url}: {output.parent}"
            word = labels[0].get_text(strip=True)
            assert word in LABELS, url
            assert f"lab-label--{word}" in attribute(labels[0], "class").split(), url
            assert word != "live", f"/{url}: nothing in a built page was computed by its reader"
            assert output.get_text(strip=True) or output.select("img, svg"), f"/{url}: an empty output"
    assert outputs >= 6


def test_an_illustrative_labs_outputs_all_say_so(site: BuiltSite) -> None:
    illustrative = [slug for slug in lab_slugs() if load_lab(slug).LAB.label == "illustrative"]
    assert illustrative
    for slug in illustrative:
        if (page := site.pages.get(f"labs/{slug}/")) is None:
            continue
        labels = {label.get_text(strip=True) for label in page.soup.select("lab-cell .lab-label")}
        assert labels == {"illustrative"}, slug


def test_every_figure_has_title_text_alternative_and_data(site: BuiltSite) -> None:
    charts = 0
    for url, page in site.pages.items():
        for figure in page.soup.select("figure"):
            where = f"/{url}: {figure.get_text(' ', strip=True)[:60]}"
            (caption,) = figure.select("figcaption")
            assert caption.get_text(strip=True), where
            kind = attribute(figure, "class")
            if kind in ("lab-tokens", "lab-passage"):
                assert figure.select("p"), where  # these are text
                continue
            if "lab-chart" not in kind.split():
                assert [attribute(one, "alt") for one in figure.select("img")] or figure.select("[aria-label]"), where
                continue
            charts += 1
            (picture,) = figure.select("[role=img]")
            alternative = attribute(picture, "aria-label")
            assert len(alternative) > 20, where
            assert picture.select("svg"), where
            (details,) = figure.select("details")
            assert alternative in details.get_text(), where
            assert len(details.select("table tbody tr")) >= 1, where
            assert details.select("table thead th[scope=col]"), where
    assert charts >= 2


def test_no_style_block_and_no_foreign_notebook_machinery(site: BuiltSite) -> None:
    for url, page in site.pages.items():
        assert page.soup.select("style") == [], url
        scripts = [attribute(tag, "src") + tag.get_text() for tag in page.soup.select("script")]
        machinery = re.compile(r"mathjax|require(\.min)?\.js|requirejs|jupyter-widgets|nbconvert", re.IGNORECASE)
        assert [text[:80] for text in scripts if machinery.search(text)] == [], url


def words(text: str) -> str:
    """Text with all white space alike and without pilcrows of permanent links."""
    return " ".join(text.replace("¶", " ").split())


def test_without_javascript_a_lab_page_has_its_prose_its_code_and_its_outputs(site: BuiltSite) -> None:
    for path in sorted((ROOT / "docs/labs").glob("*.py")):
        page = site.pages[f"labs/{path.stem}/"]
        notebook = jupytext.read(path)
        shown = [tag.get_text() for tag in page.soup.select("lab-cell[page] .lab-cell__code code")]
        sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        assert [code for code in sources if code.rstrip("\n") not in shown] == [], path.name
        text = words(page.soup.get_text())
        headings = [
            re.sub(r" \{ #[\w-]+ \}$", "", line.lstrip("# "))
            for cell in notebook.cells
            if cell.cell_type == "markdown"
            for line in cell.source.splitlines()
            if re.match(r"#+ ", line)
        ]
        assert headings
        assert [heading for heading in headings if words(heading.replace("`", "")) not in text] == [], path.name
        assert page.soup.select(".lab-cell__recorded .lab-output"), path.name
        for recorded in page.soup.select(".lab-cell__recorded, .lab-panel__recorded"):
            assert not recorded.has_attr("hidden"), path.name


def test_the_search_index_knows_every_page_and_what_was_recorded(site: BuiltSite) -> None:
    entries = json.loads((site.folder / "search/search_index.json").read_text(encoding="utf-8"))["docs"]
    found: dict[str, str] = {}
    for entry in entries:
        url = entry["location"].split("#")[0]
        text = BeautifulSoup(f"{entry['title']} {entry['text']}", "html.parser").get_text(" ")
        found[url] = found.get(url, "") + " " + words(text)
    assert set(found) == set(site.pages) - {"404.html"}
    for page in site.labs:
        for stream in page.soup.select(".lab-cell__recorded pre.lab-stream"):
            line = max(words(stream.get_text(" ")).split("  "), key=len)[:60].rsplit(" ", 1)[0]
            assert line in found[page.url], f"/{page.url}: {line!r}"


def test_the_sitemap_names_every_page_once(site: BuiltSite) -> None:
    tree = ElementTree.parse(site.folder / "sitemap.xml")
    found = [element.text or "" for element in tree.iter() if element.tag.endswith("}loc")]
    assert sorted(found) == sorted(site.root + url for url in site.pages if url != "404.html")


def test_there_is_a_page_for_what_is_not_found(site: BuiltSite) -> None:
    page = site.pages["404.html"]
    assert "not found" in page.soup.select("h1")[0].get_text().lower()
    assert page.soup.select("nav a[href]")
