"""A sentence or two of our own in each of the EU's languages, and in a few scripts beside theirs."""

from __future__ import annotations

SENTENCES = {
    "bul_Cyrl": "Рано сутринта децата тръгнаха към реката, защото искаха да видят как рибарите поправят мрежите си.",
    "ces_Latn": "Brzy ráno se děti vydaly k řece, protože chtěly vidět, jak rybáři opravují své sítě.",
    "dan_Latn": "Tidligt om morgenen gik børnene ned til åen, fordi de gerne ville se, hvordan fiskerne reparerede deres net.",
    "deu_Latn": "Früh am Morgen gingen die Kinder zum Fluss, weil sie sehen wollten, wie die Fischer ihre Netze flicken.",
    "ell_Grek": "Νωρίς το πρωί τα παιδιά πήγαν στο ποτάμι, γιατί ήθελαν να δουν πώς οι ψαράδες διορθώνουν τα δίχτυα τους.",
    "eng_Latn": "Early in the morning the children went to the river because they wanted to see the fishermen mend their nets.",
    "est_Latn": "Varahommikul läksid lapsed jõe äärde, sest nad tahtsid näha, kuidas kalurid oma võrke parandavad.",
    "fin_Latn": "Varhain aamulla lapset menivät joelle, koska he halusivat nähdä, miten kalastajat korjaavat verkkojaan.",
    "fra_Latn": "Tôt le matin, les enfants sont allés à la rivière car ils voulaient voir les pêcheurs réparer leurs filets.",
    "gle_Latn": "Go luath ar maidin chuaigh na páistí síos chuig an abhainn mar bhí siad ag iarraidh na hiascairí a fheiceáil.",
    "hrv_Latn": "Tko je vidio djecu? Prije tjedan dana otišla su na rijeku jer su htjela vidjeti ribare i tisuće riba.",
    "hun_Latn": "Kora reggel a gyerekek lementek a folyóhoz, mert látni akarták, hogyan javítják a halászok a hálóikat.",
    "ita_Latn": "La mattina presto i bambini sono andati al fiume, perché volevano vedere come i pescatori riparano le reti.",
    "lav_Latn": "Agri no rīta bērni devās uz upi, jo gribēja redzēt, kā zvejnieki labo savus tīklus.",
    "lit_Latn": "Anksti ryte vaikai nuėjo prie upės, nes norėjo pamatyti, kaip žvejai taiso savo tinklus.",
    "mlt_Latn": "Filgħodu kmieni t-tfal niżlu ħdejn ix-xmara għax riedu jaraw kif is-sajjieda jsewwu x-xbieki tagħhom.",
    "nld_Latn": "Vroeg in de ochtend gingen de kinderen naar de rivier, omdat ze wilden zien hoe de vissers netten herstellen.",
    "pol_Latn": "Wczesnym rankiem dzieci poszły nad rzekę, ponieważ chciały zobaczyć, jak rybacy naprawiają swoje sieci.",
    "por_Latn": "De manhã cedo as crianças foram até ao rio, porque queriam ver como os pescadores consertam as suas redes.",
    "ron_Latn": "Dis-de-dimineață copiii au mers la râu, pentru că voiau să vadă cum își repară pescarii plasele.",
    "slk_Latn": "Skoro ráno sa deti vybrali k rieke, pretože chceli vidieť, ako rybári opravujú svoje siete.",
    "slv_Latn": "Zgodaj zjutraj so otroci odšli k reki, ker so želeli videti, kako ribiči popravljajo svoje mreže.",
    "spa_Latn": "Por la mañana temprano los niños fueron al río porque querían ver cómo los pescadores arreglaban sus redes.",
    "swe_Latn": "Tidigt på morgonen gick barnen ner till ån, eftersom de ville se hur fiskarna lagade sina nät.",
}
OTHERS = {
    "arb_Arab": "ذهب الأطفال إلى النهر في الصباح الباكر لأنهم أرادوا أن يروا الصيادين.",
    "cmn_Hani": "孩子们一大早就去了河边，因为他们想看渔民怎样修补渔网。",
    "heb_Hebr": "מוקדם בבוקר הלכו הילדים אל הנהר כי רצו לראות את הדייגים.",
    "jpn_Jpan": "子供たちは漁師が網を直すところを見たかったので、朝早く川へ行きました。",
    "kor_Hang": "아이들은 어부들이 그물을 고치는 것을 보고 싶어서 아침 일찍 강으로 갔다.",
    "rus_Cyrl": "Рано утром дети пошли к реке, потому что хотели увидеть, как рыбаки чинят свои сети.",
    "srp_Cyrl": "Рано ујутру деца су отишла на реку јер су хтела да виде како рибари крпе своје мреже.",
    "tha_Thai": "เช้าตรู่เด็กๆ ไปที่แม่น้ำเพราะอยากเห็นชาวประมงซ่อมแห",
    "ukr_Cyrl": "Рано-вранці діти пішли до річки, бо хотіли побачити, як рибалки лагодять свої сіті.",
}
