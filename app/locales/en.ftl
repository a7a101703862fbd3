# What the page says, in English. `app/src/words.rs` says how it gets onto the page; `xtask/tests/words.rs` holds the
# catalogues against each other and against the code.

### Languages, each under its own name

language = Language
language-english = English
language-spanish = Español

### On many buttons

cancel = Cancel
close = Close
skip = Skip
try-again = Try again

### Sizes, times and kinds

bytes = { $number ->
    [one] { $number } byte
   *[other] { $number } bytes
}
kilobytes = { NUMBER($number, maximumFractionDigits: 0) } kB
megabytes = { NUMBER($number, minimumFractionDigits: 1, maximumFractionDigits: 1) } MB
gigabytes = { NUMBER($number, minimumFractionDigits: 1, maximumFractionDigits: 1) } GB
kilobytes-a-second = { NUMBER($number, maximumFractionDigits: 0) } kB/s
megabytes-a-second = { NUMBER($number, maximumFractionDigits: 1) } MB/s
milliseconds = { $number } ms
under-a-millisecond = <1 ms
percent = { $number }%
number = { $number }
part-of = { $part } of { $whole }

### What went wrong: by kind, for every place that has no words of its own for it

error-not-found = It is not there any more.
error-invalid = It was refused, and would be again.
error-too-large = It is larger than what is allowed.
error-unavailable = Nobody who could answer is reachable. Check your connection, then try again.
error-storage = This browser’s storage refused. Make room in it, then try again.

### The page

document-title = { $title } – { $artist } · Kadenza
keyboard-shortcuts = Keyboard shortcuts
search-songs = Search songs
search-hint = Title, artist or album
not-running = Not running
connection-starting = Starting…
connection-connected = { $peers ->
    [one] Connected to { $peers } peer
   *[other] Connected to { $peers } peers
}
connection-offline = Offline – trying to reconnect

### Notices

notices = Notices
start-failed = Kadenza could not start. { $why } Reload the page to try again.
no-streaming = This window cannot stream songs from this tab, as in some private windows. The relay streams them instead; without a network, each plays once all of it has been read.
kept-in-memory = This browser does not let the page store music here, as in a private window. Songs in this tab are gone when you close it.
link-looking = Looking for the song of this link…
link-damaged = This link is damaged: part of it is missing or was changed on the way here. Ask whoever sent it for another.
link-unknown = Nobody who is reachable knows the song of this link. Whoever has it may be away.
link-failed = The song of this link could not be looked up. { $why }
link-look-again = Look again

### Links to rooms

room-link-no-secret = This link has no secret: what follows the room’s name is missing. Ask whoever sent it for another.
room-link-short = This link is cut off: { $missing } of its last { $of } characters are missing. Ask whoever sent it for another.
room-link-long = This link is { $extra ->
    [one] { $extra } character
   *[other] { $extra } characters
} too long. Ask whoever sent it for another.
room-link-character = This link has a character that does not belong: “{ $character }”. Ask whoever sent it for another.
room-link-changed = A letter of this link was changed. Ask whoever sent it for another.
room-link-name = The room’s name in this link is damaged. Ask whoever sent it for another.

### The songs

songs = Songs
albums = Albums
artists = Artists
all-songs = All songs
all-albums = All albums
all-artists = All artists
view = View
song-count = { $songs ->
    [one] { $songs } song
   *[other] { $songs } songs
}
song-count-so-far = { $songs ->
    [one] { $songs } song so far
   *[other] { $songs } songs so far
}
songs-found = { $songs ->
    [one] { $songs } song for “{ $query }”
   *[other] { $songs } songs for “{ $query }”
}
songs-found-so-far = { $songs ->
    [one] { $songs } song for “{ $query }” so far
   *[other] { $songs } songs for “{ $query }” so far
}
songs-by = { $songs ->
    [one] { $artist } · { $songs } song
   *[other] { $artist } · { $songs } songs
}
songs-by-various = { $songs ->
    [one] Various artists · { $songs } song
   *[other] Various artists · { $songs } songs
}
album-nameless = Without an album
artist-nameless = Unknown artist
play-all = Play all
play-song = Play { $title }
queue-song-next = Queue next: { $title }
queue-song = Add to queue: { $title }
add-to-room = Add to this room: { $title }
make-song-public = Make public: { $title }
cannot-play = This browser cannot play { $kind }.
show-more = Show more
asking-for-more = Asking for more…
looking-for-songs = Looking for songs…
only-here = Only songs in this tab are listed. { $why }
ask-again = Ask again

### Nothing here

library-empty = No music here yet
library-empty-hint = Drop songs or a whole folder anywhere on this page. Everyone who is here can find them and listen.
room-empty-hint = Drop songs anywhere on this page. They are sealed for this room: only its members can find and hear them.
choose-files = Choose music files
try-demo = Try it with a piece by Bach
nothing-found = Nothing found for “{ $query }”
nothing-found-hint = Try fewer words, or another spelling. Title, artist and album are searched.
show-all = Show all songs

### Uploads

drop-to-upload = Drop to upload
upload-songs = Upload songs
upload-folder = Upload a folder
uploads = Uploads
close-uploads = Close uploads
upload-files = Files
all-uploads = All uploads
no-music-in-folder = No music in that folder
uploading = Uploading: { $done } of { $all } done
files-asking = { $files ->
    [one] { $files } file in need of a name
   *[other] { $files } files in need of a name
}
files-done = { $files ->
    [one] { $files } file done
   *[other] { $files } files done
}
files-left-out = { $files ->
    [one] { $files } file left out: not music, not readable, or too many at once.
   *[other] { $files } files left out: not music, not readable, or too many at once.
}
drop-to-check = Drop here to check the names first
looking-through-folder = Looking for music in the folder…
files-checking = { $files ->
    [one] { $files } file whose names you wanted to check
   *[other] { $files } files whose names you wanted to check
}
files-waiting-for-room = { $files ->
    [one] { $files } file waits for its room
   *[other] { $files } files wait for their room
}
uploads-added = { $files ->
    [one] { $files } added
   *[other] { $files } added
}
uploads-known = { $files ->
    [one] { $files } already here
   *[other] { $files } already here
}
uploads-failed = { $files ->
    [one] { $files } could not be added
   *[other] { $files } could not be added
}
uploads-skipped = { $files ->
    [one] { $files } left out
   *[other] { $files } left out
}
uploads-unkept = { $files ->
    [one] { $files } file would be lost by a reload: there is no room here to keep it meanwhile. Leave this tab open until it is in.
   *[other] { $files } files would be lost by a reload: there is no room here to keep them meanwhile. Leave this tab open until they are in.
}
check-names-first = Check names before uploading
check-names-of = { $files ->
    [one] Check the names
   *[other] Check the names of { $files } files
}
edit-names-of = Edit the names of { $files } files
edit-names = Edit the names of { $name }
cancel-upload = Cancel { $name }
cancel-uploads = Cancel all
try-all-again = Try { $files } files again
names-are-final = Songs are signed as you send them: once one is in, nobody can change its names.
names-of-selected = { $files ->
    [0] None selected
    [one] The same for the one selected
   *[other] The same for all { $files } selected
}
names-differ = Different ones
reading-names = Reading the file…
add-songs = { $songs ->
    [one] Add song
   *[other] Add { $songs } songs
}
later = Later
leave-out = { $files ->
    [one] Leave it out
   *[other] Leave them out
}
upload-checking = Waits until you have checked its names
upload-waits-for-room = Waits for the room { $room }. Open that room again and it goes on.
upload-waiting = Waiting
upload-skipped = Left out
upload-copying = Making copies…
upload-of = Upload of { $name }
upload-added = Added { $title }
upload-another = Another recording of { $title }
upload-known = Already here
upload-empty = This file is empty. Choose another copy of the song.
upload-not-music = This file cannot be played: it is damaged, was moved or changed since you chose it, or is not music of a kind that browsers play (MP3, FLAC, Ogg Vorbis, Opus, M4A, AAC, WAV, WebM).
upload-too-large = This file has { $size }; at most { $limit } are taken.
upload-too-many = There are as many recordings of this song as are kept already. It can be played as it is.
upload-no-room = This browser’s storage refused. Make room in this browser’s storage, then try again.
upload-unavailable = Nobody who could take a copy is reachable. Try again when you are connected.
upload-gone = The song was gone before all of it was there. Try again.
copies-safe = Safe
copies-safe-relays = { $relays ->
    [one] Safe: on { $relays } relay
   *[other] Safe: on { $relays } relays
}
copies-safe-tabs = { $tabs ->
    [one] Safe: in { $tabs } tab
   *[other] Safe: in { $tabs } tabs
}
copies-few-relays = { $relays ->
    [one] So far only on { $relays } relay – keep this tab open
   *[other] So far only on { $relays } relays – keep this tab open
}
copies-few-tabs = { $tabs ->
    [one] So far only in { $tabs } tab – keep this tab open
   *[other] So far only in { $tabs } tabs – keep this tab open
}
copies-here = Only in this tab yet – keep it open

### What a file is

tags-of = Details of { $name }
tags-missing = This file does not say what it is. Fill in the blanks to add it.
tag-title = Title
tag-artist = Artist
tag-album = Album
add-song = Add song

### The player

player = Player
previous = Previous
next = Next
play = Play
pause = Pause
shuffle = Shuffle
repeat = Repeat
repeat-all = Repeat: all songs
repeat-one = Repeat: this song
seek = Seek
volume = Volume
mute = Mute
sound-on = Sound on
copy-song-link = Copy link to this song
link-copied = Link copied
link-in-address-bar = The link is in the address bar
playback-damaged = This recording is damaged, or of a kind this browser cannot play. Try another browser.
playback-stopped = The song stopped arriving: whoever has it may have left. Try again in a moment.
playback-not-loaded = The song could not be loaded: nobody who has it answers, or this browser cannot play it. Try again in a moment.

### Up next

up-next = Up next
close-up-next = Close up next
nothing-follows = Nothing follows. Play a song of a list, or add songs with the button beside them.
further-songs = And { $songs } more.
play-now = Play now: { $title }
move-up = Move up: { $title }
move-down = Move down: { $title }
take-out = Take out of the queue: { $title }

### Keys

key-toggle = Play or pause
key-back = 5 seconds back
key-forward = 5 seconds on
key-previous = Previous song
key-next = Next song
key-louder = Louder
key-quieter = Quieter
key-mute = Mute
key-shuffle = Shuffle
key-repeat = Repeat
key-search = Search
key-queue = Up next
key-keys = This list
key-space = Space
single-keys = Single keys work

### How safe a song is

song-safety = How safe is this song
song-safety-title = How safe is “{ $title }”?
safety-asking = Asking who has a copy…
safety-safe = It is safe: it stays when this tab is closed.
safety-few = There are other copies, but few: it is safer while this tab stays open.
safety-only-here = This tab has the only copy that is known. Keep it open until others have one.
safety-none = Nobody who answers has a whole copy now.
safety-unknown = Who has a copy could not be asked. { $why }
copy-here = In this tab
copies-in-tabs = { $tabs ->
    [one] In { $tabs } tab
   *[other] In { $tabs } tabs
}
copies-in-other-tabs = { $tabs ->
    [one] In { $tabs } other tab
   *[other] In { $tabs } other tabs
}
copies-on-relays = { $relays ->
    [one] On { $relays } relay, kept on disk
   *[other] On { $relays } relays, kept on disk
}

### The network

network = Network
close-network = Close network
ring-about = Each dot is somebody’s tab, or a relay, and has one place on this ring. Songs have places too: the peers closest to a song remember who has it.
ring-described = { $peers ->
    [0] This tab, alone on the ring
    [one] This tab and { $peers } peer at their places on the ring
   *[other] This tab and { $peers } peers at their places on the ring
}
ring-you = You
legend-tab = Tab
legend-relay = Relay
legend-relayed = Hollow: reached through a relay
picked-nobody = Choose a dot, or a peer of the list, to see who it is.
picked-carried = Sent { $sent }, received { $received }
place-far = In the other half of the ring
place-near = In the arc that is 1/{ $part } of the ring
song-place = A song’s place
song-place-none = Choose a song…
song-belongs = The star is the place of “{ $title }”. { $peers ->
    [one] { $peers } peer is closest to it and remembers it.
   *[other] The { $peers } peers closest to it remember it.
}
song-belongs-here = The star is the place of “{ $title }”. { $peers ->
    [0] This tab is closest to it and remembers it.
    [one] { $peers } peer and this tab are closest to it and remember it.
   *[other] { $peers } peers and this tab are closest to it and remember it.
}
arcs = Whom this tab remembers
arcs-about = At most { $limit } peers of each outer arc. Arcs halve towards this tab: it knows few peers far away and nearly all nearby, and so finds any place in a few steps.
arc-part = 1/{ $part } of the ring
arc-peers = { $peers } of { $limit }
arc-share = { $peers }/{ $limit }
songs-held = Songs here
songs-offered = Offered to others
peers = Peers
this-tab = This tab
nobody-connected = Nobody is connected.
nobody-hint = This tab keeps looking. What is stored in it can be played meanwhile.
peers-direct = { $peers ->
    [one] { $peers } peer: direct
   *[other] { $peers } peers: all direct
}
peers-relayed = { $peers ->
    [one] { $peers } peer: relayed
   *[other] { $peers } peers: all relayed
}
peers-mixed = { $peers } peers: { $direct } direct, { $relayed } relayed
relayed-note = Relayed: through a relay, because no direct path between the two browsers was found.
peer-relay = Relay
peer-tab = Tab
reach-direct = Direct
reach-direct-hint = straight from this browser to it
reach-relayed = Relayed
reach-relayed-hint = through a relay, because no direct path between the two browsers was found
round-trip = Round trip
round-trip-unknown = Round trip not measured yet
bytes-sent = Sent
bytes-sent-hint = Sent to it
bytes-received = Received
bytes-received-hint = Received from it
serving = Others can play what this tab has.
serving-nobody = Not serving others: your connection is metered, or saves data.
upload-limit = Upload limit
unlimited = Unlimited
other-limit = Other…
limit-in-kilobytes = Kilobytes a second
keep-for-others = Keep songs for others

### What is stored here

storage = Storage
storage-open = What this tab stores…
storage-asking = Looking at what is stored…
storage-used = { $used } of { $quota } used
storage-own = Yours: uploaded or played here
storage-others = Kept for others
storage-free = Free
storage-songs = { $songs ->
    [one] { $songs } whole song is here.
   *[other] { $songs } whole songs are here.
}
storage-limit = Room for songs
storage-at-most = At most { $size }
storage-all = All that the browser allows: { $size }
storage-over = That is less than the { $used } stored now. Nothing is deleted, but nothing more is kept and no song can be added until there is more room.
lasting = How long it lasts
lasting-persistent = The browser keeps these songs until you clear this site’s data.
lasting-evictable = The browser may clear these songs when the disk is nearly full, or when you have not been here for long.
lasting-asking = Asking the browser…
lasting-refused = The browser did not agree for now. Browsers do so sooner for pages that are bookmarked, installed or visited often.
lasting-ask = Ask the browser to keep them
losses = If they were cleared
losses-counting = Asking others which of these songs they have…
losses-so-far = { $counted } of { $songs } songs looked for elsewhere; so far { $only ->
    [0] none is only here.
    [one] { $only } is only here.
   *[other] { $only } are only here.
}
losses-nothing-here = There are no whole songs here, so nothing would be lost.
losses-none = { $songs ->
    [one] Nothing would be lost: others have a copy of the song that is here.
   *[other] Nothing would be lost: others have copies of all { $songs } songs.
}
losses-all = { $songs ->
    [one] The song would be lost: nobody else who answers has a copy.
   *[other] All { $songs } songs would be lost: nobody else who answers has copies.
}
losses-some = { $only ->
    [one] { $only } of { $songs } songs would be lost: nobody else who answers has a copy. Others have the rest.
   *[other] { $only } of { $songs } songs would be lost: nobody else who answers has copies. Others have the rest.
}
losses-unknown = What would be lost could not be counted. { $why }

### Rooms

room = Room
new-room = New room
new-room-about = A private place for your music. Only people with its link can get in; not even the relay can read it.
room-name = Name of the room
your-name = Your name
open-room = Open the room
private-room = Private room
leave-room = Leave
going-in = Going in…
room-plays-whole = This window cannot stream the room’s songs, so each plays once all of it is here.
members = Members
member-is-you = (you)
# What somebody is called who has not said: one of these, each a single word.
member-names = Alto Cello Flute Oboe Piano Tenor Tuba Viola
alone-here = You are alone here. Whoever opens the room’s link joins you.
reactions = Reactions
react-with = React with { $emoji }
songs-shown = Songs shown
room-songs = This room’s songs
public-library = Public library
share-room = Share room
share-room-title = Share this room
share-room-about = Whoever has this link is in, and hears everything in the room. Nobody else can.
room-link = Room link
copy-link = Copy link
copy-by-hand = Copy it from the field: this browser has no clipboard for the page
share-sheet = Share…
qr-code = QR code of the room’s link
publish-title = Make “{ $title }” public?
publish-warning = It leaves the room { $room }: everybody can find it, play it and keep copies of it, and nobody can take it back. It stays in this room too.
keep-private = Keep it private
make-public = Make it public

### A room's queue

queue = Queue
queue-empty = Nothing is queued. Add songs from the list below; everyone in the room can.
song-not-here = A song that is not here yet
added-by = added by { $name }

### Listening together

listen-together = Listen together
listening-together = Listening together
together-invitation = The room is playing. Join to hear it at the same moment as everyone.
together-about = Everyone who joins hears the same at the same moment.
together-nothing = Play a song, and everyone who has joined hears it.
together-paused = Paused for everyone who has joined.
getting-in-step = Getting in step…
getting-in-step-behind = Getting in step: { NUMBER($ms, maximumFractionDigits: 0) } ms behind the room.
getting-in-step-ahead = Getting in step: { NUMBER($ms, maximumFractionDigits: 0) } ms ahead of the room.
in-step = In step with the room.
in-step-behind = In step: { NUMBER($ms, maximumFractionDigits: 0) } ms behind the room.
in-step-ahead = In step: { NUMBER($ms, maximumFractionDigits: 0) } ms ahead of the room.

### What a room refuses

room-not-open = The room is not open yet. Try again in a moment.
page-just-started = The page has just started. Try again in a moment.
public-already = This song is in the public library already.
no-randomness = This browser gives out no random numbers, which a room is made of. Try another browser.
name-empty = The name is empty.
name-long = The name has { $chars } characters; at most { $limit } are allowed.
name-not-text = The name has a character that is not text. Leave it out.
queue-full = The queue has { $limit } songs. Take some out first.
queue-item-gone = This song is not in the queue any more.
queue-item-taken = This song is in the queue already.
queue-crowded = No more songs fit between these two. Move it elsewhere.
nothing-played = Nothing is being played.
too-fast = That was too much at once. Wait a moment, then try again.
room-clock-unset = The room’s clock is not set yet. Try again in a moment.
