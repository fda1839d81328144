// Sees to it that the page begins: where a file that it begins with does not come, as when the network changes just then, it
// says so and loads the page anew once somebody answers. A file of its own, for what did not come could not do it, and
// because the page's content security policy allows no inline script.
(() => {
  const ATTEMPTS = "slipway.attempts";
  /** What is waited for, in seconds, before the first attempt and those after it. */
  const WAITS = [1, 2, 5, 10, 30];
  const WORDS = {
    en: [
      "Slipway could not be loaded: a part of this page did not come.",
      "It is tried again in # s.",
      "Try again",
    ],
    de: [
      "Slipway konnte nicht geladen werden: Ein Teil dieser Seite kam nicht an.",
      "Neuer Versuch in # s.",
      "Erneut versuchen",
    ],
  };
  let begun = false;
  let failed = false;

  // Where nothing can be kept nothing is known of earlier attempts: better too seldom than without end.
  const attempts = () => {
    try {
      return Number(sessionStorage.getItem(ATTEMPTS));
    } catch {
      return WAITS.length;
    }
  };
  const keepAttempts = (count) => {
    try {
      if (count > 0) sessionStorage.setItem(ATTEMPTS, count);
      else sessionStorage.removeItem(ATTEMPTS);
    } catch {
      // As above.
    }
  };

  const words = () => {
    let languages = navigator.languages;
    try {
      languages = [localStorage.getItem("slipway.language") ?? "", ...languages];
    } catch {
      // The browser's own then.
    }
    const known = languages.map((language) => language.slice(0, 2)).find((language) => language in WORDS);
    return WORDS[known ?? "en"];
  };

  const again = (count) => {
    const seconds = WAITS[Math.min(count, WAITS.length - 1)];
    // Anew only when somebody answers, or the browser's own page would be in the place of this one.
    const attempt = () =>
      fetch(location.href, { cache: "no-store" }).then(
        () => location.reload(),
        () => again(count + 1),
      );
    keepAttempts(count + 1);
    const timer = setTimeout(attempt, seconds * 1000);
    show(seconds, () => {
      clearTimeout(timer);
      attempt();
    });
  };

  const show = (seconds, onRetry) => {
    const [what, when, retry] = words();
    const box = document.getElementById("not-begun") ?? document.createElement("div");
    box.id = "not-begun";
    box.setAttribute("role", "alert");
    // The styles may be what did not come.
    box.style.cssText =
      "max-width:36rem;margin:20vh auto 0;padding:0 16px;font:16px/1.5 system-ui,sans-serif";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = retry;
    button.style.cssText =
      "min-height:44px;margin-top:8px;padding:0 16px;border:1px solid;border-radius:8px;font:inherit";
    button.onclick = onRetry;
    const line = document.createElement("p");
    line.textContent = `${what} ${when.replace("#", seconds)}`;
    box.replaceChildren(line, button);
    document.body.prepend(box);
  };

  const fail = () => {
    if (begun || failed) return;
    failed = true;
    if (document.body) again(attempts());
    else document.addEventListener("DOMContentLoaded", () => again(attempts()));
  };
  const isNeeded = ({ type, rel }) => type === "module" || rel === "stylesheet";
  document.addEventListener("error", ({ target }) => isNeeded(target) && fail(), true);
  document.addEventListener(
    "load",
    ({ target }) => {
      if (target.type !== "module" || failed) return;
      begun = true;
      keepAttempts(0);
    },
    true,
  );
})();
