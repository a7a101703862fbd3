//! The sealed records this node keeps for rooms, in memory. It can tell whose they are and how many; not what they say.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use kadenza_api::{BlindedSong, Error, ROOM_RECORDS_MAX, RecordId, Result, RoomId, SealedRecord};

/// The most sealed records a node keeps, as many as songs.
const RECORDS_MAX: usize = 100_000;

/// The most bytes of them, 200 MB: twice a usual record's for each. Anybody can make rooms, and fill records to the brim.
const RECORDS_MAX_BYTES: usize = 200_000_000;

/// The most records of one song in one room, as many as a song has recordings.
const SONG_RECORDS_MAX: usize = 16;

/// Sealed records by id, by room, and counted by song.
#[derive(Debug, Default)]
pub(crate) struct Filed {
    records: BTreeMap<RecordId, SealedRecord>,
    rooms: BTreeMap<RoomId, BTreeSet<RecordId>>,
    songs: BTreeMap<(RoomId, BlindedSong), usize>,
    bytes: usize,
}

impl Filed {
    /// Puts a record there. One that is there already stays as it is.
    pub(crate) fn put(&mut self, id: RecordId, record: SealedRecord) {
        if self.records.contains_key(&id) {
            return;
        }
        self.bytes += memory_of(&record);
        self.rooms.entry(record.room).or_default().insert(id);
        *self.songs.entry((record.room, record.song)).or_default() += 1;
        self.records.insert(id, record);
    }

    pub(crate) fn get(&self, id: RecordId) -> Option<&SealedRecord> {
        self.records.get(&id)
    }

    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    /// Up to `limit` records of every room with ids after `after`, in order of id.
    pub(crate) fn after(&self, after: Option<RecordId>, limit: usize) -> Vec<SealedRecord> {
        self.records.range(beyond(after)).take(limit).map(|(_, record)| record.clone()).collect()
    }

    /// Up to `limit` records of one room with ids after `after`, in order of id.
    pub(crate) fn of(&self, room: RoomId, after: Option<RecordId>, limit: usize) -> Vec<SealedRecord> {
        let ids = self.rooms.get(&room).into_iter().flat_map(|ids| ids.range(beyond(after)));
        ids.take(limit).filter_map(|id| self.get(*id).cloned()).collect()
    }

    /// Refuses a record there is no room for beside those that are here and those that are `coming`.
    ///
    /// # Errors
    /// [`Error::Storage`] that names the bound.
    pub(crate) fn check_room(
        &self,
        record: &SealedRecord,
        coming: &BTreeMap<RecordId, SealedRecord>,
    ) -> Result<()> {
        let of_room = |other: &&SealedRecord| other.room == record.room;
        let of_song = |other: &&SealedRecord| other.room == record.room && other.song == record.song;
        let records = self.records.len() + coming.len();
        let bytes = self.bytes + coming.values().chain([record]).map(memory_of).sum::<usize>();
        let in_room = self.rooms.get(&record.room).map_or(0, BTreeSet::len);
        let in_song = self.songs.get(&(record.room, record.song)).copied().unwrap_or_default();
        let full = if records >= RECORDS_MAX {
            format!("this node keeps {RECORDS_MAX} records of rooms already")
        } else if bytes > RECORDS_MAX_BYTES {
            format!("this node keeps {RECORDS_MAX_BYTES} bytes of rooms' records and no more")
        } else if in_room + coming.values().filter(of_room).count() >= ROOM_RECORDS_MAX {
            format!("this node keeps {ROOM_RECORDS_MAX} records of this room already")
        } else if in_song + coming.values().filter(of_song).count() >= SONG_RECORDS_MAX {
            format!("this node keeps {SONG_RECORDS_MAX} records of this song of the room already")
        } else {
            return Ok(());
        };
        Err(Error::storage(format!("no room: {full}")))
    }
}

fn beyond(after: Option<RecordId>) -> (Bound<RecordId>, Bound<RecordId>) {
    (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

/// Bytes of memory a record takes at the least.
fn memory_of(record: &SealedRecord) -> usize {
    size_of::<SealedRecord>() + size_of_val(&*record.contents) + record.bytes.len()
}

#[cfg(test)]
mod tests {
    use kadenza_api::SealedContent;
    use proptest::prelude::*;

    use super::*;

    fn record(room: u32, song: u32, bytes: usize) -> SealedRecord {
        let mut record = SealedRecord {
            room: RoomId([0; 32]),
            song: BlindedSong([0; 20]),
            contents: Vec::<SealedContent>::new(),
            bytes: vec![0; bytes],
            signature: [0; 64],
        };
        record.room.0[..4].copy_from_slice(&room.to_be_bytes());
        record.song.0[..4].copy_from_slice(&song.to_be_bytes());
        record
    }

    fn id(number: u32) -> RecordId {
        let mut id = RecordId([0; 32]);
        id.0[..4].copy_from_slice(&number.to_be_bytes());
        id
    }

    fn refused(filed: &Filed, record: &SealedRecord) -> String {
        filed.check_room(record, &BTreeMap::new()).unwrap_err().to_string()
    }

    #[test]
    fn each_bound_refuses_what_goes_beyond_it_and_says_which_it_is() {
        let mut filed = Filed::default();
        (0..16).for_each(|number| filed.put(id(number), record(1, 1, 9)));
        assert!(refused(&filed, &record(1, 1, 9)).contains("16 records of this song"));
        assert!(filed.check_room(&record(2, 1, 9), &BTreeMap::new()).is_ok(), "another room's");
        (16..5_000).for_each(|number| filed.put(id(number), record(1, number, 9)));
        assert!(refused(&filed, &record(1, 0, 9)).contains("5000 records of this room"));
        (5_000..100_000).for_each(|number| filed.put(id(number), record(number, 0, 9)));
        assert!(refused(&filed, &record(0, 0, 9)).contains("100000 records"));
        let filed = Filed { bytes: RECORDS_MAX_BYTES - 500, ..Filed::default() };
        assert!(refused(&filed, &record(0, 0, 500)).contains("200000000 bytes"));
        assert!(filed.check_room(&record(0, 0, 9), &BTreeMap::new()).is_ok());
    }

    #[test]
    fn what_is_coming_counts_as_if_it_were_here() {
        let (mut filed, mut coming) = (Filed::default(), BTreeMap::new());
        (0..10).for_each(|number| filed.put(id(number), record(1, 1, 9)));
        for number in 10..16 {
            assert!(filed.check_room(&record(1, 1, 9), &coming).is_ok());
            coming.insert(id(number), record(1, 1, 9));
        }
        assert!(filed.check_room(&record(1, 1, 9), &coming).is_err());
    }

    proptest! {
        #[test]
        fn pages_are_in_order_and_whole_whatever_order_records_came_in(
            rooms in prop::collection::vec(0..3u32, 0..40), order in any::<prop::sample::Index>(), limit in 1..9usize,
        ) {
            let mut records: Vec<_> =
                (0..).zip(&rooms).map(|(number, room)| (id(number), record(*room, number, 9))).collect();
            let mut filed = Filed::default();
            if !records.is_empty() {
                let half = order.index(records.len());
                records.rotate_left(half);
            }
            // Twice, as copies of a record come from several peers.
            for (id, record) in records.iter().chain(&records) {
                filed.put(*id, record.clone());
            }
            prop_assert_eq!(filed.len(), rooms.len());
            prop_assert_eq!(filed.bytes, rooms.len() * memory_of(&record(0, 0, 9)));
            prop_assert_eq!(filed.after(None, 100).len(), rooms.len());
            let (mut last, mut seen) = (None, Vec::new());
            loop {
                let page = filed.of(RoomId([0; 32]), last, limit);
                let Some(end) = page.last() else { break };
                last = records.iter().find(|(_, record)| record == end).map(|(id, _)| *id);
                seen.extend(page);
            }
            prop_assert_eq!(seen.len(), rooms.iter().filter(|room| **room == 0).count());
            prop_assert!(seen.is_sorted_by_key(|record| record.song));
        }
    }
}
