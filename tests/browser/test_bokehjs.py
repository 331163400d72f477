"""What the page borrows of BokehJS: that it is there, acts as before, and can be missed."""

from .bench_page import BenchPage

# A Bokeh that lacks the modules of which something is borrowed.
_WITHOUT = """
let held
Object.defineProperty(window, "Bokeh", {
  configurable: true,
  get: () => held,
  set(value) {
    held = value
    const {require} = held
    held.require = (module) => {
      if (["core/dom", "core/util/canvas"].includes(module)) throw new Error("no such module")
      return require(module)
    }
  },
})
"""


def test_style_sheets_are_written_when_they_change_and_only_then(fresh):
    written = fresh.page.evaluate(
        """() => {
          const {InlineStyleSheet} = Bokeh.require("core/dom")
          const sheet = new InlineStyleSheet("a { color: red }")
          let text = sheet.el.textContent
          const written = []
          Object.defineProperty(sheet.el, "textContent", {
            get: () => text, set: (value) => { text = value; written.push(value) },
          })
          sheet.replace("a { color: red }")
          sheet.replace("b { color: red }")
          return written
        }"""
    )
    assert written == ["b { color: red }"]


def test_views_pictures_and_exports_are_found(fresh):
    found = fresh.page.evaluate(
        """() => {
          const {each_view, is_plot, repaint, relayout, layer} = window.hebbscope.bokehjs
          const plots = []
          each_view((view) => {
            if (is_plot(view)) plots.push(view.model.name)
            if (view.model.name === "W") for (const name of ["request_repaint", "invalidate_layout"]) {
              if (typeof view[name] !== "function") plots.push(`${name} is gone`)
            }
          })
          const made = layer("svg", 20, 10)
          return {plots, made: typeof made.context.fillRect, ratio: made.ratio, index: Bokeh.index !== undefined}
        }"""
    )
    assert {"W", "dW", "W pre", "dW post"} <= set(found["plots"])
    assert not [name for name in found["plots"] if name and name.endswith("gone")]
    assert found["index"]
    assert found["made"] == "function"
    assert found["ratio"] >= 1


def test_style_sheets_still_find_the_buttons(fresh):
    """They name a class of Panel's, ``bk-btn``; ours must outrank what Panel gives it."""
    worn = fresh.page.get_by_role("button", name="Reset", exact=True).evaluate(
        "(b) => { const {height, borderRadius} = getComputedStyle(b); return [height, borderRadius] }"
    )
    assert worn == ["32px", "8px"]


def test_without_any_of_it_the_page_streams_and_says_what_it_misses(profile, server):
    page = profile.new_page()
    warnings = []
    page.on("console", lambda m: warnings.append(m.text) if m.type == "warning" else None)
    page.add_init_script(_WITHOUT)
    try:
        visitor = BenchPage(page, server).open()
        visitor.wait_frames(20)
        visitor.theme("dark")
        visitor.wait_frames(5)
        page.locator("[data-sheet=files]").click()
        page.locator("#files-run").wait_for()
        page.get_by_role("button", name="PNG", exact=True).click()
        said = page.locator("#sheet-files .told.bad[role=status]")
        said.wait_for()
        assert "cannot make pictures" in said.inner_text()
        visitor.healthy()
    finally:
        page.evaluate("localStorage.clear()")
        page.close()
    told = [text for text in warnings if "this BokehJS has no" in text]
    assert any("core/dom" in text for text in told)
    assert len(told) == len(set(told)), "each is told once"
