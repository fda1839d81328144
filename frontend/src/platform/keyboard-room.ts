/** Smaller differences between window and visible part are bars of the browser, not a keyboard. */
const LEAST_PX = 120;

/**
 * Keeps the page above the keyboard of a phone whose browser lays it over the page instead of making the page
 * smaller (Safari): `--screen` is then the height that is left. Elsewhere nothing is set.
 */
export function watchKeyboard(): void {
  const visible = window.visualViewport;
  if (!visible) return;
  const apply = () => {
    const { style } = document.documentElement;
    const isCovered = visible.scale <= 1.01 && window.innerHeight - visible.height > LEAST_PX;
    if (isCovered) style.setProperty("--screen", `${Math.round(visible.height)}px`);
    else style.removeProperty("--screen");
    // Such a browser also scrolls the page, to show the field behind the keyboard.
    if (isCovered && visible.offsetTop > 0) window.scrollTo(0, 0);
  };
  visible.addEventListener("resize", apply);
  visible.addEventListener("scroll", apply);
}
