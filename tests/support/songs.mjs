// Songs to upload: tones that ffmpeg encodes and tags, each different from every other.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const ffmpeg = promisify(execFile).bind(null, "ffmpeg");

const CODECS = {
  mp3: ["-c:a", "libmp3lame", "-b:a", "64k", "-id3v2_version", "3"],
  flac: ["-c:a", "flac"],
  ogg: ["-c:a", "libvorbis"],
  opus: ["-c:a", "libopus", "-b:a", "48k"],
  m4a: ["-c:a", "aac", "-b:a", "64k"],
  adts: ["-c:a", "aac", "-b:a", "64k", "-f", "adts"],
  wav: ["-c:a", "pcm_s16le"],
  webm: ["-c:a", "libopus", "-b:a", "48k"],
  mka: ["-c:a", "libvorbis"],
};

/** Every format the page takes that names its song; ADTS has no tags. */
export const FORMATS = Object.keys(CODECS).filter((format) => format !== "adts");

/** Those among them whose covers are not read. */
export const WITHOUT_COVERS = ["webm", "mka"];

/** Lower-case hexadecimal SHA-256, to compare bytes by. */
export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

export class Songs {
  #count = 0;

  constructor(folder) {
    this.folder = folder;
  }

  /** A folder for songs, which `remove` deletes. */
  static async open() {
    return new Songs(await mkdtemp(join(tmpdir(), "kadenza-songs-")));
  }

  async remove() {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A file with these bytes. */
  async file(name, bytes) {
    const path = join(this.folder, name);
    await writeFile(path, bytes);
    return { name, path, bytes: Buffer.from(bytes) };
  }

  /** A song of `seconds` with these tags: title, artist, album, track, date. `cover` adds a picture. */
  async make({ format = "mp3", seconds = 4, name, cover = false, ...tags }) {
    const number = ++this.#count;
    const tone = `sine=frequency=${200 + 7 * number}:duration=${seconds}:sample_rate=48000`;
    const file = join(this.folder, name ?? `song ${number}.${format}`);
    const picture = cover ? await this.#picture(number) : undefined;
    const inputs = ["-f", "lavfi", "-i", tone];
    const maps = ["-map", "0:a"];
    const pairs = { ...tags };
    if (picture && ["mp3", "flac", "m4a"].includes(format)) {
      inputs.push("-i", picture);
      maps.push("-map", "1:v", "-c:v", "copy", "-disposition:v", "attached_pic");
    } else if (picture && ["ogg", "opus"].includes(format)) {
      pairs.METADATA_BLOCK_PICTURE = pictureBlock(await readFile(picture)).toString("base64");
    }
    const metadata = Object.entries(pairs).flatMap(([key, value]) => ["-metadata", `${key}=${value}`]);
    await ffmpeg(["-v", "error", "-y", ...inputs, ...maps, ...CODECS[format], ...metadata, file]);
    if (picture && format === "wav") await appendId3(file, await readFile(picture), tags);
    const bytes = await readFile(file);
    return { path: file, name: file.slice(this.folder.length + 1), bytes, sha256: sha256(bytes), tags };
  }

  /** A WebM of a second with moving pictures. */
  async film(name) {
    const path = join(this.folder, name);
    const inputs = ["-f", "lavfi", "-i", "sine=duration=1", "-f", "lavfi", "-i", "color=blue:s=16x16:d=1:r=2"];
    await ffmpeg(["-v", "error", "-y", ...inputs, "-c:a", "libopus", "-c:v", "libvpx", path]);
    return { name, path, bytes: await readFile(path) };
  }

  async #picture(number) {
    const file = join(this.folder, `cover ${number}.png`);
    const colour = `0x${(0x4080c0 + 4099 * number).toString(16)}`;
    await ffmpeg(["-v", "error", "-y", "-f", "lavfi", "-i", `color=${colour}:s=64x64`, "-frames:v", "1", file]);
    return file;
  }
}

function uint32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
}

/** A front cover as Ogg comments hold it (FLAC format specification, picture metadata block). */
function pictureBlock(png) {
  const type = Buffer.from("image/png");
  const noDescription = uint32(0);
  const size = [64, 64, 24, 0].map(uint32);
  return Buffer.concat([uint32(3), uint32(type.length), type, noDescription, ...size, uint32(png.length), png]);
}

/** Adds an ID3v2.3 tag with this front cover as the last chunk of a WAV file, where taggers put it. */
async function appendId3(file, png, { title, artist, album }) {
  const frame = (name, body) => Buffer.concat([Buffer.from(name), uint32(body.length), Buffer.from([0, 0]), body]);
  const text = (string) => Buffer.concat([Buffer.from([1, 0xff, 0xfe]), Buffer.from(string ?? "", "utf16le")]);
  const frames = Buffer.concat([
    frame("TIT2", text(title)),
    frame("TPE1", text(artist)),
    frame("TALB", text(album)),
    frame("APIC", Buffer.concat([Buffer.from("\0image/png\0\x03\0", "latin1"), png])),
  ]);
  const synchsafe = Buffer.from([21, 14, 7, 0].map((shift) => (frames.length >> shift) & 0x7f));
  const tag = Buffer.concat([Buffer.from("ID3\x03\0\0", "latin1"), synchsafe, frames]);
  const padding = Buffer.alloc(tag.length % 2);
  const header = Buffer.alloc(8, "id3 ");
  header.writeUInt32LE(tag.length, 4);
  const wav = Buffer.concat([await readFile(file), header, tag, padding]);
  wav.writeUInt32LE(wav.length - 8, 4);
  await writeFile(file, wav);
}
