"""The sheet for drawing: painted with pointer and keys, undone, listed, taken from files; the run follows."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from hebb_core.signals.patterns.drawn import shapes


class Sheet:
    """The open sheet, in words a visitor would use."""

    def __init__(self, visitor):
        self.visitor, self.page = visitor, visitor.page
        self.dialog = visitor.page.locator("#sheet-draw")
        self.pre = self.dialog.get_by_role("application", name="Pre units")
        self.target = self.dialog.get_by_role("application", name="Target")
        self.told = self.dialog.locator(".told")
        self.listed = self.dialog.get_by_role("list", name="Your patterns").locator("button")

    def open(self):
        self.page.locator("[data-sheet=draw]").click()
        self.dialog.get_by_text("None yet").wait_for()
        return self

    def button(self, name):
        return self.dialog.get_by_role("button", name=name, exact=True)

    def has(self, *names):
        """Wait until these patterns are listed."""
        expect(self.listed).to_have_text(list(names))

    def spot(self, canvas, row, column, rows=8, columns=8):
        """Where the middle of a square is on the screen."""
        box = canvas.bounding_box()
        return (
            box["x"] + (column + 0.5) / columns * box["width"],
            box["y"] + (row + 0.5) / rows * box["height"],
        )

    def painted(self, canvas, rows=8, columns=8):
        """The squares that are not white."""
        colours = canvas.evaluate(
            """(canvas, [rows, columns]) => {
              const context = canvas.getContext("2d")
              return Array.from({length: rows * columns}, (_, i) => {
                const x = (i % columns + 0.4) / columns * canvas.width, y = (Math.floor(i / columns) + 0.4) / rows * canvas.height
                return [...context.getImageData(x, y, 1, 1).data.slice(0, 3)]
              })
            }""",
            [rows, columns],
        )
        return (np.array(colours) != 255).any(axis=1).reshape(rows, columns)

    def take(self, *files):
        self.dialog.locator("input[type=file]").set_input_files(
            [{"name": name, "mimeType": "", "buffer": data} for name, data in files]
        )

    def says(self, text):
        self.told.filter(has_text=text).wait_for()


@pytest.fixture
def sheet(fresh):
    """The sheet on the desk, with no patterns before and none after."""
    opened = Sheet(fresh).open()
    yield opened
    if not opened.dialog.is_visible():
        fresh.page.locator("[data-sheet=draw]").click()
    while opened.button("Delete this pattern").is_enabled():
        opened.button("Delete this pattern").click()
    # The server knows of it before the sheet is opened again.
    opened.dialog.get_by_role("button", name="Close").click()
    fresh.settle()


def test_what_is_painted_is_learnt_at_once(sheet):
    page, visitor = sheet.page, sheet.visitor
    page.mouse.move(*sheet.spot(sheet.pre, 0, 0))
    page.mouse.down()
    page.mouse.move(*sheet.spot(sheet.pre, 7, 7))
    sheet.has("pattern 1")
    # The server has heard of it while the button is still down.
    expect(page.locator("#field-pattern")).to_have_value("drawn")
    assert (sheet.painted(sheet.pre) == np.eye(8, dtype=bool)).all()
    page.mouse.move(*sheet.spot(sheet.pre, 7, 0))
    page.mouse.up()
    painted = np.eye(8, dtype=bool)
    painted[7] = True
    assert (sheet.painted(sheet.pre) == painted).all()
    sheet.dialog.get_by_role("button", name="Close").click()
    visitor.press("Reset")
    # All weights from painted units to unit 0 grow larger than any weight is at first.
    page.wait_for_function(
        """(painted) => {
          const {image, unit} = Bokeh.documents[0].get_model_by_name("W").renderers[0].data_source.data
          return painted.every((has, i) => !has || image[0][i * image[0].shape[1]] * unit[0] > 0.8)
        }""",
        arg=painted.reshape(-1).tolist(),
    )
    assert np.abs(visitor.values("W")[:, 0].reshape(8, 8)[~painted]).max() < 0.8


def test_keys_paint_and_undo_takes_back(sheet):
    keys = sheet.page.keyboard
    sheet.pre.focus()
    for key in (
        "Home",
        "ArrowRight",
        "ArrowDown",
        " ",
        "-",
        "Shift+ArrowRight",
        "5",
        "Shift+ArrowDown",
    ):
        keys.press(key)
    sheet.has("pattern 1")
    spoken = sheet.dialog.locator(".spoken").first
    assert spoken.inner_text() == "row 2, column 2: 0.5"
    wanted = np.zeros((8, 8), bool)
    wanted[1, 1] = wanted[1, 2] = wanted[2, 2] = True
    assert (sheet.painted(sheet.pre) == wanted).all()
    keys.press("ArrowUp")
    assert spoken.inner_text() == "row 1, column 2: -1"
    keys.press("Control+z")
    wanted[2, 2] = False
    assert (sheet.painted(sheet.pre) == wanted).all()
    sheet.button("Clear all pre units").click()
    assert not sheet.painted(sheet.pre).any()
    sheet.button("Invert all pre units").click()
    assert sheet.painted(sheet.pre).all()
    for _ in range(4):
        sheet.button("Undo").click()
    sheet.has()
    assert not sheet.painted(sheet.pre).any()


def test_a_target_is_painted_or_one_unit(sheet):
    x, y = sheet.spot(sheet.target, 0, 5, 1, 32)
    sheet.page.mouse.click(x, y)
    lit = sheet.painted(sheet.target, 1, 32)[0]
    assert np.flatnonzero(lit).tolist() == [0, 5]
    unit = sheet.dialog.get_by_label("one unit")
    assert unit.input_value() == ""
    unit.fill("9")
    unit.press("Enter")
    assert np.flatnonzero(sheet.painted(sheet.target, 1, 32)[0]).tolist() == [9]
    sheet.button("Clear the target").click()
    assert not sheet.painted(sheet.target, 1, 32).any()


def test_the_list(sheet):
    sheet.button("begin with four shapes").click()
    sheet.has("cross", "frame", "diagonal", "half")
    frame = shapes(64, 32)[0][1].reshape(8, 8) > 0
    sheet.listed.nth(1).click()
    assert (sheet.painted(sheet.pre) == frame).all()
    sheet.button("Move this pattern up").click()
    name = sheet.dialog.get_by_label("Name")
    name.fill("<b>edge</b>")
    name.press("Enter")
    sheet.has("<b>edge</b>", "cross", "diagonal", "half")
    sheet.listed.nth(2).click()
    sheet.button("Delete this pattern").click()
    sheet.button("Copy this pattern").click()
    sheet.has("<b>edge</b>", "cross", "half", "half copy")
    sheet.page.keyboard.press("Control+z")
    sheet.page.keyboard.press("Control+z")
    sheet.has("<b>edge</b>", "cross", "diagonal", "half")
    # What the server keeps is what is shown.
    sheet.dialog.get_by_role("button", name="Close").click()
    sheet.page.locator("[data-sheet=draw]").click()
    sheet.has("<b>edge</b>", "cross", "diagonal", "half")


def test_files_are_taken_or_refused_with_the_reason(sheet):
    picture = io.BytesIO()
    Image.fromarray(np.kron(np.eye(4), np.ones((8, 8))).astype(np.uint8) * 255).save(picture, "PNG")
    sheet.take(
        ("steps.png", picture.getvalue()), ("three.csv", b"1,2,3"), ("more.csv", b"0" + b",0" * 63)
    )
    sheet.says("“three.csv” has 3 numbers in line 1")
    sheet.has("steps")
    assert (sheet.painted(sheet.pre) == np.kron(np.eye(4), np.ones((2, 2)))).all()
    sheet.take(("two.npy", npy_of(np.ones((2, 64)))))
    sheet.says("2 patterns added.")
    sheet.has("steps", "two 1", "two 2")
    sheet.take(("big.csv", bytes(8 * 2**20 + 1)))
    sheet.says("a file may take 8 MiB")
    sheet.take(("large.csv", b"1" * (5 * 2**20)))
    sheet.says("too long for a pattern: line 1")
    sheet.take(("run.npz", b"PK"))
    sheet.says("another kind")


def test_a_file_that_the_browser_cannot_read_is_said_and_the_next_one_is_taken(sheet):
    assert sheet.dialog.locator("input[type=file]").get_attribute("accept") == ".npy,.csv,.png"
    sheet.page.evaluate(
        """() => {
          window.readable = Blob.prototype.arrayBuffer
          Blob.prototype.arrayBuffer = () => Promise.reject(new Error("gone"))
        }"""
    )
    try:
        sheet.take(("lost.csv", b"1,2,3"))
        sheet.says("The file could not be read.")
    finally:
        sheet.page.evaluate("() => { Blob.prototype.arrayBuffer = window.readable }")
    sheet.take(("two.npy", npy_of(np.ones((2, 64)))))
    sheet.says("2 patterns added.")


def npy_of(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def test_what_the_run_makes_of_them_is_said(sheet):
    sheet.button("begin with four shapes").click()
    sheet.has("cross", "frame", "diagonal", "half")
    sheet.dialog.get_by_role("button", name="Close").click()
    sheet.visitor.set(pattern="ring", circuit="relu", n_pre=25)
    sheet.page.locator("[data-sheet=draw]").click()
    sheet.dialog.get_by_text("makes no use of targets").wait_for()
    assert sheet.painted(sheet.pre, 5, 5).any()
    sheet.button("Show these").click()
    sheet.dialog.get_by_text("The run shows another pattern").wait_for(state="hidden")
    expect(sheet.page.locator("#field-pattern")).to_have_value("drawn")
