"""Teachers: large or dense models whose answers and hidden vectors the small council learns from; importing it registers all.

Importing needs no transformers: the pretrained teacher loads them when it has something new to read.
"""

from engine.teachers import fusion, pretrained, soft_labels
from engine.teachers.base import Classroom, Teacher, teachers

__all__ = ["Classroom", "Teacher", "fusion", "pretrained", "soft_labels", "teachers"]
