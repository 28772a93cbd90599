"""The course as a whole: every module has its parts, every row of the syllabus its place, and text stays readable."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
import yaml
from bs4 import BeautifulSoup, Tag

from overrides.hooks.syllabus import read_coverage
from tests.site.conftest import ROOT, BuiltPage, BuiltSite, EnvLoader

MODULES = sorted(path.name for path in (ROOT / "docs/modules").iterdir() if (path / "index.md").is_file())
TAUGHT = [slug for slug in MODULES if not slug.startswith("review_")]
PARTS = ("goals", "takeaways", "try-this", "quick-check", "reflection", "next")
LONGEST_SUMMARY, LONGEST_PARAGRAPH, LONGEST_PAGE = 90, 120, 2500
LISTS = ("glossary/", "sources/")  # of short entries, which are read one by one
REFERENCE = "sources/"


def words(tag: Tag) -> int:
    return len(tag.get_text().replace("¶", " ").split())


def article(page: BuiltPage) -> Tag:
    (found,) = page.soup.select("article, .md-content__inner")[:1]
    return found


def nav() -> list[str]:
    """The pages of the nav in its order, below docs/."""
    config = yaml.load((ROOT / "mkdocs.yml").read_text(), EnvLoader)

    def pages(items: list[dict[str, object]]) -> Iterator[str]:
        for item in items:
            for value in item.values():
                if isinstance(value, list):
                    yield from pages(value)
                else:
                    yield str(value)

    return list(pages(config["nav"]))


def section(page: BuiltPage, anchor: str) -> list[Tag]:
    """What stands below a second-level heading, up to the next."""
    (heading,) = page.soup.select(f"h2#{anchor}")
    found = []
    for tag in heading.find_next_siblings():
        if tag.name == "h2":
            break
        found.append(tag)
    return found


def inside(tags: list[Tag], selector: str) -> list[Tag]:
    return [found for tag in tags for found in BeautifulSoup(str(tag), "html.parser").select(selector)]


def test_there_are_twelve_modules_and_a_review_of_each_part() -> None:
    assert len(TAUGHT) == 12
    assert len(MODULES) == 15


@pytest.mark.parametrize("slug", TAUGHT)
def test_a_module_has_all_its_parts_in_order(site: BuiltSite, slug: str) -> None:
    page = site.pages[f"modules/{slug}/"]
    headings = [str(tag.get("id")) for tag in page.soup.select("h2")]
    assert [name for name in headings if name in PARTS] == list(PARTS)
    assert headings[0] == "goals" and headings[-1] == "next"
    assert len(headings) >= len(PARTS) + 3, "there are sections of its own between goals and takeaways"

    about = page.soup.select(".module-about")
    assert len(about) == 1 and re.search(r"About \d+ minutes? to read", about[0].get_text())
    summary = page.soup.select(".admonition.abstract")[0]
    assert summary.select(".admonition-title")[0].get_text() == "In one paragraph"
    assert 25 <= words(summary) - 3 <= LONGEST_SUMMARY
    assert summary.find_next("h2") is page.soup.select("h2")[0], "the summary stands before the first section"

    assert 3 <= len(inside(section(page, "goals"), "li")) <= 5
    assert 3 <= len(inside(section(page, "takeaways"), "li")) <= 7
    tried = inside(section(page, "try-this"), "li")
    assert len(tried) >= 3
    assert inside(section(page, "try-this"), "a[href*='labs/'], a[href*='chat/']")
    assert inside(section(page, "quick-check"), "course-quiz")
    assert len(inside(section(page, "reflection"), "li")) >= 2
    assert inside(section(page, "next"), "a[href]")
    assert article(page).select("lab-panel, live-chat:not(live-chat-dock *)"), "a live figure"
    assert article(page).select("a[href*='glossary/#']"), "links to the glossary"


def test_most_modules_close_with_interview_questions_and_answers(site: BuiltSite) -> None:
    asked = 0
    for slug in TAUGHT:
        page = site.pages[f"modules/{slug}/"]
        if page.soup.select("h2#interview"):
            answers = inside(section(page, "interview"), "details")
            assert answers, slug
            assert all(words(answer) >= 40 for answer in answers), slug
            asked += len(answers)
    assert asked >= 12


def test_diagrams_are_told_in_words(site: BuiltSite) -> None:
    drawn = Counter[str]()
    for url, page in site.pages.items():
        for figure in page.soup.select("figure.course-diagram"):
            drawn[url] += 1
            assert len(figure.select("svg[role=img][aria-label]")) == 2
            assert words(figure.select("details p")[0]) >= 12, url
    assert len([url for url in drawn if url.startswith("modules/")]) >= 8


def test_each_module_leads_to_the_next_one_of_the_nav(site: BuiltSite) -> None:
    order = [path.removesuffix("index.md") for path in nav() if path.startswith("modules/")]
    assert sorted(order) == [f"modules/{slug}/" for slug in MODULES]
    for here, there in pairwise(order):
        page = site.pages[here]
        links = [page.resolve(str(tag["href"])) for tag in article(page).select("a[href]")]
        assert any(link.split("#")[0] == there for link in links), f"/{here} leads to /{there}"


def test_every_page_is_reached_from_the_home_page_by_links_in_text(site: BuiltSite) -> None:
    reached, waiting = {""}, [""]
    while waiting:
        page = site.pages[waiting.pop()]
        for tag in article(page).select("a[href]"):
            link = page.resolve(str(tag["href"])).split("#")[0]
            if link in site.pages and link not in reached:
                reached.add(link)
                waiting.append(link)
    assert set(site.pages) - reached == {"404.html"}


def test_every_row_of_the_syllabus_has_a_place_that_exists(site: BuiltSite) -> None:
    groups = read_coverage()
    assert [len(group["rows"]) for group in groups] == [14, 11, 3, 3, 8]
    page = site.pages["syllabus/"]
    links = {page.resolve(str(tag["href"])) for tag in article(page).select("a[href]")}
    for group in groups:
        for row in group["rows"].values():
            assert row["what"] in page.soup.get_text()
            for place in row["at"]:
                path, _, anchor = place.partition("#")
                url = re.sub(r"(index)?\.(md|py)$", "", path)
                url = url if url.endswith("/") else f"{url}/"
                assert f"{url}#{anchor}".rstrip("#") in links, place
                assert not anchor or site.pages[url].soup.find(id=anchor) is not None, place


def test_paragraphs_and_pages_are_short_enough_to_read(site: BuiltSite) -> None:
    faults = []
    for url, page in site.pages.items():
        text = BeautifulSoup(str(article(page)), "html.parser")
        for tag in text.select("svg, pre, table, details, lab-panel, lab-exercise, lab-cell, live-chat, course-quiz"):
            tag.decompose()
        for tag in text.select("p, li:not(:has(p))"):
            if words(tag) > LONGEST_PARAGRAPH:
                faults.append(f"/{url}: a paragraph of {words(tag)} words: {tag.get_text()[:60]}")
        prose = sum(words(tag) for tag in text.select("p, li:not(:has(p)), dd"))
        if prose > LONGEST_PAGE and url not in LISTS:
            faults.append(f"/{url}: {prose} words")
    assert faults == []


def test_links_to_other_sites_stand_once_each_among_the_sources(site: BuiltSite) -> None:
    listed = Counter[str]()
    elsewhere = []
    well_formed = re.compile(r"https?://[\w.-]+\.[a-z]{2,}(/[^\s<>\"]*)?")
    for url, page in site.pages.items():
        for tag in article(page).select("a[href]"):
            link = page.resolve(str(tag["href"]))
            if not link.startswith(("http:", "https:")) or link.startswith("http://127.0.0.1"):
                continue
            if url != REFERENCE:
                elsewhere.append(f"/{url}: {link}")
                continue
            listed[link] += 1
            assert well_formed.fullmatch(link), link
    assert elsewhere == []
    assert [link for link, count in listed.items() if count > 1] == []
    assert len(listed) >= 30


def test_data_that_pages_are_made_of_is_no_file_of_the_site(site: BuiltSite) -> None:
    assert site.files(".yml", ".yaml") == []


def test_every_source_is_cited_somewhere(site: BuiltSite) -> None:
    cited = {
        page.resolve(str(tag["href"])).partition("#")[2]
        for url, page in site.pages.items()
        if url != REFERENCE
        for tag in article(page).select("a[href*='sources/#']")
    }
    sources = [str(tag["id"]) for tag in site.pages[REFERENCE].soup.select("h3[id]")]
    assert [source for source in sources if source not in cited] == []
