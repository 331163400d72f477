// Labelled fields: numbers (a slider or presets, and a typed value), choices, switches and lines of text.
// Built from native form elements, so that keyboard and screen readers work as usual.

let tip = null

function show_tip(anchor, text, above = false) {
  hide_tip()
  tip = document.createElement("div")
  tip.setAttribute("role", "tooltip")
  tip.className = "hebb-tip"
  tip.textContent = text
  document.body.appendChild(tip)
  const a = anchor.getBoundingClientRect()
  const t = tip.getBoundingClientRect()
  const right = a.right + 10
  const left = right + t.width < innerWidth ? right : Math.max(8, a.left - t.width - 10)
  if (above) {
    // A tooltip to the right would hide the next field of the row.
    tip.style.left = `${Math.max(8, Math.min(a.left, innerWidth - t.width - 8))}px`
    tip.style.top = `${a.top - t.height - 8 > 0 ? a.top - t.height - 8 : a.bottom + 8}px`
    return
  }
  tip.style.left = `${left}px`
  tip.style.top = `${Math.min(Math.max(8, a.top - 6), innerHeight - t.height - 8)}px`
}

function hide_tip() {
  tip?.remove()
  tip = null
}

export function text_of(value, integer) {
  if (value == null) return ""
  if (integer || Number.isInteger(value)) return String(value)
  const size = Math.abs(value)
  if (size >= 1e5 || size < 1e-3)
    return value
      .toExponential(2)
      .replace(/\.?0+e/, "e")
      .replace("e+", "e")
  return String(Number(value.toPrecision(4)))
}

const POSITIONS = 240

function scale_of(field) {
  const {start, end, step, log, integer} = field
  const round = (v) => {
    if (integer) return Math.round(v)
    return log ? Number(v.toPrecision(3)) : Number((Math.round(v / step) * step).toPrecision(12))
  }
  if (log) {
    const span = Math.log(end / start)
    return {
      low: 0,
      high: POSITIONS,
      step: 1,
      to: (v) => (v > 0 ? Math.min(Math.max(Math.log(v / start) / span, 0), 1) * POSITIONS : 0),
      from: (p) => round(start * Math.exp((span * p) / POSITIONS)),
    }
  }
  return {low: start, high: end, step, to: (v) => v, from: round}
}

function number_body(field, id, label_id) {
  const integer = field.integer
  const entry = element("input", {
    type: "text",
    inputmode: "decimal",
    class: "entry",
    autocomplete: "off",
    spellcheck: "false",
    "aria-labelledby": label_id,
    id: `${id}-entry`,
  })
  const problem = element("span", {class: "problem", role: "alert", id: `${id}-problem`})
  entry.setAttribute("aria-describedby", `${id}-problem`)

  const commit = () => {
    const written = entry.value.trim().replace("−", "-")
    // Accept a decimal comma ("0,5"), but reject "1,000", which may mean a thousand or one.
    const grouped = /^-?\d{1,3}(,\d{3})+$/.test(written) || (integer && written.includes(","))
    const raw = written.replace(",", ".")
    const value = raw === "" || grouped ? NaN : Number(raw)
    const {low, high} = field
    let wrong = ""
    if (grouped) wrong = "a number without commas, please"
    else if (!Number.isFinite(value)) wrong = "a number, please"
    else if (integer && !Number.isInteger(value)) wrong = "a whole number, please"
    else if (low != null && value < low) wrong = `at least ${text_of(low)}`
    else if (high != null && value > high) wrong = `at most ${text_of(high)}`
    problem.textContent = wrong
    if (wrong === "") entry.removeAttribute("aria-invalid")
    else entry.setAttribute("aria-invalid", "true")
    if (wrong === "") {
      field.value = value
      refresh()
    }
  }
  entry.addEventListener("change", commit)
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      problem.textContent = ""
      entry.removeAttribute("aria-invalid")
      refresh(true)
    }
  })

  let refresh
  let pointer
  if (field.presets.length > 0) {
    pointer = element("div", {class: "segments", role: "group", "aria-labelledby": label_id})
    const buttons = field.presets.map(([value, text]) => {
      const button = element("button", {type: "button"}, text)
      button.addEventListener("click", () => {
        field.value = value
        refresh(true)
      })
      pointer.append(button)
      return [value, button]
    })
    refresh = (force = false) => {
      for (const [value, button] of buttons) button.setAttribute("aria-pressed", String(value === field.value))
      if (force || entry.getRootNode().activeElement !== entry || !entry.hasAttribute("aria-invalid")) {
        entry.value = text_of(field.value, integer)
      }
    }
  } else {
    const scale = scale_of(field)
    pointer = element("input", {
      type: "range",
      min: scale.low,
      max: scale.high,
      step: scale.step,
      "aria-labelledby": label_id,
      id: `${id}-range`,
    })
    const move = () => {
      const value = scale.from(Number(pointer.value))
      entry.value = text_of(value, integer)
      fill()
      return value
    }
    pointer.addEventListener("input", () => {
      const value = move()
      if (field.live) field.value = value
    })
    pointer.addEventListener("change", () => {
      field.value = move()
    })
    const fill = () => {
      const share = (Number(pointer.value) - scale.low) / (scale.high - scale.low)
      pointer.style.setProperty("--filled", `${100 * share}%`)
      pointer.setAttribute("aria-valuetext", entry.value)
    }
    refresh = (force = false) => {
      const sharp = text_of(field.value, integer)
      if (force || !entry.hasAttribute("aria-invalid")) entry.value = sharp
      pointer.value = scale.to(field.value)
      fill()
    }
  }
  refresh(true)
  field.on("value", () => {
    problem.textContent = ""
    entry.removeAttribute("aria-invalid")
    refresh(true)
  })
  return {head: [entry], body: [pointer, problem], control: `${id}-entry`}
}

function choice_body(field, id) {
  const select = element("select", {id})
  const note = element("p", {class: "note"})
  for (const [value, text] of field.options) select.append(element("option", {value}, text))
  const refresh = () => {
    select.value = field.value
    note.textContent = field.options.find(([value]) => value === field.value)?.[2] ?? ""
  }
  select.addEventListener("change", () => {
    field.value = select.value
    refresh()
  })
  field.on("value", refresh)
  refresh()
  return {head: [], body: [select, note], control: id}
}

function switch_body(field, id) {
  const box = element("input", {type: "checkbox", role: "switch", id})
  const refresh = () => {
    box.checked = field.value
  }
  box.addEventListener("change", () => {
    field.value = box.checked
  })
  field.on("value", refresh)
  refresh()
  return {head: [box], body: [], control: id}
}

function entry_body(field, id) {
  const entry = element("input", {
    type: "text",
    inputmode: "decimal",
    class: "entry",
    autocomplete: "off",
    id,
    placeholder: "Enter",
  })
  entry.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && entry.value.trim() !== "") field.value = entry.value
    if (event.key === "Escape") entry.value = ""
  })
  field.on("value", () => {
    if (field.value === "") entry.value = ""
  })
  return {head: [entry], body: [], control: id}
}

const BODIES = {number: number_body, choice: choice_body, switch: switch_body, line: entry_body}

function field_row(field, compact) {
  const id = `field-${field.control}`
  const label_id = `${id}-label`
  const {head, body, control} = BODIES[field.kind](field, id, label_id)
  const label = element("label", {id: label_id, for: control}, field.caption)
  const again = element(
    "button",
    {type: "button", class: "again", "aria-label": `${field.caption}: back to the default`},
    "↺",
  )
  again.addEventListener("click", () => {
    field.value = field.default
  })
  const changed = () => {
    again.hidden = field.value === field.default
  }
  field.on("value", changed)
  changed()
  const info = element(
    "button",
    {type: "button", class: "info", "aria-label": `About ${field.caption}: ${field.explanation}`},
    "?",
  )
  for (const event of ["pointerenter", "focus"]) info.addEventListener(event, () => show_tip(info, field.explanation))
  for (const event of ["pointerleave", "blur"]) info.addEventListener(event, hide_tip)
  // No "?" without an explanation, nor in a compact choice, which has no room: its row shows the tooltip.
  if (field.explanation === "" || (compact && field.kind === "choice")) info.hidden = true
  const row = element(
    "div",
    {class: `field ${field.kind} ${compact ? "compact" : ""}`},
    element("div", {class: "head"}, label, info, element("span", {class: "gap"}), again, ...head),
    ...body,
  )
  const named = compact && field.kind === "choice" ? row : label
  if (field.explanation !== "") {
    named.addEventListener("pointerenter", () => show_tip(named, field.explanation, compact))
    named.addEventListener("pointerleave", hide_tip)
  }
  return row
}

export function render({model, el}) {
  // Value shown by each field. A change by the visitor applies at once; a value from the server applies
  // only if the server has received the visitor's last change of that field.
  const now = model.values.slice(0, -1)
  const said = now.map(() => 0)
  let number = model.values.at(-1)
  const fields = JSON.parse(model.described).map((described, place) => {
    const heard = []
    return {
      ...described,
      heard,
      on: (_, call) => heard.push(call),
      get value() {
        return now[place]
      },
      set value(value) {
        if (now[place] === value) return
        now[place] = value
        said[place] = ++number
        send(model, "set", {number, place, value})
        for (const call of heard) call()
      },
    }
  })
  model.on("values", () => {
    const known = model.values.at(-1)
    fields.forEach((field, place) => {
      if (said[place] > known || now[place] === model.values[place]) return
      now[place] = model.values[place]
      for (const call of field.heard) call()
    })
  })
  if (model.title !== "") el.append(element("h2", {class: "title"}, model.title))
  const rows = element("div", {class: "rows"}, ...fields.map((field) => field_row(field, model.compact)))
  const settle = () =>
    fields.forEach((field, place) => {
      rows.children[place].hidden = !model.shown.includes(field.control)
    })
  model.on("shown", settle)
  settle()
  const mark = () =>
    fields.forEach((field, place) => {
      rows.children[place].classList.toggle("differs", model.marked.includes(field.control))
    })
  model.on("marked", mark)
  mark()
  el.append(rows)
  return hide_tip
}
