"""The lessons that there are: the built-in ones, and those of a teacher's own folders."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from .lesson import Lesson, LessonError
from .reading import read_lesson

__all__ = ["FOLDERS", "lesson_folders", "load_lessons"]

#: Environment variable that names folders of more lessons, as PATH names those of programs.
FOLDERS = "HEBBSCOPE_LESSONS"

_BUILT_IN = Path(__file__).parent / "texts"


def lesson_folders() -> tuple[Path, ...]:
    """Return the folder of built-in lessons, and those that :data:`FOLDERS` names."""
    more = os.environ.get(FOLDERS, "").split(os.pathsep)
    return (_BUILT_IN, *(Path(folder) for folder in more if folder))


def load_lessons(
    folders: Path | Iterable[Path] | None = None,
) -> tuple[tuple[Lesson, ...], tuple[str, ...]]:
    """Return all lessons that can be read, and what is wrong with the others.

    Args:
        folders: where to look for files that end in ``.md``, one folder or several; those of
            :func:`lesson_folders` if None. Lessons come in the order of folders and of file names.

    Returns:
        The lessons, each name once, and a sentence for each file or folder that was refused.
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
    """Read a lesson once for all visitors, and again when its file has ``changed``."""
    return read_lesson(path)
