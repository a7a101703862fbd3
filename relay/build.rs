//! Takes the built page (`dist/`) into the binary, each compressible file in brotli as well. Without a built
//! page the relay still builds; it then says how to build one.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// What shrinks: everything trunk puts into a page but pictures and fonts.
const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "map", "svg", "txt", "wasm", "webmanifest"];

fn main() -> io::Result<()> {
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../dist");
    println!("cargo::rerun-if-changed={}", folder.display());
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(variable("OUT_DIR")?);
    // The best brotli takes seconds for the page's wasm: worth it once, not on every debug build.
    let quality = if variable("PROFILE")? == "release" { 11 } else { 4 };

    let mut paths = Vec::new();
    if folder.is_dir() {
        files(&folder.canonicalize()?, &mut paths)?;
        paths.sort();
    }
    let mut list = String::from("&[\n");
    for (number, path) in paths.iter().enumerate() {
        let name = path.strip_prefix(folder.canonicalize()?).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        let brotli = match compressed(path, quality)? {
            Some(bytes) => {
                let place = out.join(format!("{number}.br"));
                fs::write(&place, bytes)?;
                format!("Some(include_bytes!({place:?}))")
            }
            None => "None".into(),
        };
        writeln!(list, "File {{ name: {name:?}, plain: include_bytes!({path:?}), brotli: {brotli} }},")
            .map_err(io::Error::other)?;
    }
    list.push(']');
    fs::write(out.join("page.rs"), list)
}

fn variable(name: &str) -> io::Result<String> {
    env::var(name).map_err(|error| io::Error::other(format!("{name}: {error}")))
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // Trunk stages a build in a hidden folder beside the finished one.
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_dir() && !hidden {
            files(&path, found)?;
        } else if path.is_file() && !hidden {
            found.push(path);
        }
    }
    Ok(())
}

/// `path` in brotli, where that is smaller.
fn compressed(path: &Path, quality: i32) -> io::Result<Option<Vec<u8>>> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned());
    if !extension.is_some_and(|extension| COMPRESSIBLE.contains(&extension.as_str())) {
        return Ok(None);
    }
    let plain = fs::read(path)?;
    let mut small = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality, ..Default::default() };
    brotli::BrotliCompress(&mut plain.as_slice(), &mut small, &parameters)?;
    Ok((small.len() < plain.len()).then_some(small))
}
