"""Lessons: predict, commit, watch the run, read the explanation.

Each is a Markdown file whose numbers are measured.
"""

from .claims import holds, measure, measure_all
from .lesson import Choice, Lesson, LessonError, Number, RunOrder, Step
from .measures import MEASURES
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
