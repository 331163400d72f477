"""Checks every number in lessons by measuring it: ``python -m hebbscope.lessons [folder …]``."""

from __future__ import annotations

import sys
from pathlib import Path

from .measuring import holds, measure_all
from .reader.library import load_lessons

__all__ = ["main"]


def main(arguments: list[str]) -> int:
    """Print the stated and the measured value of each number; return 0 if all agree, else 1.

    Args:
        arguments: folders of lessons; if empty, :func:`lesson_folders`.
    """
    lessons, complaints = load_lessons([Path(folder) for folder in arguments] or None)
    for complaint in complaints:
        print(f"refused  {complaint}")
    wrong = len(complaints)
    for lesson in lessons:
        print(f"{lesson.name}: {lesson.title}")
        try:
            measured = measure_all(lesson)
        except ValueError as error:
            print(f"  WRONG  {error}")
            wrong += 1
            continue
        for name, number in lesson.numbers.items():
            value = measured[name]
            said = value if isinstance(value, str) else f"{value:.6g}"
            right = holds(number, value)
            wrong += not right
            print(
                f"  {'ok   ' if right else 'WRONG'}  {{{name}}}  {number.measure}: states "
                f"{number.text}, measured {said}"
            )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
