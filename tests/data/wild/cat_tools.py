"""What translators' tools save."""

from __future__ import annotations

import base64

from tests.data.wild.file import WildFile

SDL = "http://sdl.com/FileTypes/SdlXliff/1.0"
EMBEDDED = base64.b64encode(bytes(range(256)) * 4200).decode()  # the document itself, longer than a cell may be
TRADOS = f"""<?xml version="1.0" encoding="utf-8"?>
<xliff xmlns:sdl="{SDL}" xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2" sdl:version="1.0">
<file original="C:\\docs\\manual.docx" datatype="x-sdlfilterframework2" source-language="en-US" target-language="pt-BR">
<header><file-info xmlns="{SDL}"><value key="SDL:FileId">1</value></file-info>
<reference><internal-file form="base64">{EMBEDDED}</internal-file></reference>
<tag-defs xmlns="{SDL}"><tag id="0"><bpt name="cf">&lt;cf&gt;</bpt><ept name="cf">&lt;/cf&gt;</ept></tag></tag-defs>
</header><body>
<group><sdl:cxts><sdl:cxt id="1"/></sdl:cxts>
<trans-unit id="a1"><source><g id="5">Press <x id="6"/>the button. Wait.</g> Then stop.</source>
<seg-source><g id="5"><mrk mtype="seg" mid="1">Press <x id="6"/>the button.</mrk> <mrk mtype="seg" mid="2">Wait.</mrk>
</g> <mrk mtype="seg" mid="3">Then stop.</mrk></seg-source>
<target><g id="5"><mrk mtype="seg" mid="1">Aperte <x id="6"/>o <mrk mtype="x-sdl-deleted">botao</mrk><mrk
 mtype="x-sdl-added">botão</mrk>.</mrk> <mrk mtype="seg" mid="2">Espere.</mrk></g> <mrk mtype="seg"
 mid="3">Depois pare.</mrk></target>
<sdl:seg-defs><sdl:seg id="1" conf="ApprovedTranslation"><sdl:value key="created_by">x</sdl:value></sdl:seg>
<sdl:seg id="2" conf="Draft" origin="mt"/><sdl:seg id="3" conf="Translated" percent="100" locked="true"/></sdl:seg-defs>
</trans-unit></group>
<trans-unit id="a2"><source>Not yet.</source><seg-source><mrk mtype="seg" mid="4">Not yet.</mrk></seg-source>
<target><mrk mtype="seg" mid="4"/></target><sdl:seg-defs><sdl:seg id="4"/></sdl:seg-defs></trans-unit>
<trans-unit id="a3" translate="no"><source><x id="9"/></source></trans-unit>
</body></file></xliff>
"""
MEMOQ = """<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:mq="MQXliff">
<file original="manual.docx" source-language="en" target-language="pt-br" datatype="x-memoq">
<header><tool tool-id="MQ" tool-name="memoQ"/><mq:docinformation/></header><body>
<trans-unit id="1" mq:status="ManuallyConfirmed" mq:segmentguid="g1" mq:locked="no">
<source xml:space="preserve">Save <bpt id="1" ctype="bold">{}</bpt>all<ept id="1">{}</ept>.</source>
<target xml:space="preserve">Salve <bpt id="1" ctype="bold">{}</bpt>tudo<ept id="1">{}</ept>.</target>
<mq:insertedmatch matchtype="1"><source>Save.</source><target>Salve.</target></mq:insertedmatch></trans-unit>
<trans-unit id="2" mq:status="NotStarted"><source>Open.</source><target xml:space="preserve"></target></trans-unit>
<trans-unit id="3" mq:status="PartiallyEdited"><source>Close.</source><target>Fech</target></trans-unit>
<trans-unit id="4" mq:status="Proofread"><source>Quit.</source><target>Saia.</target></trans-unit>
</body></file></xliff>
"""
PHRASE = """<?xml version="1.0" encoding="UTF-8"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" xmlns:m="http://www.memsource.com/mxlf/2.0" version="1.2">
<file original="a.docx" source-language="en" target-language="pt_br" datatype="x-docx"><header/><body>
<group id="0"><context-group><context context-type="paragraph">1</context></context-group>
<trans-unit id="x:0" m:confirmed="1" m:locked="false"><source>Blue</source><target>Azul</target></trans-unit>
<trans-unit id="x:1" m:confirmed="0"><source>Red</source><target>Vermelho?</target></trans-unit></group>
</body></file></xliff>
"""
OMEGAT = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx11.dtd">
<tmx version="1.1">
  <header creationtool="OmegaT" o-tmf="OmegaT TMX" adminlang="EN-US" segtype="sentence" srclang="EN-US"/>
  <body>
<!-- Default translations -->
    <tu>
      <tuv lang="EN-US"><seg>Hello &lt;b0&gt;world&lt;/b0&gt;</seg></tuv>
      <tuv lang="PT-BR" changeid="me" changedate="20250101T000000Z"><seg>Olá &lt;b0&gt;mundo&lt;/b0&gt;</seg></tuv>
    </tu>
<!-- Alternative translations -->
    <tu>
      <note>spoken</note><prop type="file">a.txt</prop><prop type="id">1_0</prop>
      <tuv lang="EN-US"><seg>Bye</seg></tuv><tuv lang="PT-BR"><seg>Tchau</seg></tuv>
    </tu>
  </body>
</tmx>
"""
TRADOS_TMX = """<?xml version="1.0" encoding="utf-16"?>
<tmx version="1.4"><header creationtool="SDL Language Platform" segtype="sentence" srclang="en-US"/><body>
<tu creationid="x"><prop type="x-ConfirmationLevel">Translated</prop>
<tuv xml:lang="en-US"><seg>Press <bpt i="1" type="0" x="1"/>OK<ept i="1"/> now.</seg></tuv>
<tuv xml:lang="pt-BR"><seg>Aperte <bpt i="1" type="0" x="1"/>OK<ept i="1"/> agora.</seg></tuv></tu>
</body></tmx>
"""
OTHER_TMX = """<?xml version="1.0"?>
<tmx version="1.4"><header srclang="*all*" datatype="plaintext"/><body>
<tu><tuv xml:lang="x-default"><seg>key.name</seg></tuv>
<tuv xml:lang="en"><seg>A <hi type="b">big <hi>red</hi></hi> <ph>&lt;img alt="<sub>x</sub>"/&gt;</ph>ball</seg></tuv>
<tuv xml:lang="pt"><seg>Uma bola</seg></tuv></tu></body></tmx>
"""
WEBLATE_XLIFF = """<?xml version="1.0" encoding="utf-8"?>
<xliff version="1.1" xmlns="urn:oasis:names:tc:xliff:document:1.1">
<file original="app" source-language="en" target-language="pt_BR" datatype="po"><body>
<trans-unit id="1" approved="yes"><source>Sign in</source><target state="translated">Entrar</target></trans-unit>
<trans-unit id="2"><source>Sign out</source><target state="needs-translation"></target></trans-unit>
</body></file></xliff>
"""
VERSION_2 = """<?xml version="1.0"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0" version="2.0" srcLang="en" trgLang="pt-BR">
<file id="f"><group id="g"><unit id="u1">
<segment id="s1" state="final"><source>First.</source><target>Primeira.</target></segment>
<ignorable><source> </source></ignorable>
<segment id="s2" state="initial"><source>Second.</source><target>Second.</target></segment></unit></group>
<unit id="u2" translate="no"><segment><source>CODE</source><target>CODE</target></segment></unit></file></xliff>
"""
POEDIT = r"""msgid ""
msgstr ""
"Project-Id-Version: app 1\n"
"POT-Creation-Date: 2025-01-01 10:00-0300\n"
"Language: pt_BR\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Content-Transfer-Encoding: 8bit\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\n"
"X-Generator: Poedit 3.4\n"

#: main.c:10
msgctxt "menu"
msgid "Open"
msgstr "Abrir"

#: main.c:20
#, c-format
msgid "%d file"
msgid_plural "%d files"
msgstr[0] "%d arquivo"
msgstr[1] "%d arquivos"

#, fuzzy
msgid "Close"
msgstr "Fecha"
"""
ENGLISH_AND_PORTUGUESE = ["en", "pt-BR"]
US = ["en-US", "pt-BR"]

FILES = [
    WildFile("Trados", "manual.docx.sdlxliff", b"\xef\xbb\xbf" + TRADOS.encode(), US, 2,
             (0, "pt-BR", "Aperte o botão."), left_out=2),
    WildFile("memoQ", "manual.docx_por-BR.mqxliff", MEMOQ.encode(), ["en", "pt-BR"], 2, (0, "pt-BR", "Salve tudo."),
             left_out=2),
    WildFile("Phrase", "a-en-pt_br-T.mxliff", PHRASE.encode(), ["en", "pt-BR"], 1, (0, "pt-BR", "Azul"), left_out=1),
    WildFile("OmegaT", "project-omegat.tmx", OMEGAT.encode(), US, 2, (1, "pt-BR", "Tchau")),
    WildFile("Trados, a memory in UTF-16", "memory.tmx", TRADOS_TMX.encode("utf-16"), US, 1,
             (0, "pt-BR", "Aperte OK agora.")),
    WildFile("a terminology tool's TMX", "terms.tmx", OTHER_TMX.encode(), ["en", "pt"], 1, (0, "en", "A big red ball")),
    WildFile("a memory called .xml", "export.xml", OMEGAT.encode(), US, 2, (0, "en-US", "Hello <b0>world</b0>")),
    WildFile("Weblate", "app-pt_BR.xliff", WEBLATE_XLIFF.encode(), ENGLISH_AND_PORTUGUESE, 1, (0, "pt-BR", "Entrar"),
             left_out=1),
    WildFile("a tool of XLIFF 2", "a.XLF", VERSION_2.encode(), ENGLISH_AND_PORTUGUESE, 1, (0, "pt-BR", "Primeira."),
             left_out=2),
    WildFile("Poedit", "pt_BR.po", POEDIT.encode(), ENGLISH_AND_PORTUGUESE, 3, (2, "pt-BR", "%d arquivos"), left_out=1),
    WildFile("a catalog called .txt", "catalog.txt", POEDIT.encode(), ENGLISH_AND_PORTUGUESE, 3, (0, "pt-BR", "Abrir"),
             left_out=1),
]  # fmt: skip
