// Sets what was chosen about the page's looks and language before the first paint. A file of its own, because
// the page's content security policy allows no inline script.
(() => {
  const root = document.documentElement;
  const known = {
    theme: ["light", "dark"],
    contrast: ["more"],
    density: ["compact", "comfortable"],
    diff: ["blue"],
    motion: ["reduced"],
  };
  // What the system asks for holds whatever is chosen here.
  const follow = (query, name, choice) => {
    const asked = matchMedia(query);
    const apply = () => {
      if (asked.matches) root.dataset[name] = choice;
      else if (localStorage.getItem(`slipway.${name}`) !== choice) delete root.dataset[name];
    };
    apply();
    asked.addEventListener("change", apply);
  };
  try {
    for (const [name, choices] of Object.entries(known)) {
      const chosen = localStorage.getItem(`slipway.${name}`);
      if (choices.includes(chosen)) root.dataset[name] = chosen;
    }
    follow("(prefers-contrast: more)", "contrast", "more");
    follow("(prefers-reduced-motion: reduce)", "motion", "reduced");
  } catch {
    // Storage can be blocked; the page looks as usual then.
  }
})();
