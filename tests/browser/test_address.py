"""The address of the page sets controls; what is wrong in it is told and left at its default."""

import pytest


def test_the_address_sets_controls(bench):
    bench.open("?eta=0.25&n_pre=20&n_post=10&prior=l1&sign_value=1&is_nonnegative=true")
    assert bench.field("eta").input_value() == "0.25"
    shown = bench.matrix("W")
    assert (shown["rows"], shown["cols"]) == (20, 10)
    assert bench.page.locator("#field-prior").input_value() == "l1"
    assert bench.page.locator("#field-is_nonnegative").is_checked()
    bench.says_verdict("shrink")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?eta=fast&n_pre=20", "eta = fast: that is not a number."),
        ("?prior=l7&n_pre=20", "choose one of constant, l2, l1, elastic_net"),
        ("?n_post=1000000&n_pre=20", "it must lie between 2 and 4096"),
        ("?nonsense=1&n_pre=20", "There is no control called “nonsense”"),
        ("?eta=%3Cimg src=x onerror=alert(1)%3E&n_pre=20", "that is not a number"),
        ("?%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E=1&n_pre=20", "<img src=x onerror=alert(1)>"),
    ],
)
def test_a_bad_value_is_told_and_the_rest_holds(bench, query, says):
    def note(dialog):
        bench.errors.append(dialog.message)
        dialog.dismiss()

    bench.page.on("dialog", note)
    bench.open(query)
    bench.page.locator(".notyf__message", has_text=says).wait_for()
    bench.page.remove_listener("dialog", note)
    assert bench.matrix("W")["rows"] == 20
    assert bench.field("eta").input_value() == "0.05"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_in_the_address(bench, theme):
    bench.open(f"?theme={theme}")
    assert bench.page.locator("html").get_attribute("data-theme") == theme
    bench.page.get_by_role("button", name="Switch between light and dark").click()
    assert bench.page.locator("html").get_attribute("data-theme") != theme
    bench.wait_frames(5)
