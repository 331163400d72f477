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
    } catch (_) {
      return miss(module)
    }
  }

  // The property of a class's prototype, to be put in another's place.
  const of_class = (module, name, property) => {
    const proto = exported(module, name)?.prototype
    if (proto === undefined) return {}
    const found = Object.getOwnPropertyDescriptor(proto, property)
    if (found === undefined) miss(`${name}.${property}`)
    return {proto, ask: found?.get ?? found?.value}
  }

  const styles = new Map()
  let letters = new WeakMap()

  // Bokeh asks the browser for a style variable each time it draws anything, some two hundred times a frame;
  // each question makes the browser work its styles out anew.
  const remember_styles = () => {
    const {proto, ask} = of_class("core/visuals/visual", "VisualProperties", "_get_css_value")
    if (ask === undefined) return
    proto._get_css_value = function (name) {
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

  // The same, for the size of the letters at each axis. It changes with the theme and the window alone.
  const remember_letters = () => {
    const {proto, ask} = of_class("models/plots/plot_canvas", "PlotView", "base_font_size")
    if (ask === undefined) return
    addEventListener("resize", () => { letters = new WeakMap() })
    Object.defineProperty(proto, "base_font_size", {
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

  // All that is drawn writes its place into a style sheet of its own, at each frame and mostly the same, which
  // the browser reads anew each time and works out the styles of the page again.
  const write_once = () => {
    const {proto, ask} = of_class("core/dom", "InlineStyleSheet", "_update")
    if (ask === undefined) return
    proto._update = function (css) {
      if (this.el.textContent !== css) ask.call(this, css)
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
    // Have a frame drawn with as few questions to the browser as it takes.
    quicken() {
      remember_letters()
      write_once()
      remember_styles()
    },
    // What was remembered of the styles is outdated.
    forget_styles() {
      styles.clear()
      letters = new WeakMap()
    },
    each_view,
    repaint: (view) => view.request_repaint?.(),
    relayout: (view) => { if (view.frame !== undefined) view.invalidate_layout?.() },
    // Whether a view is a plot that can be exported.
    is_plot: (view) => Boolean(view.frame && view.export),
    export: (view, type) => view.export(type, true),
    // An empty picture; null where this BokehJS cannot make one.
    layer(type, width, height) {
      const CanvasLayer = exported("core/util/canvas", "CanvasLayer")
      if (CanvasLayer === null) return null
      const layer = new CanvasLayer(type === "svg" ? "svg" : "canvas", true)
      layer.resize(width, height)
      return layer
    },
  }
}
