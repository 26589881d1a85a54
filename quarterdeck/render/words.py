"""Words of the interface by language. To add a language, add its table; a word it lacks stays English."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

ENGLISH: dict[str, str] = {
    "copy": "Copy",
    "copied": "Copied",
    "slide": "Slide",
    "slides": "{count} slides",
    "one_slide": "1 slide",
    "talks": "Talks",
    "search": "Search talks",
    "nothing_found": "No talk matches.",
    "close": "Close",
    "keys": "Keys",
    "key_next": "Next slide",
    "key_previous": "Previous slide",
    "key_overview": "All slides at once",
    "key_speaker": "Speaker view",
    "key_pause": "Black screen",
    "key_fullscreen": "Full screen",
    "key_scheme": "Light or dark",
    "key_search": "Search the slides",
    "key_zoom": "Zoom in (Alt + click)",
    "key_goto": "Jump to a slide",
    "key_help": "This list",
    "space": "Space",
    "key_arrows": "In all four directions",
    "key_skip": "Past the steps",
    "key_first_last": "First, last",
    "notes": "Speaker notes",
    "video": "Video",
    "audio": "Sound",
    "frame": "Embedded page",
    "page_at": "The page at {address}",
    "on_stage_only": "shown live on stage",
    "picture": "Picture made by the code",
    "diagram": "Diagram",
    "chart": "Chart",
    "not_drawn": "This cannot be drawn",
    "missing": "Missing",
    "expected": "expected output",
    "output_hidden": "{count} lines hidden",
    "recorded": "recorded {date}",
    "live": "live",
    "running": "running {seconds} s",
    "stale": "stale",
    "not_recorded": "not recorded yet",
    "exit": "exit {status}",
    "replay": "Replay",
    "stop": "Stop",
    "own_value": "Your own value of {name}",
    "faster": "Speed",
    "first_day": "1",
    "date": "{month} {day}, {year}",
    "months": "January February March April May June July August September October November December",
}
FRENCH: dict[str, str] = {
    "copy": "Copier",
    "copied": "Copié",
    "slide": "Diapositive",
    "slides": "{count} diapositives",
    "one_slide": "1 diapositive",
    "talks": "Présentations",
    "search": "Chercher une présentation",
    "nothing_found": "Aucune présentation ne correspond.",
    "close": "Fermer",
    "keys": "Touches",
    "key_next": "Diapositive suivante",
    "key_previous": "Diapositive précédente",
    "key_overview": "Vue d’ensemble",
    "key_speaker": "Vue orateur",
    "key_pause": "Écran noir",
    "key_fullscreen": "Plein écran",
    "key_scheme": "Clair ou sombre",
    "key_search": "Chercher dans les diapositives",
    "key_zoom": "Agrandir (Alt + clic)",
    "key_goto": "Aller à une diapositive",
    "key_help": "Cette liste",
    "space": "Espace",
    "key_arrows": "Dans les quatre directions",
    "key_skip": "Sans les étapes",
    "key_first_last": "Première, dernière",
    "notes": "Notes de l’orateur",
    "video": "Vidéo",
    "audio": "Son",
    "frame": "Page intégrée",
    "page_at": "La page {address}",
    "on_stage_only": "montrée en direct sur scène",
    "picture": "Image produite par le code",
    "diagram": "Diagramme",
    "chart": "Graphique",
    "not_drawn": "Impossible à dessiner",
    "missing": "Introuvable",
    "expected": "sortie attendue",
    "output_hidden": "{count} lignes masquées",
    "recorded": "enregistré le {date}",
    "live": "en direct",
    "running": "en cours {seconds} s",
    "stale": "périmé",
    "not_recorded": "pas encore enregistré",
    "exit": "code {status}",
    "replay": "Rejouer",
    "stop": "Arrêter",
    "own_value": "Votre propre valeur de {name}",
    "faster": "Vitesse",
    "first_day": "1er",
    "date": "{day} {month} {year}",
    "months": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
LANGUAGES: dict[str, dict[str, str]] = {"en": ENGLISH, "fr": FRENCH}


def words_of(lang: str) -> Mapping[str, str]:
    """The words for a language tag such as `fr` or `fr-CA`; English where the language has no table."""
    return ENGLISH | LANGUAGES.get(lang.lower().replace("_", "-").partition("-")[0], {})


def long_date(text: str, words: Mapping[str, str]) -> str:
    """An ISO date in words (`March 6, 2025`); any other text as it is."""
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return text
    month = words["months"].split()[day.month - 1]
    number = words["first_day"] if day.day == 1 else str(day.day)
    return words["date"].format(day=number, month=month, year=day.year)
