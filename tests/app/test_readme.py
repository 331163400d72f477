"""The README says what is so."""

from pathlib import Path

from app.describe import controls_table

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")


def test_the_table_of_controls_is_that_of_the_controls():
    # When this fails: python -m app.describe, and put its output into README.md.
    assert controls_table() in README


def test_every_file_named_in_the_readme_exists():
    root = Path(__file__).resolve().parents[2]
    for part in ("hebb_core", "app"):
        inside = README.split(f"\n{part}/")[1].split("\ntests/")[0].split("\napp/")[0]
        names = {word.strip(",") for word in inside.split() if word.strip(",").endswith(".py")}
        missing = {n for n in names if not (root / part / n).exists()}
        assert not missing, missing
