"""The manual names every registered choice, in both languages."""

import pytest

from engine.jobs.catalog import build_catalog
from engine.schema.places import assets


def _pages(language: str) -> str:
    return "\n".join(page.read_text(encoding="utf-8") for page in sorted((assets() / "manual" / language).glob("*.md")))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_manual_when_read_names_every_entry_of_the_catalog(language: str) -> None:
    text = _pages(language)
    catalog = build_catalog()
    names = [entry.name for entry in catalog.entries] + [recipe.name for recipe in catalog.recipes]
    assert names
    assert not [name for name in names if f"`{name}`" not in text]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_page_on_experts_when_read_then_names_every_router(language: str) -> None:
    page = (assets() / "manual" / language / "8-experts.md").read_text(encoding="utf-8")
    routers = [entry.name for entry in build_catalog().entries if entry.registry == "router"]
    assert len(routers) > 1
    assert not [name for name in routers if f"* `{name}`" not in page]


def test_manual_when_listed_has_the_same_pages_in_both_languages() -> None:
    pages = {language: {p.name for p in (assets() / "manual" / language).glob("*.md")} for language in ("en", "zh")}
    assert pages["en"] == pages["zh"]
    assert pages["en"]
