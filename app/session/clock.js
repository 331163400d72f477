// Reports each painted frame to the server, and to the message that covers the page until then.

export function render({model}) {
  const watch = window.hebbscope
  Object.assign(watch, {frames: 0, last: 0})
  model.on("sent", () => {
    const frame = model.sent
    requestAnimationFrame(() => {
      watch.frames += 1
      watch.last = frame
      model.painted = frame
      watch.opening.painted()
    })
  })
  model.painted = 0
  watch.opening.loaded({
    started: () => model.started,
    acknowledged: () => model.acknowledged,
    late: (seconds) => send(model, "late", {seconds, painted: watch.frames}),
  })
}
