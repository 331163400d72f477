// Keyboard shortcuts of the whole page. Input fields and dialogs keep all their keys, buttons keep Space.

const MOVES = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}

export function render({model}) {
  const act = (action) => send(model, "act", {action})

  const heard = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
    const path = event.composedPath().filter((node) => node instanceof Element)
    if (path.some((node) => node.matches("input:not([type=checkbox]), select, textarea, dialog, [contenteditable]")))
      return
    const on_button = path.some((node) => node.matches("button, a, [role=button], [type=checkbox]"))
    const on_map = path.some((node) => node.matches("[data-map]"))
    if (on_map && event.key in MOVES) {
      const by = event.shiftKey ? 10 : 1
      const [down, across] = MOVES[event.key]
      send(model, "move", {down: by * down, across: by * across})
    } else {
      const action = model.bindings[event.key]
      if (action === undefined || (on_button && event.key === " ")) return
      if (action === "help") document.getElementById("keys").showModal()
      else if (action === "present") document.dispatchEvent(new CustomEvent("hebbscope-present"))
      else act(action)
    }
    event.preventDefault()
  }
  const opened = (event) => act(`open ${event.detail}`)
  document.addEventListener("keydown", heard)
  document.addEventListener("hebbscope-opened", opened)
  return () => {
    document.removeEventListener("keydown", heard)
    document.removeEventListener("hebbscope-opened", opened)
  }
}
