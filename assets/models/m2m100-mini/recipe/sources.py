"""The packages that the corpus is built from: one entry each, with its licence and how to read it.

All carry permissive licences, checked in the metadata of the versions named here. Django itself is not a source: its
catalogs are the held-out domain, and its sentences are taken out of everything else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archives import Index
from loaders import (
    Loader,
    chromium_paks,
    json_files,
    po_files,
    pyright_bundle,
    typescript_diagnostics,
)

# The languages that the model is trained on, each paired with English; Galician only lends its words to the tokenizer.
LANGUAGES = ("pt", "es", "fr")
VOCABULARY_ONLY = ("gl",)


@dataclass(frozen=True)
class Source:
    """One project: the packages that carry its strings and the loader that reads them.

    `codes` maps our language codes to the project's own; pt is always Brazilian Portuguese. `repeat` says how often a
    pair is seen per epoch, `limit` how many strings per language are taken, before those that repeat one another in
    different components fall out.
    """

    name: str
    index: Index
    packages: tuple[str, ...]
    licence: str
    loader: Loader
    codes: Mapping[str, str]
    repeat: int = 1
    limit: int | None = None


def _codes(en: str = "en", pt: str = "pt-BR", es: str = "es", fr: str = "fr", gl: str = "gl") -> dict[str, str]:
    return {"en": en, "pt": pt, "es": es, "fr": fr, "gl": gl}


GETTEXT = _codes(pt="pt_BR")

SOURCES: tuple[Source, ...] = (
    Source(
        "chromium",
        "debian",
        ("chromium-l10n", "chromium-common"),
        "BSD-3-Clause",
        chromium_paks,
        _codes(en="en-US"),
    ),
    Source(
        "homeassistant",
        "pypi",
        ("homeassistant==2026.11.0",),
        "Apache-2.0",
        json_files("homeassistant/components/{component}/translations/{language}.json"),
        _codes(),
        limit=14_000,  # under 20 000 with its frontend: it would be two fifths of the Spanish otherwise
    ),
    Source(
        "home-assistant-frontend",
        "pypi",
        ("home-assistant-frontend==20261028.8",),
        "Apache-2.0",
        json_files("hass_frontend/static/translations/{component}/{language}-????????????????????????????????.json"),
        _codes(),
    ),
    Source(
        "indico",
        "pypi",
        ("indico==3.3.14",),
        "MIT",
        po_files("indico/translations/{language}/LC_MESSAGES/messages-all.po"),
        _codes(pt="pt_BR", es="es_ES", fr="fr_FR"),
    ),
    Source(
        "scratch-l10n",
        "npm",
        ("scratch-l10n==3.18.357",),  # later major versions are AGPL-3.0
        "BSD-3-Clause",
        json_files("package/{component}/{language}.json"),
        _codes(pt="pt-br"),
    ),
    Source(
        "openstreetmap-id",
        "npm",
        ("@openstreetmap/id==2.42.2",),
        "ISC",
        json_files("package/dist/locales/{language}.min.json"),
        _codes(),
    ),
    Source(
        "osm-tagging-schema",
        "npm",
        ("@openstreetmap/id-tagging-schema==6.19.2",),
        "ISC",
        # Terms and aliases are lists of search words, in an order of each language's own.
        json_files("package/dist/translations/{language}.json", drop="/(terms|aliases)$"),
        _codes(),
        repeat=2,
    ),
    Source(
        "matrix-react-sdk",
        "npm",
        ("matrix-react-sdk==3.90.0",),
        "Apache-2.0",
        json_files("package/src/i18n/strings/{language}.json"),
        _codes(en="en_EN", pt="pt_BR"),
    ),
    Source(
        "typescript",
        "npm",
        ("typescript==5.9.3",),
        "Apache-2.0",
        typescript_diagnostics,
        {"pt": "pt-br", "es": "es", "fr": "fr"},
    ),
    Source(
        "pyright",
        "npm",
        ("pyright==1.1.414",),
        "MIT",
        pyright_bundle,
        {"en": "en-us", "pt": "pt-br", "es": "es", "fr": "fr"},
    ),
    Source(
        "cldr-annotations",
        "npm",
        ("cldr-annotations-full==48.2.0",),
        "Unicode-3.0",
        json_files("package/annotations/{language}/annotations.json", keep="/tts/0$"),
        _codes(pt="pt"),
        repeat=2,
    ),
    Source(
        "lighthouse",
        "npm",
        ("lighthouse==12.8.2",),
        "Apache-2.0",
        json_files("package/shared/localization/locales/{language}.json", keep="/message$"),
        _codes(en="en-US", pt="pt"),
    ),
    Source(
        "netbox",
        "pypi",
        ("netbox==4.7.3",),
        "Apache-2.0",
        po_files("netbox/_data/translations/{language}/LC_MESSAGES/django.po"),
        {"es": "es", "fr": "fr"},  # its Portuguese is European
    ),
    Source(
        "horizon",
        "pypi",
        ("horizon==27.0.0",),
        "Apache-2.0",
        po_files("{component}/locale/{language}/LC_MESSAGES/*.po"),
        GETTEXT,
    ),
    Source(
        "django-oscar",
        "pypi",
        ("django-oscar==4.2.1",),
        "BSD-3-Clause",
        po_files("oscar/locale/{language}/LC_MESSAGES/django.po"),
        GETTEXT,
    ),
    Source(
        "wagtail",
        "pypi",
        ("wagtail==8.0.1",),
        "BSD-3-Clause",
        po_files("wagtail/{component}/locale/{language}/LC_MESSAGES/*.po"),
        GETTEXT,
    ),
    Source(
        "django-cms",
        "pypi",
        ("django-cms==5.1.3",),
        "BSD-3-Clause",
        po_files("{component}/locale/{language}/LC_MESSAGES/*.po"),
        GETTEXT,
    ),
    Source(
        "sphinx",
        "pypi",
        ("sphinx==9.2.0",),
        "BSD-2-Clause",
        po_files("sphinx/locale/{language}/LC_MESSAGES/sphinx.po"),
        GETTEXT,
    ),
    Source(
        "apache-airflow-core",
        "pypi",
        ("apache-airflow-core==3.3.2",),
        "Apache-2.0",
        json_files("airflow/ui/dist/i18n/locales/{language}/{component}.json"),
        _codes(pt="pt"),
    ),
    Source(
        "django-allauth",
        "pypi",
        ("django-allauth==65.21.1",),
        "MIT",
        po_files("allauth/locale/{language}/LC_MESSAGES/django.po"),
        GETTEXT,
    ),
)

HELD_OUT = Source(
    "django",
    "pypi",
    ("django==6.1.3",),
    "BSD-3-Clause",
    po_files("django/{component}/locale/{language}/LC_MESSAGES/*.po"),
    GETTEXT,
)
