// PNG and SVG pictures of the plots as they are painted. Prepended to the script of the sheet.

const LINE = 20,
  MARGIN = 8,
  APART = 12 // px: height of a caption line, margin, gap between its parts

function* elements_of(root) {
  for (const child of root.querySelectorAll("*")) {
    yield child
    if (child.shadowRoot) yield* elements_of(child.shadowRoot)
  }
}

const element_of = (selector) => {
  for (const child of elements_of(document)) if (child.matches(selector)) return child
  return null
}

// The plots shown now, by name. A map includes the strips along it; all traces are one picture.
function plots_now() {
  const found = new Map()
  const {each_view, is_plot} = window.hebbscope.bokehjs
  each_view((view) => {
    const name = view.model?.name
    if (name && is_plot(view)) {
      const box = view.el.getBoundingClientRect()
      if (box.width > 0 && box.height > 0) {
        const whose = name.startsWith("trace ") ? "traces" : name.replace(/ (pre|post)$/, "")
        found.set(whose, [...(found.get(whose) ?? []), {view, box, main: whose === "traces" || name === whose}])
      }
    }
  })
  return found
}

// The step shown on the page: that of the past frame, if one is shown.
function step_now() {
  const past = element_of("#history-at")?.textContent ?? ""
  const text = past || element_of('[data-status="step"]')?.textContent || ""
  return text.replace(/\D/g, "") || "0"
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

const short = (x) => String(Number(x.toPrecision(3))).replace("-", "−")

// The heading of a map on the page; its symbol depends on the term shown.
function heading_of(view) {
  for (let node = view.el; node; node = node.parentNode ?? node.host) {
    if (!node.matches?.("[data-map]")) continue
    const said = {}
    for (const child of elements_of(node)) {
      if (child.matches(".hebb-head h2")) said.symbol = child.textContent
      if (child.matches(".hebb-head .hebb-twin")) said.twin = child.textContent
    }
    return [said.twin, said.symbol].filter(Boolean).join(" ")
  }
  return ""
}

// Makers of caption parts; each part has a width and a function that draws it at a position.
function words_of_a_picture() {
  const measure = element("canvas").getContext("2d")
  const text = (words, bold = false) => {
    const font = `${bold ? "600 13px" : "12px"} ${colour("--hebb-font")}`,
      ink = colour(bold ? "--hebb-ink" : "--hebb-ink-2")
    measure.font = font
    const draw = (context, x, y) => {
      context.font = font
      context.fillStyle = ink
      context.fillText(words, x, y)
    }
    return {width: measure.measureText(words).width, draw}
  }
  const ramp = (colours, width, height = 10) => ({
    width,
    draw: (context, x, y) => {
      const steps = Math.ceil(width / 2)
      for (let i = 0; i < steps; i++) {
        context.fillStyle = colours[Math.round((i / Math.max(steps - 1, 1)) * (colours.length - 1))]
        context.fillRect(x + 2 * i, y - height / 2, 2, height)
      }
    },
  })
  const joined = (...parts) => ({
    width: parts.reduce((sum, part) => sum + part.width + 5, -5),
    draw: (context, x, y) => {
      for (const part of parts) {
        part.draw(context, x, y)
        x += part.width + 5
      }
    },
  })
  return {text, ramp, joined}
}

// The legend of a plot: the colour scale of its map, or the colours of its lines.
function key_of({view}, lines) {
  const {text, ramp, joined} = words_of_a_picture(),
    key = []
  for (const {glyph, name, visible, data_source} of view.model.renderers) {
    if (!visible || !glyph) continue
    const mapper = glyph.color_mapper
    if (mapper) {
      const unit = data_source.data.unit?.[0] ?? 1
      const colours = mapper.palette.map((c) =>
        typeof c === "number" ? `#${(c >>> 8).toString(16).padStart(6, "0")}` : c,
      )
      key.push(joined(text(short(mapper.low * unit)), ramp(colours, 100), text(short(mapper.high * unit))))
    } else if (glyph.type === "Line" && data_source.data[glyph.x.field]?.length > 0) {
      const called = name ?? glyph.y.field,
        of_twin = called.startsWith("twin ")
      const plain_name = of_twin ? called.slice(5) : called
      key.push(
        joined(
          ramp([glyph.line_color.value], 14, 2),
          text((lines[plain_name] ?? plain_name) + (of_twin ? " of B" : "")),
        ),
      )
    }
  }
  return key
}

// The legend of the map of runs, read from the HTML above it.
function key_of_landscape(canvas) {
  const {text, ramp, joined} = words_of_a_picture()
  const part = (node) => {
    if (node.nodeName !== "I") return text(node.textContent)
    const colours = node.style.background.match(/#[0-9a-f]{6}|rgb\([^)]*\)/gi) ?? ["#000000"]
    return ramp(colours, colours.length > 1 ? 70 : 10)
  }
  return [...canvas.getRootNode().querySelectorAll(".key > *")].map((one) => joined(...[...one.childNodes].map(part)))
}

// Wraps the parts of a caption into lines, and returns the height of these.
function flow(words, width) {
  let x = MARGIN,
    line = 0
  for (const word of words) {
    if (x > MARGIN && x + word.width > width - MARGIN) {
      x = MARGIN
      line += 1
    }
    word.x = x
    word.y = 4 + (line + 0.5) * LINE
    x += word.width + APART
  }
  return (line + 1) * LINE + 8
}

// Fills the background of a picture, and draws its caption where flow() placed it.
function write_ground(context, ratio, words, width, height) {
  context.save()
  context.scale(ratio, ratio)
  context.fillStyle = colour("--hebb-surface")
  context.fillRect(0, 0, width, height)
  context.textBaseline = "middle"
  context.textAlign = "left"
  for (const word of words) word.draw(context, word.x, word.y)
  context.restore()
}

// Returns an empty picture of this size.
function new_layer(type, width, height) {
  const layer = window.hebbscope.bokehjs.layer(type, width, height)
  if (layer === null) throw new Error("This version of Bokeh cannot make pictures.")
  return layer
}

// A plot, with its strips if it has any, on the background of its card. `type` is "png" or "svg".
function picture_of(parts, label, lines, type) {
  const left = Math.min(...parts.map(({box}) => box.left)),
    right = Math.max(...parts.map(({box}) => box.right))
  const top = Math.min(...parts.map(({box}) => box.top)),
    bottom = Math.max(...parts.map(({box}) => box.bottom))
  const {text} = words_of_a_picture()
  const words = [text(label, true), text(`step ${step_now()}`)]
  for (const part of parts) if (part.main) words.push(...key_of(part, lines))
  const width = Math.round(Math.max(right - left, ...words.map((word) => word.width + 2 * MARGIN)))
  const head = flow(words, width),
    height = Math.round(bottom - top) + head
  const layer = new_layer(type, width, height)
  const {context, ratio} = layer
  write_ground(context, ratio, words, width, height)
  for (const {view, box} of parts) {
    const canvas = window.hebbscope.bokehjs.painted(view, type)
    context.drawImage(canvas, (box.left - left) * ratio, (box.top - top + head) * ratio)
  }
  return layer.blob()
}

// The map of runs, whose canvas has no background.
function picture_of_landscape(canvas, label, type) {
  const box = canvas.getBoundingClientRect()
  const words = [words_of_a_picture().text(label, true), ...key_of_landscape(canvas)]
  const width = Math.round(box.width),
    head = flow(words, width),
    height = Math.round(box.height) + head
  const layer = new_layer(type, width, height)
  const {context, ratio} = layer
  write_ground(context, ratio, words, width, height)
  context.drawImage(canvas, 0, Math.round(head * ratio))
  return layer.blob()
}

// The canvas of the map of runs; null if it is hidden or empty.
function landscape_now() {
  const canvas = element_of("canvas#landscape")
  if (!canvas || canvas.getBoundingClientRect().width === 0) return null
  const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  return data.some((value) => value > 0) ? canvas : null
}
