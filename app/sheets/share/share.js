// The link to the page in its current state: its options, copying, its QR code.

const copy = async (field, told) => {
  told.textContent = (await copied(field)) ? "copied" : "Not copied, but selected: press Ctrl+C (⌘C)."
}

export function render({model, el}) {
  let chosen = false
  const box = (id, ...words) => {
    const input = element("input", {
      type: "checkbox",
      id,
      change: () => {
        chosen = true
        settle(true)
        ask()
      },
    })
    return [input, element("label", {}, input, ...words)]
  }
  const told_by = () => element("span", {class: "told", role: "status"})

  const link = element("input", {
    type: "text",
    id: "share-link",
    class: "grow",
    readonly: true,
    "aria-label": "Link",
    focus: () => link.select(),
  })
  const link_told = told_by()
  const frame = element("textarea", {
    id: "share-frame",
    class: "grow",
    readonly: true,
    rows: 4,
    "aria-label": "HTML of the iframe",
    focus: () => frame.select(),
  })
  const frame_told = told_by()
  const copy_link = element(
    "button",
    {type: "button", class: "primary", click: () => copy(link, link_told)},
    "Copy link",
  )
  const copy_frame = element("button", {type: "button", click: () => copy(frame, frame_told)}, "Copy HTML")
  // Until the server answers, the link shown is that of the previous options: do not copy it.
  const settle = (waits) => {
    copy_link.disabled = copy_frame.disabled = waits
  }
  const frame_row = element(
    "div",
    {class: "frame"},
    element("h3", {}, "HTML for the course page"),
    frame,
    element("div", {class: "row"}, copy_frame, frame_told),
  )

  const number = element("b")
  const [stop, stop_label] = box("share-stop", element("span", {}, "stop at the current step (", number, ")"))
  const title = element("b")
  const [lesson, lesson_label] = box("share-lesson", element("span", {}, "open the lesson ", title))
  const [embed, embed_label] = box("share-embed", "for an iframe on a course page")
  const groups = model.groups.map((name) => [name, ...box(`share-hide-${name}`, name)])
  lesson.checked = true

  const code = element("div", {class: "code", role: "img", "aria-label": "QR code of the link"})
  const large = element("div", {class: "code", role: "img", "aria-label": "QR code of the link"})
  const words = element("p")
  const screen = element(
    "dialog",
    {class: "screen", "aria-label": "QR code, large"},
    large,
    words,
    element("button", {type: "button", class: "back", click: () => screen.close()}, "Back (Esc)"),
  )
  const fill = element("button", {type: "button", disabled: true, click: () => screen.showModal()}, "Fill the screen")
  const coded = element("div", {class: "coded"}, code, fill)
  const notes = element("div", {class: "notes", role: "status"})

  el.classList.add("share")
  el.append(
    element("div", {class: "row"}, link, copy_link, link_told),
    element(
      "p",
      {},
      "The link holds all settings and the seed, but not the weights: it starts a new run with these settings.",
    ),
    notes,
    element(
      "div",
      {class: "sides"},
      element(
        "div",
        {class: "grow"},
        element("h3", {}, "The linked page"),
        element("div", {class: "options"}, stop_label, lesson_label, embed_label),
        element(
          "fieldset",
          {hidden: groups.length === 0},
          element("legend", {}, "Hide groups of controls"),
          ...groups.map(([, , label]) => label),
        ),
        frame_row,
      ),
      coded,
    ),
    screen,
  )

  const ask = () => {
    link_told.textContent = frame_told.textContent = ""
    const options = chosen
      ? {
          stop: stop.checked,
          embed: embed.checked,
          lesson: lesson.checked,
          hide: groups.filter(([, input]) => input.checked).map(([name]) => name),
        }
      : null
    send(model, "link", {here: location.origin + location.pathname, options})
  }
  const show = () => {
    if (model.answer === "") return
    const answer = JSON.parse(model.answer)
    settle(false)
    link.value = words.textContent = answer.link
    number.textContent = answer.step
    title.textContent = answer.lesson
    lesson_label.hidden = answer.lesson === ""
    frame.value = answer.frame
    frame_row.hidden = answer.frame === ""
    notes.replaceChildren(...answer.told.map((sentence) => element("p", {}, sentence)))
    coded.hidden = !answer.coded
    if (chosen) return
    embed.checked = answer.embed
    for (const [name, input] of groups) input.checked = answer.hide.includes(name)
  }
  const show_code = () => {
    code.innerHTML = large.innerHTML = model.qr
    // The elements around them have the accessible name.
    for (const frame of [code, large]) frame.firstElementChild?.setAttribute("aria-hidden", "true")
    fill.disabled = model.qr === ""
  }
  model.on("answer", show)
  model.on("qr", show_code)
  show()
  show_code()

  return when_opened("share", ask)
}
