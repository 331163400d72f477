// Every private or undocumented name of BokehJS that the page touches: `window.hebbscope.bokehjs`. It stands
// before the script of the page. Without any of them the page works, more slowly or with less to take away;
// what is missed is told once, in the console.
window.hebbscope = window.hebbscope ?? {}
{
  const missed = new Set()
  const miss = (name) => {
    if (missed.has(name)) return null
    missed.add(name)
    console.warn(`Hebbscope: this BokehJS has no ${name} any more.`)
    return null
  }

  // What a module of BokehJS exports.
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
    // All that is drawn writes its place into a style sheet of its own, at each frame and mostly the same, which
    // the browser reads anew each time and then works out the styles of the whole page again: a fifth of what a
    // frame costs the browser.
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
    relayout: (view) => { if (view.frame !== undefined) view.invalidate_layout?.() },
    // Whether a view is a plot that can be exported.
    is_plot: (view) => Boolean(view.frame && view.export),
    // A plot as it is painted, to be drawn into a picture.
    painted: (view, type) => view.export(type, true).canvas,
    // An empty picture, {context, ratio, blob()}; null where this BokehJS cannot make one.
    layer(type, width, height) {
      const CanvasLayer = exported("core/util/canvas", "CanvasLayer")
      if (CanvasLayer === null) return null
      const layer = new CanvasLayer(type === "svg" ? "svg" : "canvas", true)
      layer.resize(width, height)
      return {context: layer.ctx, ratio: layer.pixel_ratio, blob: () => layer.to_blob()}
    },
  }
}
