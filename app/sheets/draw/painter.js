// Numbers as squares on a canvas, painted with the pointer or the keyboard.

const APART = 6 // px: squares of at least this size have gaps between them

function colour_of(value, limit, palette) {
  const middle = (palette.length - 1) / 2
  return palette[Math.round(middle + middle * Math.min(Math.max(value / limit, -1), 1))]
}

// The magnitude shown in full colour: the largest one, at least 1.
function limit_of(values) {
  let limit = 1
  for (const value of values) limit = Math.max(limit, Math.abs(value))
  return limit
}

function paint_small(canvas, values, columns, palette) {
  const limit = limit_of(values),
    colours = new Map()
  canvas.width = columns
  canvas.height = Math.ceil(values.length / columns)
  const context = canvas.getContext("2d"),
    image = context.createImageData(canvas.width, canvas.height)
  values.forEach((value, i) => {
    const hex = colour_of(value, limit, palette)
    if (!colours.has(hex))
      colours.set(
        hex,
        [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)),
      )
    image.data.set(colours.get(hex), 4 * i)
    image.data[4 * i + 3] = 255
  })
  context.putImageData(image, 0, 0)
}

// `brush()` returns the value to paint with. `begin()` is called before a stroke and returns the numbers to
// write to, `change()` is called after each change, `key(event)` for keys that are not handled here.
function painter({label, room, where, brush, begin, change, key}) {
  const canvas = element("canvas", {tabindex: 0, role: "application", "aria-label": label})
  const spoken = element("span", {class: "spoken", "aria-live": "polite"})
  let values = new Float32Array(0),
    columns = 1,
    size = 1,
    palette = ["#ffffff"],
    cursor = 0,
    last = null

  const paint = () => {
    const rows = Math.ceil(values.length / columns),
      ratio = devicePixelRatio || 1
    canvas.width = columns * size * ratio
    canvas.height = rows * size * ratio
    canvas.style.width = `${columns * size}px`
    const context = canvas.getContext("2d"),
      limit = limit_of(values),
      gap = size >= APART ? 1 : 0
    context.scale(ratio, ratio)
    values.forEach((value, i) => {
      context.fillStyle = colour_of(value, limit, palette)
      context.fillRect((i % columns) * size, Math.floor(i / columns) * size, size - gap, size - gap)
    })
    if (canvas.getRootNode().activeElement !== canvas) return
    for (const [width, colour] of [
      [4, "#000000"],
      [2, "#ffffff"],
    ]) {
      context.lineWidth = width
      context.strokeStyle = colour
      context.strokeRect((cursor % columns) * size + 1, Math.floor(cursor / columns) * size + 1, size - 3, size - 3)
    }
  }
  const speak = () => {
    spoken.textContent = `${where(cursor)}: ${Number(values[cursor].toPrecision(4))}`
  }

  const under = (event) => {
    const box = canvas.getBoundingClientRect()
    const rows = Math.ceil(values.length / columns)
    const x = Math.floor(((event.clientX - box.left) / box.width) * columns)
    const y = Math.floor(((event.clientY - box.top) / box.height) * rows)
    return [x, y]
  }
  const touch = ([x, y]) => {
    const unit = y * columns + x
    if (x < 0 || y < 0 || x >= columns || unit >= values.length) return
    cursor = unit
    values[unit] = brush()
  }
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return
    canvas.focus()
    canvas.setPointerCapture(event.pointerId)
    values = begin()
    last = under(event)
    touch(last)
    paint()
    change()
    event.preventDefault()
  })
  canvas.addEventListener("pointermove", (event) => {
    if (last === null) return
    // A fast pointer skips squares: paint those in between too.
    const next = under(event)
    const far = Math.max(Math.abs(next[0] - last[0]), Math.abs(next[1] - last[1]))
    if (far === 0) return
    for (let i = 1; i <= far; i++) {
      touch([0, 1].map((axis) => Math.round(last[axis] + ((next[axis] - last[axis]) * i) / far)))
    }
    last = next
    paint()
    change()
  })
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, () => {
      last = null
    })
  for (const turn of ["focus", "blur"]) canvas.addEventListener(turn, () => paint())

  const MOVES = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const move = MOVES[event.key]
    if (move) {
      const x = (cursor % columns) + move[0],
        next = cursor + move[0] + move[1] * columns
      if (x >= 0 && x < columns && next >= 0 && next < values.length) cursor = next
    }
    const end = {Home: 0, End: values.length - 1}[event.key]
    if (end !== undefined) cursor = end
    // With Shift, arrows draw a line.
    if (event.key === " " || event.key === "Enter" || (move && event.shiftKey)) {
      values = begin()
      values[cursor] = brush()
      change()
    } else if (!move && end === undefined && !key(event)) return
    paint()
    speak()
    event.preventDefault()
    event.stopPropagation()
  })

  return {
    canvas,
    spoken,
    // Squares measure 3 to 36 px.
    show(given, across, colours) {
      const [width, height] = room
      // Another pattern is shown: end the stroke, which belonged to the previous one.
      if (given !== values) last = null
      values = given
      columns = across
      palette = colours
      cursor = Math.min(cursor, values.length - 1)
      const rows = Math.ceil(values.length / columns)
      size = Math.max(Math.min(Math.floor(width / columns), Math.floor(height / rows), 36), 3)
      paint()
    },
  }
}
