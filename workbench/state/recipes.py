"""What people call the recipes: a run or a model without a name of its own bears its recipe's title, never its id."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from engine.schema.catalog import RecipeInfo
from workbench.i18n import language
from workbench.state.domains import domain_words


class RecipeNames(QObject):
    """The titles of the recipes, as the engine told them last.

    Signals:
        changed: titles were learnt that were not known; whatever shows a name writes it anew.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._titles: dict[str, tuple[str, str]] = {}

    def learn(self, recipes: Iterable[RecipeInfo]) -> None:
        """Take the titles of these recipes."""
        told = {recipe.name: (recipe.title, recipe.title_zh or recipe.title) for recipe in recipes}
        if not told.items() <= self._titles.items():
            self._titles |= told
            self.changed.emit()

    def title(self, recipe: str) -> str:
        """Return a recipe's title in the language of the moment; empty where it is not known."""
        return self._titles.get(recipe, ("", ""))[language() == "zh"]

    def shown(self, name: str) -> str:
        """Return a name as people read it: of a recipe's id the recipe's title, of a demo's the domain's in this language."""
        return self.title(name) or domain_words().named(name)


_names: list[RecipeNames] = []


def recipe_names() -> RecipeNames:
    """Return the one set of titles of this process: every engine of one version calls its recipes the same."""
    if not _names:
        _names.append(RecipeNames())
    return _names[0]
