// The page around the plots: theme, sheets and presentation mode.
;(() => {
  const bokehjs = window.hebbscope.bokehjs
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", bokehjs.write_styles_once)
  else bokehjs.write_styles_once()

  // Sheets, opened by the buttons in the header.
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
    // A press on the backdrop closes the sheet.
    sheet.addEventListener("pointerdown", (event) => {
      if (event.target === sheet) sheet.close()
    })
  }

  // Presentation mode: large type, in full screen if the browser grants it.
  const root = document.documentElement
  const present = document.getElementById("present")
  const set_present = (on) => {
    if (on === "present" in root.dataset) return
    if (on) root.dataset.present = ""
    else delete root.dataset.present
    present.setAttribute("aria-pressed", on)
    // The labels change size, so the plots need a new layout.
    bokehjs.each_view(bokehjs.relayout)
    if (on) root.requestFullscreen?.().catch((error) => console.info("no full screen:", error.message))
    else if (document.fullscreenElement) document.exitFullscreen()
  }
  present.addEventListener("click", () => set_present(!("present" in root.dataset)))
  document.addEventListener("hebbscope-present", () => set_present(!("present" in root.dataset)))
  document.addEventListener("fullscreenchange", () => {
    if (!document.fullscreenElement) set_present(false)
  })
  const home = document.getElementById("home")
  home.addEventListener("click", () => {
    const said = new URLSearchParams(location.search)
    said.delete("embed")
    home.href = `?${said}`
  })

  document.getElementById("help").addEventListener("click", () => document.getElementById("keys").showModal())
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"
    try {
      localStorage.setItem("hebbscope-theme", root.dataset.theme)
    } catch (error) {
      console.warn("the theme is not remembered:", error)
    }
    // Plots read their colours from the style sheet when they paint.
    bokehjs.each_view(bokehjs.repaint)
  })
})()
