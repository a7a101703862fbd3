//! What a download promises, alone and in a simulated swarm.

use std::time::Duration;

use kadenza_api::{GROUP_BYTES, Groups};
use libp2p::PeerId;
use proptest::prelude::*;

use super::swarm::{Kind, Swarm, TAB, carried};
use super::{Download, Output, WINDOW};
use crate::content::groups::GroupSet;
use crate::content::wire::{GROUPS_LIMIT, ToHolder};

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn download(count: u64) -> Download {
    Download::new(PeerId::random(), GroupSet::none(count))
}

/// What is asked now.
fn asked(download: &mut Download, now: Duration) -> Vec<(PeerId, Groups)> {
    std::iter::from_fn(|| download.next(now))
        .filter_map(|output| match carried(output) {
            (peer, ToHolder::Ask { groups, .. }) => Some((peer, groups)),
            _ => None,
        })
        .collect()
}

fn complete_source(download: &mut Download, durable: bool) -> PeerId {
    let peer = PeerId::random();
    download.add_source(peer, durable, Some(ms(20)), ms(0));
    download.have(peer, std::slice::from_ref(&(0..u64::MAX)), ms(0));
    peer
}

/// A song of 1000 groups that somebody begins to play, and that a relay and a tab have.
fn played_from_relay_and_tab() -> (Download, PeerId, PeerId) {
    let mut download = download(1000);
    let (relay, tab) = (complete_source(&mut download, true), complete_source(&mut download, false));
    download.want(&(0..64), ms(0));
    download.want_everything();
    (download, relay, tab)
}

#[test]
fn a_new_source_is_asked_for_little_and_for_more_the_faster_it_answers() {
    let mut download = download(1000);
    let peer = complete_source(&mut download, false);
    download.want(&(0..64), ms(0));
    download.want_everything();
    assert_eq!(asked(&mut download, ms(0)), [(peer, 0..1), (peer, 1..2), (peer, 2..4)]);
    download.arrived(peer, &(0..4), ms(20));
    let begins: u64 =
        asked(&mut download, ms(20)).into_iter().map(|(_, groups)| groups.end - groups.start).sum();
    assert_eq!(begins, 6, "160 KiB to begin with");
    let groups = |asked: Vec<(PeerId, Groups)>| {
        asked.into_iter().map(|(_, groups)| groups.end - groups.start).sum::<u64>()
    };
    let then = groups(asked(&mut download, ms(100)));
    assert!((20..60).contains(&then), "{then} groups after 64 KiB in 20 ms");
}

#[test]
fn a_slow_source_is_asked_for_no_more_than_it_sends_soon() {
    let mut download = download(1000);
    let peer = complete_source(&mut download, false);
    download.want(&(0..64), ms(0));
    download.want_everything();
    let (mut now, mut open) = (ms(0), std::collections::VecDeque::new());
    for _ in 0..200 {
        open.extend(asked(&mut download, now).into_iter().flat_map(|(_, groups)| groups));
        // 1 Mbit/s.
        now += ms(131);
        let group = open.pop_front().unwrap();
        download.arrived(peer, &(group..group + 1), now);
        assert!(open.len() <= 8, "{} groups, a second of this link, wait", open.len());
    }
}

#[test]
fn the_readers_groups_go_first_then_the_rest_then_what_lies_behind() {
    let mut download = download(40);
    let peer = complete_source(&mut download, false);
    download.want(&(30..40), ms(0));
    download.want_everything();
    let (mut order, mut now) = (Vec::new(), ms(100));
    while !download.is_complete() {
        for (_, groups) in asked(&mut download, now) {
            now += ms(1);
            order.extend(groups.clone());
            download.arrived(peer, &groups, now);
        }
    }
    assert_eq!(order, (30..40).chain(0..30).collect::<Vec<_>>());
}

#[test]
fn a_peek_fetches_what_it_looks_at_and_nothing_else() {
    let mut download = download(100);
    let peer = complete_source(&mut download, false);
    download.want(&(0..16), ms(0));
    let (mut came, mut now) = (0, ms(0));
    loop {
        let next = asked(&mut download, now);
        if next.is_empty() {
            break;
        }
        for (_, groups) in next {
            now += ms(1);
            came += groups.end - groups.start;
            download.arrived(peer, &groups, now);
        }
    }
    assert_eq!(came, 16);
}

#[test]
fn a_seek_takes_back_what_lies_elsewhere() {
    let mut download = download(1000);
    let peer = complete_source(&mut download, false);
    download.want(&(0..64), ms(0));
    download.want_everything();
    assert_eq!(asked(&mut download, ms(0)).len(), 3);
    download.gave_up(0);
    download.want(&(800..864), ms(5));
    let outputs: Vec<_> = std::iter::from_fn(|| download.next(ms(5))).collect();
    assert_eq!(outputs[0], Output::Cancel(peer, 0..4));
    assert_eq!(outputs[1], Output::Ask(peer, 800..801));
}

#[test]
fn a_reader_that_takes_a_megabyte_at_once_has_not_jumped() {
    let mut download = download(1000);
    let peer = complete_source(&mut download, false);
    download.want(&(0..64), ms(0));
    download.want_everything();
    assert_eq!(asked(&mut download, ms(0)).len(), 3);
    download.arrived(peer, &(0..100), ms(105));
    assert!(!asked(&mut download, ms(215)).is_empty());
    download.want(&(100..164), ms(220));
    let outputs: Vec<_> = std::iter::from_fn(|| download.next(ms(220))).collect();
    assert!(!outputs.iter().any(|output| matches!(output, Output::Cancel(..))), "{outputs:?}");
}

#[test]
fn a_source_that_is_silent_is_passed_over_and_taken_back_when_it_answers() {
    let mut download = download(100);
    let (dead, other) = (complete_source(&mut download, false), PeerId::random());
    download.want(&(0..2), ms(0));
    assert_eq!(asked(&mut download, ms(0)).len(), 2);
    download.add_source(other, false, Some(ms(20)), ms(10));
    download.have(other, std::slice::from_ref(&(0..100)), ms(30));
    assert_eq!(asked(&mut download, ms(30)), []);
    let (mut wakes, mut again) = (ms(30), Vec::new());
    while again.is_empty() {
        wakes = download.wakes(wakes).unwrap();
        again = asked(&mut download, wakes);
    }
    assert!(wakes < ms(1000), "noticed within a second");
    assert_eq!(again, [(other, 0..1), (other, 1..2)]);
    download.arrived(dead, &(0..1), wakes + ms(5));
    assert!(
        std::iter::from_fn(|| download.next(wakes + ms(5))).any(|next| next == Output::Cancel(other, 0..1))
    );
}

#[test]
fn what_is_late_is_asked_of_another_and_never_twice_of_the_same() {
    let mut download = download(100);
    let late = complete_source(&mut download, false);
    download.want(&(0..100), ms(0));
    download.want_everything();
    asked(&mut download, ms(0));
    download.arrived(late, &(0..1), ms(100));
    let owed: Vec<u64> = [asked(&mut download, ms(100)), asked(&mut download, ms(250))]
        .concat()
        .into_iter()
        .flat_map(|(_, groups)| groups)
        .collect();
    let again = |download: &mut Download| -> Vec<(PeerId, Groups)> {
        std::iter::from_fn(|| download.next(ms(320)))
            .take(100)
            .filter_map(
                |output| if let Output::Ask(peer, groups) = output { Some((peer, groups)) } else { None },
            )
            .collect()
    };
    let twice = |asked: &[(PeerId, Groups)]| {
        asked.iter().any(|(peer, groups)| {
            *peer == late && groups.clone().any(|group| group == 1 || owed.contains(&group))
        })
    };
    assert!(!twice(&again(&mut download)));
    let other = complete_source(&mut download, false);
    let asked = again(&mut download);
    assert!(!twice(&asked) && asked.contains(&(other, 1..2)), "{asked:?}");
}

#[test]
fn a_liar_is_never_asked_again() {
    let mut download = download(10);
    let liar = complete_source(&mut download, false);
    download.want(&(0..10), ms(0));
    assert!(!asked(&mut download, ms(0)).is_empty());
    download.lied(liar, ms(10));
    download.add_source(liar, false, None, ms(10));
    assert!(download.is_stranded());
    let honest = complete_source(&mut download, false);
    assert_eq!(asked(&mut download, ms(10)).first(), Some(&(honest, 0..1)));
}

#[test]
fn a_relay_is_not_asked_for_what_a_tab_has_until_the_tab_is_late() {
    let (mut download, relay, tab) = played_from_relay_and_tab();
    assert!(asked(&mut download, ms(0)).iter().all(|(peer, _)| *peer == tab));
    let late = asked(&mut download, ms(900));
    assert!(late.iter().all(|(peer, _)| *peer == relay) && !late.is_empty());
}

#[test]
fn a_relay_brings_three_seconds_and_no_more_while_the_tab_that_has_it_is_only_silent() {
    let (mut download, relay, tab) = played_from_relay_and_tab();
    let (mut now, mut brought) = (ms(0), 0);
    while now < ms(2000) {
        for (peer, groups) in asked(&mut download, now) {
            if peer == relay {
                brought = brought.max(groups.end);
                download.arrived(relay, &groups, now + ms(5));
            } else {
                assert_eq!(peer, tab);
            }
        }
        now = download.wakes(now).unwrap().max(now + ms(1));
    }
    // Five and a half groups a second are heard of this song: those of these two seconds and of the next three.
    assert!((20..=28).contains(&brought), "{brought} groups in two seconds");
    download.gone(tab, now);
    let rest: u64 = asked(&mut download, now).iter().map(|(_, groups)| groups.end - groups.start).sum();
    assert!(rest > 30, "{rest} groups once the tab is gone");
}

#[test]
fn what_cannot_be_kept_is_fetched_only_near_the_reader() {
    let mut download = download(1000);
    let peer = complete_source(&mut download, false);
    download.want_everything();
    download.stay_within(8);
    download.want(&(100..164), ms(0));
    let (mut all, mut now) = (Vec::new(), ms(0));
    for _ in 0..20 {
        for (_, groups) in asked(&mut download, now) {
            now += ms(1);
            all.extend(groups.clone());
            download.arrived(peer, &groups, now);
        }
    }
    all.sort_unstable();
    assert_eq!(all, (100..108).collect::<Vec<_>>());
}

/// A 4-minute MP3 of 320 kbit/s.
const SONG: u64 = 9_600_000 / GROUP_BYTES;

#[test]
fn one_copy_from_the_uploader_serves_a_crowd() {
    let mut swarm = Swarm::new(SONG, ms(4));
    let uploader = swarm.holder(TAB);
    let listeners: Vec<_> = (0..6).map(|_| swarm.listener(TAB, ms(0), &[uploader])).collect();
    swarm.run(ms(60_000), |_| false);
    assert!(listeners.iter().all(|listener| swarm.has_all(*listener)));
    let copies = swarm.copies_sent(uploader) / 6.0;
    let slowest = listeners.iter().map(|listener| swarm.took(*listener)).max().unwrap();
    println!("{copies:.3} copies a listener, {slowest:?}");
    assert!(copies <= 0.25, "{copies} copies a listener");
    assert!(listeners.iter().all(|listener| swarm.start(*listener, 4) < ms(400)));
}

#[test]
fn a_thin_uplink_carries_a_crowd_in_little_more_than_the_time_of_one_copy() {
    let count = 3_900_000 / GROUP_BYTES;
    let mut swarm = Swarm::new(count, ms(4));
    let uploader = swarm.holder(Kind { uplink: 500e3, ..TAB });
    let listeners: Vec<_> = (0..4).map(|_| swarm.listener(TAB, ms(0), &[uploader])).collect();
    swarm.run(ms(60_000), |_| false);
    let ideal = Duration::from_secs_f64(count as f64 * GROUP_BYTES as f64 / 500e3);
    let slowest = listeners.iter().map(|listener| swarm.took(*listener)).max().unwrap();
    let over = slowest.as_secs_f64() / ideal.as_secs_f64();
    println!("{over:.3} of the ideal, start {:?}", swarm.start(listeners[3], 4));
    assert!(over <= 1.15, "{over} of the time of one copy");
    assert!(listeners.iter().all(|listener| swarm.gap(*listener, 16e3) == Duration::ZERO));
}

#[test]
fn listeners_finish_from_each_other_when_the_uploader_leaves_after_three_fifths() {
    let mut lacking = Vec::new();
    for cast in 0..24 {
        let mut swarm = Swarm::new(SONG, ms(4));
        swarm.cast = cast;
        let uploader = swarm.holder(Kind { uplink: 1e6, ..TAB });
        let (one, other) = (swarm.listener(TAB, ms(0), &[uploader]), swarm.listener(TAB, ms(0), &[uploader]));
        swarm.run(ms(60_000), |swarm| swarm.held(one).min(swarm.held(other)) >= SONG * 6 / 10);
        lacking.push(SONG - swarm.held_together(one, other));
        swarm.dies(uploader, Duration::ZERO);
        swarm.run(ms(120_000), |_| false);
        for listener in [one, other].into_iter().filter(|_| lacking.last() == Some(&0)) {
            assert!(swarm.has_all(listener));
            assert_eq!(swarm.gap(listener, 40e3), Duration::ZERO);
        }
    }
    assert!(lacking.iter().all(|lacking| *lacking == 0), "between them they lack {lacking:?} of {SONG}");
}

/// The longest gap in a song of `count` groups and 320 kbit/s that a tab with this uplink begins to send, and does not end.
fn gap_after_death(count: u64, uplink: f64, dies: Duration) -> Duration {
    let mut swarm = Swarm::new(count, ms(40));
    let (tab, relay) = (swarm.holder(Kind { uplink, ..TAB }), swarm.holder(Kind { durable: true, ..TAB }));
    let listener = swarm.listener(TAB, ms(0), &[tab, relay]);
    swarm.dies(tab, dies);
    swarm.run(ms(120_000), |_| false);
    swarm.gap(listener, 40e3)
}

#[test]
fn a_dead_source_is_not_heard_while_the_relay_has_the_song() {
    for dies in (0..40).map(|step| ms(step * 300)) {
        assert_eq!(gap_after_death(SONG, 1e6, dies), Duration::ZERO, "it died after {dies:?}");
    }
}

#[test]
fn a_source_that_barely_keeps_up_is_not_heard_to_die_either() {
    for dies in (0..80).map(|step| ms(step * 50)) {
        assert_eq!(gap_after_death(20, 80e3, dies), Duration::ZERO, "it died after {dies:?}");
    }
}

#[test]
fn half_of_ten_sources_being_bad_at_most_doubles_the_start() {
    let start = |bad: bool| {
        let mut swarm = Swarm::new(SONG, ms(40));
        let sources: Vec<_> = (0..10)
            .map(|number| {
                let kind = Kind { lies: bad && number % 4 == 0, drips: bad && number % 4 == 2, ..TAB };
                swarm.holder(kind)
            })
            .collect();
        let listener = swarm.listener(TAB, ms(0), &sources);
        swarm.run(ms(120_000), |_| false);
        assert!(swarm.has_all(listener));
        assert!(swarm.bad <= 16, "{} bad groups", swarm.bad);
        swarm.start(listener, 4)
    };
    let (clean, polluted) = (start(false), start(true));
    println!("clean {clean:?}, polluted {polluted:?}");
    assert!(polluted <= clean * 2, "{polluted:?} where clean takes {clean:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_group_comes_while_one_honest_source_is_left(
        count in 1u64..120, aim in 0u64..120, script in prop::collection::vec(0u8..6, 0..300),
    ) {
        let mut download = download(count);
        let honest = complete_source(&mut download, false);
        for step in 0..3 {
            complete_source(&mut download, step == 0);
        }
        download.want(&(aim.min(count - 1)..count), ms(0));
        download.want_everything();
        let (mut now, mut open, mut script) = (ms(0), Vec::new(), script.into_iter());
        for _ in 0..5000 {
            now += ms(7);
            for (peer, groups) in asked(&mut download, now) {
                prop_assert!(groups.end - groups.start <= GROUPS_LIMIT && groups.end <= count);
                open.push((peer, groups));
            }
            let Some((peer, groups)) = open.pop() else {
                if download.is_complete() { break }
                now = now.max(download.wakes(now).expect("it waits for something"));
                continue;
            };
            match script.next() {
                Some(0) if peer != honest => download.lied(peer, now),
                Some(1) if peer != honest => download.refused(peer, &groups, now),
                Some(2) if peer != honest => download.gone(peer, now),
                Some(3) if peer != honest => {}
                Some(4) => {
                    download.want(&(groups.start..groups.start + 1), now);
                    download.arrived(peer, &groups, now);
                }
                _ => download.arrived(peer, &groups, now),
            }
        }
        prop_assert!(download.is_complete(), "{} of {count}", download.held().len());
    }

    #[test]
    fn no_more_is_under_way_than_the_window_where_nothing_is_kept(aims in prop::collection::vec(0u64..500, 1..50)) {
        let mut download = download(500);
        let peer = complete_source(&mut download, false);
        download.stay_within(8);
        let mut now = ms(0);
        for aim in aims {
            now += ms(10);
            download.want(&(aim..aim + 64), now);
            for (_, groups) in asked(&mut download, now) {
                prop_assert!(groups.start >= aim && groups.end <= aim + 8.min(WINDOW));
                download.arrived(peer, &groups, now);
            }
        }
    }
}
