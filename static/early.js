// Runs before anything else on the page: its program takes half a second to arrive and to start.
{
  // The language that was chosen (app/src/setup.rs), or the first of the browser's that there is; the program goes by it.
  const known = (tag) => ["en", "es"].find((language) => language === tag?.toLowerCase().split("-")[0]);
  let chosen;
  try {
    chosen = localStorage.getItem("kadenza.language");
  } catch {
    // A browser that keeps nothing for the page has nothing to say.
  }
  document.documentElement.lang = [chosen, ...navigator.languages].map(known).find(Boolean) ?? "en";
}
{
  const workers = navigator.serviceWorker;
  if (workers) {
    // Until the peer in the page answers the worker (crates/node/src/bridge.rs sets `onmessage`), the relay does.
    workers.addEventListener("message", ({ ports }) => workers.onmessage || ports[0]?.postMessage("unavailable"));
    workers.startMessages();
  }
  // A link to a song plays it at once; app/src/audio.rs takes this very element over. Where the browser wants a
  // press first, it loads meanwhile.
  const [, song] = location.hash.match(/^#\/song\/([0-9a-f]{40})$/) ?? [];
  if (song) {
    const audio = Object.assign(document.createElement("audio"), { id: "early", preload: "auto", src: `/listen/${song}` });
    document.documentElement.append(audio);
    audio.play().catch(() => {});
  }
}
