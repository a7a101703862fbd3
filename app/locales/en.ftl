# What the page says, in English. `app/src/words.rs` says how it gets to the page; `xtask/tests/words.rs` holds the
# catalogues against each other and against the code.

### The page's language

language = Language
language-english = English
language-spanish = Español

### Nothing here

drop-to-upload = Drop to upload
library-empty = No music here yet
library-empty-hint = Drop songs or a whole folder anywhere on this page. Everyone who is here can find them and listen.
room-empty-hint = Drop songs anywhere on this page. They are sealed for this room: only its members can find and hear them.
choose-files = Choose music files
nothing-found = Nothing found for “{ $words }”
nothing-found-hint = Try fewer words, or another spelling. Title, artist and album are searched.
show-all = Show all songs
