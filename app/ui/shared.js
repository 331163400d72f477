// Common to the scripts of all components; it stands before each of them.

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value)
    else if (value === true) node.setAttribute(name, "")
    else if (value !== false && value != null) node.setAttribute(name, value)
  }
  node.append(...children)
  return node
}

// Messages between a component's script and its Python: see app/ui/component.py.
const send = (model, kind, fields = {}) => model.send_msg({kind, ...fields})
const on_messages = (model, handlers) => model.on("msg:custom", (message) => handlers[message.kind]?.(message))

// Copy what a field holds. Over plain HTTP, or long after a press, a page may not write to the clipboard,
// but may copy what is chosen; where it may not do that either, it is at least chosen.
async function copied(field) {
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch (_) {
    field.focus()
    field.select()
    try {
      return document.execCommand("copy")
    } catch (_) {
      return false
    }
  }
}

// Sends files to the server, one at a time, in pieces that the server requests (app/sheets/chunked_upload.py).
// `sending(file, share)` is called with the share sent so far, `failed()` if the file cannot be read.
function sender(model, {sending = () => {}, failed}) {
  let file = null,
    number = 0
  return {
    begin(chosen) {
      file = chosen
      number += 1
      send(model, "upload", {number, name: file.name, size: file.size})
    },
    async more({number: of, at, most}) {
      const sent = file
      if (sent === null || of !== number) return
      sending(sent, at / sent.size)
      try {
        const piece = await sent.slice(at, at + most).arrayBuffer()
        if (file !== sent) return
        if (at + piece.byteLength >= sent.size) file = null
        send(model, "piece", {number: of, at, piece})
        if (file === null) sending(sent, 1)
      } catch (error) {
        console.warn("a file could not be read:", error)
        if (file !== sent) return
        file = null
        failed()
      }
    },
    stop() {
      file = null
    },
  }
}

// Calls `call` whenever the sheet `name` opens, and at once if it is open already, since the content of a
// sheet is made when it first opens. Returns a function that ends this.
function when_opened(name, call) {
  const opened = (event) => {
    if (event.detail === name) call()
  }
  document.addEventListener("hebbscope-opened", opened)
  if (document.getElementById(`sheet-${name}`)?.open) call()
  return () => document.removeEventListener("hebbscope-opened", opened)
}
