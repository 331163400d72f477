// Until the first picture: what the page is waiting for. If none comes, why.
{
  const PATIENCE = 8 // s that the page is in view, before it says that something is wrong
  const SAYS = {
    connecting: ["Connecting to the server …", ""],
    loading: ["Loading …", ""],
    compiling: ["Starting the run …", "The server compiles what the first picture needs. That takes some seconds, once."],
    gone: ["The server does not answer.", "It may have been stopped. Start it again, then reload this page."],
    refused: ["This page cannot connect to its server.", `The server answers, but the page gets no live connection to it. Most often the server was not told the name under which it is visited. Whoever runs it can start it with --allow-websocket-origin=${location.host}`],
    cut_off: ["This page cannot connect to its server.", "It is shown in a frame that is cut off from it. The page around it can allow that: sandbox=\"allow-scripts allow-same-origin\"."],
    silent: ["No picture has arrived.", "The page is connected, but the run has not started. The server's log says why. Reload the page to try again."],
    deaf: ["The run stands still.", "The server does not hear that its pictures arrive. Its log says more. Reload the page to try again."],
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

  let page = null, waited = 0, reported = false
  // Whether the server is there at all: a byte of a script that it serves.
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
    // A hidden tab paints nothing, and that is no fault.
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
    // A run that has started says itself what it cannot compute.
    if (waited < PATIENCE || (!painted && page.started())) return
    say(painted ? "deaf" : "silent")
    if (!reported) {
      reported = true
      page.late(waited)
    }
  }
  const timer = setInterval(look, 500)
  window.hebbscope.opening = {
    // The page has been built, over the connection to the server.
    loaded(of) {
      page = of
      waited = 0
      say("loading")
    },
    painted() { box.hidden = true },
  }
}
