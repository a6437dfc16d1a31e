"""The evidence that a post is a sale, an advert or automatic, with weights; German and English alike."""

from __future__ import annotations

import re
from collections.abc import Mapping

Rules = Mapping[str, tuple[float, str]]

_MONEY = r"(?:€|\beuros?\b|\beur\b|\$|£|\busd\b|\bgbp\b|\bchf\b|\bsgd\b)"
_AMOUNT = r"\d{1,5}(?:[.,](?:\d{1,3}|-))?"
PRICE = rf"{_MONEY} ?\d|{_AMOUNT} ?(?:{_MONEY}|,-)"
_LINE = r"(?:^|\n|[.!] )\W{0,3}"
_START = r"\A\W{0,4}"
LINK = r"https?://|\bwww\."

# What costs a post evidence: a question, or the words of somebody who judges or tells what happened
DOUBTS: Rules = {
    "question": (-2, r"\?(?!\S)"),
    "judges": (
        -2,
        r"\btaug(?:t|en)\b|begeistert|empfehl|finger weg|vorsicht|gefälscht|\bzu gut\b|super teil"
        r"|läuft super|nie wieder|"
        r"enttäusch|\bwitz\b|frechheit|\bnervt|schwach|bereu|rubbish|\bjunk\b|regret|mistake|recommend|"
        r"\blove it\b|too good|beware|\bfakes?\b|never again|worth (?:it|every)|good value|den preis gut",
    ),
    "tells": (
        -1.5,
        r"\bbezahlt\b(?! werden)|\bgefunden\b|\bhabe? (?:ich|ihn|sie|es|den|die|das|mein\w{0,2}"
        r"|mir)\b|\bpaid\b(?! part)|\bbought\b|"
        r"\b(?:i|i've) (?:got|ordered|sold|traded|returned)\b|\bordered (?:it|one|the)\b|\bmines?\b",
    ),
}  # fmt: skip

MARKET: Rules = {
    "tag": (
        3,
        _START + r"[\[(](?:v|s|b|t|vk|wts|wtb|wtt|fs|s&f|verkaufe?|suche|biete|tausche|selling|buying)[\])]"
        r"|\[h\][^\n]{1,200}\[w\]"
        rf"|{_START}(?:wts|wtb|wtt)\b|{_START}vk:|{_START}fs:|{_START}for sale:|{_START}(?:verkaufe|biete"
        rf"|zu verkaufen):"
        r"|\bfree to a good home\b|(?:^|\n)biete: [^\n]{1,200}\n(?:suche|tausche): ",
    ),
    "offer": (
        2,
        _LINE + r"verkaufe\b(?! (?:ich|nie|niemals|nicht|blo(?:ß|ss)|lieber|doch|nur|so|es|ihn|sie|das)\b)"
        rf"|{_LINE}biete\b(?! (?:dem|der|einem|einer|mal|ihm|ihr|ihnen|dir|euch|nie|nicht|keine)\b)"
        rf"|{_LINE}(?:kaufe (?:defekte|gebrauchte|eure)|verschenke|tausche\b[^\n]{{1,80}}\bgegen\b)"
        r"|\bich verkaufe (?:hier|mein|ein)|\b(?:steh(?:t|en)"
        r"|zum) [^\n]{0,60}\bverkauf\b[^\n]{0,3} |\bzum verkauf\b"
        rf"|{_LINE}zu verkaufen\b|\babzugeben\b|\bgebe\b[^\n?]{{1,80}}\bab\b"
        rf"|\bwürde\b[^\n?]{{1,60}}\babgeben\b"
        r"|\btrenne mich von\b"
        rf"|{_LINE}selling (?:my|an?|as|the|these|this|two|both|\d)\b|\bup for grabs\b|\bletting go of my\b"
        r"|(?<!not )(?<!up )\bfor sale(?=[,.:]| is\b)|\bwill trade my\b|\blooking to (?:buy|sell|trade)\b",
    ),
    "wanted": (
        1.5,
        _LINE + r"(?:suche|iso|looking for an? used|looking for my next)\b",
    ),
    "pays": (
        1.5,
        r"\bzahle (?:bis|gut|versand|fair)|\bwilling to pay\b|\b(?:will|can) pay\b"
        r"|angebote? (?:bitte )?(?:per|an)\b"
        r"|\b(?:alles|per pn) anbieten\b",
    ),
    "terms": (
        2,
        rf"(?:{_MONEY}|\d|,-) ?(?:vb|vhb|fp|obo|ono|firm)\b|\b(?:vb|vhb|fp):? ?\d|verhandlungsbasis"
        rf"|\bfestpreis\b"
        r"|preisvorstellung|\bor best offer\b|\bprice (?:is )?firm\b|\basking (?:price )?(?:is )?\W?\d"
        r"|\bhätte gerne? [^\n]{1,20} dafür\b",
    ),
    "private": (
        2,
        r"privatverkauf|keine? (?:garantie|gewährleistung|rücknahme)|nichtraucherhaushalt|tierfrei"
        r"|\bprivate sale\b"
        r"|\bno (?:returns|trades|lowball\w{0,5})\b|smoke[- ]free|\btimestamps?\b",
    ),
    "handing over": (
        1,
        r"(?:zzgl|zuzüglich|plus|inkl|inklusive|incl|\+|oder)\.? ?(?:\d{1,3} ?€ )?versand\b"
        r"|\bversand (?:möglich|gegen|trägt|\d)"
        r"|\bnur (?:selbst)?abholung\b|selbstabhol|\babholung in\b|\bbei abholung\b|\bkein versand\b"
        r"|\b(?:plus|\+) ?(?:\d{1,3} )?shipping\b|\+ shipping|\bshipped\b|shipping (?:not included"
        r"|at your|at cost)|buyer pays"
        r"|\bcan ship\b|\bships? from\b|\blocal (?:pick ?up|cash)\b|\bcollection (?:only|from)\b"
        r"|\bpick ?up (?:only|in)\b"
        r"|\bconus\b|\bmeet at\b",
    ),
    "contact": (
        1,
        r"\bbei interesse\b|\bper (?:pn|paypal)\b|\bpn (?:an|ist raus)\b|\b(?:pm|dm|message) me\b"
        r"|\b(?:pm|dm) (?:if|sent)\b"
        r"|\bpaypal\b|\b(?:auf anfrage|on request)\b|wer zuerst kommt|\bfotos?:|\bsiehe fotos\b",
    ),
    "state": (
        1,
        r"\bovp\b|originalverpackt|\bneuwertig|\bunbenutzt\b|\bguter zustand\b|\b(?:zustand|condition):"
        r"|\b(?:lightly|barely) used\b|\bin good condition\b|\b(?:np|neupreis) \d"
        r"|\boriginal (?:box|receipt)\b|\bmint\b",
    ),
    "price": (1, PRICE),
}  # fmt: skip
CORE = {"tag", "offer", "wanted", "board"}
TRADING = re.compile(
    r"\b(?:reserviert|noch zu haben|noch da|verkauft|pn ist raus|sold|bump|still (?:available|for sale)"
    r"|pm sent|price drop|preisupdate|letzter preis)\b"
)
BOARD = re.compile(
    r"marktplatz|kleinanzeige|flohmarkt|\bbiete\b|\bverkaufe?\b|suche ?(?:/|&|und) ?biete"
    r"|marketplace|classified|"
    r"\bfor[ -]sale\b|buy[ /-]{1,3}sell|\bbst\b|\wswap\b|(?<!stack)exchange\b"
)

ADVERT: Rules = {
    "label": (
        3,
        _START + r"(?:anzeige|werbung|advertisement|advertorial|promoted"
        r"|sponsored)\W{0,2} ?(?:[:|\]\n–—-]|\Z)"
        rf"|{_START}(?:sponsored (?:by|post)|gesponserte?r? |bezahlte partnerschaft|paid partnership)"
        r"|#(?:ad|anzeige|werbung|sponsored|sponsoredpost|reklame)(?!\w)|\bfor sponsoring this\b",
    ),
    "affiliate": (
        2.5,
        r"enthält (?:affiliate|werbe)|contains affiliate|\(affiliate[- ]link|[?&](?:tag|awc|aff"
        r"|aff_id|affid|affiliate)=",
    ),
    "call": (
        2,
        r"\bjetzt (?:zuschlagen|sichern|bestellen|kaufen|anmelden|shoppen|sparen)"
        r"|\bhier (?:klicken|bestellen|geht es zu)"
        r"|\bzum (?:deal|angebot|shop)\b|\bsichere dir\b|\bmelde dich jetzt\b|\bfolgt uns\b"
        r"|\blike(?:n|d|),?[^\n]{0,20} (?:und|teilen|follow|share)"
        r"|\blink in (?:der|meiner|bio)|\blink in bio\b|\b(?:my )?link below\b"
        r"|newsletter (?:abonnieren|anmelden)"
        r"|\bshop (?:now|the sale)\b|\b(?:pre-?)?order now\b|\bbuy now\b|\bclick here\b|\bgrab (?:it|yours)\b"
        r"|\b(?:sign up for|subscribe to) our\b|\bdon't miss out\b|\benter to win\b"
        r"|\bclip(?:ping)? (?:the )?(?:\d{1,2}% )?coupon",
    ),
    "prize": (2, r"\bgewinnspiel\b|\bgiveaway\b|\benter to win\b|\bgewinnt einen\b"),
    "house": (
        1,
        r"\bunser(?:e|em|en|er)? (?:neue[rn]? |online)?(?:shop|leser|seite|\w{3,12} (?:s|m)?\d)"
        r"|\bin unserem\b|\bour (?:store|shop)\b"
        r"|\bwe are excited\b|\bwir freuen uns\b|\bab sofort\b|\bjetzt neu\b|\bnew in our\b"
        r"|\bis here\b|\bist da\b"
        r"|\bfür unsere leser\b|\bund gewinn",
    ),
    "percent": (
        1,
        r"\d{1,2} ?% (?:rabatt|nachlass|gutschein|off|auf|sparen|reduziert|coupon)"
        r"|[$€£]\d{1,4} off\b|\bsaves? (?:you |up to )?[$€£]?\d"
        r"|\bspar(?:e|t|en)\b[^\n]{0,9} \d|\d (?:€|euro) (?:rabatt|sparen|gutschein|neukunden"
        r"|gutschein)|\b(?:bis zu|up to) \d{1,2} ?%|\b2 for 1\b",
    ),
    "reduced": (
        1,
        rf"\bstatt (?:€ ?)?\d|\buvp\b|vergleichspreis|\bwas {_MONEY}\d|\breg\.? {_MONEY}?\d|\brrp\b"
        rf"|\breduziert\b|\bbestpreis\b"
        r"|\blowest price\b|\bfinal price\b|\bon sale\b",
    ),
    "hurry": (
        1,
        r"\bnur (?:noch )?(?:heute|bis)\b|\bsolange (?:der )?vorrat|while supplies last"
        r"|\btoday only\b|\blimited time\b"
        r"|\bends (?:tonight|today|\w{3,6}day)\b|\bgültig bis\b|\bvalid until\b|\bstarts now\b"
        r"|\bthis weekend\b|\bam wochenende\b",
    ),
    "deal": (
        1,
        r"\b\w{0,20}(?:angebote?|deals?)\b|schnäppchen|\b(?:[\w-]{1,20}-)?sale\b|\w{0,9}rabatt"
        r"|gutschein|\bcoupons?\b|\bpromo\b|\bdiscount|\bsavings\b"
        r"|\b(?:gratis|kostenloser) versand\b|versandkostenfrei|\bfree shipping\b|\bclearance\b"
        r"|\bblack[ -](?:friday|week)",
    ),
    "shop": (1, _START + rf"\[[\w .&'-]{{2,30}}\] [^\n]{{3,200}}{_MONEY}"),
    "price": (1, PRICE),
    "link": (1, LINK),
    "ref": (1, r"https?://[^\s?]{1,200}\?(?:[^\s]{1,200}&)?ref="),
    "person": (-2, r"\b(?:ich|mir|mich|i|i've|i'd|i'm|me)\b"),
}  # fmt: skip
CODE = re.compile(  # letters in their case: SAVE10 is a code, "the code for" is none
    r"(?i:code|coupon):? [A-Z]{3,15}[0-9]{0,4}\b|(?i:\buse )[A-Z]{3,15}[0-9]{1,4}\b"
    r"|(?i:code)[^\n]{0,30}: [A-Z]{3,15}[0-9]{1,4}\b"
)
UNPAID = re.compile(r"unbezahlte|\bunpaid\b|\bohne bezahlung\b")
OFFERING = {"label", "affiliate", "call", "prize", "shop"}  # one of these, or a code, or a list of prices
CHEAPER = {"percent", "reduced"}  # or one of these, with a link

BOT: Rules = {
    "is one": (2, r"\b(?:ich bin ein|i am a|i'm a) bot\b"),
    "beeps": (2, r"\bbeep,? boop\b|\bbleep,? bloop\b|\bbip bup\b"),
    "begins so": (
        3,
        _START + r"(?:beep,? boop|bleep,? bloop|bip bup|remindme ?bot"
        r"|(?:rss|price|preis|deal|release|news|feed|mod)[- ]?bot\]?\W)"
        rf"|{_START}(?:auto(?:matische|mated|matic|matisch generierte) (?:nachricht|antwort|message|reply)"
        rf"|i will be messaging you in)\b",
    ),
    "performed": (3, r"\baction was performed automatically\b|\baktion wurde automatisch\b"),
    "made": (
        3,
        r"\b(?:diese[rs]?|dein) (?:\w{1,20} )?(?:beitrag|nachricht|kommentar|thread|thema"
        r"|sammelthread|antwort) (?:wurde|wird) "
        r"(?:[^\n.?]{0,40} )?(?:automatisch|wegen inaktivität)\b"
        r"|\b(?:this|your) (?:\w{1,20} )?(?:post|thread|topic|message|comment|submission) (?:was"
        r"|has been|is) "
        r"(?:\w{1,12} )?automatically\b|\bthis (?:\w{1,20} )?(?:post|thread|topic|message"
        r"|comment) (?:was|is) \w{1,12} automatically\b"
        r"|\b(?:this|dies|das) (?:is an?|ist eine) (?:automat\w{1,12}) (?:generierte )?(?:message"
        r"|reply|response|nachricht|antwort)\b",
    ),
    "serves": (
        1,
        r"automati|moderator|\bmods\b|\bcontact\b|\bsource\b|\bquelle\b|feedback|entwickler"
        r"|developer|\bwhy (?:&|and) about\b|downvote"
        r"|\bbot (?:that|und|and)\b|\bsneak peek of\b|\bnon-amp\b|\bthis bot\b|\bvoting on\b",
    ),
}  # fmt: skip
BOTS = {"automoderator", "remindmebot", "sneakpeekbot", "wikisummarizerbot", "b0trank", "discobot"}
QUOTED = re.compile(r"[^\S\n]+|[\^*_\\()|]+")

GATES: Mapping[str, tuple[str, ...]] = {  # without one of these no rule can hold
    "marketplace": (
        "verkauf", "biete", "suche ", "kaufe ", "tausche", "verschenke", "abzugeben", "abgeben", "gebe ",
        "trenne mich", "wts", "wtb", "wtt", "[v]", "[s]", "[b]", "[t]", "[h]", "(v)", "(s)", "[fs]",
        "fs:", "vk:", "for sale", "selling", "buying]", "grabs", "letting go", "good home", "will trade",
        "no trades", "looking for a", "looking to ", "iso ", " obo", " ono", "firm", "privatv",
        "private sale", "keine ", "raucher", "tierfrei", "no returns", "no lowball", "smoke",
        "timestamp", "asking", "ovp", "neuwertig", "unbenutzt", "verpackt", "zustand", "condition",
        "barely used", "original box", "mint", "paypal", "anfrage", "on request", "interesse", "fotos",
        " pn", "pm me", "dm me", "message me", "pm if", "dm if",
    ),
    "advert": (
        "anzeige", "werbung", "reklame", "sponsor", "gesponsert", "partner", "advert", "promo", "#ad",
        "affili", "code", "coupon", "gutschein", "rabatt", "jetzt ", "order now", "buy now", "shop now",
        "shop the sale", "gewinn", "giveaway", "to win", "newsletter", "zum deal", "zum angebot",
        "zum shop", "sichere dir", "hier klick", "hier best", "hier geht es", "folgt uns", "like,",
        "liken", "liked", "link in", "link below", "miss out", "grab ", "click here", "% ", "off ",
        "statt ", "uvp", "was $", "was £", "was €", "on sale", "lowest price", "tag=", "awc=", "aff=",
        "aff_id=", "affid=", "] ",
    ),
    "bot": ("bot", "boop", "bloop", "bip bup", "automat", "messaging you", "inaktivität"),
}  # fmt: skip
TABLES: Mapping[str, Rules] = {"marketplace": MARKET, "advert": ADVERT, "bot": BOT, "doubts": DOUBTS}
