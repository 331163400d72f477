// The open lesson. The learner chooses, commits, watches the run, and reads the explanation.

export function render({model, el}) {
  const html = (tag, className, text) => {
    const node = element(tag, {class: className})
    node.innerHTML = text // rendered on the server, in which raw HTML of a lesson is escaped
    return node
  }
  const press = (label, act, more = {}) => element("button", {type: "button", click: act, ...more}, label)

  // `top` and `foot` are rebuilt at each change; `after`, between them, is a live region for screen readers.
  const top = element("div"),
    after = element("div", {class: "after", tabindex: -1, "aria-live": "polite"})
  const foot = element("div", {class: "foot row"})

  let drawn = ""
  let picked = -1
  const draw = () => {
    const shown = JSON.stringify([model.lesson, model.at, model.chosen, model.told_why])
    if (shown === drawn) return
    const moved = drawn === "" || JSON.parse(drawn)[0] !== model.lesson || JSON.parse(drawn)[1] !== model.at
    drawn = shown
    const had_focus = el.getRootNode().activeElement !== null
    el.toggleAttribute("data-open", model.lesson !== "")
    if (model.lesson === "") {
      el.replaceChildren()
      return
    }
    if (!after.isConnected) el.replaceChildren(top, after, foot)
    if (moved) picked = -1
    const lesson = JSON.parse(model.lesson)
    const at = model.at,
      step = lesson.steps[at],
      last = at === lesson.steps.length - 1
    const chosen = model.chosen[at] ?? -1,
      why = model.told_why[at] ?? ""
    const committed = chosen >= 0

    const dots = element(
      "ol",
      {class: "dots", "aria-label": "Steps"},
      ...lesson.steps.map((one, place) =>
        element(
          "li",
          {},
          press(String(place + 1), () => send(model, "show_step", {step: place}), {
            "aria-label": `Step ${place + 1}: ${one.heading}`,
            "aria-current": place === at ? "step" : null,
            class: (model.chosen[place] ?? -1) >= 0 ? "done" : "",
          }),
        ),
      ),
    )
    const choices = step.choices.map((choice, place) => {
      const input = element("input", {
        type: "radio",
        name: "prediction",
        value: place,
        disabled: committed,
        change: () => {
          picked = place
          commit.disabled = false
        },
      })
      input.checked = committed ? place === chosen : place === picked
      const verdict = !committed || why === "" ? "" : choice.right ? "right" : place === chosen ? "wrong" : ""
      const mark = {right: "✓", wrong: "✗", "": ""}[verdict]
      return element(
        "label",
        {class: `choice ${verdict}`},
        input,
        html("span", "", choice.html),
        element("b", {"aria-label": verdict || null}, mark),
      )
    })
    const commit = press(
      "Commit",
      () => {
        if (picked >= 0) send(model, "commit", {choice: picked})
      },
      {class: "primary", id: "lesson-commit"},
    )
    commit.disabled = picked < 0

    top.replaceChildren(
      element(
        "div",
        {class: "head"},
        element("h2", {}, lesson.title),
        press("✕", () => send(model, "close"), {
          class: "plain",
          "aria-label": "Close the lesson",
          title: "Close the lesson; its settings stay",
        }),
      ),
      element(
        "div",
        {class: "bar"},
        dots,
        element("span", {class: "grow"}),
        press("↺ reset to lesson", () => send(model, "restore"), {
          class: "plain",
          title: "Set everything as this step asks for",
        }),
      ),
      ...(at === 0 ? [html("div", "text intro", lesson.intro), html("div", "text watch", lesson.watch)] : []),
      element("h3", {}, step.heading),
      html("div", "text", step.question),
      element("fieldset", {}, element("legend", {}, "Your prediction"), ...choices),
    )
    if (!committed) after.replaceChildren(commit)
    else if (why === "")
      after.replaceChildren(
        element("p", {class: "runs"}, "The run shows it …"),
        press("explain now", () => send(model, "why"), {class: "plain"}),
      )
    else after.replaceChildren(html("div", "text why", why), ...(last ? [html("div", "text claim", lesson.claim)] : []))
    foot.replaceChildren()
    if (at > 0) foot.append(press("Back", () => send(model, "show_step", {step: at - 1})))
    // No "Next" while the run is in progress: the explanation comes first.
    if (!last && why !== "")
      foot.append(press("Next", () => send(model, "show_step", {step: at + 1}), {class: "primary"}))
    else if (!last && !committed) foot.append(press("Skip", () => send(model, "show_step", {step: at + 1})))
    else if (why !== "")
      foot.append(
        lesson.after === ""
          ? press("Close", () => send(model, "close"), {class: "primary"})
          : press(`Next lesson: ${lesson.after}`, () => send(model, "next"), {class: "primary"}),
      )
    // The focused element may be gone: move the focus to the answer, or to the new question.
    if (had_focus) (moved ? top.querySelector("input, button") : after).focus({preventScroll: !moved})
    if (moved) el.scrollIntoView?.({block: "nearest"})
  }
  for (const name of ["lesson", "at", "chosen", "told_why"]) model.on(name, draw)
  draw()
}
