use std::ops::Range;

use super::*;
use crate::simulation::Random;

/// How often the steering is asked.
const TICK_US: i64 = 100_000;

/// A player with a clock of its own that starts and jumps as slowly as real ones.
struct Element {
    random: Random,
    ppm: f64,
    start_us: Range<u64>,
    seek_us: Range<u64>,
    position_us: f64,
    rate: f64,
    paused: bool,
    /// Until when it is silent, because it starts.
    silent_until: i64,
    /// Until when it seeks.
    seeking_until: i64,
    /// Until when it has no bytes.
    stalled_until: i64,
    armed: Option<i64>,
    jumps: u32,
}

impl Element {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let usual = random.below(270_000);
        Self {
            ppm: random.below(401) as f64 - 200.0,
            start_us: usual..usual + 30_000,
            seek_us: 20_000..200_000,
            random,
            position_us: 0.0,
            rate: 1.0,
            paused: true,
            silent_until: 0,
            seeking_until: 0,
            stalled_until: 0,
            armed: None,
            jumps: 0,
        }
    }

    fn draw(&mut self, range: Range<u64>) -> i64 {
        (range.start + self.random.below(range.end - range.start)) as i64
    }

    /// A millisecond passes, after which it is `now`.
    fn pass(&mut self, now: i64) {
        if self.armed.is_some_and(|at| at <= now) {
            self.armed = None;
            if self.is_ready(now) {
                self.paused = false;
                self.silent_until = now + self.draw(self.start_us.clone());
            }
        }
        if !self.paused && self.is_ready(now) && now >= self.silent_until {
            self.position_us += 1000.0 * self.rate * (1.0 + self.ppm / 1e6);
        }
    }

    fn is_ready(&self, now: i64) -> bool {
        now >= self.seeking_until && now >= self.stalled_until
    }

    fn player(&self, now: i64) -> Player {
        // Like a browser's, it does not tell that its sound has not begun.
        Player { position_us: self.position_us as i64, ready: self.is_ready(now), paused: self.paused }
    }

    fn obey(&mut self, now: i64, order: Order) {
        self.rate = 1.0;
        match order {
            Order::Hold => {}
            Order::Rate(rate) => {
                assert!((0.97..=1.03).contains(&rate));
                self.rate = rate;
            }
            Order::StartAt { position_us, at } => {
                self.jumps += u32::from(!self.paused);
                self.stand(now, position_us);
                self.armed = Some(at.as_micros() as i64);
            }
            Order::Stop { position_us } => self.stand(now, position_us),
        }
    }

    fn stand(&mut self, now: i64, position_us: i64) {
        self.paused = true;
        if self.position_us as i64 != position_us {
            self.position_us = position_us as f64;
            self.seeking_until = now + self.draw(self.seek_us.clone());
        }
    }
}

/// Runs until `until`; what `check` is shown every millisecond is how far the element is behind.
fn run(
    element: &mut Element,
    steering: &mut Steering,
    playback: &Playback,
    range: Range<i64>,
    mut check: impl FnMut(i64, i64, &Element),
) {
    for now in range.step_by(1000) {
        element.pass(now);
        let target = Target::of(playback, RoomTime(now));
        if now % TICK_US == 0 {
            let at = Duration::from_micros(now as u64);
            let order = steering.order(at, target, element.player(now));
            element.obey(now, order);
        }
        if let Target::Playing { position_us } = target {
            check(now, position_us - element.position_us as i64, element);
        }
    }
}

fn playback(anchor: i64, position_ms: u64) -> Playback {
    let song = Some(crate::together::QueueItemId([1; 16]));
    Playback { song, playing: true, position_ms, anchor: RoomTime(anchor), epoch: 1 }
}

const SECOND: i64 = 1_000_000;
const LEAD_US: i64 = LEAD.as_micros() as i64;

#[test]
fn players_that_start_slowly_are_in_step_after_five_seconds_and_never_jump() {
    for seed in 0..200 {
        let (mut element, mut steering) = (Element::new(seed), Steering::default());
        run(&mut element, &mut steering, &playback(LEAD_US, 0), 0..30 * SECOND, |now, behind, element| {
            assert!(now < LEAD_US + 5 * SECOND || behind.abs() < 25_000, "seed {seed}: {behind} µs at {now}");
            assert_eq!(element.jumps, 0);
        });
    }
}

#[test]
fn one_who_joins_late_is_in_step_after_five_seconds() {
    for seed in 0..200 {
        let (mut element, mut steering) = (Element::new(seed), Steering::default());
        run(&mut element, &mut steering, &playback(-60 * SECOND, 0), 0..30 * SECOND, |now, behind, _| {
            assert!(now < 5 * SECOND || behind.abs() < 25_000, "seed {seed}: {behind} µs at {now}");
        });
    }
}

#[test]
fn one_who_has_its_bytes_a_little_late_begins_at_once_and_is_in_step_by_its_rate() {
    for seed in 0..100 {
        let (mut element, mut steering) = (Element::new(seed), Steering::default());
        element.stalled_until = LEAD_US + 50_000;
        let mut begun = None;
        run(&mut element, &mut steering, &playback(LEAD_US, 0), 0..40 * SECOND, |now, behind, element| {
            if !element.paused {
                begun.get_or_insert(now);
            }
            assert_eq!(element.jumps, 0, "seed {seed}");
            assert!(now < 25 * SECOND || behind.abs() < 25_000, "seed {seed}: {behind} µs at {now}");
        });
        assert!(begun.unwrap() <= LEAD_US + 50_000 + 2 * TICK_US, "seed {seed}: {begun:?}");
    }
}

#[test]
fn what_starts_take_is_learned() {
    let mut worst = [0; 4];
    for seed in 0..50 {
        let (mut element, mut steering) = (Element::new(seed), Steering::default());
        for (presses, worst) in worst.iter_mut().enumerate() {
            let begin = presses as i64 * 20 * SECOND;
            let playback = playback(begin + 400_000, 30_000 * presses as u64);
            run(&mut element, &mut steering, &playback, begin..begin + 20 * SECOND, |now, behind, _| {
                if now == begin + 2 * SECOND {
                    *worst = behind.abs().max(*worst);
                }
            });
        }
    }
    assert!(worst[3] < worst[0] / 2, "{worst:?}");
}

#[test]
fn one_who_stalls_is_left_alone_and_catches_up() {
    for stall in [200_000, 450_000, 3 * SECOND] {
        let (mut element, mut steering) = (Element::new(5), Steering::default());
        element.stalled_until = 0;
        run(&mut element, &mut steering, &playback(LEAD_US, 0), 0..10 * SECOND, |_, _, _| {});
        element.stalled_until = 10 * SECOND + stall;
        run(
            &mut element,
            &mut steering,
            &playback(LEAD_US, 0),
            10 * SECOND..40 * SECOND,
            |now, behind, element| {
                assert!(now >= 10 * SECOND + stall || element.jumps == 0, "it jumped while it stalled");
                assert!(now < 28 * SECOND || behind.abs() < 25_000, "{behind} µs at {now}");
            },
        );
        assert_eq!(element.jumps > 0, stall > 500_000);
    }
}

#[test]
fn a_users_own_offset_is_kept_ahead_of_the_room() {
    let (mut element, mut steering) = (Element::new(5), Steering::default());
    steering.set_user_offset(300_000);
    run(&mut element, &mut steering, &playback(SECOND, 0), 0..30 * SECOND, |now, behind, _| {
        assert!(now < 7 * SECOND || (behind + 300_000).abs() < 25_000, "{behind} µs at {now}");
    });
    steering.set_user_offset(i64::MAX);
    assert_eq!(steering.user_offset_us, USER_OFFSET_MAX_US);
}

#[test]
fn a_pause_stops_at_its_moment_and_where_the_room_stopped() {
    let mut steering = Steering::default();
    let stopped = Playback { playing: false, position_ms: 5_000, ..playback(LEAD_US, 0) };
    let player = |position_us, paused| Player { position_us, ready: true, paused };
    let mut order =
        |time, player| steering.order(Duration::ZERO, Target::of(&stopped, RoomTime(time)), player);
    assert_eq!(order(0, player(4_850_000, false)), Order::Hold);
    assert_eq!(order(LEAD_US, player(5_010_000, false)), Order::Stop { position_us: 5_000_000 });
    assert_eq!(order(LEAD_US, player(5_010_000, true)), Order::Hold);
    assert_eq!(order(LEAD_US, player(5_100_000, true)), Order::Stop { position_us: 5_000_000 });
}

#[test]
fn small_errors_are_left_alone() {
    let mut steering = Steering::default();
    let target = Target::Playing { position_us: 1_000_000 };
    let mut order = |behind: i64| {
        let player = Player { position_us: 1_000_000 - behind, ready: true, paused: false };
        steering.order(Duration::ZERO, target, player)
    };
    assert_eq!(order(19_000), Order::Hold);
    assert!(matches!(order(-25_000), Order::Rate(rate) if rate < 1.0));
    assert!(matches!(order(-6_000), Order::Rate(_)));
    assert_eq!(order(-4_000), Order::Hold);
    assert_eq!(order(-19_000), Order::Hold);
    assert_eq!(order(400_000), Order::Rate(1.03));
}
