"""Which standard a Croatian, Serbian or Bosnian text follows, by rules: models of n-grams cannot tell short ones apart.

Two kinds of evidence are counted. The reflex of the old vowel yat: Serbian as written in Serbia is ekavian (`vreme`),
Croatian, Bosnian and Montenegrin are ijekavian (`vrijeme`). And words and constructions of one standard: `tko`, `tjedan`,
the names of the months in Croatian; `šta`, `hiljada`, `evropski`, `da` with the present after a modal verb in Serbian and
Bosnian. The facts are in every comparative grammar (for instance R. Alexander, "Bosnian, Croatian, Serbian: a grammar with
sociolinguistic commentary", 2006); the choice of stems is ours.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

VERSION = 2
"""Version of the stems and of the decision."""

MEMBERS = frozenset({"hrv", "srp", "bos", "cnr", "hbs"})
"""ISO 639-3 codes of the class that is divided here; `hbs`, their macrolanguage, is the answer for Bosnian and Montenegrin."""

# Stems are the beginnings of lower-case words; a trailing dot makes the stem the whole word.
_EKAVIAN = """
    beo. bela. bele. bezbedn celin celo. cele. celi. cena. cene. cenu. čovek dece. deca. deci. decu. dete. deteta
    devojk deo. delom. delov delimičn dve. gde. negde. svuda. grešk hteo. htela. hteli. izmen izveštaj lepo. lepa.
    lepe. lepi. leto. leta. letos. levic levo. lečenj mere. mera. meru. merama mesec mesta. mesto. mestu. mestima.
    mleko. mleka. namer nemačk obavešten ocen. ocena ocene oceni ovde. onde. osećaj oseća ponedeljak ponedeljk
    posle. poslednj poveren pobed. pobeda pobede pobedi pobedni predsedni predsedava pre. prelep primer. primera
    primere primeri primeć promen prover razume razmen rešenj rešava reši rešil reč. reči. reku. reka. reke. reci.
    savet. saveta savetu savetnik sednic smer. smera smešten sneg sreda. sredu. svedo svetsk svetom. svestan telo.
    tela. telu. uspeh uspeo. uspela. uspeli. uspeš usled. uvek. uverenj ubeđ vek. veka. veku. vekov veru. vernik
    vest. vesti. vestim veruj verovatn videti. videl vreme. vredi zahteva zvezd zamenik živeti. živel želeo. želela.
    sedišt sused dosled odeljenj spreči naslednik obezbed povred celokupn mešov mešavin umetnik umetnost smeo.
    smela. vešt. veštin delatnost sledeć sled. hleb. hleba.
"""
_IJEKAVIAN = """
    bijel blijed cijel cijen čovječ čovjek djec djet dijete djetet djevoj dio. dijel djelo djelov djelomičn
    djelimičn dvije. obje. gdje. negdje. nigdje. ovdje. ondje. svugdje. griješ htio. htjel izmjen izvješ lijep ljepš
    ljepot ljeto. ljeta. ljetn ljetos lijev ljevic liječ mjera. mjere. mjeri. mjeru. mjerama mjerenj mjesec mjest
    mlijek mliječn namijen namjer nedjelj njemačk obavijest obavješ ocijen ocjen odjel osjet osjeć ponedjelj
    poslije. posljed povjeren pobijed pobjed predsjed prije. prijedlog prijelaz prijevoz primjen primijen primjer
    primjet primijet promjen promijen provjer razumije razumje razmjen rješ riješ riječ. riječi rječn rijek. rijeka
    rijeke rijeci rijetk rjeđ savjet sjednic sjedni smjer smjest smješt snijeg snježn srijed svjedo svijet svijest
    svjesn svjestan svjetsk sjever tijel tjeles uspje uspijev uslijed slijed sljed uvijek. umjesto uvjer ubijeđ vjek
    vijek vjer vijest vidje vrijed vrijem zahtjev zahtijev zvijezd zvjezd zamjen zamijen živje želje sjed susjed
    dosljed sprije procijen procjen naslijeđ nasljed ozlijed cjelokupn tjera mješ miješ umjet smio. smjel vješt
    djelatn djelova svijetl osvijetl podnije prenije donije bjež korijen vjetr vjetar tijek lijek
"""
_CROATIAN = """
    tko. netko. nitko. itko. svatko. tjedan. tjedn tisuć siječanj siječnj veljač ožuj travanj. travnj svibanj.
    svibnj lipanj. lipnj srpanj. srpnj kolovoz rujan. rujn listopad studenog. studenoga. studenom. prosinac. prosinc
    europ sustav uvjet vlak. vlaka. vlaku. vlakov zrak. zraka. zraku. zrakoplov zračn glazb sveučiliš tvrtk izvješć
    priopć općin opći. opća. općeg. općih. opće. općenit glede. uporab unatoč vjerojatn također. točno. točn točk
    obitelj djelatnik kazališt nogomet povijest znanost znanstven gospodarstv gospodarsk ravnatelj promidž proračun
    tijekom. kruh. kruha. juha. juhu. suradn surađ sudjelov sudjeluj zaklad natječaj tvornic skladb skladatelj
    časnik vojarn županij milijun kemij kirurg mirovin umirovljen putovnic inozem tisak. tiskov tiskan žlic žarulj
    stupanj. stupnj zastupnik sabor. sabora. saboru. odvjetni oporb financij organizira realizira rabiti. uporabi
    neovisn ovisn ovisi nazoč žurn izravn priopćen prigodom. natjecanj momčad redatelj glasnogovornik dužnosnik
    domovnic poslodav rajčic kolodvor zemljovid jamč jamst cijepljen cjepiv sveukupn primjerice. dapače. prosvjed
    prosudb zlorab štovatelj tečaj. tečaja. dionic potpora. potporu potpore poticaj tajnik. izborni
"""
_SERBIAN = """
    šta. ko. neko. niko. sedmic hiljad januar februar mart. marta. martu. april. aprila. aprilu. maj. maja. maju.
    juna. junu. juni. jula. julu. juli. avgust august septemb oktob novemb decemb evrop sistem uslov voz. voza.
    vozu. vozovi vazduh muzik univerzitet preduzeć preduze saopšt opštin opšt takođe. tačno. tačn tačk porodic
    ostrvo ostrva ostrvu pozoriš fudbal istorij naučn privred bezbedn bezbjedn tokom. saradnj sarađ saradni učestv
    učešć konkurs fabrik prevoz uprkos verovatn vjerovatn sprat hleb hljeb supa. supe. supu. kancelarij komšij
    posmatra obezbed obezbijed obezbjeđ obezbeđ milion krst. krsta. hemij hirurg hor. aerodrom penzi pasoš inostran
    štamp kašik sijalic stepen. stepena. poslanik advokat opozicij finansij organizovan realizov informis odsto.
    budžet biće. kontrolis kritikov regulis formulis identifikov verifikov funkcionis uopšte. direktn reditelj
    kompozitor portparol takmič mašin saobraćaj železn pijac desilo. desio. pominj pomenut pevač lekar vakcin kafa.
    kafe. kafu. mleč. pirinač pasulj paradajz peškir uticaj utiče. bioskop neophodn
"""
# A modal verb, `da` and the present, where Croatian has an infinitive; and the future with `da`.
_DA_PRESENT = re.compile(
    r"(?<![a-zčćžšđ])(?:treba|trebalo bi|mora|moraju|može|možemo|mogu|želi|žele|želim|želimo|hoće|hoćemo|neće|pokušava|pokušao"
    r"|počeo|počela|počeli|uspeo|uspio|uspeli|uspjeli|planira|planiraju|odlučio|odlučila|namerava|namjerava|sme|smije|će|ćemo)"
    r"\s+(?:se\s+)?da(?![a-zčćžšđ])"
)
_WORD = re.compile(r"[a-zčćžšđ]+")


def _stems(listing: str) -> re.Pattern[str]:
    """One pattern for a list of stems, to be matched at the beginning of a word."""
    entries = sorted(set(listing.split()))
    whole = [entry[:-1] for entry in entries if entry.endswith(".")]
    beginnings = [entry for entry in entries if not entry.endswith(".")]
    return re.compile(rf"(?:{'|'.join(whole)})\Z|(?:{'|'.join(beginnings)})")


_PATTERNS = tuple(map(_stems, (_EKAVIAN, _IJEKAVIAN, _CROATIAN, _SERBIAN)))


@lru_cache(maxsize=1 << 16)
def _kinds(word: str) -> tuple[bool, ...]:
    """Which of the four lists the word belongs to."""
    return tuple(pattern.match(word) is not None for pattern in _PATTERNS)


@dataclass(frozen=True)
class Evidence:
    """Words of a text that speak for a yat reflex or a standard. `serbian` counts what Serbian and Bosnian share."""

    ekavian: int
    ijekavian: int
    croatian: int
    serbian: int


def evidence(text: str) -> Evidence:
    """Counts over the words of a lower-case text in Latin script."""
    counts = [0, 0, 0, 0]
    for word in _WORD.findall(text):
        for kind, belongs in enumerate(_kinds(word)):
            counts[kind] += belongs
    ekavian, ijekavian, croatian, serbian = counts
    return Evidence(ekavian, ijekavian, croatian, serbian + len(_DA_PRESENT.findall(text)))


def decide(found: Evidence) -> str | None:
    """`hrv`, `srp` or `hbs`; None where the evidence is balanced or absent.

    Ijekavian text with more words of Serbian and Bosnian than of Croatian is Bosnian or Montenegrin (or Serbian from
    Bosnia), which no one can tell apart reliably: `hbs`.
    """
    yat = found.ijekavian - found.ekavian
    words = found.croatian - found.serbian
    if yat > 0 and found.serbian >= 2 and found.serbian > found.croatian:
        return "hbs"
    if yat + words == 0:
        return None
    return "hrv" if yat + words > 0 else "srp"
