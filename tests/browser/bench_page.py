"""The page under test, in words a visitor would use."""

import re
import time

import numpy as np
from playwright.sync_api import expect

# Milliseconds that anything may take on a machine that is busy with other things.
PATIENCE = 60_000


class BenchPage:
    """A visitor's page, with a memory of what went wrong and where requests went."""

    def __init__(self, page, server):
        self.page = page
        self.server = server
        self.forget()
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("websocket", self._socket)

    def forget(self):
        """Forget what went wrong and where requests went: another test begins."""
        self.errors = []
        self.requests = []
        self.received = 0

    def _socket(self, socket):
        self.requests.append(socket.url)

        def count(_):
            self.received += 1

        socket.on("framereceived", count)

    def open(self, query="", frames=3):
        self.page.goto(self.server.url(query), timeout=PATIENCE)
        self.page.wait_for_function(
            "n => window.hebbscope && window.hebbscope.frames >= n",
            arg=frames,
            polling=30,
            timeout=PATIENCE,
        )
        return self

    def frames(self):
        return self.page.evaluate("window.hebbscope.frames")

    def wait_frames(self, more):
        self.page.wait_for_function(
            "n => window.hebbscope.frames >= n",
            arg=self.frames() + more,
            polling=30,
            timeout=PATIENCE,
        )

    def until(self, holds):
        """Wait until ``holds()`` is true."""
        deadline = time.monotonic() + PATIENCE / 1000
        while not holds():
            assert time.monotonic() < deadline, "it never came true"
            self.page.wait_for_timeout(40)

    def settle(self):
        """Wait until all that was asked for has been done and painted, whether the run goes on or not."""
        if "--plugins" not in self.server.flags:
            # A server that cannot be asked: a run that goes on shows frames, one that has paused sends
            # nothing more. Which of them this is may be decided only now, as when a lesson opens.
            enough, deadline = self.frames() + 8, time.monotonic() + PATIENCE / 1000
            received, since = self.received, time.monotonic()
            while self.frames() < enough and time.monotonic() - since < 1.5:
                assert time.monotonic() < deadline, "it never came to rest"
                self.page.wait_for_timeout(50)
                if self.received != received:
                    received, since = self.received, time.monotonic()
            return
        done = self.page.evaluate(
            """async () => {
              const [root] = Bokeh.documents[0].roots()
              const number = (root.tags[0] ?? 0) + 1
              root.tags = [number]
              const answer = await fetch(`/at-rest/${root.id}/${number}`)
              return answer.json()
            }"""
        )
        self.page.wait_for_function(
            "sent => window.hebbscope.last >= sent", arg=done["sent"], polling=20
        )
        if not done["playing"]:
            step = f"{done['step']:,}".replace(",", r"\s")
            expect(self.page.locator('[data-status="step"]')).to_have_text(re.compile(f"^{step}$"))

    def wait_quiet(self, seconds=0.6):
        """Wait until the server has sent nothing for so many seconds."""
        received, since = self.received, time.monotonic()
        deadline = since + PATIENCE / 1000
        while time.monotonic() - since < seconds:
            assert time.monotonic() < deadline, "the server goes on sending"
            self.page.wait_for_timeout(50)
            if self.received != received:
                received, since = self.received, time.monotonic()

    def wait_layout(self):
        """Wait until the parts of the page stand still, and the maps show what has room there."""
        for _ in range(2):
            self.page.wait_for_function(
                """async () => {
                  const boxes = () => {
                    const nodes = [...document.querySelectorAll("header, main, aside, [data-map], .timeline, .dock")]
                    window.hebbscope.bokehjs.each_view((view) => { if (view.frame) nodes.push(view.el) })
                    return JSON.stringify(nodes.map((node) => node.getBoundingClientRect()))
                  }
                  const before = boxes()
                  for (let i = 0; i < 4; i++) await new Promise(requestAnimationFrame)
                  return boxes() === before
                }""",
            )
            self.settle()

    def number(self, name):
        text = self.page.locator(f'[data-status="{name}"]').inner_text()
        return float(re.sub(r"[^\d.]", "", text))

    def steps(self):
        return int(self.number("step"))

    def pause(self):
        self.page.get_by_role("button", name="Pause").click()
        self.page.get_by_role("button", name="Play").wait_for()
        self.settle()

    def play(self):
        button = self.page.get_by_role("button", name="Play")
        if button.is_visible():
            button.click()
        self.page.get_by_role("button", name="Pause").wait_for()

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

    def says_verdict(self, text):
        """Wait until the badge that says what sign and η do together says ``text``."""
        expect(self.page.locator(".hebb-verdict")).to_contain_text(text)

    def field(self, control):
        return self.page.locator(f"#field-{control}-entry")

    def slider(self, control):
        return self.page.locator(f"#field-{control}-range")

    def choose(self, control, value):
        self.page.locator(f"#field-{control}").select_option(value)

    def type(self, control, value):
        entry = self.field(control)
        entry.fill(str(value))
        entry.press("Enter")

    def wait_number(self, control, value):
        """Wait until ``control`` shows this number, to the digits that it shows."""
        self.until(
            lambda: abs(float(self.field(control).input_value()) - value) <= 1e-3 * abs(value)
        )

    def switch(self, control):
        """Press the switch of ``control``; the box itself may be hidden behind its label."""
        self.page.locator(f"#field-{control}-label").click()

    def theme(self, name):
        """Switch to the theme called ``name``."""
        if self.page.locator("html").get_attribute("data-theme") != name:
            self.page.get_by_role("button", name="Switch between light and dark").click()

    def restore(self, panels=()):
        """Set every control to its default, and start a new run.

        Panels that are closed by default are closed, but for those called ``panels``: they are opened.
        """
        self._press_all(
            "button[aria-label='Close the lesson'], button.again:not([hidden])", but=panels
        )
        for panel in panels:
            if not self.page.locator(f"#field-{panel}").is_checked():
                self.switch(panel)
        self._press_all("button", "Reset", "Play")
        self.page.get_by_role("button", name="Pause").wait_for()
        self.settle()
        self.wait_frames(3)

    def rest(self):
        """Pause the run, if it goes on: one that nobody looks at would slow down the next test's page."""
        self._press_all("button", "Pause")
        self.page.get_by_role("button", name="Play").wait_for()

    def _press_all(self, buttons, *called, but=()):
        """Press at once all buttons of this selector that are called so, but for those of some controls."""
        self.page.evaluate(
            """([buttons, called, but]) => {
              document.dispatchEvent(new CustomEvent("hebbscope-close"))
              const left = but.map((name) => `#field-${name}-label`).join() || "nothing"
              const press = (node) => {
                for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) {
                  if (child.matches(buttons) && !child.parentElement?.querySelector(left)
                      && (called.length === 0 || called.includes(child.textContent.trim()))) child.click()
                  press(child)
                }
              }
              press(document.body)
            }""",
            [buttons, list(called), list(but)],
        )

    def set(self, **values):
        """Set controls of any kind, one by one."""
        for control, value in values.items():
            # A control that another one brings in takes a moment to appear.
            self.page.locator(f"#field-{control}-entry, #field-{control}").wait_for(
                state="attached"
            )
            if self.field(control).count():
                self.type(control, value)
            elif isinstance(value, bool):
                self.page.locator(f"#field-{control}").set_checked(value)
            else:
                self.choose(control, value)

        sizes = {axis: values[f"n_{axis}"] for axis in ("pre", "post") if f"n_{axis}" in values}
        if sizes:
            # A new size is compiled for first.
            self.page.wait_for_function(
                """({pre, post}) => {
                  const {row_units, col_units} = Bokeh.documents[0].get_model_by_name("W").renderers[0].data_source.data
                  return (pre ?? row_units[0][2]) === row_units[0][2] && (post ?? col_units[0][2]) === col_units[0][2]
                }""",
                arg=sizes,
                polling=50,
                timeout=PATIENCE,
            )

    def drag(self, control, share):
        """Drag a slider with the mouse to ``share`` of its width."""
        slider = self.slider(control)
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        middle = box["y"] + box["height"] / 2
        self.page.mouse.move(box["x"] + box["width"] / 2, middle)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * share, middle, steps=6)
        self.page.mouse.up()

    def matrix(self, name):
        """What the heatmap called ``name`` shows: values, rows, columns, and its colour range."""
        return self.page.evaluate(
            """name => {
              const figure = Bokeh.documents[0].get_model_by_name(name)
              const renderer = figure.renderers[0]
              const data = renderer.data_source.data
              const image = data.image[0]
              const {low, high} = renderer.glyph.color_mapper
              const [unit] = data.unit
              return {
                values: Array.from(image, (v) => v * unit), rows: image.shape[0],
                cols: image.shape[1], low, high, unit, type: image.dtype,
                row_units: data.row_units[0], col_units: data.col_units[0],
              }
            }""",
            name,
        )

    def values(self, name):
        """The values of the heatmap called ``name`` as an array."""
        shown = self.matrix(name)
        return np.array([np.nan if v is None else v for v in shown["values"]], np.float32).reshape(
            shown["rows"], shown["cols"]
        )

    def wait_value(self, name, row, col, value):
        self.page.wait_for_function(
            """([name, row, col, value]) => {
              const {image, unit} = Bokeh.documents[0].get_model_by_name(name).renderers[0].data_source.data
              return image[0][row * image[0].shape[1] + col] * unit[0] === value
            }""",
            arg=[name, row, col, value],
            polling=50,
        )

    def of(self, name, script):
        """What the JavaScript function ``script`` makes of the figure called ``name``."""
        return self.page.evaluate(
            f"name => ({script})(Bokeh.documents[0].get_model_by_name(name))", name
        )

    def source(self, name, kind):
        """The columns behind the first glyph of a kind in a figure."""
        glyph = {"line": "Line", "vspan": "VSpan", "quad": "Quad"}[kind]
        return self.of(
            name,
            f"""f => Object.fromEntries(Object.entries(
              f.renderers.find((r) => r.glyph?.type === "{glyph}").data_source.data
            ).map(([key, column]) => [key, Array.from(column)]))""",
        )

    def line(self, name, called=None):
        """The columns behind the line called ``called``; else behind the first line of a figure that has no name."""
        return self.of(
            name,
            f"""f => {{
              const lines = f.renderers.filter((r) => r.glyph?.type === "Line")
              const called = {f'"{called}"' if called else "null"}
              const line = called ? lines.find((r) => r.name === called) : lines.find((r) => r.name === null)
              return Object.fromEntries(
                Object.entries(line.data_source.data).map(([key, column]) => [key, Array.from(column)])
              )
            }}""",
        )

    def click_at(self, name, row, col, lasting=40):
        """Click the figure called ``name`` at these coordinates of its data, for so many milliseconds."""
        x, y = self.page.evaluate(
            """([name, row, col]) => {
              const find = (view) => {
                if (view.model?.name === name && view.frame) return view
                for (const child of view.children?.() ?? []) {
                  const found = find(child)
                  if (found) return found
                }
              }
              for (const root of Bokeh.index) {
                const view = find(root)
                if (!view) continue
                const box = view.el.getBoundingClientRect()
                const {x_scale, y_scale} = view.frame
                return [box.x + x_scale.compute(col), box.y + y_scale.compute(row)]
              }
            }""",
            [name, float(row), float(col)],
        )
        self.page.mouse.click(x, y, delay=lasting)

    def waterfall(self):
        """The stages of the last step of the chosen cell: label -> number."""
        rows = self.page.locator(".hebb-waterfall tr").all()
        told = {}
        for row in rows:
            label = row.locator("th").inner_text()
            text = row.locator("td").first.inner_text().replace("−", "-")
            told[label] = float(text)
        return told

    def past(self, says):
        self.page.get_by_role("button", name=says, exact=True).click()

    def wait_past(self, step):
        self.page.locator("#history-at", has_text=re.compile(rf"step {step}$")).wait_for()
        self.settle()

    def picture(self, name):
        """The heatmap as painted: a PNG of its card."""
        return self.page.locator(f'[data-map="{name}"]').screenshot()

    def outside(self):
        """Requests to any host but the server's own."""
        own = (f"http://127.0.0.1:{self.server.port}/", f"ws://127.0.0.1:{self.server.port}/")
        return [url for url in self.requests if not url.startswith((*own, "data:", "blob:"))]

    def healthy(self):
        assert self.outside() == []
        assert self.errors == []
