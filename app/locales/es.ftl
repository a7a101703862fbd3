# Lo que dice la página, en español. Los mismos mensajes que en.ftl, con las mismas variables.

### Idiomas, cada uno con su propio nombre

language = Idioma
language-english = English
language-spanish = Español

### En muchos botones

cancel = Cancelar
close = Cerrar
skip = Omitir
try-again = Reintentar

### Tamaños, tiempos y clases

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
percent = { $number } %
number = { $number }
part-of = { $part } de { $whole }

### Lo que falló, por clases: para todo sitio que no tenga palabras propias

error-not-found = Ya no está ahí.
error-invalid = Se rechazó, y volvería a rechazarse.
error-too-large = Es más grande de lo permitido.
error-unavailable = No hay nadie accesible que pueda responder. Comprueba tu conexión e inténtalo de nuevo.
error-storage = El almacenamiento de este navegador lo rechazó. Libera espacio e inténtalo de nuevo.

### La página

document-title = { $title } – { $artist } · Kadenza
keyboard-shortcuts = Atajos de teclado
search-songs = Buscar canciones
search-hint = Título, artista o álbum
not-running = Sin iniciar
connection-starting = Iniciando…
connection-connected = { $peers ->
    [one] Conectado a { $peers } par
   *[other] Conectado a { $peers } pares
}
connection-offline = Sin conexión: reconectando

### Avisos

notices = Avisos
start-failed = Kadenza no pudo iniciarse. { $why } Recarga la página para volver a intentarlo.
no-streaming = Esta ventana no puede transmitir canciones desde esta pestaña, como ocurre en algunas ventanas privadas. Lo hace el repetidor; sin conexión, cada una suena cuando se ha leído entera.
kept-in-memory = Este navegador no deja que la página guarde música aquí, como en una ventana privada. Las canciones de esta pestaña se pierden al cerrarla.
link-looking = Buscando la canción de este enlace…
link-damaged = Este enlace está dañado: le falta una parte o se cambió por el camino. Pide otro a quien te lo envió.
link-unknown = Nadie accesible conoce la canción de este enlace. Puede que quien la tiene no esté.
link-failed = No se pudo buscar la canción de este enlace. { $why }
link-look-again = Buscar otra vez

### Enlaces a salas

room-link-no-secret = Este enlace no tiene secreto: falta lo que sigue al nombre de la sala. Pide otro a quien te lo envió.
room-link-short = Este enlace está cortado: faltan { $missing } de sus últimos { $of } caracteres. Pide otro a quien te lo envió.
room-link-long = Este enlace tiene { $extra ->
    [one] { $extra } carácter
   *[other] { $extra } caracteres
} de más. Pide otro a quien te lo envió.
room-link-character = Este enlace tiene un carácter que no le corresponde: «{ $character }». Pide otro a quien te lo envió.
room-link-changed = Se cambió una letra de este enlace. Pide otro a quien te lo envió.
room-link-name = El nombre de la sala está dañado en este enlace. Pide otro a quien te lo envió.

### Las canciones

songs = Canciones
albums = Álbumes
artists = Artistas
all-songs = Todas las canciones
all-albums = Todos los álbumes
all-artists = Todos los artistas
view = Vista
song-count = { $songs ->
    [one] { $songs } canción
   *[other] { $songs } canciones
}
song-count-so-far = { $songs ->
    [one] { $songs } canción por ahora
   *[other] { $songs } canciones por ahora
}
songs-found = { $songs ->
    [one] { $songs } canción para «{ $query }»
   *[other] { $songs } canciones para «{ $query }»
}
songs-found-so-far = { $songs ->
    [one] { $songs } canción para «{ $query }» por ahora
   *[other] { $songs } canciones para «{ $query }» por ahora
}
songs-by = { $songs ->
    [one] { $artist } · { $songs } canción
   *[other] { $artist } · { $songs } canciones
}
songs-by-various = { $songs ->
    [one] Varios artistas · { $songs } canción
   *[other] Varios artistas · { $songs } canciones
}
album-nameless = Sin álbum
artist-nameless = Artista desconocido
play-all = Reproducir todo
play-song = Reproducir { $title }
queue-song-next = Poner a continuación: { $title }
queue-song = Añadir a la cola: { $title }
add-to-room = Añadir a esta sala: { $title }
make-song-public = Hacer pública: { $title }
cannot-play = Este navegador no puede reproducir { $kind }.
show-more = Mostrar más
asking-for-more = Pidiendo más…
looking-for-songs = Buscando canciones…
only-here = Solo se muestran las canciones de esta pestaña. { $why }
ask-again = Preguntar otra vez

### Aquí no hay nada

library-empty = Aún no hay música aquí
library-empty-hint = Suelta canciones o una carpeta entera en cualquier parte de esta página. Todo el que esté aquí podrá encontrarlas y escucharlas.
room-empty-hint = Suelta canciones en cualquier parte de esta página. Se sellan para esta sala: solo sus miembros pueden encontrarlas y oírlas.
choose-files = Elegir archivos de música
try-demo = Probar con una pieza de Bach
nothing-found = Sin resultados para «{ $query }»
nothing-found-hint = Prueba con menos palabras o escríbelas de otra forma. Se busca en título, artista y álbum.
show-all = Mostrar todas las canciones

### Subidas

drop-to-upload = Suelta para subir
upload-songs = Subir canciones
upload-folder = Subir una carpeta
uploads = Subidas
close-uploads = Cerrar las subidas
upload-files = Archivos
all-uploads = Todas las subidas
no-music-in-folder = No hay música en esa carpeta
uploading = Subiendo: { $done } de { $all } listos
files-asking = { $files ->
    [one] { $files } archivo necesita un nombre
   *[other] { $files } archivos necesitan un nombre
}
files-done = { $files ->
    [one] { $files } archivo listo
   *[other] { $files } archivos listos
}
files-left-out = { $files ->
    [one] { $files } archivo descartado: no es música, no se puede leer, o eran demasiados a la vez.
   *[other] { $files } archivos descartados: no son música, no se pueden leer, o eran demasiados a la vez.
}
drop-to-check = Suelta aquí para revisar antes los nombres
looking-through-folder = Buscando música en la carpeta…
files-checking = { $files ->
    [one] { $files } archivo con nombres por revisar
   *[other] { $files } archivos con nombres por revisar
}
files-waiting-for-room = { $files ->
    [one] { $files } archivo espera a su sala
   *[other] { $files } archivos esperan a su sala
}
uploads-added = { $files ->
    [one] { $files } añadida
   *[other] { $files } añadidas
}
uploads-known = { $files ->
    [one] { $files } ya estaba aquí
   *[other] { $files } ya estaban aquí
}
uploads-failed = { $files ->
    [one] { $files } no se pudo añadir
   *[other] { $files } no se pudieron añadir
}
uploads-skipped = { $files ->
    [one] { $files } descartada
   *[other] { $files } descartadas
}
uploads-unkept = { $files ->
    [one] { $files } archivo se perdería al recargar: no hay sitio aquí para guardarlo mientras tanto. Deja esta pestaña abierta hasta que se haya subido.
   *[other] { $files } archivos se perderían al recargar: no hay sitio aquí para guardarlos mientras tanto. Deja esta pestaña abierta hasta que se hayan subido.
}
check-names-first = Revisar los nombres antes de subir
check-names-of = { $files ->
    [one] Revisa los nombres
   *[other] Revisa los nombres de { $files } archivos
}
edit-names-of = Editar los nombres de { $files } archivos
edit-names = Editar los nombres de { $name }
cancel-upload = Cancelar { $name }
cancel-uploads = Cancelar todo
try-all-again = Reintentar { $files } archivos
names-are-final = Las canciones se firman tal como las envías: una vez subidas, nadie puede cambiar sus nombres.
names-of-selected = { $files ->
    [0] Nada seleccionado
    [one] Lo mismo para la seleccionada
   *[other] Lo mismo para las { $files } seleccionadas
}
names-differ = Varios
reading-names = Leyendo el archivo…
add-songs = { $songs ->
    [one] Añadir canción
   *[other] Añadir { $songs } canciones
}
later = Más tarde
leave-out = { $files ->
    [one] Descartarla
   *[other] Descartarlas
}
upload-checking = Espera a que revises sus nombres
upload-waits-for-room = Espera a la sala { $room }. Vuelve a abrir esa sala y seguirá.
upload-waiting = En espera
upload-skipped = Omitido
upload-copying = Haciendo copias…
upload-of = Subida de { $name }
upload-added = Se añadió { $title }
upload-another = Otra grabación de { $title }
upload-known = Ya estaba aquí
upload-empty = Este archivo está vacío. Elige otra copia de la canción.
upload-not-music = Este archivo no se puede reproducir: está dañado, se movió o cambió después de elegirlo, o no es música de una clase que los navegadores reproduzcan (MP3, FLAC, Ogg Vorbis, Opus, M4A, AAC, WAV, WebM).
upload-too-large = Este archivo tiene { $size }; se aceptan { $limit } como máximo.
upload-too-many = De esta canción ya hay tantas grabaciones como se guardan. Se puede reproducir tal como está.
upload-no-room = El almacenamiento de este navegador lo rechazó. Libera espacio en él e inténtalo de nuevo.
upload-unavailable = No hay nadie accesible que pueda quedarse una copia. Inténtalo de nuevo cuando tengas conexión.
upload-gone = La canción desapareció antes de llegar entera. Inténtalo de nuevo.
copies-safe = A salvo
copies-safe-relays = { $relays ->
    [one] A salvo: en { $relays } repetidor
   *[other] A salvo: en { $relays } repetidores
}
copies-safe-tabs = { $tabs ->
    [one] A salvo: en { $tabs } pestaña
   *[other] A salvo: en { $tabs } pestañas
}
copies-few-relays = { $relays ->
    [one] Por ahora solo en { $relays } repetidor: deja esta pestaña abierta
   *[other] Por ahora solo en { $relays } repetidores: deja esta pestaña abierta
}
copies-few-tabs = { $tabs ->
    [one] Por ahora solo en { $tabs } pestaña: deja esta pestaña abierta
   *[other] Por ahora solo en { $tabs } pestañas: deja esta pestaña abierta
}
copies-here = Por ahora solo en esta pestaña: déjala abierta

### Qué es un archivo

tags-of = Datos de { $name }
tags-missing = Este archivo no dice qué es. Rellena los huecos para añadirlo.
tag-title = Título
tag-artist = Artista
tag-album = Álbum
add-song = Añadir canción

### El reproductor

player = Reproductor
previous = Anterior
next = Siguiente
play = Reproducir
pause = Pausar
shuffle = Orden aleatorio
repeat = Repetir
repeat-all = Repetir: todas las canciones
repeat-one = Repetir: esta canción
seek = Posición
volume = Volumen
mute = Silenciar
sound-on = Activar el sonido
copy-song-link = Copiar el enlace a esta canción
link-copied = Enlace copiado
link-in-address-bar = El enlace está en la barra de direcciones
playback-damaged = Esta grabación está dañada, o es de una clase que este navegador no puede reproducir. Prueba con otro navegador.
playback-stopped = La canción dejó de llegar: puede que quien la tiene se haya ido. Inténtalo de nuevo en un momento.
playback-not-loaded = No se pudo cargar la canción: no responde nadie que la tenga, o este navegador no puede reproducirla. Inténtalo de nuevo en un momento.

### A continuación

up-next = A continuación
close-up-next = Cerrar lo que viene a continuación
nothing-follows = No hay nada a continuación. Reproduce una canción de una lista, o añade canciones con el botón que tienen al lado.
further-songs = Y { $songs } más.
play-now = Reproducir ahora: { $title }
move-up = Subir: { $title }
move-down = Bajar: { $title }
take-out = Quitar de la cola: { $title }

### Teclas

key-toggle = Reproducir o pausar
key-back = 5 segundos atrás
key-forward = 5 segundos adelante
key-previous = Canción anterior
key-next = Canción siguiente
key-louder = Más alto
key-quieter = Más bajo
key-mute = Silenciar
key-shuffle = Orden aleatorio
key-repeat = Repetir
key-search = Buscar
key-queue = A continuación
key-keys = Esta lista
key-space = Espacio
single-keys = Usar teclas sueltas

### Lo segura que está una canción

song-safety = Cómo de segura está esta canción
song-safety-title = ¿Cómo de segura está «{ $title }»?
safety-asking = Preguntando quién tiene una copia…
safety-safe = Está a salvo: se conserva al cerrar esta pestaña.
safety-few = Hay otras copias, pero pocas: está más segura mientras esta pestaña siga abierta.
safety-only-here = Esta pestaña tiene la única copia conocida. Déjala abierta hasta que otros tengan una.
safety-none = Nadie de quienes responden tiene ahora una copia completa.
safety-unknown = No se pudo preguntar quién tiene una copia. { $why }
copy-here = En esta pestaña
copies-in-tabs = { $tabs ->
    [one] En { $tabs } pestaña
   *[other] En { $tabs } pestañas
}
copies-in-other-tabs = { $tabs ->
    [one] En { $tabs } pestaña más
   *[other] En { $tabs } pestañas más
}
copies-on-relays = { $relays ->
    [one] En { $relays } repetidor, guardada en disco
   *[other] En { $relays } repetidores, guardada en disco
}

### La red

network = Red
close-network = Cerrar la red
ring-about = Cada punto es la pestaña de alguien, o un repetidor, y tiene un único lugar en este anillo. Las canciones también tienen el suyo: los pares más cercanos a una canción recuerdan quién la tiene.
ring-described = { $peers ->
    [0] Esta pestaña, sola en el anillo
    [one] Esta pestaña y { $peers } par en sus lugares del anillo
   *[other] Esta pestaña y { $peers } pares en sus lugares del anillo
}
ring-you = Tú
legend-tab = Pestaña
legend-relay = Repetidor
legend-relayed = Hueco: se llega por un repetidor
picked-nobody = Elige un punto, o un par de la lista, para ver quién es.
picked-carried = Enviado: { $sent }; recibido: { $received }
place-far = En la otra mitad del anillo
place-near = En el arco que es 1/{ $part } del anillo
song-place = El lugar de una canción
song-place-none = Elige una canción…
song-belongs = La estrella es el lugar de «{ $title }». { $peers ->
    [one] { $peers } par es el más cercano y la recuerda.
   *[other] Los { $peers } pares más cercanos la recuerdan.
}
song-belongs-here = La estrella es el lugar de «{ $title }». { $peers ->
    [0] Esta pestaña es la más cercana y la recuerda.
    [one] { $peers } par y esta pestaña son los más cercanos y la recuerdan.
   *[other] { $peers } pares y esta pestaña son los más cercanos y la recuerdan.
}
arcs = A quién recuerda esta pestaña
arcs-about = Como mucho { $limit } pares de cada arco exterior. Los arcos se reducen a la mitad hacia esta pestaña: conoce a pocos pares lejanos y a casi todos los cercanos, y así encuentra cualquier lugar en pocos pasos.
arc-part = 1/{ $part } del anillo
arc-peers = { $peers } de { $limit }
arc-share = { $peers }/{ $limit }
songs-held = Canciones aquí
songs-offered = Ofrecidas a los demás
peers = Pares
this-tab = Esta pestaña
nobody-connected = No hay nadie conectado.
nobody-hint = Esta pestaña sigue buscando. Mientras tanto se puede reproducir lo que tiene guardado.
peers-direct = { $peers ->
    [one] { $peers } par: directo
   *[other] { $peers } pares: todos directos
}
peers-relayed = { $peers ->
    [one] { $peers } par: por repetidor
   *[other] { $peers } pares: todos por repetidor
}
peers-mixed = { $peers } pares: { $direct } directos, { $relayed } por repetidor
relayed-note = Por repetidor: a través de un repetidor, porque no se encontró un camino directo entre los dos navegadores.
peer-relay = Repetidor
peer-tab = Pestaña
reach-direct = Directo
reach-direct-hint = directamente desde este navegador
reach-relayed = Por repetidor
reach-relayed-hint = a través de un repetidor, porque no se encontró un camino directo entre los dos navegadores
round-trip = Ida y vuelta
round-trip-unknown = Ida y vuelta aún sin medir
bytes-sent = Enviado
bytes-sent-hint = Enviado a este par
bytes-received = Recibido
bytes-received-hint = Recibido de este par
serving = Los demás pueden reproducir lo que tiene esta pestaña.
serving-nobody = No se sirve a los demás: tu conexión es de uso medido o ahorra datos.
upload-limit = Límite de subida
unlimited = Sin límite
other-limit = Otro…
limit-in-kilobytes = Kilobytes por segundo
keep-for-others = Guardar canciones para los demás

### Lo que está guardado aquí

storage = Almacenamiento
storage-open = Qué guarda esta pestaña…
storage-asking = Mirando qué hay guardado…
storage-used = { $used } de { $quota } en uso
storage-own = Tuyo: subido o reproducido aquí
storage-others = Guardado para los demás
storage-free = Libre
storage-songs = { $songs ->
    [one] Hay { $songs } canción entera aquí.
   *[other] Hay { $songs } canciones enteras aquí.
}
storage-limit = Espacio para canciones
storage-at-most = Como mucho { $size }
storage-all = Todo lo que permite el navegador: { $size }
storage-over = Es menos que los { $used } guardados ahora. No se borra nada, pero no se guarda nada más ni se pueden añadir canciones hasta que haya más espacio.
lasting = Cuánto dura
lasting-persistent = El navegador guarda estas canciones hasta que borres los datos de este sitio.
lasting-evictable = El navegador puede borrar estas canciones cuando el disco esté casi lleno o si llevas mucho tiempo sin venir.
lasting-asking = Preguntando al navegador…
lasting-refused = El navegador no ha aceptado por ahora. Los navegadores aceptan antes si la página está en marcadores, instalada o se visita a menudo.
lasting-ask = Pedir al navegador que las conserve
losses = Si se borraran
losses-counting = Preguntando a los demás cuáles de estas canciones tienen…
losses-so-far = { $counted } de { $songs } canciones buscadas en otros sitios; por ahora { $only ->
    [0] ninguna está solo aquí.
    [one] { $only } está solo aquí.
   *[other] { $only } están solo aquí.
}
losses-nothing-here = No hay canciones enteras aquí, así que no se perdería nada.
losses-none = { $songs ->
    [one] No se perdería nada: los demás tienen una copia de la canción que hay aquí.
   *[other] No se perdería nada: los demás tienen copias de las { $songs } canciones.
}
losses-all = { $songs ->
    [one] Se perdería la canción: nadie más que responda tiene una copia.
   *[other] Se perderían las { $songs } canciones: nadie más que responda tiene copias.
}
losses-some = { $only ->
    [one] Se perdería { $only } de { $songs } canciones: nadie más que responda tiene una copia. Los demás tienen el resto.
   *[other] Se perderían { $only } de { $songs } canciones: nadie más que responda tiene copias. Los demás tienen el resto.
}
losses-unknown = No se pudo contar lo que se perdería. { $why }

### Salas

room = Sala
new-room = Nueva sala
new-room-about = Un lugar privado para tu música. Solo entra quien tenga su enlace; ni siquiera el repetidor puede leerla.
room-name = Nombre de la sala
your-name = Tu nombre
open-room = Abrir la sala
private-room = Sala privada
leave-room = Salir
going-in = Entrando…
room-plays-whole = Esta ventana no puede reproducir las canciones de la sala mientras llegan: cada una suena cuando ha llegado entera.
members = Miembros
member-is-you = (tú)
# Cómo se llama quien no lo ha dicho: una de estas, cada una de una sola palabra.
member-names = Alto Chelo Flauta Oboe Piano Tenor Tuba Viola
alone-here = Aquí no hay nadie más. Quien abra el enlace de la sala se unirá a ti.
reactions = Reacciones
react-with = Reaccionar con { $emoji }
songs-shown = Canciones que se muestran
room-songs = Canciones de esta sala
public-library = Biblioteca pública
share-room = Compartir sala
share-room-title = Compartir esta sala
share-room-about = Quien tenga este enlace está dentro y oye todo lo que hay en la sala. Nadie más puede.
room-link = Enlace de la sala
copy-link = Copiar enlace
copy-by-hand = Cópialo del campo: este navegador no deja que la página use el portapapeles
share-sheet = Compartir…
qr-code = Código QR del enlace de la sala
publish-title = ¿Hacer pública «{ $title }»?
publish-warning = Sale de la sala { $room }: todo el mundo podrá encontrarla, reproducirla y guardar copias, y nadie podrá retirarla. También se queda en esta sala.
keep-private = Dejarla privada
make-public = Hacerla pública

### La cola de una sala

queue = Cola
queue-empty = No hay nada en la cola. Añade canciones de la lista de abajo; en la sala puede hacerlo cualquiera.
song-not-here = Una canción que aún no ha llegado
added-by = la añadió { $name }

### Escuchar juntos

listen-together = Escuchar juntos
listening-together = Escuchando juntos
together-invitation = La sala está sonando. Únete para oírla en el mismo momento que los demás.
together-about = Quienes se unen oyen lo mismo en el mismo momento.
together-nothing = Reproduce una canción y la oirán todos los que se hayan unido.
together-paused = En pausa para todos los que se han unido.
getting-in-step = Sincronizando…
getting-in-step-behind = Sincronizando: { NUMBER($ms, maximumFractionDigits: 0) } ms por detrás de la sala.
getting-in-step-ahead = Sincronizando: { NUMBER($ms, maximumFractionDigits: 0) } ms por delante de la sala.
in-step = Al compás de la sala.
in-step-behind = Al compás: { NUMBER($ms, maximumFractionDigits: 0) } ms por detrás de la sala.
in-step-ahead = Al compás: { NUMBER($ms, maximumFractionDigits: 0) } ms por delante de la sala.

### Lo que una sala rechaza

room-not-open = La sala aún no está abierta. Inténtalo de nuevo en un momento.
page-just-started = La página acaba de iniciarse. Inténtalo de nuevo en un momento.
public-already = Esta canción ya está en la biblioteca pública.
no-randomness = Este navegador no da números aleatorios, y de ellos se hace una sala. Prueba con otro navegador.
name-empty = El nombre está vacío.
name-long = El nombre tiene { $chars } caracteres; se permiten { $limit } como máximo.
name-not-text = El nombre tiene un carácter que no es texto. Quítalo.
queue-full = La cola tiene { $limit } canciones. Quita alguna primero.
queue-item-gone = Esta canción ya no está en la cola.
queue-item-taken = Esta canción ya está en la cola.
queue-crowded = No caben más canciones entre estas dos. Muévela a otro sitio.
nothing-played = No se está reproduciendo nada.
too-fast = Fue demasiado a la vez. Espera un momento e inténtalo de nuevo.
room-clock-unset = El reloj de la sala aún no está en hora. Inténtalo de nuevo en un momento.
