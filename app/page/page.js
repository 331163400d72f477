// The page around the plots: its theme, and what Bokeh reads of it.
(() => {
  // Bokeh asks the browser for a style variable each time it draws anything, some two hundred times
  // a frame, and for the size of the letters at each axis; each question makes the browser work its
  // styles out anew: half of a frame's time. Both change with the theme and the window alone. Without
  // these private methods of Bokeh's, frames are merely slower.
  const styles = new Map()
  let letters = new WeakMap()
  addEventListener("resize", () => { letters = new WeakMap() })
  const remember_letters = () => {
    let plots
    try { plots = Bokeh.require("models/plots/plot_canvas").PlotView.prototype } catch (_) { return }
    const ask = Object.getOwnPropertyDescriptor(plots, "base_font_size")?.get
    if (ask === undefined) return
    Object.defineProperty(plots, "base_font_size", {
      configurable: true,
      get() {
        let size = letters.get(this)
        if (size === undefined) {
          size = ask.call(this)
          if (size !== null && this.el.isConnected) letters.set(this, size)
        }
        return size
      },
    })
  }
  // All that is drawn writes its place into a style sheet of its own, at each frame and mostly the
  // same, which the browser reads anew each time and works out the styles of the page again.
  const write_once = () => {
    let sheets
    try { sheets = Bokeh.require("core/dom").InlineStyleSheet.prototype } catch (_) { return }
    const write = sheets._update
    if (write === undefined) return
    sheets._update = function (css) {
      if (this.el.textContent !== css) write.call(this, css)
    }
  }
  const remember = () => {
    remember_letters()
    write_once()
    let visuals
    try { visuals = Bokeh.require("core/visuals/visual").VisualProperties.prototype } catch (_) { return }
    const ask = visuals._get_css_value
    if (ask === undefined) return
    visuals._get_css_value = function (name) {
      const variable = this.css_prefix + name
      let value = styles.get(variable)
      if (value === undefined) {
        value = ask.call(this, name)
        // What is not in the page yet has no style yet.
        if (this.obj.el.isConnected) styles.set(variable, value)
      }
      return value
    }
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", remember)
  else remember()

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
  const each_view = (act) => {
    const visit = (view) => { act(view); for (const child of view.children?.() ?? []) visit(child) }
    for (const view of Bokeh.index) visit(view)
  }
  const set_present = (on) => {
    if (on === ("present" in root.dataset)) return
    if (on) root.dataset.present = ""
    else delete root.dataset.present
    present.setAttribute("aria-pressed", on)
    styles.clear()
    // Labels of another size take another share of a figure.
    each_view((view) => { if (view.frame !== undefined) view.invalidate_layout?.() })
    if (on) root.requestFullscreen?.().catch(() => {})
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
    try { localStorage.setItem("hebbscope-theme", root.dataset.theme) } catch (_) {}
    styles.clear()
    // Plots take their colours from the style sheet when they paint, so ask them to.
    each_view((view) => view.request_repaint?.())
  })
})()
