// Saved settings, as cards; the browser stores a copy of them if it can.

const STORE = "hebbscope-notes"

export function render({model, el}) {
  // The content of the store when this page last read or wrote it; another page may have changed it.
  let known = null,
    asked = false

  const name = element("input", {
    type: "text",
    id: "note-name",
    class: "grow",
    maxlength: model.longest,
    autocomplete: "off",
  })
  const keep = () => {
    send(model, "keep", {name: name.value})
    name.value = ""
  }
  name.addEventListener("keydown", (event) => {
    if (event.key === "Enter") keep()
  })
  const told = element("p", {class: "told", role: "status"})
  const list = element("ul", {class: "cards", "aria-label": "Notes"})
  const none = element(
    "p",
    {},
    "No notes yet. Save the current settings, change some, and save again: then you can switch between them.",
  )
  el.classList.add("notes-sheet")
  el.append(
    element(
      "div",
      {class: "row"},
      element("label", {for: "note-name"}, "Name"),
      name,
      element("button", {type: "button", class: "primary", click: keep}, "Save the current settings"),
    ),
    told,
    none,
    list,
  )

  const made = new Map() // number of a note -> its card
  const card_of = (note) => {
    let shown = note
    const picture = element("img", {alt: "", width: 96, height: 96})
    const blank = element("div", {class: "blank"}, "no picture")
    const title = element("input", {type: "text", class: "name", maxlength: model.longest, autocomplete: "off"})
    const step = element("span", {class: "told"})
    const differs = element("p", {class: "differs"})
    const load = element("button", {type: "button"}, "Load")
    const remove = element("button", {type: "button"}, "Delete")
    title.addEventListener("change", () => {
      if (title.value.trim() === "") title.value = shown.name
      else if (title.value !== shown.name) send(model, "rename", {note: shown.note, name: title.value})
    })
    title.addEventListener("keydown", (event) => {
      if (event.key === "Enter") title.blur()
      if (event.key === "Escape" && title.value !== shown.name) {
        // Discard the typed name, but do not close the sheet.
        event.preventDefault()
        title.value = shown.name
      }
    })
    load.addEventListener("click", () => {
      send(model, "load", {note: shown.note})
      document.dispatchEvent(new CustomEvent("hebbscope-close"))
    })
    remove.addEventListener("click", () => {
      const next = item.nextElementSibling ?? item.previousElementSibling
      ;(next?.querySelector("button.remove") ?? name).focus()
      send(model, "delete", {note: shown.note})
    })
    remove.classList.add("remove")
    const item = element(
      "li",
      {class: "card"},
      picture,
      blank,
      element("div", {class: "words"}, title, step, differs, element("div", {class: "row"}, load, remove)),
    )
    const write = (next) => {
      shown = next
      title.value = next.name
      title.setAttribute("aria-label", `Name of note ${next.name}`)
      step.textContent = `step ${next.step}`
      differs.textContent = differs.title = next.differs.length > 0 ? next.differs.join(", ") : "all at the defaults"
      load.setAttribute("aria-label", `Load ${next.name}`)
      remove.setAttribute("aria-label", `Delete ${next.name}`)
      if (picture.getAttribute("src") !== next.thumb && next.thumb !== "") picture.src = next.thumb
      picture.alt = `W of ${next.name}`
      picture.hidden = next.thumb === ""
      blank.hidden = next.thumb !== ""
    }
    write(note)
    return {item, write}
  }

  const show = () => {
    // Cards that stay are reused: one of them may be about to be clicked.
    const notes = JSON.parse(model.cards)
    const numbers = new Set(notes.map(({note}) => note))
    for (const [number, {item}] of made) {
      if (numbers.has(number)) continue
      item.remove()
      made.delete(number)
    }
    for (const note of notes) {
      const there = made.get(note.note)
      if (there) there.write(note)
      else {
        const card = card_of(note)
        made.set(note.note, card)
        list.append(card.item)
      }
    }
    none.hidden = notes.length > 0
    if (!asked) return
    const text = JSON.stringify(notes.map(({name, values, step, thumb}) => ({name, values, step, thumb})))
    if (text === known) return
    known = text
    // Storing fails in private windows and on full disks: the notes then last as long as the page.
    try {
      localStorage.setItem(STORE, text)
    } catch (error) {
      console.warn("notes are not stored:", error)
      store = () => null
      told.textContent = "This browser does not store data for this page: the notes are lost when it is closed."
    }
  }
  let store = () => {
    try {
      return localStorage.getItem(STORE)
    } catch (error) {
      console.warn("notes are not stored:", error)
      told.textContent = "This browser does not store data for this page: the notes are lost when it is closed."
      return null
    }
  }
  const opened = () => {
    asked = true
    told.textContent = ""
    const stored = store()
    if (stored === null || stored === known) send(model, "opened")
    else {
      known = stored
      send(model, "offer", {stored})
    }
  }
  model.on("cards", show)
  model.on("suggested", () => {
    name.placeholder = model.suggested
  })
  on_messages(model, {
    said: ({sentence}) => {
      told.textContent = sentence
    },
  })
  show()
  return when_opened("notes", opened)
}
