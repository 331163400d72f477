// Sends files to the server, one after the other.

// `begin()` is called before a file is sent, `end(at)` when the server has read it: `at` is the index of
// its first pattern, −1 for none.
function uploader(model, {say, allowed, begin, end}) {
  let waiting = null,
    busy = false
  const uploads = sender(model, {
    failed: () => {
      send(model, "stop")
      say("The file could not be read.", true)
      waiting?.(-1)
    },
  })

  const wrong = (file) => {
    const {endings, largest_file} = allowed()
    const mib = (bytes) => (bytes / 2 ** 20).toFixed(1).replace(".0", "")
    if (!endings.some((ending) => file.name.toLowerCase().endsWith(ending)))
      return `is of another kind; ${endings.join(", ")} can be read.`
    if (file.size === 0) return "is empty."
    if (file.size > largest_file) return `takes ${mib(file.size)} MiB; a file may take ${mib(largest_file)} MiB.`
    return null
  }
  const send_file = async (file) => {
    say(`Reading “${file.name}” …`)
    begin()
    const done = new Promise((resolve) => {
      waiting = resolve
    })
    uploads.begin(file)
    const at = await done
    waiting = null
    uploads.stop()
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
        // Stop at the first error, so that the message of the next file does not replace it.
        if (why !== null || !(await send_file(file))) return
      }
    } finally {
      busy = false
    }
  }
  const input = element("input", {type: "file", multiple: true, id: "draw-file"})
  input.addEventListener("change", async () => {
    await take([...input.files])
    input.value = ""
  })
  return {input, take, more: uploads.more, done: (at) => waiting?.(at)}
}
