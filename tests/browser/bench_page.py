"""The page under test, in words a visitor would use."""

import re

import numpy as np


class BenchPage:
    """A visitor's page, with a memory of what went wrong and where requests went."""

    def __init__(self, page, server):
        self.page = page
        self.server = server
        self.errors = []
        self.requests = []
        self.received = 0
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: self.errors.append(str(e)))
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("websocket", self._socket)

    def _socket(self, socket):
        self.requests.append(socket.url)

        def count(_):
            self.received += 1

        socket.on("framereceived", count)

    def open(self, query="", frames=5):
        self.page.goto(self.server.url(query))
        self.page.wait_for_function(
            "n => window.hebbscope && window.hebbscope.frames >= n", arg=frames, timeout=30_000
        )
        return self

    def frames(self):
        return self.page.evaluate("window.hebbscope.frames")

    def wait_frames(self, more):
        self.page.wait_for_function(
            "n => window.hebbscope.frames >= n", arg=self.frames() + more, timeout=20_000
        )

    def settle(self, ms=600):
        """Wait until nothing has been painted for ``ms``."""
        seen = -1
        while seen != self.frames():
            seen = self.frames()
            self.page.wait_for_timeout(ms)

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

    def verdict(self):
        """What the badge says that sign and η do together."""
        return self.page.locator(".hebb-verdict").inner_text()

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

    def switch(self, control):
        """Press the switch of ``control``; the box itself may be hidden behind its label."""
        self.page.locator(f"#field-{control}-label").click()

    def theme(self, name):
        """Switch to the theme called ``name``."""
        if self.page.locator("html").get_attribute("data-theme") != name:
            self.page.get_by_role("button", name="Switch between light and dark").click()

    def restore(self):
        """Set every control to its default, panels and maps included, and start a new run."""
        self.page.evaluate("document.dispatchEvent(new CustomEvent('hebbscope-close'))")
        lesson = self.page.get_by_role("button", name="Close the lesson")
        if lesson.is_visible():
            lesson.click()
        self.page.evaluate("""() => {
          const press = (node) => {
            for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) {
              if (child.matches("button.again:not([hidden])")) child.click()
              press(child)
            }
          }
          press(document.body)
        }""")
        self.play()
        self.press("Reset")
        self.wait_frames(8)

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
                timeout=90_000,
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

    def click_at(self, name, row, col):
        """Click the figure called ``name`` at these coordinates of its data."""
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
        # As long as a finger takes: a press and release at once is at times no tap to Bokeh.
        self.page.mouse.click(x, y, delay=40)

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
        self.settle(200)

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
