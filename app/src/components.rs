//! What the page is made of. Each shows a part of the state and says what a person did; none touches the network.

mod copy_link;
mod cover;
mod drop_overlay;
mod empty;
mod header;
mod icon;
mod network_panel;
mod notices;
mod peer_row;
mod player_bar;
mod sharing;
mod slider;
mod song_row;
mod songs;
mod tags_form;
mod upload_buttons;
mod upload_panel;
mod upload_row;

pub use copy_link::{CopyLink, CopyLinkProps};
pub use cover::{Cover, CoverProps, Pattern};
pub use drop_overlay::DropOverlay;
pub use empty::{Empty, EmptyProps, NothingFound, NothingFoundProps};
pub use header::{Header, HeaderProps};
pub use icon::{Icon, IconProps, Shape};
pub use network_panel::{NetworkPanel, NetworkPanelProps};
pub use notices::{Notices, NoticesProps};
pub use peer_row::{PeerRow, PeerRowProps};
pub use player_bar::{PlayerBar, PlayerBarProps};
pub use sharing::{SharingPart, SharingPartProps};
pub use slider::{Slider, SliderProps};
pub use song_row::{SongRow, SongRowProps};
pub use songs::{Songs, SongsProps};
pub use tags_form::{TagsForm, TagsFormProps};
pub use upload_buttons::{PickFiles, PickFilesProps, UploadButtons};
pub use upload_panel::{UploadPanel, UploadPanelProps};
pub use upload_row::{UploadRow, UploadRowProps};
