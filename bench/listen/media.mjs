// The songs: long ones in three formats that ffmpeg makes once, and short ones cut from them. Synthetic, but with noise
// enough that lossless coding leaves them as large as real ones.

import { execFile } from "node:child_process";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ffmpeg = (...rest) => promisify(execFile)("ffmpeg", ["-v", "error", "-nostdin", "-y", ...rest]);

/** Kept from run to run. */
export const FOLDER = fileURLToPath(new URL("../../target/bench-media/", import.meta.url));

const SECONDS = 240;
const ARTIST = "Bench";

/** Noise takes 1.43 Mbit/s. A little more than this, and the page would not take it: 200,000,000 bytes are the most. */
const LARGE_SECONDS = 1115;
const LARGE_BYTES_MIN = 199_000_000;

/** Chords that change every four seconds, a drum twice a second; the ears differ. */
const ear = (tuning) => {
  const root = `(${tuning}+55*mod(floor(t/4),4))`;
  const chord = [1, 1.26, 1.5].map((interval) => `0.12*sin(2*PI*t*${interval}*${root})`).join("+");
  return `${chord}+0.25*exp(-12*mod(t,0.5))*sin(2*PI*60*t)`;
};
const noise = (seed) => `anoisesrc=c=pink:a=0.35:r=44100:d=${SECONDS}:seed=${seed}`;

const LONG = {
  mp3: { title: "Meadow", file: "meadow.mp3", codec: ["-c:a", "libmp3lame", "-b:a", "320k"] },
  next: { title: "Orchard", file: "orchard.mp3", codec: ["-af", "volume=0.9", "-c:a", "libmp3lame", "-b:a", "320k"] },
  flac: { title: "Glacier", file: "glacier.flac", codec: ["-c:a", "flac"] },
  webm: { title: "Harbour", file: "harbour.webm", codec: ["-c:a", "libopus", "-b:a", "128k", "-vbr", "off"] },
};

const exists = (path) => stat(path).then(() => true, () => false);

/** Makes `path` by `make`, unless it is there; what is made half is not there. */
async function once(path, make) {
  if (await exists(path)) return;
  const [, extension] = path.match(/(\.\w+)$/);
  const half = path.replace(extension, `.half${extension}`);
  await make(half);
  await rename(half, path);
}

/** The four-minute songs by format, and `next`, which is another MP3. */
export async function longSongs() {
  await mkdir(FOLDER, { recursive: true });
  const master = join(FOLDER, "master.wav");
  await once(master, (path) =>
    ffmpeg(
      ...["-f", "lavfi", "-i", `aevalsrc=exprs='${ear(220)}|${ear(221)}':s=44100:d=${SECONDS}`],
      ...["-f", "lavfi", "-i", noise(1), "-f", "lavfi", "-i", noise(2), "-filter_complex"],
      "[1:a][2:a]join=inputs=2:channel_layout=stereo[noise];[0:a][noise]amix=inputs=2:normalize=0,alimiter=limit=0.95",
      path,
    ),
  );
  const songs = {};
  for (const [name, { title, file, codec }] of Object.entries(LONG)) {
    const path = join(FOLDER, file);
    const tags = { title, artist: ARTIST };
    const metadata = Object.entries(tags).flatMap(([key, value]) => ["-metadata", `${key}=${value}`]);
    await once(path, (half) => ffmpeg("-i", master, ...codec, ...metadata, half));
    songs[name] = { file, path, tags, size: (await stat(path)).size };
  }
  return songs;
}

/** A FLAC of 200 MB: noise, which nothing makes smaller. */
export async function largeSong() {
  const tags = { title: "Waterfall", artist: ARTIST };
  const path = join(FOLDER, "waterfall.flac");
  await mkdir(FOLDER, { recursive: true });
  await once(path, (half) =>
    ffmpeg(
      ...["-f", "lavfi", "-i", "anoisesrc=c=white:a=1:r=44100:seed=1", "-f", "lavfi", "-i", "anoisesrc=c=white:a=1:r=44100:seed=2"],
      ...["-filter_complex", "join=inputs=2:channel_layout=stereo", "-t", `${LARGE_SECONDS}`, "-c:a", "flac", "-sample_fmt", "s16"],
      ...Object.entries(tags).flatMap(([key, value]) => ["-metadata", `${key}=${value}`]),
      half,
    ),
  );
  const { size } = await stat(path);
  if (size < LARGE_BYTES_MIN) throw new Error(`${path} has ${size} bytes only`);
  return { file: "waterfall.flac", path, tags, size };
}

/** `count` MP3s of `seconds` at `kilobits` a second, each another song: only their tags differ. */
export async function shortSongs(name, count, seconds, kilobits) {
  const audio = join(FOLDER, `${name} ${seconds} s ${kilobits}.mp3`);
  await once(audio, (path) =>
    ffmpeg(
      ...["-i", join(FOLDER, "master.wav"), "-t", `${seconds}`, "-map_metadata", "-1", "-id3v2_version", "0"],
      ...["-write_xing", "0", "-c:a", "libmp3lame", "-b:a", `${kilobits}k`, path],
    ),
  );
  const bytes = await readFile(audio);
  const folder = join(FOLDER, name);
  await mkdir(folder, { recursive: true });
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const tags = { title: `${name} ${String(i + 1).padStart(3, "0")}`, artist: ARTIST };
      const song = Buffer.concat([id3(tags), bytes]);
      const file = `${tags.title}.mp3`;
      const path = join(folder, file);
      await writeFile(path, song);
      return { file, path, tags, size: song.length };
    }),
  );
}

/** An ID3v2.3 tag (id3.org). */
function id3({ title, artist }) {
  const frame = (name, text) => {
    const body = Buffer.concat([Buffer.of(0), Buffer.from(text, "latin1")]);
    const head = Buffer.alloc(10);
    head.write(name);
    head.writeUInt32BE(body.length, 4);
    return Buffer.concat([head, body]);
  };
  const frames = Buffer.concat([frame("TIT2", title), frame("TPE1", artist)]);
  const synchsafe = [21, 14, 7, 0].map((shift) => (frames.length >> shift) & 0x7f);
  return Buffer.concat([Buffer.from("ID3\x03\0\0", "latin1"), Buffer.from(synchsafe), frames]);
}
