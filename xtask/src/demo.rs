//! `cargo xtask demo`: real songs for a newcomer's relay, by way of its HTTP API.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;
use ureq::Agent;

use crate::setup::apt;
use crate::shell::{Failure, Result, run, say, target};

/// Where `cargo xtask run` puts its relay.
pub(crate) const RELAY: &str = "http://127.0.0.1:8080";

const PACKAGE: &str = "wesnoth-1.16-music";

/// What a song of the package without tags is given.
const ARTIST: &str = "The Battle for Wesnoth";
const ALBUM: &str = "The Battle for Wesnoth OST";

/// The relay's status for audio that names no title or artist.
const NEEDS_TAGS: u16 = 422;

/// Downloads the songs and uploads them to the relay at `url`.
pub(crate) fn demo(url: &str) -> Result<()> {
    let relay = url.trim_end_matches('/');
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    agent.get(format!("{relay}/healthz")).call().map_err(|error| {
        Failure::new(format!("No relay answers at {relay} ({error}). Start one first: cargo xtask run"))
    })?;
    let songs = songs()?;
    let uploaded = upload_all(&agent, relay, &songs);
    say(format!(
        "{} new, {} already there, {} failed. Listen at {relay}",
        uploaded.new, uploaded.known, uploaded.failed
    ));
    if uploaded.failed > 0 { Err(Failure::new("Not every song was taken.")) } else { Ok(()) }
}

/// The package's songs, downloaded unless they are here.
fn songs() -> Result<Vec<PathBuf>> {
    let folder = target().join("demo");
    let unpacked = folder.join("unpacked");
    if !unpacked.is_dir() {
        fs::create_dir_all(&folder)
            .map_err(|error| Failure::new(format!("{} cannot be made: {error}", folder.display())))?;
        say(format!("Downloading Debian's {PACKAGE} into target/demo (it is not installed)"));
        let package = download(&folder)?;
        let unpacking = folder.join("unpacking");
        run(Command::new("dpkg-deb").arg("--extract").arg(package).arg(&unpacking))?;
        // Renamed when it is whole: what was interrupted is not taken for all the songs there are.
        fs::rename(&unpacking, &unpacked)
            .map_err(|error| Failure::new(format!("{} cannot be renamed: {error}", unpacking.display())))?;
    }
    let mut songs = Vec::new();
    find_songs(&unpacked, &mut songs);
    songs.sort();
    if songs.is_empty() {
        return Err(Failure::new(format!(
            "{} holds no Ogg file. Delete it and try again.",
            unpacked.display()
        )));
    }
    Ok(songs)
}

fn download(folder: &Path) -> Result<PathBuf> {
    let download = || run(Command::new("apt-get").args(["download", PACKAGE]).current_dir(folder));
    download().or_else(|_| {
        say("apt-get may know too little; refreshing its lists");
        apt::update().and_then(|()| download())
    })?;
    let files = fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path());
    files
        .filter(|file| file.extension().is_some_and(|extension| extension == "deb"))
        .max()
        .ok_or_else(|| Failure::new(format!("apt-get left no package in {}.", folder.display())))
}

fn find_songs(folder: &Path, songs: &mut Vec<PathBuf>) {
    for path in fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            find_songs(&path, songs);
        } else if path.extension().is_some_and(|extension| extension == "ogg") {
            songs.push(path);
        }
    }
}

#[derive(Default)]
struct Counts {
    new: usize,
    known: usize,
    failed: usize,
}

fn upload_all(agent: &Agent, relay: &str, songs: &[PathBuf]) -> Counts {
    let bar = ProgressBar::new(songs.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("    [{bar:40}] {pos}/{len} {wide_msg}") {
        bar.set_style(style.progress_chars("=> "));
    }
    let mut counts = Counts::default();
    for song in songs {
        let name = song.file_name().unwrap_or_default().to_string_lossy();
        bar.set_message(name.clone().into_owned());
        match upload(agent, relay, &name, song) {
            Ok(true) => counts.new += 1,
            Ok(false) => counts.known += 1,
            Err(reason) => {
                counts.failed += 1;
                bar.suspend(|| eprintln!("    {name}: {reason}"));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    counts
}

/// Uploads one file; says whether it was new. One of the package's songs has no tags: it goes by its file name.
fn upload(agent: &Agent, relay: &str, name: &str, file: &Path) -> std::result::Result<bool, String> {
    let bytes = fs::read(file).map_err(|error| error.to_string())?;
    let mut answer = post(agent, relay, &bytes, &[("name", name)])?;
    if answer.0 == NEEDS_TAGS {
        let title = answer.1["guess"]["title"].as_str().unwrap_or(name).to_owned();
        let given = [("name", name), ("title", &title), ("artist", ARTIST), ("album", ALBUM)];
        answer = post(agent, relay, &bytes, &given)?;
    }
    match (answer.0, answer.1["message"].as_str()) {
        (201, _) => Ok(true),
        (200, _) => Ok(false),
        (_, Some(message)) => Err(message.to_owned()),
        (status, None) => Err(format!("the relay answered with status {status}")),
    }
}

/// Posts one file; returns the status and the JSON of the answer.
fn post(
    agent: &Agent,
    relay: &str,
    bytes: &[u8],
    query: &[(&str, &str)],
) -> std::result::Result<(u16, Value), String> {
    let request = agent.post(format!("{relay}/api/songs")).query_pairs(query.iter().copied());
    let mut response = request.content_type("audio/ogg").send(bytes).map_err(|error| error.to_string())?;
    let answer = response.body_mut().read_json().map_err(|error| error.to_string())?;
    Ok((response.status().as_u16(), answer))
}
