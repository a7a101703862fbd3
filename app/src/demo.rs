//! A piece of music that the page plays by itself, so that somebody without a song at hand has one to upload, find and hear:
//! the first bars of Bach's Prelude in C major (BWV 846). The same bytes everywhere, so a network keeps it once.

use bytes::Bytes;
use kadenza_api::Source;

use crate::files::{Picked, PickedFile};

/// Samples a second: 16 bits each, one channel.
const RATE: u32 = 22_050;

/// How long a note is the latest one, and how long it rings, in seconds.
const STEP_SECONDS: f64 = 0.18;
const RINGS_SECONDS: f64 = 1.6;

/// The bars, each a broken chord of five keys of a piano; 60 is middle C.
const BARS: [[u8; 5]; 19] = [
    [60, 64, 67, 72, 76],
    [60, 62, 69, 74, 77],
    [59, 62, 67, 74, 77],
    [60, 64, 67, 72, 76],
    [60, 64, 69, 76, 81],
    [60, 62, 66, 69, 74],
    [59, 62, 67, 74, 79],
    [59, 60, 64, 67, 72],
    [57, 60, 64, 67, 72],
    [50, 57, 62, 66, 72],
    [55, 59, 62, 67, 71],
    [55, 58, 64, 67, 73],
    [53, 57, 62, 69, 74],
    [53, 56, 62, 65, 71],
    [52, 55, 60, 67, 72],
    [52, 53, 57, 60, 65],
    [50, 53, 57, 60, 65],
    [43, 50, 55, 59, 65],
    [48, 52, 55, 60, 64],
];

/// In which order the keys of a bar are pressed, twice a bar.
const ORDER: [usize; 8] = [0, 1, 2, 3, 4, 2, 3, 4];

/// What the file says of itself, in any language of the page, by the names of RIFF's INFO list. Each text ends with a zero.
const TAGS: [(&[u8; 4], &[u8]); 3] = [
    (b"INAM", b"Prelude in C major, BWV 846\0"),
    (b"IART", b"Johann Sebastian Bach\0"),
    (b"IPRD", b"The Well-Tempered Clavier\0"),
];

/// The piece, as if somebody had picked its file.
pub fn piece() -> Picked {
    let file = PickedFile {
        name: "prelude.wav".into(),
        source: Source::from(Bytes::from(wave(&samples()))),
        blob: None,
    };
    Picked { files: vec![file], ..Picked::default() }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "casts from float saturate")]
fn samples() -> Vec<f32> {
    let in_samples = |seconds: f64| (seconds * f64::from(RATE)) as usize;
    let keys = BARS.iter().flat_map(|bar| [ORDER; 2].into_iter().flatten().map(|place| bar[place]));
    let begins = (0_u32..).map(|step| in_samples(f64::from(step) * STEP_SECONDS));
    let mut samples = Vec::new();
    // The last chord again, all at once, and left to ring.
    let end = begins.clone().nth(BARS.len() * 2 * ORDER.len()).unwrap_or_default();
    for (key, begin) in keys.zip(begins).chain(BARS[BARS.len() - 1].map(|key| (key, end))) {
        samples.resize(begin + in_samples(RINGS_SECONDS), 0.0);
        strike(key, &mut samples[begin..]);
    }
    samples
}

/// Adds a struck string: its tone and overtones, each of which fades the sooner the higher it is.
#[expect(clippy::cast_possible_truncation, reason = "a sample needs no more")]
fn strike(key: u8, samples: &mut [f32]) {
    let frequency = 440.0 * 2.0_f64.powf((f64::from(key) - 69.0) / 12.0);
    for overtone in 1..=6 {
        let overtone = f64::from(overtone);
        let turn = std::f64::consts::TAU * frequency * overtone / f64::from(RATE);
        let fading = (-(2.0 + 1.2 * overtone) / f64::from(RATE)).exp();
        // A resonator that was struck once: each sample follows from the two before.
        let (again, back) = (2.0 * fading * turn.cos(), fading * fading);
        let (mut last, mut now) = (0.0, 0.12 * turn.sin() / overtone.powf(1.4));
        for sample in &mut *samples {
            *sample += now as f32;
            (last, now) = (now, again * now - back * last);
        }
    }
}

/// A WAV file, by Microsoft's and IBM's "Multimedia Programming Interface and Data Specifications 1.0".
#[expect(clippy::cast_possible_truncation, reason = "casts from float saturate")]
fn wave(samples: &[f32]) -> Vec<u8> {
    let [one, two, sixteen] = [1_u16, 2, 16].map(u16::to_le_bytes);
    let [samples_a_second, bytes_a_second] = [RATE, RATE * 2].map(u32::to_le_bytes);
    // Plain samples, one channel; then what a sample has, in bytes and in bits.
    let format = [&one[..], &one, &samples_a_second, &bytes_a_second, &two, &sixteen].concat();
    let tags: Vec<u8> = TAGS.iter().flat_map(|(name, text)| chunk(name, text)).collect();
    let data: Vec<u8> =
        samples.iter().flat_map(|sample| ((sample * f32::from(i16::MAX)) as i16).to_le_bytes()).collect();
    let parts = [
        b"WAVE".to_vec(),
        chunk(b"fmt ", &format),
        chunk(b"LIST", &[b"INFO", &*tags].concat()),
        chunk(b"data", &data),
    ];
    chunk(b"RIFF", &parts.concat())
}

/// A named piece of a RIFF file, filled up to an even length.
fn chunk(name: &[u8; 4], bytes: &[u8]) -> Vec<u8> {
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let filling = vec![0; bytes.len() % 2];
    [name, &len.to_le_bytes(), bytes, &filling].concat()
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn it_is_loud_enough_never_too_loud_and_ends_in_silence() {
        let samples = samples();
        let loudest =
            |samples: &[f32]| samples.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
        assert!((0.3..1.0).contains(&loudest(&samples)), "{}", loudest(&samples));
        assert!(loudest(&samples[samples.len() - 100..]) < 0.02);
    }

    #[test]
    fn it_is_the_same_every_time_and_its_parts_add_up() {
        let samples = samples();
        let file = wave(&samples);
        assert_eq!(file, wave(&super::samples()));
        let says = u32::from_le_bytes(file[4..8].try_into().unwrap()) as usize;
        assert_eq!(says + 8, file.len());
        assert!((2 * samples.len()..2 * samples.len() + 300).contains(&file.len()));
    }
}
