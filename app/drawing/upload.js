// Files on their way to the server, one after the other, in pieces.

const PIECE = 2 ** 21  // bytes: with what it takes to write them as text, far below what a message may be

function base64(bytes) {
  let text = ""
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000))
  return btoa(text)
}

// `begin()` is called before a file is sent, `end(at)` when the server has read it: `at` is the first
// of its patterns, −1 for none.
function uploader({tell, say, allowed, begin, end}) {
  let waiting = null, busy = false

  const wrong = (file) => {
    const {endings, largest_file} = allowed()
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(1).replace(".0", "")
    if (!endings.some((ending) => file.name.toLowerCase().endsWith(ending))) return `is of another kind; ${endings.join(", ")} can be read.`
    if (file.size === 0) return "is empty."
    if (file.size > largest_file) return `takes ${mib(file.size)} MiB; a file may take ${mib(largest_file)} MiB.`
    return null
  }
  const send = async (file) => {
    say(`Reading “${file.name}” …`)
    const bytes = new Uint8Array(await file.arrayBuffer())
    begin()
    const done = new Promise((resolve) => { waiting = resolve })
    for (let at = 0; at < bytes.length; at += PIECE) {
      tell("piece", {name: file.name, size: bytes.length, at, data: base64(bytes.subarray(at, at + PIECE))})
    }
    const at = await done
    waiting = null
    end(at)
    return at >= 0
  }
  const take = async (files) => {
    if (busy) return
    busy = true
    try {
      for (const file of files) {
        const why = wrong(file)
        if (why !== null) say(`“${file.name}” ${why}`, true)
        // What is wrong with one is not to be hidden by the next.
        if (why !== null || !await send(file)) return
      }
    } catch (_) {
      say("The file could not be read.", true)
    } finally {
      busy = false
    }
  }
  const input = element("input", {type: "file", multiple: true, accept: ".npy,.csv,.png", id: "draw-file"})
  input.addEventListener("change", async () => { await take([...input.files]); input.value = "" })
  return {input, take, done: (at) => waiting?.(at)}
}
