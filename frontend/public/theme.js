// Sets the chosen theme before the first paint. A file of its own, because the page's content security
// policy allows no inline script.
(() => {
  let theme = null;
  try {
    theme = localStorage.getItem("slipway.theme");
  } catch {
    // Storage can be blocked; the system's theme is used then.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
