"""`distil`: a small council learns from a pretrained text teacher and from a dense teacher of all modalities.

The dense teacher is several models that keep the pretrained text encoder inside and answer together: one alone knows no more than its
student does. The student is small, and learns from them for long (arXiv:2106.05237: a patient teacher is a good one).
Teachers leave a half of the cases out, students a quarter at a time: what they are calibrated on then knows nearly as much as the final
one. One of its four experts works on a token, and counts in full. They are one network for the first half of the run and part then, for a
thousand cases teach one network, not four from the start.
"""

from engine.schema.config import Choice, LossConfig, OptimConfig, RunConfig, StudentConfig
from engine.train.recipes.base import NoSettings, Recipe, recipes


@recipes.register(
    "distil",
    NoSettings,
    "Large teachers first, then the small council learns from them.",
    "先由大的教师模型学习，再由小的专家组向它们学习。",
)
class Distil(Recipe):
    """Teachers, then student."""

    title = "Teach the small model"
    title_zh = "教小模型（蒸馏）"

    def config(self) -> RunConfig:
        """Return the defaults of distillation."""
        return RunConfig(
            recipe="distil",
            student=StudentConfig(
                size="own",
                layers=1,
                experts=4,
                hidden=192,
                router=Choice(name="token-choice", settings={"experts_per_token": 1, "single": "whole"}),
                fusion=Choice(name="concat"),
            ),
            teachers=(
                Choice(name="pretrained-text"),
                Choice(name="fusion", settings={"text": "pretrained", "members": 5}),
            ),
            loss=LossConfig(hard=1.0, distil=1.0, temperature=2.0, hidden=2.0, auxiliary=0.3),
            optim=OptimConfig(epochs=30, label_smoothing=0.1, together=0.5, modality_dropout=0.15, augment=0.6),
            folds=2,
            parts=2,
        )
