"""Every phrase of the digest: German, English; " | " parts one from several."""

from __future__ import annotations

PHRASES: dict[str, tuple[str, str]] = {
    "mentions": ("{n} Erwähnung | {n} Erwähnungen", "{n} mention | {n} mentions"),
    "mentions_word": ("Erwähnung | Erwähnungen", "mention | mentions"),
    "no_mentions": ("keine Erwähnung", "no mentions"),
    "partly_heard": ("nur teilweise gehört", "only partly heard"),
    "unheard": ("nicht gehört", "not heard"),
    "range": ("{low} bis {high}", "{low} to {high}"),
    "usual_day": ("üblich an einem {weekday}: {range}", "usual on a {weekday}: {range}"),
    "usual_week": ("üblich in einer Woche: {range}", "usual in a week: {range}"),
    "usual_month": ("üblich in einem Monat: {range}", "usual in a month: {range}"),
    "usual_unknown": (
        "was üblich ist, wissen wir erst nach einigen Wochen",
        "what is usual will be known after some weeks",
    ),
    "more_than_usual": ("mehr als üblich", "more than usual"),
    "less_than_usual": ("weniger als üblich", "less than usual"),
    "week_of": ("Woche {first} bis {last}", "week {first} to {last}"),
    "negative": ("negativ", "negative"),
    "neutral": ("neutral", "neutral"),
    "positive": ("positiv", "positive"),
    "unscored": ("noch nicht bewertet", "not judged yet"),
    "count_negative": ("{n} negativ", "{n} negative"),
    "count_neutral": ("{n} neutral", "{n} neutral"),
    "count_positive": ("{n} positiv", "{n} positive"),
    "count_unscored": ("{n} noch nicht bewertet", "{n} not judged yet"),
    "tone": ("Tonalität: {verdict}", "Tone: {verdict}"),
    "tone_few": (
        "zu wenige Beiträge für ein Urteil",
        "too few posts for a verdict",
    ),
    "tone_negative": ("negativ", "negative"),
    "tone_positive": ("positiv", "positive"),
    "tone_balanced": ("ausgeglichen", "balanced"),
    "tone_open": ("gemischt, kein klares Bild", "mixed, no clear picture"),
    "tone_score": (
        "Mittel {score} auf der Skala von −1 bis +1; mit 90 % Sicherheit zwischen {low} und {high}",
        "Mean {score} on a scale from −1 to +1; 90% sure between {low} and {high}",
    ),
    "tone_better": ("besser als zuletzt ({change})", "better than lately ({change})"),
    "tone_worse": ("schlechter als zuletzt ({change})", "worse than lately ({change})"),
    "threads": ("in {n} Thread | in {n} Threads", "in {n} thread | in {n} threads"),
    "authors": ("von {n} Person | von {n} Personen", "by {n} person | by {n} people"),
    "mostly_negative": ("meist kritisch", "mostly critical"),
    "mostly_positive": ("meist lobend", "mostly praising"),
    # subject
    "subject": ("{what} ({when})", "{what} ({when})"),
    "subject_deaf": ("Nichts gehört: keine Quelle lesbar", "Nothing heard: no source could be read"),
    "subject_high": (
        "{product}: {mentions} statt üblicher {range}{toned}",
        "{product}: {mentions} instead of the usual {range}{toned}",
    ),
    "subject_low": (
        "Auffallend still um {product}: {mentions}, üblich {range}",
        "Strikingly quiet around {product}: {mentions}, usual {range}",
    ),
    "subject_worse": (
        "{product}: Ton schlechter als zuletzt, {mentions}",
        "{product}: worse tone, {mentions}",
    ),
    "subject_better": ("{product}: Ton besser als zuletzt, {mentions}", "{product}: better tone, {mentions}"),
    "subject_toned": ("{product}: {mentions}{toned}", "{product}: {mentions}{toned}"),
    "subject_plain": ("{product}: {mentions}", "{product}: {mentions}"),
    "subject_quiet": ("Alles ruhig: {mentions}", "All quiet: {mentions}"),
    "subject_none": ("Keine Erwähnungen", "No mentions"),
    "subject_partly": ("{what}, nur teilweise gehört", "{what}, only partly heard"),
    # the sentence above all
    "head_deaf": (
        "Wir konnten keine Quelle lesen: Was gesagt wurde, wissen wir nicht.",
        "We could not read any source: what was said we do not know.",
    ),
    "head_high": (
        "Über {product} wurde deutlich mehr gesprochen als sonst{toned}: {mentions}, {usual}.",
        "{product} was talked about far more than usual{toned}: {mentions}, {usual}.",
    ),
    "head_low": (
        "Um {product} ist es auffallend still: {mentions}, {usual}.",
        "It is strikingly quiet around {product}: {mentions}, {usual}.",
    ),
    "head_worse": (
        "Über {product} wird schlechter gesprochen als zuletzt ({mentions}).",
        "{product} is spoken of less favourably than lately ({mentions}).",
    ),
    "head_better": (
        "Über {product} wird besser gesprochen als zuletzt ({mentions}).",
        "{product} is spoken of more favourably than lately ({mentions}).",
    ),
    "head_toned": ("{mentions} von {product}{toned}.", "{mentions} of {product}{toned}."),
    "head_usual": (
        "{day}: {mentions} von {product}, im üblichen Rahmen.",
        "{day}: {mentions} of {product}, within the usual.",
    ),
    "head_plain": ("{mentions} von {product}; {usual}.", "{mentions} of {product}; {usual}."),
    "head_several": (
        "{mentions} unserer Produkte, nichts davon auffällig.",
        "{mentions} of our products, nothing stands out.",
    ),
    "head_none": (
        "{day}: Unsere Produkte wurden nicht erwähnt.",
        "{day}: our products were not mentioned.",
    ),
    "quiet_day": ("Ein ruhiger Tag", "A quiet day"),
    "quiet_week": ("Eine ruhige Woche", "A quiet week"),
    "quiet_month": ("Ein ruhiger Monat", "A quiet month"),
    "caution_partly": (
        "Vorsicht: Wir konnten nur {share} der Zeit zuhören; es kann mehr gesagt worden sein.",
        "Careful: we could listen only {share} of the time; more may have been said.",
    ),
    "caution_deaf": (
        "{n} Quelle war nicht richtig zu hören, siehe unten. | "
        "{n} Quellen waren nicht richtig zu hören, siehe unten.",
        "{n} source could not be heard properly, see below. | "
        "{n} sources could not be heard properly, see below.",
    ),
    # parts
    "part_figures": ("Die Zahlen", "The figures"),
    "part_picture": ("Erwähnungen je Tag", "Mentions per day"),
    "part_mentions": ("Lesenswert", "Worth reading"),
    "part_rivals": ("Wettbewerb", "Competitors"),
    "part_deaf": ("Was wir nicht hören konnten", "What we could not hear"),
    "part_left_out": ("Nicht mitgezählt", "Not counted"),
    "silent": ("Nicht erwähnt: {names}", "Not mentioned: {names}"),
    "and_more": ("{n} weiteres | {n} weitere", "{n} more"),
    "more_products": (
        "{n} weiteres Produkt mit {mentions} | {n} weitere Produkte mit {mentions}",
        "{n} more product with {mentions} | {n} more products with {mentions}",
    ),
    "all_own_dative": ("unseren Produkten", "our products"),
    "all_own": ("alle eigenen Produkte zusammen", "all our products together"),
    # mentions
    "sure": ("{share} sicher", "{share} sure"),
    "by_hand": ("von Hand bestimmt", "set by hand"),
    "in_title": ("nur der Titel nennt das Produkt", "only the title names the product"),
    "in_quote": ("nur im Zitat genannt", "named in a quote only"),
    "copies": (
        "derselbe Text noch {n} Mal anderswo",
        "the same text {n} more time elsewhere | the same text {n} more times elsewhere",
    ),
    "read": ("Beitrag lesen", "Read the post"),
    "in_thread": ("Thread: {title}", "Thread: {title}"),
    "no_text": ("(ohne Text)", "(no text)"),
    "quotes": ("„{text}“", "“{text}”"),
    # what we could not hear
    "deaf_transient": (
        "hat nicht geantwortet. Wir versuchen es von selbst wieder.",
        "did not answer. We try again by ourselves.",
    ),
    "deaf_access": (
        "lässt uns nicht lesen. Bitte beim Betreiber um Zugang bitten oder die Quelle entfernen.",
        "does not let us read. Please ask its owner for access, or remove the source.",
    ),
    "deaf_ended": (
        "gibt es nicht mehr und wird nicht mehr gefragt. Bitte die Quelle ersetzen oder entfernen.",
        "is over and is not asked any more. Please replace or remove the source.",
    ),
    "deaf_parse": (
        "sieht anders aus als bisher; wir verstehen die Seite nicht. Bitte der Technik melden.",
        "looks different from before; we do not understand the page. Please tell your technical team.",
    ),
    "deaf_coverage": (
        "wurde nur lückenhaft gehört. Häufigeres Lesen (every) hilft.",
        "was heard with gaps. Reading more often (every) helps.",
    ),
    "deaf_share": ("Gehört: {share} der Zeit.", "Heard: {share} of the time."),
    "deaf_said": ("Meldung: {detail}", "It said: {detail}"),
    "out_copies": (
        "{n} Kopie eines schon gezählten Beitrags | {n} Kopien schon gezählter Beiträge",
        "{n} copy of a post already counted | {n} copies of posts already counted",
    ),
    "out_quotes": (
        "{n} Beitrag, der das Produkt nur zitiert | {n} Beiträge, die das Produkt nur zitieren",
        "{n} post that only quotes the product's name | {n} posts that only quote the product's name",
    ),
    "out_flags": (
        "{n} als Verkauf, Werbung oder Bot erkannter Beitrag | "
        "{n} als Verkauf, Werbung oder Bot erkannte Beiträge",
        "{n} post found to be a sale, an advert or a bot's | {n} posts found to be sales, adverts or bots'",
    ),
    # picture
    "picture_alt": (
        "Säulenbild der Erwähnungen je Tag {first} bis {last} nach Tonalität; am meisten am {day}: {peak}.",
        "Column chart of mentions per day from {first} to {last} by tone; most on {day}: {peak}.",
    ),
    "picture_gaps": (
        "{n} Tag nicht gehört (grau). | {n} Tage nicht gehört (grau).",
        "{n} day not heard (grey). | {n} days not heard (grey).",
    ),
    "picture_empty": (
        "Säulenbild der Erwähnungen je Tag vom {first} bis {last}: keine Erwähnungen.",
        "Column chart of mentions per day from {first} to {last}: no mentions.",
    ),
    # foot
    "foot_method": (
        "Die Tonalität bestimmt ein Sprachmodell; es irrt manchmal. Gezählt werden Beiträge, die das "
        "Produkt im Text oder im Titel nennen; Kalendertage in {zone}.",
        "Tone is judged by a language model; it is sometimes wrong. Counted are posts that name the "
        "product in their text or title; calendar days in {zone}.",
    ),
}
