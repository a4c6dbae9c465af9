// Runs before the first paint: the theme and the company's colour, from what <html> carries.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const show = () => {
    const choice = root.dataset.themeChoice;
    root.dataset.bsTheme = choice === "auto" ? (dark.matches ? "dark" : "light") : choice;
  };

  dark.addEventListener("change", show);
  addEventListener("theme-chosen", show);
  show();

  for (const ground of ["Light", "Dark"]) {
    const color = root.dataset[`accent${ground}`];
    if (color) root.style.setProperty(`--accent-${ground.toLowerCase()}`, color);
  }
})();
