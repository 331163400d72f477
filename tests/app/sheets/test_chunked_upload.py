"""Files in pieces: each asked for by the one who receives it, and never more than was promised."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebbscope.sheets.chunked_upload import PIECE, UploadRefused, Uploads

LARGEST = 3 * PIECE


class Browser:
    """Answers what it is asked for, as the script does."""

    def __init__(self, largest=LARGEST):
        self.asked = []
        self.uploads = Uploads(
            largest, lambda kind, **fields: self.asked.append({"kind": kind, **fields})
        )

    def send(self, content, number=1, name="it.npz"):
        self.asked.clear()
        self.uploads.begin(number, name, len(content))
        whole = None
        while self.asked:
            wanted = self.asked.pop()
            assert (wanted["kind"], wanted["number"]) == ("more", number)
            piece = content[wanted["at"] : wanted["at"] + wanted["most"]]
            whole = self.uploads.take(number, wanted["at"], piece)
        return whole


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, LARGEST])
def test_a_file_comes_whole_in_as_few_pieces_as_there_can_be(size):
    content = bytes(i % 251 for i in range(1000)) * (size // 1000 + 1)
    found = Browser().send(content[:size])
    assert (found.name, bytes(found.content)) == ("it.npz", content[:size])


@pytest.mark.parametrize(
    ("size", "says"),
    [(0, "empty"), (-1, "empty"), (LARGEST + 1, r"2 MiB; at most 1.5 MiB"), (10**30, "at most")],
)
def test_a_file_that_is_empty_or_too_large_is_never_asked_for(size, says):
    browser = Browser()
    with pytest.raises(UploadRefused, match=says):
        browser.uploads.begin(1, "x", size)
    assert browser.asked == []
    assert browser.uploads.take(1, 0, b"x") is None


@pytest.mark.parametrize(
    ("at", "piece"), [(1, b"x"), (-1, b"x"), (0, bytes(11)), (0, bytes(PIECE + 1)), (0, b"")]
)
def test_what_was_not_asked_for_ends_the_upload(at, piece):
    browser = Browser()
    browser.uploads.begin(1, "x", 10)
    with pytest.raises(UploadRefused, match="did not arrive"):
        browser.uploads.take(1, at, piece)
    # What comes after that belongs to nothing.
    assert browser.uploads.take(1, 0, bytes(10)) is None
    assert browser.send(b"another").content == b"another"


def test_a_piece_of_a_file_that_was_let_go_does_no_harm_to_the_next():
    browser = Browser()
    browser.uploads.begin(1, "old", 10)
    browser.uploads.stop()
    assert browser.uploads.take(1, 0, bytes(10)) is None
    browser.uploads.begin(2, "new", 3)
    assert browser.uploads.take(1, 0, bytes(10)) is None
    assert browser.uploads.take(2, 0, b"new").content == b"new"


def test_the_end_of_a_long_name_is_kept():
    assert Browser().send(b"x", name="y" * 5000 + ".png").name.endswith("y.png")
    assert len(Browser().send(b"x", name="y" * 5000).name) == 200


@given(
    st.lists(
        st.tuples(st.just("begin"), st.integers(0, 2), st.integers(-1, 9))
        | st.tuples(st.just("take"), st.integers(0, 2), st.integers(-1, 9), st.binary(max_size=9)),
        max_size=12,
    )
)
@settings(derandomize=True, max_examples=200, deadline=None)
def test_whatever_is_sent_a_file_has_the_size_it_said(steps):
    browser, size = Browser(largest=8), 0
    for what, *told in steps:
        try:
            if what == "begin":
                size = told[1]
                browser.uploads.begin(told[0], "x", told[1])
            elif (found := browser.uploads.take(*told)) is not None:
                assert len(found.content) == found.size == size <= 8
        except UploadRefused:
            continue
