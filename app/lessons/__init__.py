"""Lessons: predict, commit, see the run, read why; each a Markdown file whose numbers are measured."""

from app.lessons.claims import holds, measure, measure_all
from app.lessons.lesson import Choice, Lesson, LessonError, Number, RunOrder, Step
from app.lessons.library import lesson_folders, load_lessons
from app.lessons.measures import MEASURES
from app.lessons.reading import read_lesson

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
