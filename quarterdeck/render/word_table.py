"""The words of the interface, one row for each: English, French, German, Spanish.

To add a language, add its column to `Word` and `LANGUAGES`: mypy names the rows that lack it. A word that counts has
a row for one and a row for others (`slides_one`, `slides_other`); what stands in braces is filled in by its reader.

There is a table for each script that says something, so that a page is sent the words of the scripts that it loads.
"""

from __future__ import annotations

LANGUAGES = ("en", "fr", "de", "es")
Word = tuple[str, str, str, str]

# fmt: off
PAGES: dict[str, Word] = {
    "slide": ("Slide", "Diapositive", "Folie", "Diapositiva"),
    "slides_one": ("{count} slide", "{count}\u00a0diapositive", "{count}\u00a0Folie", "{count}\u00a0diapositiva"),
    "slides_other": ("{count} slides", "{count}\u00a0diapositives", "{count}\u00a0Folien", "{count}\u00a0diapositivas"),
    "talks": ("Talks", "Présentations", "Vorträge", "Presentaciones"),
    "search": ("Search talks", "Chercher une présentation", "Vorträge suchen", "Buscar presentaciones"),
    "nothing_found": (
        "No talk matches.", "Aucune présentation ne correspond.", "Kein Vortrag passt dazu.",
        "Ninguna presentación coincide."),
    "notes": ("Speaker notes", "Notes de l’orateur", "Vortragsnotizen", "Notas del orador"),
    "video": ("Video", "Vidéo", "Video", "Vídeo"),
    "audio": ("Sound", "Son", "Ton", "Sonido"),
    "frame": ("Embedded page", "Page intégrée", "Eingebettete Seite", "Página incrustada"),
    "on_stage_only": (
        "shown live on stage", "montrée en direct sur scène", "live auf der Bühne zu sehen",
        "se muestra en directo en el escenario"),
    "picture": (
        "Picture made by the code", "Image produite par le code", "Vom Code erzeugtes Bild",
        "Imagen generada por el código"),
    "missing": ("Missing", "Introuvable", "Fehlt", "Falta"),
    "expected": ("expected output", "sortie attendue", "erwartete Ausgabe", "salida esperada"),
    "output_hidden_one": (
        "{count} line hidden", "{count}\u00a0ligne masquée", "{count}\u00a0Zeile ausgeblendet",
        "{count}\u00a0línea oculta"),
    "output_hidden_other": (
        "{count} lines hidden", "{count}\u00a0lignes masquées", "{count}\u00a0Zeilen ausgeblendet",
        "{count}\u00a0líneas ocultas"),
    "recorded": ("recorded {date}", "enregistré le {date}", "aufgezeichnet am {date}", "grabado el {date}"),
    "stale": ("stale", "périmé", "veraltet", "obsoleto"),
    "not_recorded": ("not recorded yet", "pas encore enregistré", "noch nicht aufgezeichnet", "aún sin grabar"),
}
"""In the markup of slides and of the page of cards."""

DECK: dict[str, Word] = {
    "copy": ("Copy", "Copier", "Kopieren", "Copiar"),
    "copied": ("Copied", "Copié", "Kopiert", "Copiado"),
    "close": ("Close", "Fermer", "Schließen", "Cerrar"),
    "keys": ("Keys", "Touches", "Tasten", "Teclas"),
    "key_next": ("Next slide", "Diapositive suivante", "Nächste Folie", "Diapositiva siguiente"),
    "key_previous": ("Previous slide", "Diapositive précédente", "Vorherige Folie", "Diapositiva anterior"),
    "key_overview": ("All slides at once", "Vue d’ensemble", "Folienübersicht", "Vista general"),
    "key_speaker": ("Speaker view", "Vue orateur", "Referentenansicht", "Vista del orador"),
    "key_pause": ("Black screen", "Écran noir", "Schwarzer Bildschirm", "Pantalla en negro"),
    "key_fullscreen": ("Full screen", "Plein écran", "Vollbild", "Pantalla completa"),
    "key_scheme": ("Light or dark", "Clair ou sombre", "Hell oder dunkel", "Claro u oscuro"),
    "key_search": (
        "Search the slides", "Chercher dans les diapositives", "In den Folien suchen", "Buscar en las diapositivas"),
    "key_zoom": ("Zoom in (Alt + click)", "Agrandir (Alt + clic)", "Vergrößern (Alt + Klick)", "Ampliar (Alt + clic)"),
    "key_goto": ("Jump to a slide", "Aller à une diapositive", "Zu einer Folie springen", "Ir a una diapositiva"),
    "key_help": ("This list", "Cette liste", "Diese Liste", "Esta lista"),
    "space": ("Space", "Espace", "Leertaste", "Espacio"),
    "key_arrows": (
        "In all four directions", "Dans les quatre directions", "In alle vier Richtungen", "En las cuatro direcciones"),
    "key_skip": ("Past the steps", "Sans les étapes", "Ohne die Zwischenschritte", "Sin los pasos intermedios"),
    "key_first_last": ("First, last", "Première, dernière", "Erste, letzte", "Primera, última"),
}
"""Said by the scripts of every deck."""

DRAWINGS: dict[str, Word] = {
    "diagram": ("Diagram", "Diagramme", "Schaubild", "Diagrama"),
    "chart": ("Chart", "Graphique", "Diagramm", "Gráfico"),
    "not_drawn": (
        "This cannot be drawn", "Impossible à dessiner", "Das lässt sich nicht zeichnen", "No se puede dibujar"),
}
"""Said by the scripts of decks with diagrams or charts."""

TERMINAL: dict[str, Word] = {
    "running": (
        "running {seconds} s", "en cours {seconds}\u00a0s", "läuft {seconds}\u00a0s", "en ejecución {seconds}\u00a0s"),
    "replay": ("Replay", "Rejouer", "Abspielen", "Reproducir"),
    "stop": ("Stop", "Arrêter", "Anhalten", "Detener"),
    "own_value": (
        "Your own value of {name}", "Votre propre valeur de {name}", "Ihr eigener Wert für {name}",
        "Su propio valor de {name}"),
    "faster": ("Speed", "Vitesse", "Tempo", "Velocidad"),
}
"""Said by the scripts of decks with snippets that run."""

STAGE: dict[str, Word] = {
    "page_at": ("The page at {address}", "La page {address}", "Die Seite {address}", "La página {address}"),
    "live": ("live", "en direct", "live", "en directo"),
    "exit": ("exit {status}", "code {status}", "Status {status}", "código {status}"),
    "run": ("Run", "Lancer", "Ausführen", "Ejecutar"),
    "again": ("Run again", "Relancer", "Erneut ausführen", "Ejecutar de nuevo"),
    "cancel": ("Cancel", "Arrêter", "Abbrechen", "Cancelar"),
    "restart": ("Restart the session", "Redémarrer la session", "Sitzung neu starten", "Reiniciar la sesión"),
    "clear": ("Clear", "Effacer", "Leeren", "Limpiar"),
    "edit": ("Edit", "Modifier", "Bearbeiten", "Editar"),
    "revert": ("Revert", "Rétablir", "Zurücksetzen", "Restablecer"),
    "does": ("{name}: {state}", "{name}\u00a0: {state}", "{name}: {state}", "{name}: {state}"),
    "waiting": ("waiting", "en attente", "wartet", "en espera"),
    "typing": ("typing", "saisie", "tippt", "escribiendo"),
    "starting": ("starting the session", "démarrage de la session", "Sitzung startet", "iniciando la sesión"),
    "ran": (
        "live · {seconds} s", "en direct · {seconds}\u00a0s", "live · {seconds}\u00a0s",
        "en directo · {seconds}\u00a0s"),
    "ready": ("live · ready", "en direct · prêt", "live · bereit", "en directo · listo"),
    "stalled": (
        "nothing printed for {seconds} s", "rien depuis {seconds}\u00a0s", "seit {seconds}\u00a0s keine Ausgabe",
        "sin salida desde hace {seconds}\u00a0s"),
    "swap": (
        "x shows the recording", "x montre l’enregistrement", "x zeigt die Aufzeichnung", "x muestra la grabación"),
    "gap": ("{size} left out", "{size} omis", "{size} ausgelassen", "se omiten {size}"),
    "recorded_mode": ("Recordings only", "Enregistrements seuls", "Nur Aufzeichnungen", "Solo grabaciones"),
    "gone": ("connection lost", "connexion perdue", "Verbindung verloren", "conexión perdida"),
    "record": ("Recording", "Enregistrement", "Aufzeichnung", "Grabación"),
    "away": (
        "not connected: recordings play", "pas de connexion\u00a0: les enregistrements sont rejoués",
        "nicht verbunden: Aufzeichnungen werden abgespielt", "sin conexión: se reproducen las grabaciones"),
    "no_code": (
        "not connected: enter the code of the terminal", "pas de connexion\u00a0: saisir le code du terminal",
        "nicht verbunden: den Code aus dem Terminal eingeben", "sin conexión: escriba el código de la terminal"),
    "denied": (
        "nothing runs here any more: start the stage again", "plus rien ne s’exécute ici\u00a0: relancer la scène",
        "hier läuft nichts mehr: die Bühne neu starten", "aquí ya no se ejecuta nada: inicie de nuevo el escenario"),
    "enter": ("Connect", "Connecter", "Verbinden", "Conectar"),
    "code": ("Code", "Code", "Code", "Código"),
    "wrong_code": (
        "That code is wrong, used or too old. Press Enter in the terminal for another one.",
        "Code faux, déjà utilisé ou trop ancien. Entrée dans le terminal en donne un autre.",
        "Der Code ist falsch, verbraucht oder zu alt. Die Eingabetaste im Terminal gibt einen neuen.",
        "Código incorrecto, ya usado o caducado. Pulse Intro en la terminal para obtener otro."),
    "help": (
        "Runs here: click, then type. {key} or a click outside gives the keys back.",
        "S’exécute ici\u00a0: cliquer, puis taper. {key} ou un clic à côté rend les touches.",
        "Läuft hier: klicken, dann tippen. {key} oder ein Klick daneben gibt die Tasten zurück.",
        "Se ejecuta aquí: haga clic y escriba. {key} o un clic fuera devuelve las teclas."),
    "state": ("Make the state", "Préparer l’état", "Zustand herstellen", "Preparar el estado"),
    "making": (
        "making the state: {at} of {of}", "préparation de l’état\u00a0: {at} sur {of}",
        "Zustand wird hergestellt: {at} von {of}", "preparando el estado: {at} de {of}"),
    "made": ("the state is made", "l’état est prêt", "der Zustand ist hergestellt", "el estado está listo"),
    "panel": ("What runs", "Ce qui tourne", "Was läuft", "En ejecución"),
    "containers": ("Containers", "Conteneurs", "Container", "Contenedores"),
    "networks": ("Networks", "Réseaux", "Netzwerke", "Redes"),
    "volumes": ("Volumes", "Volumes", "Volumes", "Volúmenes"),
    "images": ("Images", "Images", "Images", "Imágenes"),
    "ports": ("Ports", "Ports", "Ports", "Puertos"),
    "nothing": ("nothing", "rien", "nichts", "nada"),
    "no_engine": (
        "no container engine", "pas de moteur de conteneurs", "keine Container-Engine", "no hay motor de contenedores"),
    "next": ("Next", "Ensuite", "Als Nächstes", "A continuación"),
    "notes_pane": ("Notes", "Notes", "Notizen", "Notas"),
    "no_notes": (
        "No notes on this slide.", "Pas de notes sur cette diapositive.", "Keine Notizen zu dieser Folie.",
        "Esta diapositiva no tiene notas."),
    "snippet": ("Snippet", "Extrait", "Snippet", "Fragmento"),
    "no_snippet": (
        "No snippet on this slide.", "Rien à lancer sur cette diapositive.", "Auf dieser Folie läuft kein Snippet.",
        "En esta diapositiva no hay ningún fragmento."),
    "reset": ("Reset", "Remettre à zéro", "Auf null setzen", "Poner a cero"),
    "no_popup": (
        "the browser kept the speaker view from opening; allow pop-ups for this address",
        "le navigateur a bloqué la vue orateur\u202f; autoriser les fenêtres pour cette adresse",
        "der Browser hat die Referentenansicht blockiert; Pop-ups für diese Adresse erlauben",
        "el navegador ha bloqueado la vista del orador; permita las ventanas emergentes de esta dirección"),
    "page_waiting": (
        "waiting for {address}", "en attente de {address}", "wartet auf {address}", "esperando a {address}"),
    "page_refuses": (
        "{address} does not let itself be framed", "{address} refuse d’être intégrée",
        "{address} lässt sich nicht einbetten", "{address} no se deja incrustar"),
    "page_keys": (
        "The page has the keys; a click outside gives them back",
        "La page a les touches\u202f; un clic à côté les rend",
        "Die Seite hat die Tasten; ein Klick daneben gibt sie zurück",
        "La página tiene las teclas; un clic fuera las devuelve"),
    "keys_back": ("Back to the slides", "Retour aux diapositives", "Zurück zu den Folien", "Volver a las diapositivas"),
    "reload": ("Load the page again", "Recharger la page", "Seite neu laden", "Volver a cargar la página"),
    "open_page": (
        "Open in a window of its own", "Ouvrir dans sa propre fenêtre", "In eigenem Fenster öffnen",
        "Abrir en su propia ventana"),
    "untrusted": (
        "the talk has changed: the terminal shows how, and t there trusts it",
        "la présentation a changé\u00a0: le terminal montre comment, et t l’y approuve",
        "der Vortrag hat sich geändert: das Terminal zeigt wie, und t vertraut ihm dort",
        "la presentación ha cambiado: la terminal muestra cómo, y allí t la aprueba"),
    "more": ("{count} more", "{count} de plus", "{count} mehr", "{count} más"),
    "give_back": (
        "{key} gives the keys back", "{key} rend les touches", "{key} gibt die Tasten zurück",
        "{key} devuelve las teclas"),
    "escape": ("Esc", "Échap", "Esc", "Esc"),
    "shift": ("Shift", "Maj", "Umschalt", "Mayús"),
    "left": ("{minutes} left", "reste {minutes}", "noch {minutes}", "quedan {minutes}"),
    "over": ("{minutes} over", "dépassé de {minutes}", "{minutes} darüber", "{minutes} de más"),
    "section_ahead": (
        "{title} · {time} ahead", "{title} · {time} d’avance", "{title} · {time} voraus",
        "{title} · {time} de adelanto"),
    "section_behind": (
        "{title} · {time} behind", "{title} · {time} de retard", "{title} · {time} zurück",
        "{title} · {time} de retraso"),
    "section_on_time": ("{title} · on time", "{title} · à l’heure", "{title} · im Zeitplan", "{title} · a tiempo"),
    "minutes_seconds": (
        "{minutes} min {seconds} s", "{minutes}\u00a0min {seconds}\u00a0s", "{minutes}\u00a0min {seconds}\u00a0s",
        "{minutes}\u00a0min {seconds}\u00a0s"),
    "only_minutes": ("{minutes} min", "{minutes}\u00a0min", "{minutes}\u00a0min", "{minutes}\u00a0min"),
    "only_seconds": ("{seconds} s", "{seconds}\u00a0s", "{seconds}\u00a0s", "{seconds}\u00a0s"),
    "key_run": ("Run, run again", "Lancer, relancer", "Ausführen, erneut ausführen", "Ejecutar, ejecutar de nuevo"),
    "key_cancel": ("Cancel what runs", "Arrêter ce qui tourne", "Abbrechen, was läuft", "Cancelar lo que se ejecuta"),
    "key_restart": ("Restart the session", "Redémarrer la session", "Sitzung neu starten", "Reiniciar la sesión"),
    "key_clear": ("Clear the terminal", "Effacer le terminal", "Terminal leeren", "Limpiar la terminal"),
    "key_focus": ("Type into the terminal", "Taper dans le terminal", "Ins Terminal tippen", "Escribir en la terminal"),
    "key_swap": (
        "Show the recording instead", "Montrer l’enregistrement", "Stattdessen die Aufzeichnung zeigen",
        "Mostrar la grabación"),
    "key_recorded": (
        "Recordings only, live again", "Enregistrements seuls, ou en direct", "Nur Aufzeichnungen, wieder live",
        "Solo grabaciones, o en directo"),
    "key_make": (
        "Make the state of this slide", "Préparer l’état de cette diapositive", "Zustand dieser Folie herstellen",
        "Preparar el estado de esta diapositiva"),
    "key_panel": (
        "What runs: containers, ports …", "Ce qui tourne\u00a0: conteneurs, ports…", "Was läuft: Container, Ports …",
        "En ejecución: contenedores, puertos…"),
    "key_edit": ("Edit the command", "Modifier la commande", "Befehl bearbeiten", "Editar el comando"),
    "key_release": (
        "From the terminal back to the slides", "Du terminal aux diapositives", "Vom Terminal zu den Folien",
        "De la terminal a las diapositivas"),
    "problem_wrong_status": (
        "ended with status {status}, and {wanted} was wanted", "terminé avec le code {status} au lieu de {wanted}",
        "endete mit Status {status} statt {wanted}", "terminó con el código {status} en lugar de {wanted}"),
    "problem_ended": (
        "ended with status {status}", "terminé avec le code {status}", "endete mit Status {status}",
        "terminó con el código {status}"),
    "problem_timed_out": (
        "did not end within {after_s} s", "pas terminé en {after_s}\u00a0s",
        "endete nicht innerhalb von {after_s}\u00a0s", "no terminó en {after_s}\u00a0s"),
    "problem_timed_out_at": (
        "did not end within {after_s} s, at {step}", "pas terminé en {after_s}\u00a0s\u00a0: {step}",
        "endete nicht innerhalb von {after_s}\u00a0s: {step}", "no terminó en {after_s}\u00a0s: {step}"),
    "problem_not_ready": (
        "did not get ready: {why}", "n’est pas devenu prêt\u00a0: {why}", "wurde nicht bereit: {why}",
        "no llegó a estar listo: {why}"),
    "problem_not_run": (
        "did not run: {why}", "non exécuté\u00a0: {why}", "lief nicht: {why}", "no se ejecutó: {why}"),
    "problem_failed": ("{why}", "{why}", "{why}", "{why}"),
    "problem_cancelled": ("was cancelled", "interrompu", "wurde abgebrochen", "se canceló"),
    "problem_stopped": ("was stopped", "arrêté", "wurde beendet", "se detuvo"),
}
"""Said by the scripts of the stage, beside the words of the deck; some are in the markup too."""

AUTHOR: dict[str, Word] = {
    "close_findings": ("Close", "Fermer", "Schließen", "Cerrar"),
    "talk_gone": (
        "The talk is gone; this is its last state", "La présentation a disparu\u202f; voici son dernier état",
        "Der Vortrag ist verschwunden; das ist sein letzter Stand",
        "La presentación ha desaparecido; este es su último estado"),
    "editor": (
        "Press E to open this slide in your editor", "La touche E ouvre cette diapositive dans votre éditeur",
        "E öffnet diese Folie in Ihrem Editor", "Pulse E para abrir esta diapositiva en su editor"),
    "errors_one": ("{count} error", "{count}\u00a0erreur", "{count}\u00a0Fehler", "{count}\u00a0error"),
    "errors_other": ("{count} errors", "{count}\u00a0erreurs", "{count}\u00a0Fehler", "{count}\u00a0errores"),
    "warnings_one": (
        "{count} warning", "{count}\u00a0avertissement", "{count}\u00a0Warnung", "{count}\u00a0advertencia"),
    "warnings_other": (
        "{count} warnings", "{count}\u00a0avertissements", "{count}\u00a0Warnungen", "{count}\u00a0advertencias"),
    "follow": (
        "Go to the slide that is edited", "Aller à la diapositive modifiée", "Zur bearbeiteten Folie gehen",
        "Ir a la diapositiva que se edita"),
    "connected": ("Live", "En direct", "Live", "En directo"),
    "server_gone": (
        "The server has stopped", "Le serveur s’est arrêté", "Der Server läuft nicht mehr",
        "El servidor se ha detenido"),
    "open_editor": ("Open in the editor", "Ouvrir dans l’éditeur", "Im Editor öffnen", "Abrir en el editor"),
    "opened": ("Opened {place}", "{place} ouvert", "{place} geöffnet", "Se ha abierto {place}"),
    "no_editor_copied": (
        "No editor to open here; copied {place}", "Aucun éditeur à ouvrir ici\u202f; {place} copié",
        "Hier lässt sich kein Editor öffnen; {place} kopiert",
        "No se puede abrir un editor aquí; se ha copiado {place}"),
    "no_editor": (
        "No editor to open here: {place}", "Aucun éditeur à ouvrir ici\u00a0: {place}",
        "Hier lässt sich kein Editor öffnen: {place}", "No se puede abrir un editor aquí: {place}"),
    "edit_slide": (
        "Edit this slide", "Modifier cette diapositive", "Diese Folie bearbeiten", "Editar esta diapositiva"),
    "recording_now": ("running…", "en cours…", "läuft…", "en ejecución…"),
}
"""Said by the scripts of the author's server."""
# fmt: on

TABLES = (PAGES, DECK, DRAWINGS, TERMINAL, STAGE, AUTHOR)
