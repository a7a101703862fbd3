//! Icons, drawn on a grid of 24 by 24 in the colour of the text around them.

use yew::prelude::*;

/// Which icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A triangle to the right.
    Play,
    /// Two bars.
    Pause,
    /// A triangle against a bar.
    Next,
    /// The mirror image of it.
    Previous,
    /// An arrow out of a tray.
    Upload,
    /// A folder.
    Folder,
    /// A magnifying glass.
    Search,
    /// A loudspeaker.
    Volume,
    /// The same, crossed out.
    Muted,
    /// A cross.
    Close,
    /// A tick.
    Done,
    /// An exclamation mark in a circle.
    Problem,
    /// Two boxes on top of each other, as servers are drawn.
    Relay,
    /// A window with a bar on top.
    Tab,
    /// An angle that points down.
    Unfold,
    /// Two links of a chain.
    Link,
    /// Two sheets, one behind the other.
    Copies,
    /// A note.
    Note,
    /// A closed lock.
    Lock,
    /// A globe.
    Globe,
    /// Two people.
    Together,
    /// An arrow upwards.
    Up,
    /// An arrow downwards.
    Down,
    /// A list with a cross beside it.
    Queue,
    /// Two arrows that cross.
    Shuffle,
    /// Two arrows in a ring.
    Repeat,
    /// The same around a one.
    RepeatOne,
    /// A pencil.
    Pencil,
    /// A fermata, the sign over a cadenza: the mark of the page.
    Fermata,
}

/// A ring of two arrows, without and with a one in it.
const REPEAT: &str =
    "M4.5 11V9.5a3 3 0 0 1 3-3h12M17 4l2.5 2.5L17 9M19.5 13v1.5a3 3 0 0 1-3 3h-12M7 20l-2.5-2.5L7 15";
const REPEAT_ONE: &str = "M4.5 11V9.5a3 3 0 0 1 3-3h12M17 4l2.5 2.5L17 9M19.5 13v1.5a3 3 0 0 1-3 3h-12M7 20l-2.5-2.5L7 15M11 10.5l1.2-.7v4.5";

impl Shape {
    /// Its outline, and whether that is filled rather than drawn.
    fn path(self) -> (&'static str, bool) {
        match self {
            Self::Play => {
                ("M8 5.2v13.6a.8.8 0 0 0 1.2.7l11-6.8a.8.8 0 0 0 0-1.4l-11-6.8a.8.8 0 0 0-1.2.7z", true)
            }
            Self::Pause => ("M7 5h3.5v14H7zM13.5 5H17v14h-3.5z", true),
            Self::Next => (
                "M5 5.9v12.2a.7.7 0 0 0 1.1.6l9-6.1a.7.7 0 0 0 0-1.2l-9-6.1a.7.7 0 0 0-1.1.6zM16.5 5H19v14h-2.5z",
                true,
            ),
            Self::Previous => (
                "M19 5.9v12.2a.7.7 0 0 1-1.1.6l-9-6.1a.7.7 0 0 1 0-1.2l9-6.1a.7.7 0 0 1 1.1.6zM7.5 5H5v14h2.5z",
                true,
            ),
            Self::Upload => {
                ("M12 15V4m0 0L7.5 8.5M12 4l4.5 4.5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3", false)
            }
            Self::Folder => {
                ("M3 7a2 2 0 0 1 2-2h4l2 2.5h8a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z", false)
            }
            Self::Search => ("M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.2 15.2 20 20", false),
            Self::Volume => {
                ("M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11", false)
            }
            Self::Muted => ("M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5", false),
            Self::Close => ("M6 6l12 12M18 6 6 18", false),
            Self::Pencil => {
                ("M4.5 19.5l.9-4L16 4.9a2.1 2.1 0 0 1 3 0l.1.1a2.1 2.1 0 0 1 0 3L8.5 18.6zM14 7l3 3", false)
            }
            Self::Done => ("M5 12.5l4.5 4.5L19 7.5", false),
            Self::Problem => ("M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 8v4.5M12 16v.1", false),
            Self::Relay => ("M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5v.1M7.5 16.5v.1", false),
            Self::Tab => {
                ("M3 7a2 2 0 0 1 2-2h14a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2zM3 9.5h18", false)
            }
            Self::Unfold => ("M6.5 9.5 12 15l5.5-5.5", false),
            Self::Link => (
                "M10 14a4 4 0 0 0 6 .4l2.8-2.8a4 4 0 0 0-5.7-5.7L11.6 7.4M14 10a4 4 0 0 0-6-.4l-2.8 2.8a4 4 0 0 0 5.7 5.7l1.5-1.5",
                false,
            ),
            Self::Copies => ("M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4", false),
            Self::Note => (
                "M9 17.5V6l10-2v11.5M9 17.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM19 15.5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z",
                false,
            ),
            Self::Lock => ("M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3", false),
            Self::Globe => (
                "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM3.5 12h17M12 3.5c2.4 2.4 3.6 5.2 3.6 8.5s-1.2 6.1-3.6 8.5c-2.4-2.4-3.6-5.2-3.6-8.5s1.2-6.1 3.6-8.5z",
                false,
            ),
            Self::Together => (
                "M9 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM2.5 20a6.5 6.5 0 0 1 13 0M16 4.9a3.5 3.5 0 0 1 0 6.2M18 14.2a6.5 6.5 0 0 1 3.5 5.8",
                false,
            ),
            Self::Up => ("M12 19V5m0 0-5.5 5.5M12 5l5.5 5.5", false),
            Self::Down => ("M12 5v14m0 0 5.5-5.5M12 19l-5.5-5.5", false),
            Self::Queue => ("M3.5 6h13M3.5 11h13M3.5 16h7M17.5 13.5v7M14 17h7", false),
            Self::Shuffle => (
                "M3.5 7h3.2c2 0 3.2 1 4.3 2.7l2 4.6C14 16 15.3 17 17.3 17h3.2M3.5 17h3.2c1.5 0 2.5-.6 3.4-1.6M13.8 8.6c.9-1 2-1.6 3.5-1.6h3.2M18 4.5l2.5 2.5L18 9.5M18 14.5l2.5 2.5-2.5 2.5",
                false,
            ),
            Self::Repeat => (REPEAT, false),
            Self::RepeatOne => (REPEAT_ONE, false),
            Self::Fermata => ("M3.5 17a8.5 8.5 0 0 1 17 0M12 16a.7.7 0 1 1 0 1.4.7.7 0 0 1 0-1.4z", false),
        }
    }
}

/// Which icon to show.
#[derive(Debug, PartialEq, Properties)]
pub struct IconProps {
    /// The icon.
    pub shape: Shape,
}

/// An icon; only ever beside or instead of words that a screen reader gets as well.
#[function_component(Icon)]
pub fn icon(props: &IconProps) -> Html {
    let (path, filled) = props.shape.path();
    let (fill, stroke) = if filled { ("currentColor", "none") } else { ("none", "currentColor") };
    let width = if props.shape == Shape::Fermata { "3" } else { "2" };
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d={path} fill={fill} stroke={stroke} stroke-width={width} stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}
