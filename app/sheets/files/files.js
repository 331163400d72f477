// The sheet “Files”. Files are sent in pieces, each requested by the receiver, so that frames can be sent
// in between. pictures.js is prepended.

function save(blob, name) {
  const url = URL.createObjectURL(blob)
  element("a", {href: url, download: name}).click()
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

export function render({model, el}) {
  const told = element("span", {class: "told grow", role: "status"})
  const bar = element("progress", {max: 1, hidden: true})
  const what = element("span", {class: "told", hidden: true})
  const cancel = element("button", {type: "button", class: "plain", hidden: true, click: () => give_up()}, "Cancel")
  const tell = (sentence, kind = "") => {
    told.textContent = sentence
    told.className = `told grow ${kind}`
  }
  const takers = []

  // --- from the server ---
  let delivery = null
  const take = async ({number, name, media, code, size}) => {
    delivery = {number, name, media, code, size, pieces: [], had: 0}
    send(model, "more", {number, at: 0})
  }
  const take_piece = async ({number, at, data}) => {
    if (delivery?.number !== number || at !== delivery.had) return
    delivery.pieces.push(data)
    delivery.had += data.byteLength
    if (delivery.had < delivery.size) {
      show_work([`Downloading ${delivery.name}`, delivery.had / delivery.size])
      send(model, "more", {number, at: delivery.had})
      return
    }
    const {name, media, code, pieces} = delivery
    delivery = null
    show_work(model.work)
    const blob = new Blob(pieces, {type: media})
    if (!code) {
      save(blob, name)
      return
    }
    area.value = await blob.text()
    area.hidden = keep.hidden = false
    keep.onclick = () => save(blob, name)
    const done = await copied(area)
    tell(`${done ? "Copied." : "Select the text below and copy it."} ${told.textContent}`)
  }

  // --- to the server ---
  const uploads = sender(model, {
    sending: (file, share) => show_work(share < 1 ? [`Uploading ${file.name}`, share] : model.work),
    failed: () => {
      send(model, "stop")
      tell("The file could not be read.", "bad")
      show_work(model.work)
    },
  })
  const open = (chosen) => {
    if (!chosen) return
    if (chosen.size > model.largest) {
      tell(
        `That file has ${Math.ceil(chosen.size / 2 ** 20)} MiB; at most ${model.largest / 2 ** 20} MiB can be uploaded.`,
        "bad",
      )
      return
    }
    tell("")
    uploads.begin(chosen)
  }
  const give_up = () => {
    uploads.stop()
    delivery = null
    show_work(model.work)
    send(model, "stop")
    // Work on the server reports its end itself.
    if (model.work[0] === "") tell("Cancelled.")
  }

  on_messages(model, {
    delivery: take,
    piece: take_piece,
    more: uploads.more,
    said: ({sentence, tone}) => {
      tell(sentence, tone)
      if (tone !== "bad") return
      uploads.stop()
      show_work(model.work)
    },
  })

  // --- what is shown ---
  const area = element("textarea", {
    readonly: true,
    hidden: true,
    spellcheck: "false",
    "aria-label": "The script",
    id: "files-code",
  })
  const keep = element("button", {type: "button", class: "plain", hidden: true}, "Download as a file")
  const chooser = element("input", {
    type: "file",
    accept: ".npz",
    id: "files-open",
    change: () => {
      open(chooser.files[0])
      chooser.value = ""
    },
  })
  const figure = element("select", {id: "files-figure", "aria-label": "Plot"})
  const take_picture = (type) =>
    picture(type).catch((error) => {
      console.warn(error)
      tell(`The picture could not be made: ${error.message}`, "bad")
    })
  const picture = async (type) => {
    const name = figure.value
    const parts = plots_now().get(name)
    const canvas = name === "landscape" ? landscape_now() : null
    if (!parts && !canvas) {
      tell("That plot is no longer shown.", "bad")
      list_figures()
      return
    }
    const heading = parts ? heading_of(parts[0].view) : ""
    const slug = (heading || (canvas ? "map of runs" : name)).replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "")
    const file_name = `hebbscope-${slug}-step${step_now()}.${type}`
    const label = heading || (model.figures[name] ?? name).split(" (")[0]
    save(
      await (canvas ? picture_of_landscape(canvas, label, type) : picture_of(parts, label, model.lines, type)),
      file_name,
    )
    tell(`Saved ${file_name}.`)
  }
  const png = element("button", {type: "button", click: () => take_picture("png")}, "PNG")
  const svg = element("button", {type: "button", click: () => take_picture("svg")}, "SVG")
  const list_figures = () => {
    const before = figure.value
    const names = [...plots_now().keys(), ...(landscape_now() ? ["landscape"] : [])]
    const order = Object.keys(model.figures)
    names.sort((a, b) => order.indexOf(a) - order.indexOf(b))
    figure.replaceChildren(...names.map((name) => element("option", {value: name}, model.figures[name] ?? name)))
    if (names.includes(before)) figure.value = before
    png.disabled = svg.disabled = figure.disabled = names.length === 0
  }

  for (const {name, title, explanation, exports} of model.sections) {
    const row = element("div", {class: "row"})
    for (const one of exports) {
      const option = one.option
        ? element("input", {type: "checkbox", checked: true, id: `files-${one.name}-all`})
        : null
      const press = element(
        "button",
        {
          type: "button",
          id: `files-${one.name}`,
          title: one.explanation,
          click: () => send(model, "take", {name: one.name, whole: option?.checked ?? true}),
        },
        one.label,
      )
      takers.push(press)
      row.append(press)
      if (option) row.append(element("label", {}, option, one.option))
    }
    if (name === "run")
      row.append(
        element("label", {class: "file"}, chooser, "Open…"),
        element("span", {class: "told"}, "or drop a file here"),
      )
    if (name === "pictures") row.append(figure, png, svg)
    const section = element("div", {class: "section"}, element("h3", {}, title), element("p", {}, explanation), row)
    if (name === "code") section.append(area, keep)
    el.append(section)
  }
  el.append(element("div", {class: "row state"}, what, bar, cancel, told))

  const show_work = ([words, share]) => {
    const busy = words !== ""
    bar.hidden = what.hidden = !busy
    cancel.hidden = !busy || (share < 0 && words === "Opening…")
    what.textContent = words
    if (share < 0) bar.removeAttribute("value")
    else bar.value = share
    bar.setAttribute("aria-label", words)
    for (const press of takers) press.disabled = busy
  }
  const follow = () => show_work(model.work)
  model.on("work", follow)

  const over = (on) => el.classList.toggle("over", on)
  el.addEventListener("dragover", (event) => {
    event.preventDefault()
    over(true)
  })
  el.addEventListener("dragleave", () => over(false))
  el.addEventListener("drop", (event) => {
    event.preventDefault()
    over(false)
    open(event.dataTransfer.files[0])
  })
  return when_opened("files", list_figures)
}
