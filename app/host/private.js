// Every private or undocumented name of BokehJS that the page uses, as `window.hebbscope.bokehjs`. Loaded
// before the page's own script. If one is missing, the page still works, but more slowly or without some
// exports, and the console shows one warning.
window.hebbscope = window.hebbscope ?? {}
{
  const missed = new Set()
  const miss = (name) => {
    if (missed.has(name)) return null
    missed.add(name)
    console.warn(`Hebbscope: this BokehJS has no ${name} any more.`)
    return null
  }

  // Return an export of a BokehJS module; null if it is missing.
  const exported = (module, name) => {
    try {
      return Bokeh.require(module)[name] ?? miss(`${module}: ${name}`)
    } catch (error) {
      return miss(`${module} (${error.message})`)
    }
  }

  const each_view = (act) => {
    const visit = (view) => {
      act(view)
      for (const child of view.children?.() ?? []) visit(child)
    }
    for (const root of Bokeh.index ?? miss("index") ?? []) visit(root)
  }

  window.hebbscope.bokehjs = {
    // Skip style sheet updates that change nothing. At each frame, every view writes its position into its own
    // style sheet, mostly unchanged, and the browser then recomputes the styles of the whole page: a fifth of a
    // frame's cost in the browser.
    write_styles_once() {
      const sheets = exported("core/dom", "InlineStyleSheet")?.prototype
      const write = sheets?._update
      if (typeof write !== "function") {
        miss("InlineStyleSheet._update")
        return
      }
      sheets._update = function (css) {
        if (this.el.textContent !== css) write.call(this, css)
      }
    },
    each_view,
    repaint: (view) => view.request_repaint?.(),
    relayout: (view) => {
      if (view.frame !== undefined) view.invalidate_layout?.()
    },
    // Return whether a view is a plot that can be exported.
    is_plot: (view) => Boolean(view.frame && view.export),
    // Return a plot as painted, to be drawn into a picture.
    painted: (view, type) => view.export(type, true).canvas,
    // Return an empty picture, {context, ratio, blob()}; null if this BokehJS cannot create one.
    layer(type, width, height) {
      const CanvasLayer = exported("core/util/canvas", "CanvasLayer")
      if (CanvasLayer === null) return null
      const layer = new CanvasLayer(type === "svg" ? "svg" : "canvas", true)
      layer.resize(width, height)
      return {context: layer.ctx, ratio: layer.pixel_ratio, blob: () => layer.to_blob()}
    },
  }
}
