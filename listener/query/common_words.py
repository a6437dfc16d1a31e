"""The commonest German and English words: alone, each of them matches every other post."""

from __future__ import annotations

_GERMAN = """
der die das und ist in zu den nicht von mit es ein eine auf für im sich dem auch als an hat des er sie wir
ich du ihr man aber oder wie so noch nur wenn bei aus nach einen einem einer eines war sind wird werden
habe haben hatte sein kann können dass daß da dann denn doch schon mal ja nein mehr sehr gut bin bist über
um am vor zum zur durch bis unter ohne gegen beim vom ins was wer wo warum weil ob hier dort jetzt immer
wieder heute alle alles viel viele etwas nichts mein meine meinen meiner dein deine unser unsere seine
ihre ihren ihm ihn mich mir dich dir uns euch dieser diese dieses diesen diesem jede jeder jedes kein
keine keinen muss müssen soll sollte will wollen würde wäre hätte könnte gibt geht macht machen gemacht
habt hast wurde worden ganz erst selbst also eben halt zwei drei neu neue neuen alt gerade damit dazu
davon dabei darauf welche welcher leute jahr jahre tag zeit danke bitte hallo beitrag frage problem kaufen
"""
_ENGLISH = """
the be to of and a in that have i it for not on with he as you do at this but his by from they we say her
she or an will my one all would there their what so up out if about who get which go me when make can
like time no just him know take people into year your good some could them see other than then now look
only come its over think also back after use two how our work first well way even new want because any
these give day most us is are was were been has had did does am i'm don't it's very much many more here
where why too still got really thing things something anyone someone need should must may might never
always every own same through before between off down long little great old right same last better while
though again around another such both few made going using used please thanks hello question problem buy
price post thread yes maybe lot bit said sure try let since without under
"""

COMMON_WORDS = frozenset(f"{_GERMAN} {_ENGLISH}".split())
