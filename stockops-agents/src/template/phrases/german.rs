//! German.

use super::{Headings, Phrases};

pub(super) static PHRASES: Phrases = Phrases {
    closed: "{{ticker}} schloss am {{last_day}} bei {{last_close}}.",
    expects: "Das Modell sieht den Schlusskurs am {{day_h#n}} bei {{close_h#n}}, eine Bewegung von {{move_h#n}}; das Intervall \
              dieser Bewegung zu 80 % reicht von {{move_h#n_80_low}} bis {{move_h#n_80_high}}.",
    concludes: "Die Haltung ist {stance}, die Aktion {action}, das Vertrauen {confidence}.",
    holds_zero: "Das Intervall enthält die Null, also wird über die Richtung nichts gesagt.",
    above_zero: "Das ganze Intervall liegt über null.",
    below_zero: "Das ganze Intervall liegt unter null.",
    no_interval: "Kein Intervall ist kalibriert, also wird über die Richtung nichts gesagt.",
    rose: "Der Schlusskurs stieg {over} um {{return_#s:size}}.",
    fell: "Der Schlusskurs fiel {over} um {{return_#s:size}}.",
    stood: "Der Schlusskurs blieb {over} stehen.",
    last_session: "in der letzten Sitzung",
    over: "über #s Sitzungen",
    averages: "Er steht {month} dem Mittel von 20 Sitzungen, {{sma_20}}, und {year} dem von 200 Sitzungen, {{sma_200}}.",
    above: "über",
    below: "unter",
    under_high: "Er liegt {{under_high_52w:size}} unter dem höchsten Kurs von 52 Wochen, {{high_52w}}.",
    session: "Die letzte Sitzung ging von {{last_low}} bis {{last_high}}, eine Spanne von {{last_range}}.",
    busy: "Ihr Volumen von {{last_volume}} war das {{volume_ratio_20}}-fache des Mittels der 20 Sitzungen davor.",
    indicators: "Der RSI von 14 Sitzungen steht bei {{rsi_14}}, die MACD-Linie bei {{macd}}.",
    volatile: "Die Volatilität über 20 Sitzungen beträgt {{volatility_20}} im Jahr.",
    next: "Für den {{day_h1}} erwartet das Modell einen Schlusskurs von {{close_h1}}, mit 90 % Wahrscheinlichkeit zwischen \
           {{close_h1_90_low}} und {{close_h1_90_high}}.",
    next_alone: "Für den {{day_h1}} erwartet das Modell einen Schlusskurs von {{close_h1}}.",
    last: "Für den {{day_h#n}} erwartet es {{close_h#n}}, mit 90 % Wahrscheinlichkeit zwischen {{close_h#n_90_low}} und \
           {{close_h#n_90_high}}.",
    week: "Das höchste Hoch dieser Sitzungen wird bei {{week_high}} gesehen, das tiefste Tief bei {{week_low}}.",
    volatility: "Die Volatilität wird {volatility} erwartet: Sitzungen mit einer Spanne von {{range_forecast}}, gegen einen Median \
                 von {{range_usual}} im letzten Jahr.",
    calmer: "ruhiger als gewöhnlich",
    usual: "wie gewöhnlich",
    wilder: "wilder als gewöhnlich",
    loss: "Mit 99 % Wahrscheinlichkeit gehen in {{sessions_ahead}} Sitzungen höchstens {{var_99_h#n}} verloren; in den Fällen \
           darüber im Mittel {{es_99_h#n}}.",
    wide: "Die Wahrscheinlichkeit, dass mindestens eine dieser Sitzungen breiter ist als {{width_2}}, beträgt \
           {{any_wider_2_h#n}}.",
    touch: "Die Wahrscheinlichkeit, dass der Kurs bis zum {{day_h#n}} {{level_1}} berührt, ist {{touch_1_h#n}}, und für {{level_4}} \
            ist sie {{touch_4_h#n}}.",
    drifts: "{{alarms}} von {{tests}} Tests auf Drift schlagen an; die Vergangenheit sagt also weniger als sonst.",
    prices_alone: "Die Prognose kennt nur vergangene Kurse und Volumen: Ergebnisse, Nachrichten und Politik sind nicht darin.",
    judged: "Das Modell wurde an {{held_out}} Prognosen zurückgehaltener Tage geprüft, {{held_out_first_day}} bis \
             {{held_out_last_day}}.",
    better: "Eine Sitzung voraus waren seine Fehler für {field} {{skill_#f_h1:size}} kleiner als die der einfachen Regel \
             {{rule_#f_h1}}.",
    equal: "Für {field} war die einfache Regel {{rule_#f_h1}} ebenso gut.",
    worse: "Für {field} waren seine Fehler {{skill_#f_h1:size}} größer als die der einfachen Regel {{rule_#f_h1}}.",
    coverage: "Das Intervall des Schlusskurses zu 90 % enthielt {{coverage_close_h1_90}} der Ergebnisse.",
    no_record: "Zu wenig wurde zurückgehalten, um das Modell zu prüfen; es wird kein Können behauptet.",
    close: "den Schlusskurs",
    range: "die Spanne",
    volume: "das Volumen",
    health: "Markt und Modell sind {{health}}: {{alarms}} von {{tests}} Tests schlagen an.",
    untested: "Drift wurde nicht geprüft: es gibt zu wenig zu vergleichen.",
    same_day: "Es gibt keine neuere Kerze als im letzten Bericht, der auch vom {{before_last_day}} war.",
    up_since: "Seit dem letzten Bericht stieg der Schlusskurs von {{before_last_close}} am {{before_last_day}} auf {{last_close}}.",
    down_since: "Seit dem letzten Bericht fiel der Schlusskurs von {{before_last_close}} am {{before_last_day}} auf {{last_close}}.",
    came_to: "Für den {{last_day}} erwartete jener Bericht einen Schlusskurs von {{before_close_due}}; es wurden {{last_close}}.",
    same_verdict: "Haltung und Vertrauen sind dieselben.",
    other_verdict: "Haltung oder Vertrauen hat sich seitdem geändert.",
    health_since: "Die Gesundheit ging von {{before_health}} auf {{health}}.",
    would_turn: "Eine Richtung würde genannt, wenn das ganze Intervall der Bewegung zu 80 % auf einer Seite der Null läge; es reicht \
                 jetzt von {{move_h#n_80_low}} bis {{move_h#n_80_high}}.",
    would_fall_back: "Die Richtung fiele weg, wenn das Intervall der Bewegung zu 80 % die Null enthielte; es reicht jetzt von \
                      {{move_h#n_80_low}} bis {{move_h#n_80_high}}.",
    would_trust: "Das Vertrauen stiege mit mehr Können an zurückgehaltenen Tagen: gegen die Regel {{rule_close_h#n}} steht der \
                  Schlusskurs jetzt bei {{skill_close_h#n}}.",
    would_trust_any: "Das Vertrauen stiege, wenn das Modell an zurückgehaltenen Tagen Können zeigte.",
    would_doubt: "Es sänke, wenn Drift gefunden würde; jetzt schlagen {{alarms}} von {{tests}} Tests an.",
    needs_a_model: "Diese Frage lässt sich nicht nach Regeln aus den Fakten beantworten, und kein Sprachmodell hat sie beantwortet. \
                    Ohne eines antwortet der Bericht auf Fragen nach Gründen, Risiko, Sicherheit, Prognose und danach, was das \
                    Urteil ändern würde.",
    news_unread: "Niemand hat die Schlagzeilen gelesen: sie sind genannt und nicht bewertet.",
    no_headlines: "Vor der Entscheidung gibt es keine Schlagzeile.",
    reasons: [
        "Das Intervall der Bewegung zu 80 % enthält die Null.",
        "Das Intervall der Bewegung zu 80 % liegt über null.",
        "Das Intervall der Bewegung zu 80 % liegt unter null.",
        "Die Prognose des Schlusskurses hat kein Können gegen die beste einfache Regel gezeigt.",
        "Die Prognose des Schlusskurses hat Können gegen einfache Regeln gezeigt.",
        "Das Intervall zu 90 % enthielt weniger oder mehr Ergebnisse, als es sollte.",
        "Der Markt oder das Modell ist gedriftet.",
        "Zu wenig wurde zurückgehalten oder kalibriert, um mehr zu sagen.",
    ],
    headings: Headings {
        question: "Die Frage",
        why: "Warum",
        forecast: "Prognose",
        moved: "Was sich bewegt hat",
        risks: "Risiken",
        record: "Die Bilanz des Modells",
        drift: "Drift",
        news: "Schlagzeilen",
        since: "Seit dem letzten Bericht",
        sources: "Quellen",
        notes: "Hinweise",
    },
    columns: ["Sitzung", "Eröffnung", "Hoch", "Tief", "Schluss", "90 % von", "bis", "Volumen"],
    confidence: "Vertrauen",
    made_from: "Aus Tageskerzen bis {{last_day}} von {version}.",
    replayed: "Dieser Bericht ist von einem vergangenen Tag. Wer schreibt, kann wissen, was danach kam; er zählt nicht als Prognose.",
    by_template: "Von der Vorlage geschrieben: {why}.",
    by_model: "Text von {name}, jede Zahl geprüft; Tabellen, Urteil und Quellen vom Programm.",
    no_advice: "Dies ist eine statistische Prognose und kein Rat.",
};
