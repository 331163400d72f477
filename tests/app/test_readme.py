"""The README says what is so."""

from pathlib import Path

from hebbscope.page.describe import controls_table

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_table_of_controls_is_that_of_the_controls():
    # When this fails: python -m hebbscope.page.describe, and put its output into README.md.
    assert controls_table() in README


def test_the_layout_names_every_folder_and_no_other():
    root = Path(__file__).resolve().parents[2]
    listed = README.split("## How it is laid out")[1].split("```")[1]
    for part, following in (("hebb_core", "app"), ("app", "tests")):
        lines = listed.split(f"\n{part}/")[1].split(f"\n{following}/")[0].splitlines()[1:]
        named = {
            line.split()[0].rstrip("/")
            for line in lines
            if line.startswith("  ") and line[2] != " "
        }
        folders = {file.parent.name for file in (root / part).glob("*/__init__.py")}
        assert {name for name in named if "." not in name} == folders
        assert all((root / part / name).exists() for name in named)
