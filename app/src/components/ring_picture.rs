//! The picture of the ring: this tab and its peers, each at its place, and the arcs it remembers peers of.

use std::collections::BTreeMap;
use std::rc::Rc;

use kadenza_api::Reach;
use yew::prelude::*;

use crate::state::{Bucket, Dot, Ring, point, turns};
use crate::words::{Words, t, use_words};

/// How far from the middle things are, in units of the picture, which is 388 of them wide.
const RING: f64 = 126.0;
const LANE: f64 = 12.0;
const ARCS: f64 = 145.0;
const LABELS: f64 = 171.0;

/// What is left free between two arcs, in turns.
const GAP: f64 = 0.003;

/// Arcs down to an eighth of the ring have room for a number; those below a hundredth of it are not seen.
const LABELLED: usize = 3;
const SEEN: usize = 7;

/// With more peers than this, dots are small.
const FEW: usize = 48;

/// What is on the picture.
#[derive(Debug, PartialEq, Properties)]
pub struct RingPictureProps {
    /// Who is where.
    pub ring: Rc<Ring>,
    /// The peer somebody points at.
    #[prop_or_default]
    pub picked: Option<AttrValue>,
    /// The place of a song, whose closest peers are shown.
    #[prop_or_default]
    pub sought: Option<u32>,
}

/// The picture. It is drawn anew only when somebody comes, goes or is pointed at; the list of peers says the same in words.
#[function_component(RingPicture)]
pub fn ring_picture(RingPictureProps { ring, picked, sought }: &RingPictureProps) -> Html {
    let words = use_words();
    let closest = sought.map(|position| ring.closest(position)).unwrap_or_default();
    let is_close =
        |dot: Option<&Dot>| closest.iter().any(|close| close.map(|c| &c.peer) == dot.map(|d| &d.peer));
    let is_picked = |dot: &Dot| picked.as_deref() == Some(&*dot.peer);
    let own = point(turns(ring.own), RING);
    html! {
        <svg class={classes!("ring", if ring.dots.len() > FEW { "many" } else { "few" },
                sought.map(|_| "seeking"), picked.as_ref().map(|_| "picking"))}
            viewBox="-194 -184 388 368" role="img" aria-label={t!(words, "ring-described", peers = ring.dots.len())}>
            <circle class="ring-line" r={RING.to_string()} />
            { for ring.buckets.iter().take(SEEN).map(arc) }
            { for ring.buckets.iter().take(LABELLED).map(|bucket| label(&words, bucket, ring.bucket_size)) }
            { ways(own, ring, is_picked) }
            { for sought.iter().flat_map(|at| closest.iter().map(|dot| link(*at, dot.map_or(own, place)))) }
            { for ring.dots.iter().map(|dot| peer(dot, is_picked(dot), is_close(Some(dot)))) }
            { this_tab(&words, ring.own, is_close(None)) }
            { for sought.map(star) }
        </svg>
    }
}

/// Where a peer is drawn.
fn place(dot: &Dot) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "there are five lanes")]
    point(turns(dot.position), RING - LANE * dot.lane as f64)
}

fn peer(dot: &Dot, is_picked: bool, is_close: bool) -> Html {
    let (x, y) = place(dot);
    let class = classes!(
        "dot",
        if dot.durable { "relay" } else { "tab" },
        reach(dot),
        is_picked.then_some("picked"),
        is_close.then_some("close"),
    );
    html! {
        <g key={&*dot.peer} {class} data-peer={dot.peer.clone()} transform={format!("translate({x:.1} {y:.1})")}>
            <circle class="touch" r="12" />
            if dot.durable {
                <rect class="mark" x="-5.5" y="-5.5" width="11" height="11" rx="1.5" transform="rotate(45)" />
            } else {
                <circle class="mark" r="6" />
            }
        </g>
    }
}

/// The connections to peers. Those that look alike are one path: a browser draws hundreds of them once a second.
fn ways(own: (f64, f64), ring: &Ring, is_picked: impl Fn(&Dot) -> bool) -> Html {
    let mut paths = BTreeMap::<(bool, bool, &str), String>::new();
    for dot in &ring.dots {
        let look = (is_picked(dot), dot.is_busy, reach(dot));
        paths.entry(look).or_default().push_str(&way(own, place(dot)));
    }
    let path = |((is_picked, is_busy, reach), d): ((bool, bool, &'static str), String)| {
        let class = classes!("way", reach, is_busy.then_some("busy"), is_picked.then_some("picked"));
        html! { <path key={class.to_string()} {class} {d} /> }
    };
    paths.into_iter().map(path).collect()
}

/// From this tab to a peer, bent towards the middle, so that the way to a neighbour is seen as well.
fn way((x, y): (f64, f64), (to_x, to_y): (f64, f64)) -> String {
    let (bent_x, bent_y) = ((x + to_x) * 0.2, (y + to_y) * 0.2);
    format!("M{x:.1} {y:.1}Q{bent_x:.1} {bent_y:.1} {to_x:.1} {to_y:.1}")
}

fn reach(dot: &Dot) -> &'static str {
    match dot.reach {
        Reach::Direct => "direct",
        Reach::Relayed => "relayed",
    }
}

/// From a song's place to a peer it belongs on.
fn link(from: u32, (to_x, to_y): (f64, f64)) -> Html {
    let (x, y) = point(turns(from), RING);
    html! { <path class="belongs" d={format!("M{x:.1} {y:.1}L{to_x:.1} {to_y:.1}")} /> }
}

fn this_tab(words: &Words, own: u32, is_close: bool) -> Html {
    let ((x, y), (label_x, label_y)) = (point(turns(own), RING), point(turns(own), LABELS));
    html! {
        <g class={classes!("own", is_close.then_some("close"))}>
            <circle class="halo" cx={format!("{x:.1}")} cy={format!("{y:.1}")} r="12" />
            <circle class="mark" cx={format!("{x:.1}")} cy={format!("{y:.1}")} r="7.5" />
            <text x={format!("{label_x:.1}")} y={format!("{label_y:.1}")}>{ t!(words, "ring-you") }</text>
        </g>
    }
}

fn star(position: u32) -> Html {
    let (x, y) = point(turns(position), RING);
    html! {
        <path class="star" transform={format!("translate({x:.1} {y:.1})")}
            d="M0-12 3.2-4.4 11.4-3.7 5.2 1.7 7.1 9.7 0 5.4-7.1 9.7-5.2 1.7-11.4-3.7-3.2-4.4z" />
    }
}

/// A bucket's part of the ring.
fn arc(bucket: &Bucket) -> Html {
    let (from, to) = (turns(bucket.start) + GAP, turns(bucket.end) - GAP);
    let ((x, y), (to_x, to_y)) = (point(from, ARCS), point(to, ARCS));
    let long = u8::from(to - from > 0.5);
    let class = classes!("arc", if bucket.peers == 0 { "empty" } else { "known" });
    html! { <path {class} d={format!("M{x:.1} {y:.1}A{ARCS} {ARCS} 0 {long} 1 {to_x:.1} {to_y:.1}")} /> }
}

fn label(words: &Words, bucket: &Bucket, limit: u32) -> Html {
    let middle = turns(bucket.start) / 2.0 + turns(bucket.end) / 2.0;
    let (x, y) = point(middle, LABELS);
    let said = t!(words, "arc-share", peers = bucket.peers, limit = limit);
    html! { <text class="arc-label" x={format!("{x:.1}")} y={format!("{y:.1}")}>{ said }</text> }
}
