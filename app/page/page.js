// The page around the plots: its theme, and what Bokeh reads of it.
(() => {
  // Bokeh asks the browser for a style variable each time it draws anything, some two hundred times
  // a frame, and each question makes the browser work its styles out anew: a third of a frame's
  // time. The variables stand on the root element and change with the theme alone. Without this
  // private method of Bokeh's, frames are merely slower.
  const styles = new Map()
  const remember = () => {
    let visuals
    try { visuals = Bokeh.require("core/visuals/visual").VisualProperties.prototype } catch (_) { return }
    const ask = visuals._get_css_value
    if (ask === undefined) return
    visuals._get_css_value = function (name) {
      const variable = this.css_prefix + name
      if (!styles.has(variable)) styles.set(variable, ask.call(this, name))
      return styles.get(variable)
    }
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", remember)
  else remember()

  document.getElementById("theme").addEventListener("click", () => {
    const root = document.documentElement
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark"
    try { localStorage.setItem("hebbscope-theme", root.dataset.theme) } catch (_) {}
    styles.clear()
    // Plots take their colours from the style sheet when they paint, so ask them to.
    const repaint = (view) => { view.request_repaint?.(); for (const child of view.children?.() ?? []) repaint(child) }
    for (const view of Bokeh.index) repaint(view)
  })
})()
