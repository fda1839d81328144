/** German: costs. */
export const COST_WORDS = {
  unknown: "nicht bekannt",
  atLeast: "mindestens {cost}; manche Preise sind nicht bekannt",
  included: "enthalten",
  partly: "{cost} + Enthaltenes",
  flatPlan: "Pauschale",
  flatPlanLabel: "Ein Abo enthält, was seine Modelle verbrauchen",
  flatPlanHelp:
    "Token werden gezählt wie immer, Geld nicht: Bei Kosten steht „enthalten“, und Grenzen für Geld gelten nicht. Frühere Durchgänge behalten, was sie gekostet haben.",
};
