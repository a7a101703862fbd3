import { Kadenza } from "kadenza";

// /?relay=https://music.example is another way in.
const relay = new URLSearchParams(location.search).get("relay") ?? "http://127.0.0.1:8080";
const [status, search, list, audio] = ["p", "input", "ul", "audio"].map((name) => document.querySelector(name));

// The worker is a copy of node_modules/kadenza/dist/service-worker.js.
const peer = await Kadenza.start({ relays: [relay], serviceWorker: "/service-worker.js" });

const show = () => (status.textContent = `${peer.status.connection}, ${peer.status.peers} peers`);
peer.addEventListener("status", show);
show();

function row(song) {
  const button = Object.assign(document.createElement("button"), { textContent: `${song.artist} – ${song.title}` });
  button.onclick = async () => {
    audio.src = await peer.listen(song.id);
    await audio.play();
  };
  const item = document.createElement("li");
  item.append(button);
  return item;
}

let typing = new AbortController();
search.oninput = async () => {
  typing.abort();
  typing = new AbortController();
  list.replaceChildren();
  try {
    for await (const song of peer.search(search.value, { signal: typing.signal })) list.append(row(song));
  } catch (error) {
    if (error.name !== "AbortError") status.textContent = error.message;
  }
};
search.oninput();
