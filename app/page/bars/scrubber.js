// A slider over the kept frames. `at` is −1 while the newest one is shown.

const JUMPS = [
  {text: "first", says: "first frame kept", to: (m) => m.first},
  {text: "−10", says: "ten frames back", to: (_m, at) => at - 10},
  {text: "−1", says: "one frame back", to: (_m, at) => at - 1},
  null,
  {text: "+1", says: "one frame forward", to: (_m, at) => at + 1},
  {text: "+10", says: "ten frames forward", to: (_m, at) => at + 10},
]

function button(text, says, act) {
  const made = document.createElement("button")
  made.type = "button"
  made.textContent = text
  made.setAttribute("aria-label", says)
  made.title = says
  made.addEventListener("click", act)
  return made
}

export function render({model, el}) {
  const bar = document.createElement("div")
  bar.className = "bar"
  bar.setAttribute("role", "group")
  bar.setAttribute("aria-label", "History")
  const slider = document.createElement("input")
  slider.type = "range"
  slider.id = "history"
  slider.step = 1
  slider.setAttribute("aria-label", "Frame shown")
  const told = document.createElement("output")
  told.id = "history-at"

  const go = (to) => {
    const at = Math.min(Math.max(to, model.first), model.last)
    slider.min = Math.min(slider.min, at)
    slider.max = Math.max(slider.max, at)
    slider.value = at
    model.at = at
  }
  const here = () => (model.at >= 0 ? model.at : model.last)
  for (const jump of JUMPS) {
    bar.append(jump === null ? slider : button(jump.text, jump.says, () => go(jump.to(model, here()))))
  }
  const live = button("live", "back to the newest frame", () => {
    model.at = -1
  })
  const branch = button("branch from here", "continue the run from the frame shown; later frames are discarded", () =>
    send(model, "branch"),
  )
  live.className = "live"
  bar.append(live, told, branch)
  slider.addEventListener("input", () => {
    model.at = Number(slider.value)
  })

  const refresh = () => {
    const past = model.at >= 0
    if (!past) {
      slider.min = model.first
      slider.max = Math.max(model.last, model.first + 1)
      slider.value = model.last
    } else {
      // The ends stay fixed, unless the requested frame is no longer kept and one outside them is shown.
      if (model.at < Number(slider.min) || model.at > Number(slider.max)) {
        slider.min = model.first
        slider.max = Math.max(model.last, model.at)
      }
      slider.value = model.at
    }
    const share = (slider.value - slider.min) / Math.max(slider.max - slider.min, 1)
    slider.style.setProperty("--filled", `${100 * share}%`)
    live.setAttribute("aria-pressed", String(!past))
    branch.hidden = !past
    told.textContent = past ? `step ${model.step}` : ""
    slider.setAttribute("aria-valuetext", past ? `step ${model.step}` : "live")
  }
  for (const name of ["first", "last", "at", "step"]) model.on(name, refresh)
  refresh()
  el.append(bar)
}
