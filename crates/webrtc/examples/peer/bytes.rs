//! Bytes that show what was lost, repeated or reordered: the first of every KiB is a function of its position.

fn mark(kib: usize) -> u8 {
    ((kib as u32).wrapping_add(1).wrapping_mul(2_654_435_761) >> 24) as u8
}

/// The marked bytes of a range that begins at `offset`, a whole number of KiB.
pub(crate) fn marked(offset: usize, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    for at in (0..len).step_by(1024) {
        bytes[at] = mark((offset + at) / 1024);
    }
    bytes
}

/// Checks marked bytes as they come.
#[derive(Debug, Default)]
pub(crate) struct Checker {
    pub(crate) got: usize,
    pub(crate) bad: u32,
    pub(crate) checked: u32,
    pub(crate) reads: u32,
}

impl Checker {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        let first = (1024 - self.got % 1024) % 1024;
        for at in (first..bytes.len()).step_by(1024) {
            self.checked += 1;
            if bytes[at] != mark((self.got + at) / 1024) {
                self.bad += 1;
            }
        }
        self.got += bytes.len();
        self.reads += 1;
    }
}
