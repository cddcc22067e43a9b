"""The catalog of the running engine: what is registered, which recipes there are, and on which device a run would go."""

from engine import __version__
from engine.device import choose_device, cores
from engine.jobs.form import form_fields
from engine.model.encoders.choices import ENCODERS
from engine.model.fusion import fusions
from engine.model.trunk.routers import routers
from engine.registry import Registered
from engine.schema.catalog import Catalog, RecipeInfo
from engine.teachers import teachers
from engine.train.recipes import Recipe, recipes


def build_catalog() -> Catalog:
    """Return the catalog; loads no transformers, though a teacher is one."""
    readers = (entry for registry in ENCODERS.values() for entry in registry.entries())
    entries = (*readers, *routers.entries(), *fusions.entries(), *teachers.entries(), *recipes.entries())
    return Catalog(
        version=__version__,
        entries=entries,
        recipes=tuple(_recipe(registered) for registered in recipes),
        device=choose_device("auto").model_copy(update={"threads": cores()}),  # what a run takes where it is not told
    )


def _recipe(registered: Registered[Recipe]) -> RecipeInfo:
    recipe = registered.build()
    return RecipeInfo(
        name=registered.name,
        title=recipe.title,
        title_zh=recipe.title_zh,
        summary=registered.summary,
        summary_zh=registered.summary_zh,
        fields=form_fields(recipe.config()),
        needs_model=recipe.needs_model,
        config=recipe.config(),
    )
