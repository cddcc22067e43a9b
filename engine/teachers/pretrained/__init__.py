"""Pretrained models as teachers: any text, vision or audio encoder, and any causal language model, that transformers can load.

`door` alone imports transformers, and only when a teacher has something new to read.
"""

from engine.pretrained.door import default_folder, default_source
from engine.teachers.pretrained.frozen import PretrainedAudio, PretrainedImage, PretrainedText
from engine.teachers.pretrained.language import LanguageModel

__all__ = ["LanguageModel", "PretrainedAudio", "PretrainedImage", "PretrainedText", "default_folder", "default_source"]
