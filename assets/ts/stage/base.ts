// @ts-nocheck
/* The words of the stage. To add a language, add its table; a word it lacks stays English. */
(function () {
  "use strict";

  const ENGLISH = {
    run: "Run", again: "Run again", cancel: "Cancel", restart: "Restart the session", clear: "Clear", edit: "Edit",
    revert: "Revert", close: "Close", does: "{name}: {state}", live: "live", waiting: "waiting", typing: "typing", starting: "starting the session",
    running: "running {seconds} s", ran: "live · {seconds} s", ready: "live · ready", exit: "exit {status}",
    stalled: "nothing printed for {seconds} s", swap: "x shows the recording", gap: "{size} left out",
    recordedMode: "Recordings only", gone: "connection lost", record: "Recording",
    away: "not connected: recordings play", noCode: "not connected: enter the code of the terminal",
    denied: "nothing runs here any more: start the stage again", enter: "Connect",
    code: "Code", wrongCode: "That code is wrong, used or too old. Press Enter in the terminal for another one.",
    help: "Runs here: click, then type. {key} or a click outside gives the keys back.",
    state: "Make the state", making: "making the state: {at} of {of}", made: "the state is made",
    panel: "What runs", containers: "Containers", networks: "Networks", volumes: "Volumes", images: "Images", ports: "Ports",
    nothing: "nothing", noEngine: "no container engine", now: "Now", next: "Next", notes: "Notes", end: "End of the talk",
    reset: "Reset", noNotes: "No notes on this slide.", output: "Snippet", noSnippet: "No snippet on this slide.",
    windows: "{count} windows", noPopup: "the browser kept the speaker view from opening; allow pop-ups for this address",
    pageWaiting: "waiting for {address}", pageRefuses: "{address} does not let itself be framed", pageKeys: "The page has the keys; a click outside gives them back",
    keysBack: "Back to the slides", reload: "Load the page again", openPage: "Open in a window of its own", pageAt: "The page at {address}",
    untrusted: "the talk has changed: the terminal shows how, and t there trusts it", gone_talk: "The talk is gone; this is its last state",
    more: "{count} more", giveBack: "{key} gives the keys back", escape: "Esc", shift: "Shift", left: "{minutes} left", over: "{minutes} over",
    sectionAhead: "{title} · {time} ahead", sectionBehind: "{title} · {time} behind", sectionOnTime: "{title} · on time",
    minutesSeconds: "{minutes} min {seconds} s", onlyMinutes: "{minutes} min", onlySeconds: "{seconds} s",
    key_run: "Run, run again", key_cancel: "Cancel what runs", key_restart: "Restart the session",
    key_clear: "Clear the terminal", key_focus: "Type into the terminal", key_swap: "Show the recording instead",
    key_recorded: "Recordings only, live again", key_make: "Make the state of this slide", key_panel: "What runs: containers, ports …",
    key_edit: "Edit the command", key_speaker: "Speaker view", key_release: "From the terminal back to the slides",
  };
  const FRENCH = {
    run: "Lancer", again: "Relancer", cancel: "Arrêter", restart: "Redémarrer la session", clear: "Effacer", edit: "Modifier",
    revert: "Rétablir", close: "Fermer", does: "{name} : {state}", live: "en direct", waiting: "en attente", typing: "saisie", starting: "démarrage de la session",
    running: "en cours {seconds} s", ran: "en direct · {seconds} s", ready: "en direct · prêt", exit: "code {status}",
    stalled: "rien depuis {seconds} s", swap: "x montre l’enregistrement", gap: "{size} omis",
    recordedMode: "Enregistrements seuls", gone: "connexion perdue", record: "Enregistrement",
    away: "pas de connexion : les enregistrements sont rejoués", noCode: "pas de connexion : saisir le code du terminal",
    denied: "plus rien ne s’exécute ici : relancer la scène", enter: "Connecter",
    code: "Code", wrongCode: "Code faux, déjà utilisé ou trop ancien. Entrée dans le terminal en donne un autre.",
    help: "S’exécute ici : cliquer, puis taper. {key} ou un clic à côté rend les touches.",
    state: "Préparer l’état", making: "préparation de l’état : {at} sur {of}", made: "l’état est prêt",
    panel: "Ce qui tourne", containers: "Conteneurs", networks: "Réseaux", volumes: "Volumes", images: "Images", ports: "Ports",
    nothing: "rien", noEngine: "pas de moteur de conteneurs", now: "Maintenant", next: "Ensuite", notes: "Notes", end: "Fin de la présentation",
    reset: "Remettre à zéro", noNotes: "Pas de notes sur cette diapositive.", output: "Extrait", noSnippet: "Rien à lancer sur cette diapositive.",
    windows: "{count} fenêtres", noPopup: "le navigateur a bloqué la vue orateur ; autoriser les fenêtres pour cette adresse",
    pageWaiting: "en attente de {address}", pageRefuses: "{address} refuse d’être intégrée", pageKeys: "La page a les touches ; un clic à côté les rend",
    keysBack: "Retour aux diapositives", reload: "Recharger la page", openPage: "Ouvrir dans sa propre fenêtre", pageAt: "La page {address}",
    untrusted: "la présentation a changé : le terminal montre comment, et t l’y approuve", gone_talk: "La présentation a disparu ; voici son dernier état",
    more: "{count} de plus", giveBack: "{key} rend les touches", escape: "Échap", shift: "Maj", left: "reste {minutes}", over: "dépassé de {minutes}",
    sectionAhead: "{title} · {time} d’avance", sectionBehind: "{title} · {time} de retard", sectionOnTime: "{title} · à l’heure",
    minutesSeconds: "{minutes} min {seconds} s", onlyMinutes: "{minutes} min", onlySeconds: "{seconds} s",
    key_run: "Lancer, relancer", key_cancel: "Arrêter ce qui tourne", key_restart: "Redémarrer la session",
    key_clear: "Effacer le terminal", key_focus: "Taper dans le terminal", key_swap: "Montrer l’enregistrement",
    key_recorded: "Enregistrements seuls, ou en direct", key_make: "Préparer l’état de cette diapositive", key_panel: "Ce qui tourne : conteneurs, ports…",
    key_edit: "Modifier la commande", key_speaker: "Vue orateur", key_release: "Du terminal aux diapositives",
  };
  const LANGUAGES = { en: ENGLISH, fr: FRENCH };

  /* How a run went, as the server says it; what is not here stays as it is. */
  const PROBLEMS = {
    fr: [
      [/^ended with status (\d+), and (\S+) was wanted$/, "terminé avec le code $1 au lieu de $2"],
      [/^ended with status (\d+)$/, "terminé avec le code $1"],
      [/^did not end within ([\d.]+) s\b/, "pas terminé en $1 s"],
      [/^did not get ready:/, "n’est pas devenu prêt :"],
      [/^did not run:/, "non exécuté :"],
      [/^was cancelled$/, "interrompu"],
      [/^was stopped$/, "arrêté"],
    ],
  };

  const stage = (window.QuarterdeckStage = window.QuarterdeckStage || {});
  stage.heard = {}; // what is done at each message of the server, by its type, and of other windows, `window-TYPE`
  const language = document.documentElement.lang.toLowerCase().split("-")[0];
  stage.words = { ...ENGLISH, ...LANGUAGES[language] };

  stage.problem = (text) => (PROBLEMS[language] || []).reduce((said, [pattern, words]) => said.replace(pattern, words), text || "");

  /* A word with its {values} filled in. */
  stage.say = (word, values) => stage.words[word].replace(/\{(\w+)\}/g, (_all, name) => values[name]);

  stage.seconds = (count) => {
    const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
    try {
      return count.toLocaleString(document.documentElement.lang, digits);
    } catch (error) {
      return count.toFixed(1); // the talk's language is no tag that the browser knows
    }
  };

  stage.gap = (bytes) => stage.say("gap", { size: `${stage.seconds(bytes / 1e6)} MB` });

  stage.make = (name, className, text) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text) made.textContent = text;
    return made;
  };
})();
