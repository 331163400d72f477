// Draws the map on a canvas: cells, axes, lines of theory, and a marker at the present settings.
// Pointer and arrow keys highlight a cell; a click or Enter loads it.

const LEFT = 58,
  BELOW = 34,
  ABOVE = 4,
  RIGHT = 10

export function render({model, el}) {
  const key = element("div", {class: "key"})
  const bar = element("progress", {max: 1, value: 0, "aria-label": "cells done"})
  const told = element("span", {class: "told", role: "status"})
  const stop = element("button", {type: "button"}, "stop")
  const canvas = element("canvas", {
    tabindex: 0,
    role: "application",
    id: "landscape",
    "aria-label": "Map of outcomes. Arrow keys choose a cell, Enter loads it.",
  })
  const tip = element("div", {class: "tip", "aria-live": "polite"})
  tip.hidden = true
  const place = element("div", {class: "place"}, canvas, tip)
  el.classList.add("chart")
  el.append(element("div", {class: "head"}, key, element("span", {class: "gap"}), bar, told, stop), place)

  let picture = null,
    bytes = null,
    cell = null,
    image = null

  const geometry = () => {
    const width = place.clientWidth,
      height = place.clientHeight
    return {width, height, w: Math.max(width - LEFT - RIGHT, 10), h: Math.max(height - ABOVE - BELOW, 10)}
  }
  // Cell coordinates to pixels: (0, 0) is the centre of the lower left cell.
  const at = (g, x, y) => [
    LEFT + ((x + 0.5) / picture.size[0]) * g.w,
    ABOVE + g.h - ((y + 0.5) / picture.size[1]) * g.h,
  ]

  const paint_cells = () => {
    const [nx, ny] = picture.size
    image = new OffscreenCanvas(nx, ny)
    const context = image.getContext("2d")
    const data = context.createImageData(nx, ny)
    const colours = picture.palette.map((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)))
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++) {
        const value = bytes[(ny - 1 - y) * nx + x]
        if (value === 255) continue
        data.data.set([...colours[value], 255], 4 * (y * nx + x))
      }
    context.putImageData(data, 0, 0)
  }

  const paint = () => {
    if (picture === null) return
    const g = geometry(),
      ratio = devicePixelRatio || 1
    if (g.width === 0) return
    canvas.width = g.width * ratio
    canvas.height = g.height * ratio
    const style = getComputedStyle(el)
    const ink = (name) => style.getPropertyValue(name)
    const context = canvas.getContext("2d")
    context.scale(ratio, ratio)
    context.imageSmoothingEnabled = false
    context.drawImage(image, LEFT, ABOVE, g.w, g.h)
    context.strokeStyle = ink("--hebb-line-2")
    context.strokeRect(LEFT - 0.5, ABOVE - 0.5, g.w + 1, g.h + 1)

    context.fillStyle = ink("--hebb-ink-2")
    context.font = `11px ${ink("--hebb-font")}`
    context.textAlign = "center"
    context.textBaseline = "top"
    for (const [x, text] of picture.x_ticks) {
      const [px] = at(g, x, 0)
      context.fillRect(px, ABOVE + g.h, 1, 4)
      context.fillText(text, px, ABOVE + g.h + 6)
    }
    context.fillText(picture.labels[0], LEFT + g.w / 2, ABOVE + g.h + 20)
    context.textAlign = "right"
    context.textBaseline = "middle"
    for (const [y, text] of picture.y_ticks) {
      const [, py] = at(g, 0, y)
      context.fillRect(LEFT - 5, py, 4, 1)
      context.fillText(text, LEFT - 7, py)
    }
    context.save()
    context.translate(8, ABOVE + g.h / 2)
    context.rotate(-Math.PI / 2)
    context.textAlign = "center"
    context.fillText(picture.labels[1], 0, 0)
    context.restore()

    context.save()
    context.beginPath()
    context.rect(LEFT, ABOVE, g.w, g.h)
    context.clip()
    for (const {points, dash, label} of picture.lines) {
      for (const [width, colour] of [
        [4, "#000000a0"],
        [2, "#ffffff"],
      ]) {
        context.setLineDash(width === 2 ? dash : [])
        context.lineWidth = width
        context.strokeStyle = colour
        context.beginPath()
        points.forEach(([x, y], i) => {
          context[i ? "lineTo" : "moveTo"](...at(g, x, y))
        })
        context.stroke()
      }
      if (label) {
        const [px, py] = at(g, ...points[Math.floor(points.length / 2)])
        context.font = `600 11px ${ink("--hebb-font")}`
        context.lineWidth = 3
        context.setLineDash([])
        context.strokeStyle = "#000000c0"
        context.fillStyle = "#ffffff"
        const near = px > LEFT + g.w / 2
        context.textAlign = near ? "right" : "left"
        context.strokeText(label, px + (near ? -6 : 6), py - 8)
        context.fillText(label, px + (near ? -6 : 6), py - 8)
      }
    }
    context.setLineDash([])
    if (cell !== null) {
      const [nx] = picture.size
      const [px, py] = at(g, (cell % nx) - 0.5, Math.floor(cell / nx) + 0.5)
      for (const [width, colour] of [
        [3, "#000000"],
        [1.5, "#ffffff"],
      ]) {
        context.lineWidth = width
        context.strokeStyle = colour
        context.strokeRect(px, py, g.w / picture.size[0], g.h / picture.size[1])
      }
    }
    context.restore()
    if (model.marker.length === 2) {
      const inside = [0, 1].map((i) => Math.min(Math.max(model.marker[i], -0.5), picture.size[i] - 0.5))
      const [px, py] = at(g, ...inside)
      context.beginPath()
      context.arc(px, py, 6, 0, 2 * Math.PI)
      for (const [width, colour] of [
        [4, "#000000"],
        [2, "#ffffff"],
      ]) {
        context.lineWidth = width
        context.strokeStyle = colour
        context.stroke()
      }
    }
  }

  const look = (next) => {
    if (next === cell) return
    cell = next
    model.looked = cell ?? -1
    if (cell === null) tip.hidden = true
    paint()
  }
  const under = (event) => {
    const g = geometry(),
      box = canvas.getBoundingClientRect()
    const x = Math.floor(((event.clientX - box.left - LEFT) / g.w) * picture.size[0])
    const y = Math.floor(((ABOVE + g.h - (event.clientY - box.top)) / g.h) * picture.size[1])
    return x >= 0 && y >= 0 && x < picture.size[0] && y < picture.size[1] ? y * picture.size[0] + x : null
  }
  const take = () => {
    if (cell !== null) send(model, "load", {cell})
  }
  canvas.addEventListener("pointermove", (event) => {
    if (picture !== null) look(under(event))
  })
  canvas.addEventListener("pointerleave", () => look(null))
  canvas.addEventListener("blur", () => {
    if (!canvas.matches(":hover")) look(null)
  })
  canvas.addEventListener("click", (event) => {
    if (picture !== null) {
      look(under(event))
      take()
    }
  })
  canvas.addEventListener("keydown", (event) => {
    if (picture === null) return
    const [nx, ny] = picture.size
    const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key]
    if (event.key === "Enter") take()
    else if (event.key === "Escape") look(null)
    else if (move) {
      const [mx, my] = model.marker.length === 2 ? model.marker.map(Math.round) : [0, 0]
      const now = cell ?? Math.min(Math.max(my, 0), ny - 1) * nx + Math.min(Math.max(mx, 0), nx - 1)
      const x = Math.min(Math.max((now % nx) + move[0], 0), nx - 1)
      const y = Math.min(Math.max(Math.floor(now / nx) + move[1], 0), ny - 1)
      look(y * nx + x)
    } else return
    // Elsewhere on the page, these keys have other functions.
    event.preventDefault()
    event.stopPropagation()
  })
  stop.addEventListener("click", () => send(model, "toggle"))

  const show_tip = () => {
    if (cell === null || model.tip === "") {
      tip.hidden = true
      return
    }
    tip.innerHTML = model.tip
    tip.hidden = false
    const g = geometry()
    const [px, py] = at(g, cell % picture.size[0], Math.floor(cell / picture.size[0]))
    const box = canvas.getBoundingClientRect()
    const left = box.left + px - tip.offsetWidth / 2,
      top = box.top + py - tip.offsetHeight - 14
    tip.style.left = `${Math.min(Math.max(8, left), Math.max(8, innerWidth - tip.offsetWidth - 8))}px`
    tip.style.top = `${top > 8 ? top : box.top + py + 14}px`
  }
  const take_picture = () => {
    if (model.picture === "") return
    const before = picture?.size.join()
    picture = JSON.parse(model.picture)
    if (before !== undefined && picture.size.join() !== before) look(null)
    bytes = Uint8Array.from(atob(picture.cells), (c) => c.charCodeAt(0))
    key.innerHTML = picture.key
    paint_cells()
    paint()
  }
  const take_progress = () => {
    const [done, of, words, button] = model.progress
    bar.max = Math.max(of, 1)
    bar.value = done
    bar.hidden = done >= of
    told.textContent = words
    told.dataset.done = done
    told.dataset.of = of
    stop.textContent = button
    stop.hidden = button === ""
  }
  model.on("picture", take_picture)
  model.on("progress", take_progress)
  model.on("marker", paint)
  model.on("tip", show_tip)
  take_picture()
  take_progress()
  const watch = new ResizeObserver(paint)
  watch.observe(place)
  const theme = new MutationObserver(paint)
  theme.observe(document.documentElement, {attributeFilter: ["data-theme"]})
  return () => {
    watch.disconnect()
    theme.disconnect()
  }
}
