import type { PROVIDERS } from "../en-providers";

/** German for `en-providers.ts`. */
export const PROVIDER_WORDS: Record<keyof typeof PROVIDERS, string> = {
  "provider.choose": "Anbieter wählen",
  "provider.custom": "beliebige Adresse",
  "provider.local": "kein Schlüssel nötig",
  "provider.name": "Name",
  "provider.baseUrl": "Basis-URL",
  "provider.baseUrlHelp": "Bis einschließlich der Version, zum Beispiel https://api.example.com/v1",
  "provider.key": "API-Schlüssel",
  "provider.keyOptional": "API-Schlüssel (nur wenn der Server einen will)",
  "provider.keyKept": "Ein Schlüssel ist gespeichert. Leer lassen, um ihn zu behalten.",
  "provider.keyWhere": "Wo es einen Schlüssel gibt",
  "provider.keyStored": "Verschlüsselt gespeichert; nie wieder gezeigt und nie in der Sandbox.",
  "provider.model": "Modell",
  "provider.modelHelp": "Wie der Anbieter selbst es nennt",
  "provider.sees": "Bilder",
  "provider.seesHelp":
    "Bildschirmfotos gehen als Bilder an Modelle, die sehen, und in Worten an andere. Wählen Sie, wenn Slipway es nicht weiß.",
  "provider.seesKnown": "Wie von jedem Modell bekannt",
  "provider.seesYes": "Seine Modelle sehen Bilder",
  "provider.seesNo": "Seine Modelle sehen keine",
  "provider.modelWindow": "Fenster von {tokens} Token",
  "provider.test": "Testen",
  "provider.testing": "Testet…",
  "provider.works": "Es geht: {model} hat nach {latency} geantwortet.",
  "provider.callsTools": "Es ruft Werkzeuge auf.",
  "provider.noTools":
    "Es hat das Werkzeug nicht aufgerufen, um das es gebeten wurde. Slipway braucht ein Modell, das Werkzeuge aufruft.",
  "provider.needKey": "Geben Sie zuerst einen Schlüssel ein.",
  "provider.needUrl": "Geben Sie eine Adresse ein, die mit http:// oder https:// beginnt.",
  "provider.needModel": "Geben Sie den Namen eines Modells ein.",
  "provider.hasKey": "Schlüssel gespeichert",
  "provider.noKey": "kein Schlüssel",
  "provider.isDefault": "Standard",
  "provider.fromEnvironment": "aus der Umgebung",
  "provider.makeDefault": "Als Standard",
  "provider.edit": "Bearbeiten",
  "provider.add": "Modell hinzufügen",
  "provider.deleteTitle": "{name} löschen?",
  "provider.deleteHelp":
    "Auch der Schlüssel wird gelöscht. Unterhaltungen, die ihn verwenden, brauchen ein anderes Modell.",
};
