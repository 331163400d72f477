// Tells the visitor what the page is waiting for until the first frame is painted, and why if none comes.
{
  const PATIENCE = 8 // s in view until an error is shown
  const SAYS = {
    connecting: ["Connecting to the server …", ""],
    loading: ["Loading …", ""],
    compiling: [
      "Starting the run …",
      "The server is compiling the program of this run, which takes a few seconds the first time.",
    ],
    gone: ["The server does not answer.", "It may have been stopped. Start it again, then reload this page."],
    refused: [
      "This page cannot connect to its server.",
      `The server answers, but the live connection (WebSocket) fails. Usually the server does not accept this address. To allow it, start the server with --allow-websocket-origin=${location.host}`,
    ],
    cut_off: [
      "This page cannot connect to its server.",
      'It is shown in an iframe whose sandbox blocks the connection. The surrounding page can allow it: sandbox="allow-scripts allow-same-origin".',
    ],
    silent: [
      "No picture has arrived.",
      "The page is connected, but the run has not started. The server's log says why. Reload the page to try again.",
    ],
    deaf: [
      "The run stands still.",
      "The server gets no confirmation that its pictures arrive. Its log says more. Reload the page to try again.",
    ],
  }
  const box = document.getElementById("opening")
  const say = (what) => {
    const [title, more] = SAYS[what]
    if (box.dataset.says === what) return
    box.dataset.says = what
    box.querySelector("b").textContent = title
    box.querySelector("span").textContent = more
    box.hidden = false
  }

  let page = null,
    waited = 0,
    reported = false
  // True if the server responds, to a request for one byte of a script.
  const answers = async () => {
    try {
      const script = document.querySelector("script[src]").src
      return (await fetch(script, {headers: {Range: "bytes=0-0"}, cache: "no-store"})).ok
    } catch (error) {
      console.info("the server does not answer:", error.message)
      return false
    }
  }
  const look = async () => {
    // A hidden tab paints nothing, which is no error.
    if (document.hidden) return
    if (page?.acknowledged()) {
      clearInterval(timer)
      box.hidden = true
      return
    }
    waited += 0.5
    if (page === null) {
      if (waited < PATIENCE || waited % 4 !== 0) return
      const there = await answers()
      if (page === null) say(window.origin === "null" ? "cut_off" : there ? "refused" : "gone")
      return
    }
    const painted = window.hebbscope.frames > 0
    if (!painted && page.started()) say("compiling")
    // A run that has started reports its own errors.
    if (waited < PATIENCE || (!painted && page.started())) return
    say(painted ? "deaf" : "silent")
    if (!reported) {
      reported = true
      page.late(waited)
    }
  }
  const timer = setInterval(look, 500)
  window.hebbscope.opening = {
    // Called once the page has been built from what the server sent over the live connection.
    loaded(of) {
      page = of
      waited = 0
      say("loading")
    },
    painted() {
      box.hidden = true
    },
  }
}
