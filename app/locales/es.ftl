# Lo que dice la página, en español. Los mismos mensajes que en.ftl, con las mismas variables.

### El idioma de la página

language = Idioma
language-english = English
language-spanish = Español

### Aquí no hay nada

drop-to-upload = Suelta para subir
library-empty = Aún no hay música aquí
library-empty-hint = Suelta canciones o una carpeta entera en cualquier parte de esta página. Todas las personas que estén aquí podrán encontrarlas y escucharlas.
room-empty-hint = Suelta canciones en cualquier parte de esta página. Se sellan para esta sala: solo sus miembros pueden encontrarlas y oírlas.
choose-files = Elegir archivos de música
nothing-found = No hay resultados para «{ $words }»
nothing-found-hint = Prueba con menos palabras o con otra grafía. Se busca en título, artista y álbum.
show-all = Mostrar todas las canciones
