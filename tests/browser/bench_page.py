"""The page under test, in words a visitor would use."""

import re


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

    def press(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()

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
