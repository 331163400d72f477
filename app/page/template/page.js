// The page around the plots: its theme, its sheets, presenting.
(() => {
  const bokehjs = window.hebbscope.bokehjs
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", bokehjs.write_styles_once)
  else bokehjs.write_styles_once()

  // Sheets: a button of the head opens one.
  const open_sheet = (name) => {
    for (const other of document.querySelectorAll("dialog.sheet[open]")) other.close()
    const sheet = document.getElementById(`sheet-${name}`)
    sheet?.showModal()
    if (sheet) document.dispatchEvent(new CustomEvent("hebbscope-opened", {detail: name}))
  }
  for (const button of document.querySelectorAll("[data-sheet]")) {
    button.addEventListener("click", () => open_sheet(button.dataset.sheet))
  }
  document.addEventListener("hebbscope-close", () => {
    for (const sheet of document.querySelectorAll("dialog.sheet[open]")) sheet.close()
  })
  for (const sheet of document.querySelectorAll("dialog.sheet")) {
    // A press on the ground around a sheet closes it.
    sheet.addEventListener("pointerdown", (event) => { if (event.target === sheet) sheet.close() })
  }

  // Presenting: large type over the whole screen, or over the whole window where that is not granted.
  const root = document.documentElement
  const present = document.getElementById("present")
  const set_present = (on) => {
    if (on === ("present" in root.dataset)) return
    if (on) root.dataset.present = ""
    else delete root.dataset.present
    present.setAttribute("aria-pressed", on)
    // Labels of another size take another share of a figure.
    bokehjs.each_view(bokehjs.relayout)
    if (on) root.requestFullscreen?.().catch((error) => console.info("no full screen:", error.message))
    else if (document.fullscreenElement) document.exitFullscreen()
  }
  present.addEventListener("click", () => set_present(!("present" in root.dataset)))
  document.addEventListener("hebbscope-present", () => set_present(!("present" in root.dataset)))
  document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement) set_present(false) })
  const home = document.getElementById("home")
  home.addEventListener("click", () => {
    const said = new URLSearchParams(location.search)
    said.delete("embed")
    home.href = `?${said}`
  })

  document.getElementById("help").addEventListener("click", () => document.getElementById("keys").showModal())
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"
    try { localStorage.setItem("hebbscope-theme", root.dataset.theme) } catch (error) { console.warn("the theme is not remembered:", error) }
    // Plots take their colours from the style sheet when they paint, so ask them to.
    bokehjs.each_view(bokehjs.repaint)
  })
})()
