"""The sheet “Files” in the browser: files that leave, files that come, pictures."""

import io
import re
import zipfile
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from hebb_core.storage.run_file import read_run

SVG = "{http://www.w3.org/2000/svg}"


class Sheet:
    def __init__(self, bench):
        self.bench = bench
        self.page = bench.page
        self.page.locator("[data-sheet=files]").click()
        self.page.locator("#files-run").wait_for()

    def close(self):
        self.page.locator("#sheet-files").evaluate("sheet => sheet.close()")

    def download(self, press):
        with self.page.expect_download() as download:
            press()
        return download.value.suggested_filename, download.value.path().read_bytes()

    def take(self, name):
        taken = self.download(self.page.locator(f"#files-{name}").click)
        self.page.locator("#files-run:enabled").wait_for()
        return taken

    def picture(self, figure, kind):
        self.page.locator("#files-figure").select_option(figure)
        return self.download(self.page.get_by_role("button", name=kind, exact=True).click)

    def open(self, name, content):
        self.page.locator("#files-open").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )

    def told(self, kind):
        status = self.page.locator(f"#sheet-files .told.{kind}[role=status]")
        status.wait_for()
        return status.inner_text()


@pytest.fixture
def sheet(fresh):
    sheet = Sheet(fresh)
    yield sheet
    sheet.close()


def test_a_run_that_was_saved_is_opened_again_and_stands_where_it_stood(sheet):
    bench = sheet.bench
    name, content = sheet.take("run")
    saved = read_run(io.BytesIO(content))
    step = int(saved.state.step)
    assert name == f"hebbscope-run-step{step}.npz"
    assert saved.frames
    sheet.close()
    bench.type("eta", 0.3)
    bench.wait_frames(5)
    again = Sheet(bench)
    again.open("mine.npz", content)
    assert again.told("good").startswith(f"Opened “mine.npz”. It stands at step {step}")
    again.close()
    bench.settle()
    assert bench.steps() == step
    assert bench.field("eta").input_value() == "0.05"
    shown = bench.values("W")
    np.testing.assert_array_equal(shown, np.asarray(saved.state.synapse.weights))


def test_a_file_that_is_none_is_refused_and_the_run_goes_on(sheet):
    sheet.open("nothing.npz", b"this is no run")
    assert sheet.told("bad").startswith("“nothing.npz” was not opened: ")
    # Dropped onto the sheet, and larger than what arrives in one piece.
    sheet.page.locator("#files-run").evaluate(
        """(button) => {
          const carried = new DataTransfer()
          carried.items.add(new File([new Uint8Array(1_500_000)], "zeros.npz"))
          button.dispatchEvent(new DragEvent("drop", {bubbles: true, composed: true, dataTransfer: carried}))
        }"""
    )
    sheet.page.locator(".told.bad", has_text="zeros.npz").wait_for()
    sheet.bench.wait_frames(5)


def test_a_map_is_a_picture_with_its_axes_on_the_ground_of_the_page(sheet):
    name, content = sheet.picture("W", "PNG")
    assert re.fullmatch(r"hebbscope-W-step\d+\.png", name)
    image = np.asarray(Image.open(io.BytesIO(content)).convert("RGBA"))
    box = sheet.page.locator('[data-map="W"]').bounding_box()
    assert 0.85 * box["width"] < image.shape[1] < box["width"]
    assert (image[..., 3] == 255).all()
    assert (image[0, 0] == 255).all()
    # Zero is not all there is: it holds reds, and dark letters.
    red = (image[..., 0].astype(int) - image[..., 2]) > 60
    assert red.mean() > 0.2
    assert (image[: image.shape[0] // 4, :, :3].max(axis=2) < 90).any()
    sheet.page.evaluate("document.documentElement.dataset.theme = 'dark'")
    _, content = sheet.picture("W", "PNG")
    sheet.page.evaluate("document.documentElement.dataset.theme = 'light'")
    dark = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    assert dark[0, 0].tolist() == [0x18, 0x1D, 0x27]


def test_a_drawing_is_valid_and_carries_the_matrix(sheet):
    name, content = sheet.picture("W", "SVG")
    assert name.endswith(".svg")
    root = ElementTree.fromstring(content)
    assert root.tag == f"{SVG}svg"
    images = root.findall(f".//{SVG}image")
    links = [
        image.get("href") or image.get("{http://www.w3.org/1999/xlink}href") for image in images
    ]
    assert any(link.startswith("data:image/png;base64,") for link in links)
    words = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    assert "step" in words
    assert "pre-synaptic unit" in words
    _, content = sheet.picture("traces", "SVG")
    words = " ".join(
        "".join(t.itertext()) for t in ElementTree.fromstring(content).iter(f"{SVG}text")
    )
    assert "mean |W|" in words


def test_code_is_shown_and_copied(sheet):
    sheet.page.locator("#files-hebb_core_script").click()
    area = sheet.page.locator("#files-code")
    area.wait_for()
    sheet.page.locator(".told", has_text="Copied.").wait_for()
    text = area.input_value()
    compile(text, "script", "exec")
    assert "Network(" in text


def test_film_folder_and_tables_are_downloaded(sheet):
    name, content = sheet.take("film")
    assert name.endswith(".gif")
    assert Image.open(io.BytesIO(content)).n_frames > 1
    name, content = sheet.take("ngclearn")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert any(member.endswith("/W.npz") for member in archive.namelist())
    _, content = sheet.take("traces")
    assert content.startswith(b"step,")


def test_a_film_that_is_being_made_can_be_cancelled(sheet):
    page, came = sheet.page, []

    def note(download):
        came.append(download.suggested_filename)

    page.on("download", note)
    sheet.bench.wait_frames(30)
    cancel = page.locator("#sheet-files").get_by_role("button", name="Cancel")
    page.locator("#files-film").click()
    cancel.click()
    page.locator("#sheet-files .told", has_text="Cancelled.").wait_for()
    cancel.wait_for(state="hidden")
    page.wait_for_timeout(500)
    assert came == []
    page.remove_listener("download", note)
    # The next thing is made as ever.
    assert sheet.take("traces")[1].startswith(b"step,")


def test_an_upload_can_be_cancelled_and_the_run_goes_on(sheet):
    page, bench = sheet.page, sheet.bench
    cancel = page.locator("#sheet-files").get_by_role("button", name="Cancel")
    page.locator("#files-run").evaluate(
        """(button) => {
          const carried = new DataTransfer()
          carried.items.add(new File([new Uint8Array(60_000_000)], "zeros.npz"))
          button.dispatchEvent(new DragEvent("drop", {bubbles: true, composed: true, dataTransfer: carried}))
        }"""
    )
    page.locator("#sheet-files .told", has_text="Uploading zeros.npz").wait_for()
    cancel.click()
    page.locator("#sheet-files .told", has_text="Cancelled.").wait_for()
    bench.wait_frames(5)
    assert page.locator("#sheet-files progress").is_hidden()
    assert page.locator("#sheet-files .told[role=status]").inner_text() == "Cancelled."
    # Of the file that was given up, nothing stands in the way of another.
    sheet.open("nothing.npz", b"this is no run")
    assert sheet.told("bad").startswith("“nothing.npz” was not opened: ")
