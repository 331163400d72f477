// Writes the query string from the server into the address bar, and keeps the parameter `theme`.

export function render({model}) {
  let again = null
  const write = () => {
    clearTimeout(again)
    if (model.query === null) return
    const theme = new URLSearchParams(location.search).get("theme")
    const said = [model.query, theme === null ? "" : `theme=${encodeURIComponent(theme)}`]
      .filter((part) => part !== "")
      .join("&")
    const to = location.pathname + (said === "" ? "" : `?${said}`) + location.hash
    if (to === location.pathname + location.search + location.hash) return
    // Browsers throw if the address changes too often: retry later.
    try {
      history.replaceState(history.state, "", to)
    } catch (_) {
      again = setTimeout(write, 2000)
    }
  }
  model.on("query", write)
  return () => clearTimeout(again)
}
