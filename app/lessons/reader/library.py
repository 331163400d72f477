"""Loads the built-in lessons, and lessons in folders named by an environment variable."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from ..lesson import Lesson, LessonError
from .reading import read_lesson

__all__ = ["FOLDERS", "lesson_folders", "load_lessons"]

#: Environment variable that lists folders of further lessons, separated as in ``PATH``.
FOLDERS = "HEBBSCOPE_LESSONS"

_BUILT_IN = Path(__file__).parents[1] / "texts"


def lesson_folders() -> tuple[Path, ...]:
    """Return the folder of the built-in lessons, then the folders listed in :data:`FOLDERS`."""
    more = os.environ.get(FOLDERS, "").split(os.pathsep)
    return (_BUILT_IN, *(Path(folder) for folder in more if folder))


def load_lessons(
    folders: Path | Iterable[Path] | None = None,
) -> tuple[tuple[Lesson, ...], tuple[str, ...]]:
    """Load all valid lessons, and report the errors of the others.

    Args:
        folders: one or several folders with ``.md`` files; :func:`lesson_folders` if None.

    Returns:
        The lessons, sorted by folder and file name, each name once; and one sentence for each file
        or folder that was rejected.
    """
    if folders is None:
        folders = lesson_folders()
    lessons: dict[str, Lesson] = {}
    complaints = []
    for folder in (folders,) if isinstance(folders, Path) else folders:
        try:
            paths = sorted(
                path for path in folder.iterdir() if path.suffix == ".md" and path.is_file()
            )
        except OSError as error:
            complaints.append(
                f"{folder.name}: the folder of lessons cannot be read ({error.strerror})"
            )
            continue
        for path in paths:
            try:
                lesson = _read(path, path.stat().st_mtime_ns)
            except LessonError as error:
                complaints.append(str(error))
                continue
            if lesson.name in lessons:
                complaints.append(
                    f"{path.name}: there is a lesson called {lesson.name} already; it is left out"
                )
                continue
            lessons[lesson.name] = lesson
    return tuple(lessons.values()), tuple(complaints)


@lru_cache(maxsize=256)
def _read(path: Path, changed: int) -> Lesson:
    """Return a lesson, cached by its path and by the time its file was last ``changed`` (ns)."""
    return read_lesson(path)
