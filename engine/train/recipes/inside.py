"""`inside`: as `distil`, but the pretrained model that came with the set-up stays inside the council and reads its texts."""

from engine.schema.config import Choice, RunConfig
from engine.train.recipes.base import NoSettings, Recipe, recipes
from engine.train.recipes.distil import Distil


@recipes.register(
    "inside",
    NoSettings,
    "As distillation, with a pretrained model kept inside for the texts.",
    "与蒸馏相同，但将预训练模型保留在模型内，用于阅读文本。",
)
class Inside(Recipe):
    """Teachers, then a student that reads with a pretrained encoder."""

    title = "Keep a large reader inside"
    title_zh = "保留大型阅读模型"

    def config(self) -> RunConfig:
        """Return the defaults of distillation with the other encoder."""
        distil = Distil().config()
        student = distil.student.model_copy(update={"text": Choice(name="pretrained")})
        return distil.model_copy(update={"recipe": "inside", "student": student})
