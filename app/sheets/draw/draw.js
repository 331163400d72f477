// The visitor's patterns: a list of them, grids to paint one of them, and uploads.

const BRUSHES = [
  [1, "1", "1"],
  [0.5, "½", "5"],
  [0, "0", "0"],
  [-1, "−1", "-"],
]
const AT_ONCE = 50 // ms between two messages during a stroke
const MOST_UNDONE = 50

function base64(values) {
  const bytes = new Uint8Array(values.buffer)
  let text = ""
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(text)
}

function inverse(values) {
  const high = Math.max(1, ...values)
  return values.some((value) => value < 0) ? (value) => 0 - value : (value) => high - value
}

export function render({model, el}) {
  let edition = -1,
    n = 0,
    m = 0,
    columns = 1,
    limits = {}
  let patterns = [],
    chosen = 0,
    past = [],
    brush = 1,
    awaited = false
  let timer = null

  const tell = (kind, more = {}) => send(model, kind, more)
  const packed = ({name, pre, target}) => ({name, pre: base64(pre), target: base64(target)})
  const one = (unit) => Float32Array.from({length: m}, (_, i) => Number(i === unit))
  const blank = (number) => ({name: `pattern ${number + 1}`, pre: new Float32Array(n), target: one(number % m)})
  const current = () => patterns[chosen] ?? blank(0)

  // --- messages to the server ---------------------------------------------------------------

  const put = () => {
    clearTimeout(timer)
    timer = null
    tell("put", {edition, at: chosen, pattern: packed(patterns[chosen])})
  }
  const flush = () => {
    if (timer !== null) put()
  }
  const put_soon = () => {
    timer ??= setTimeout(put, AT_ONCE)
  }
  const put_all = () => {
    clearTimeout(timer)
    timer = null
    tell("all", {edition, patterns: patterns.map(packed)})
  }

  // --- changes, each of which can be undone -------------------------------------------------

  const remember = () => {
    flush()
    past.push({patterns: [...patterns], chosen})
    if (past.length > MOST_UNDONE) past.shift()
    undo.disabled = false
  }
  // Patterns in the undo history are never modified: a change replaces the pattern by a copy.
  const another = (part, change = (values) => values) => {
    remember()
    if (patterns.length === 0) patterns = [blank(0)]
    const before = patterns[chosen],
      values = change(Float32Array.from(before[part]))
    patterns[chosen] = {...before, [part]: values}
    return values
  }
  const alter = (part, change) => {
    another(part, change)
    put()
    show()
  }
  const rearrange = (next, at) => {
    remember()
    patterns = next
    chosen = Math.min(Math.max(at, 0), Math.max(patterns.length - 1, 0))
    put_all()
    show()
  }
  const add = (pattern) => {
    if (patterns.length >= limits.most) {
      say(`At most ${limits.most} patterns can be kept.`, true)
      return
    }
    remember()
    chosen = patterns.length
    patterns = [...patterns, pattern]
    put()
    show()
  }
  const take_back = () => {
    const before = past.pop()
    if (before === undefined) return
    ;({patterns, chosen} = before)
    put_all()
    show()
  }
  const choose = (at) => {
    flush()
    chosen = at
    show()
  }
  const shift = (by) => {
    const next = [...patterns],
      to = chosen + by
    if (to < 0 || to >= next.length) return
    ;[next[chosen], next[to]] = [next[to], next[chosen]]
    rearrange(next, to)
  }

  // --- the list -----------------------------------------------------------------------------

  const button = (text, title, press, more = {}) =>
    element("button", {type: "button", "aria-label": title, title, click: press, ...more}, text)
  const list = element("ul", {"aria-label": "Your patterns"})
  const none = element(
    "p",
    {},
    "None yet: paint on the grid, upload a file, or ",
    element(
      "button",
      {
        type: "button",
        class: "link",
        click: () => {
          awaited = true
          tell("shapes")
        },
      },
      "begin with four shapes",
    ),
    ".",
  )
  const fresh = button("+ New", "New pattern", () => add(blank(patterns.length)))
  const copy = button("Copy", "Copy this pattern", () =>
    add({...current(), name: `${current().name} copy`.slice(0, limits.longest)}),
  )
  const up = button("↑", "Move this pattern up", () => shift(-1))
  const down = button("↓", "Move this pattern down", () => shift(1))
  const remove = button("Delete", "Delete this pattern", () =>
    rearrange(
      patterns.filter((_, i) => i !== chosen),
      chosen,
    ),
  )

  const show_list = () => {
    const focused = list.getRootNode().activeElement?.closest?.("li") != null
    list.replaceChildren(
      ...patterns.map((pattern, at) => {
        const canvas = element("canvas", {"aria-hidden": "true"})
        paint_small(canvas, pattern.pre, columns, limits.palette)
        return element(
          "li",
          {},
          element(
            "button",
            {type: "button", "aria-current": at === chosen ? "true" : null, click: () => choose(at)},
            canvas,
            element("span", {}, pattern.name),
          ),
        )
      }),
    )
    const now = list.querySelector("[aria-current]")
    if (focused) now?.focus()
    now?.scrollIntoView({block: "nearest"})
    none.hidden = patterns.length > 0
    for (const act of [copy, remove]) act.disabled = patterns.length === 0
    up.disabled = chosen === 0
    down.disabled = chosen >= patterns.length - 1
  }

  // --- one pattern --------------------------------------------------------------------------

  const name = element("input", {type: "text", id: "draw-name", autocomplete: "off", spellcheck: "false"})
  name.addEventListener("change", () => {
    const wanted = name.value.trim()
    if (wanted === "" || patterns.length === 0) {
      name.value = current().name
      return
    }
    remember()
    patterns[chosen] = {...patterns[chosen], name: wanted}
    put()
    show_list()
  })
  const brushes = BRUSHES.map(([value, text, key]) => {
    const press = button("", `Paint ${text}`, () => use(value), {"aria-keyshortcuts": key})
    press.append(element("i", {"aria-hidden": "true"}), text)
    return [value, press, key]
  })
  const use = (value) => {
    brush = value
    for (const [of, press] of brushes) press.setAttribute("aria-pressed", String(of === value))
  }
  use(1)
  const undo = button("Undo", "Undo", take_back, {"aria-keyshortcuts": "Control+Z", disabled: true})

  const key = (event) => {
    const found = brushes.find(([, , key]) => key === event.key)
    if (found) use(found[0])
    return found !== undefined
  }
  // During a stroke, only the picture of the pattern in the list is repainted.
  const changed = (part) => () => {
    put_soon()
    if (list.childElementCount !== patterns.length) show()
    else if (part === "pre") {
      paint_small(list.children[chosen].querySelector("canvas"), patterns[chosen].pre, columns, limits.palette)
    } else show_one()
  }
  const pre = painter({
    label: "Pre units. Arrow keys move, Space paints; the keys 1, 5 (for ½), 0 and − choose the value.",
    room: [340, 340],
    where: (unit) => `row ${Math.floor(unit / columns)}, column ${unit % columns}`,
    brush: () => brush,
    begin: () => another("pre"),
    change: changed("pre"),
    key,
  })
  const target = painter({
    label: "Target of the post units. Arrow keys move, Space paints; the keys 1, 5 (for ½), 0 and − choose the value.",
    room: [576, 160],
    where: (unit) => `post ${unit}`,
    brush: () => brush,
    begin: () => another("target"),
    change: changed("target"),
    key,
  })
  const unit = element("input", {type: "number", id: "draw-unit", min: 0, step: 1})
  unit.addEventListener("change", () => {
    const at = Number(unit.value)
    if (unit.value !== "" && Number.isInteger(at) && at >= 0 && at < m) alter("target", () => one(at))
    else show_one()
  })
  const show_one = () => {
    const {target} = current(),
      lit = [...target.keys()].filter((i) => target[i] !== 0)
    unit.value = lit.length === 1 && target[lit[0]] === 1 ? String(lit[0]) : ""
  }
  const clear = (part) => alter(part, (values) => values.fill(0))
  const invert = () => alter("pre", (values) => values.map(inverse(values)))
  const noise = () =>
    alter("pre", (values) => {
      const flip = inverse(values)
      return values.map((value) => (Math.random() < 0.1 ? flip(value) : value))
    })
  const note = element("p", {role: "status", class: "note"})
  const show = () => {
    const {name: called, pre: shown, target: paired} = current()
    show_list()
    name.value = called
    name.disabled = patterns.length === 0
    pre.show(shown, columns, limits.palette)
    // One row of up to 32 units; more units are wrapped into rows of 32, or into a square if it is wider.
    target.show(paired, m <= 32 ? m : Math.max(32, Math.ceil(Math.sqrt(m))), limits.palette)
    show_one()
    undo.disabled = past.length === 0
  }
  const show_run = ({shown, idle}) => {
    note.replaceChildren()
    if (!shown && patterns.length > 0) {
      note.append(
        "The run shows another pattern. ",
        element("button", {type: "button", class: "link", click: () => tell("show")}, "Show these"),
        " ",
      )
    }
    if (idle !== "") note.append(`Post comes from “${idle}”, which makes no use of targets.`)
    note.hidden = note.childNodes.length === 0
  }

  // --- files --------------------------------------------------------------------------------

  const said = element("span", {class: "told", role: "status"})
  const say = (text, bad = false) => {
    said.textContent = text
    said.classList.toggle("bad", bad)
  }
  const files = uploader(model, {
    say,
    allowed: () => limits,
    begin: () => {
      flush()
      awaited = true
    },
    end: (at) => {
      awaited = false
      if (at >= 0) choose(Math.min(at, patterns.length - 1))
    },
  })
  const allowed = element("p", {class: "allowed"})
  el.addEventListener("dragover", (event) => event.preventDefault())
  el.addEventListener("drop", (event) => {
    event.preventDefault()
    files.take([...event.dataTransfer.files])
  })

  // --- the whole ----------------------------------------------------------------------------

  const group = (label, ...children) => element("div", {class: "row", role: "group", "aria-label": label}, ...children)
  el.classList.add("draw")
  el.append(
    note,
    element(
      "div",
      {class: "both"},
      element(
        "div",
        {class: "list"},
        list,
        none,
        group("Patterns", fresh, copy),
        group("This pattern", up, down, remove),
      ),
      element(
        "div",
        {class: "one"},
        element(
          "div",
          {class: "row"},
          element("label", {for: "draw-name"}, "Name"),
          name,
          element("span", {class: "grow"}),
          undo,
        ),
        element(
          "div",
          {class: "board"},
          element("div", {class: "grid"}, pre.canvas, pre.spoken),
          element(
            "div",
            {class: "tools"},
            element("h3", {}, "Paint"),
            group("Value to paint", ...brushes.map(([, press]) => press)),
            element("h3", {}, "All pre units"),
            group(
              "All pre units",
              button("Clear", "Clear all pre units", () => clear("pre")),
              button("Invert", "Invert all pre units", invert),
              button("Noise", "Invert each pre unit with a probability of 10 %", noise),
            ),
            element(
              "p",
              {class: "keys"},
              "Drag to paint, or use the arrow keys and Space. Shift with an arrow key draws a line.",
            ),
          ),
        ),
        element(
          "div",
          {class: "row aim"},
          element("h3", {}, "Target"),
          element("span", {class: "grow"}),
          element("label", {for: "draw-unit"}, "one unit"),
          unit,
          button("Clear", "Clear the target", () => clear("target")),
        ),
        element("div", {class: "grid"}, target.canvas, target.spoken),
      ),
    ),
    element("div", {class: "row files"}, element("label", {class: "file"}, "Upload a file …", files.input), said),
    allowed,
  )

  el.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "z") return
    // Text fields have an undo of their own.
    if (event.composedPath()[0].matches?.("input[type=text], input[type=number]")) return
    event.preventDefault()
    take_back()
  })
  el.addEventListener("pointerup", flush)

  const heard = {
    patterns(told) {
      if (told.palette) {
        limits = told
        files.input.accept = told.endings.join(",")
        for (const [value, press] of brushes)
          press.querySelector("i").style.background = colour_of(value, 1, told.palette)
      }
      if (told.edition !== edition) {
        const same = told.n === n && told.m === m
        if (awaited && same) remember()
        else past = []
        awaited = false
        clearTimeout(timer)
        timer = null
        ;({edition, n, m, columns} = told)
        const all = {pre: new Float32Array(told.pre), target: new Float32Array(told.target)}
        patterns = told.names.map((called, i) => ({
          name: called,
          pre: all.pre.slice(i * n, (i + 1) * n),
          target: all.target.slice(i * m, (i + 1) * m),
        }))
        chosen = Math.min(chosen, Math.max(patterns.length - 1, 0))
        name.maxLength = limits.longest
        unit.max = m - 1
        allowed.textContent = told.accepted
      }
      show()
      show_run(told)
    },
    run: show_run,
    said: ({said: text, bad}) => say(text, bad),
    more: files.more,
    read: ({at}) => files.done(at),
  }
  on_messages(model, heard)

  const dialog = document.getElementById("sheet-draw")
  const closed = () => {
    flush()
    tell("closed")
  }
  const end = when_opened("draw", () => {
    say("")
    tell("opened")
  })
  dialog?.addEventListener("close", closed)
  return () => {
    end()
    dialog?.removeEventListener("close", closed)
  }
}
