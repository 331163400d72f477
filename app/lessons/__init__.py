"""Lessons: predict, commit, watch the run, read the explanation.

Each lesson is a Markdown file. A command checks every number in it by measuring it.
"""

from .lesson import Choice, Lesson, LessonError, Number, RunOrder, Step
from .measuring import holds, measure, measure_all
from .quantities import MEASURES
from .reader.library import lesson_folders, load_lessons
from .reader.reading import read_lesson

__all__ = [
    "MEASURES",
    "Choice",
    "Lesson",
    "LessonError",
    "Number",
    "RunOrder",
    "Step",
    "holds",
    "lesson_folders",
    "load_lessons",
    "measure",
    "measure_all",
    "read_lesson",
]
