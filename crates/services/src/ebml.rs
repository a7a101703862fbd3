//! EBML (RFC 8794), the elements that Matroska files are made of, from bytes nobody has vouched for.
//!
//! No length is believed: only as much is set aside as the caller asks for, and every element read moves on.

use std::io::{self, Read, Seek, SeekFrom};

/// The most elements that are looked at: far more than any honest file has before its audio.
const ELEMENTS_MAX: u32 = 20_000;

/// An element, of which the header has been read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Element {
    pub(crate) id: u32,
    /// Where its content begins.
    pub(crate) start: u64,
    /// Where its content ends; live recordings leave that open.
    pub(crate) end: Option<u64>,
}

/// The elements of a file, one after the other: those within an element follow it, unless it is left.
#[derive(Debug)]
pub(crate) struct Elements<S> {
    source: S,
    len: u64,
    position: u64,
    left: u32,
}

impl<S: Read + Seek> Elements<S> {
    pub(crate) fn new(mut source: S) -> io::Result<Self> {
        let len = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        Ok(Self { source, len, position: 0, left: ELEMENTS_MAX })
    }

    pub(crate) fn go_to(&mut self, position: u64) -> io::Result<()> {
        self.position = self.source.seek(SeekFrom::Start(position))?;
        Ok(())
    }

    /// The header at this place; `None` where the file ends.
    pub(crate) fn next(&mut self) -> io::Result<Option<Element>> {
        if self.position >= self.len {
            return Ok(None);
        }
        self.left = self.left.checked_sub(1).ok_or_else(|| io::Error::other("it has too many elements"))?;
        let (id, _) = self.number()?;
        let id = u32::try_from(id).map_err(io::Error::other)?;
        let (size, bits) = self.number()?;
        let most = (1 << bits) - 1;
        let size = size & most;
        // All ones say that the size is not known.
        let end = if size == most { None } else { Some(self.position.saturating_add(size)) };
        Ok(Some(Element { id, start: self.position, end }))
    }

    /// Passes over the content of `element`.
    pub(crate) fn leave(&mut self, element: &Element) -> io::Result<()> {
        self.go_to(element.end.ok_or_else(|| io::Error::other("one of its elements has no end"))?)
    }

    /// The first `most` bytes of the content of `element`, which is then left.
    pub(crate) fn head(&mut self, element: &Element, most: u64) -> io::Result<Vec<u8>> {
        let size = element.end.map_or(0, |end| end.saturating_sub(element.start));
        let bytes = self.bytes(size.min(most))?;
        self.leave(element)?;
        Ok(bytes)
    }

    /// The content of `element` as a number.
    pub(crate) fn uint(&mut self, element: &Element) -> io::Result<u64> {
        Ok(self.head(element, 8)?.into_iter().fold(0, |number, byte| number << 8 | u64::from(byte)))
    }

    /// The content of `element` as a fraction.
    pub(crate) fn float(&mut self, element: &Element) -> io::Result<f64> {
        let bytes = self.head(element, 8)?;
        let short = <[u8; 4]>::try_from(&bytes[..]).map(|bytes| f32::from_be_bytes(bytes).into());
        Ok(short.or_else(|_| <[u8; 8]>::try_from(&bytes[..]).map(f64::from_be_bytes)).unwrap_or_default())
    }

    /// The content of `element` as text of at most `most` bytes, which may end early with a zero.
    pub(crate) fn text(&mut self, element: &Element, most: u64) -> io::Result<String> {
        let bytes = self.head(element, most)?;
        let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    /// The last place in the last `most` bytes of the file where `mark` stands.
    pub(crate) fn find_last(&mut self, mark: [u8; 4], most: u64) -> io::Result<Option<u64>> {
        let from = self.len.saturating_sub(most);
        self.go_to(from)?;
        let tail = self.bytes(self.len - from)?;
        let place = tail.windows(mark.len()).rposition(|bytes| bytes == mark);
        Ok(place.map(|place| from + place as u64))
    }

    /// The next `len` bytes, of which the file has to have all before any room is made for them.
    fn bytes(&mut self, len: u64) -> io::Result<Vec<u8>> {
        if len > self.len.saturating_sub(self.position) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; usize::try_from(len).map_err(io::Error::other)?];
        self.source.read_exact(&mut bytes)?;
        self.position += len;
        Ok(bytes)
    }

    /// A number whose leading zeros say how many bytes it has (RFC 8794, section 4), with the bit that ends them;
    /// and how many bits come after that one.
    fn number(&mut self) -> io::Result<(u64, u32)> {
        let mut bytes = [0; 8];
        let (first, rest) = bytes.split_at_mut(1);
        self.source.read_exact(first)?;
        let more = first[0].leading_zeros();
        let rest = rest
            .get_mut(..more as usize)
            .ok_or_else(|| io::Error::other("one of its elements has no name"))?;
        self.source.read_exact(rest)?;
        self.position += 1 + u64::from(more);
        Ok((u64::from_be_bytes(bytes) >> (8 * (7 - more)), 7 * (1 + more)))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn headers_say_what_comes_and_where_it_ends() {
        let file = b"\xec\x82\0\0\x42\x86\x40\x01\x07\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff";
        let mut elements = Elements::new(Cursor::new(file)).unwrap();
        let void = elements.next().unwrap().unwrap();
        assert_eq!((void.id, void.start, void.end), (0xec, 2, Some(4)));
        elements.leave(&void).unwrap();
        let version = elements.next().unwrap().unwrap();
        assert_eq!((version.id, version.end), (0x4286, Some(9)));
        assert_eq!(elements.uint(&version).unwrap(), 7);
        let cluster = elements.next().unwrap().unwrap();
        assert_eq!((cluster.id, cluster.end), (0x1f43_b675, None));
        assert!(elements.next().unwrap().is_none());
    }

    #[test]
    fn a_length_that_lies_sets_nothing_aside() {
        let mut elements = Elements::new(Cursor::new(b"\xec\x01\xff\xff\xff\xff\xff\xff\xfe")).unwrap();
        let element = elements.next().unwrap().unwrap();
        assert!(elements.head(&element, u64::MAX).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut elements = Elements::new(Cursor::new(&bytes)).unwrap();
            let mut before = 0;
            while let Ok(Some(element)) = elements.next() {
                prop_assert!(element.start > before);
                before = element.start;
                if let Ok(head) = elements.head(&element, 16) {
                    prop_assert!(head.len() <= 16);
                }
            }
        }
    }
}
