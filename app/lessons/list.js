// The sheet that lists the lessons, one card each.

export function render({model, el}) {
  const choose = (name) => {
    send(model, "choose", {name})
    document.dispatchEvent(new CustomEvent("hebbscope-close"))
  }
  const cards = JSON.parse(model.lessons).map((lesson, place) => {
    const watch = element("div", {class: "watch"})
    watch.innerHTML = lesson.watch // rendered on the server, in which raw HTML of a lesson is escaped
    return element(
      "button",
      {type: "button", class: "card", id: `lesson-${lesson.name}`, click: () => choose(lesson.name)},
      element("b", {}, `${place + 1}. ${lesson.title}`),
      element("span", {class: "minutes"}, `${lesson.minutes} min`),
      watch,
    )
  })
  el.append(
    element(
      "p",
      {},
      "Each asks what you expect, lets you commit, runs it, and explains it. Every number in the built-in ones is measured by a test.",
    ),
    element("div", {class: "cards"}, ...cards),
  )
}
