// How this browser wants to see Tenure: theme, density, rail. Kept in cookies, so that the first paint is right.

const root = document.documentElement;
const YEAR = 31_536_000;
const names = { theme: "themeChoice", density: "density", rail: "rail" };

const chosen = (name) => root.dataset[names[name]];

const redraw = () => {
  for (const button of document.querySelectorAll("[data-prefer][data-value]"))
    button.setAttribute("aria-pressed", String(chosen(button.dataset.prefer) === button.dataset.value));
};

const prefer = (name, value) => {
  root.dataset[names[name]] = value;
  document.cookie = `tenure_${name}=${value}; path=/; max-age=${YEAR}; samesite=lax`;
  if (name === "theme") dispatchEvent(new Event("theme-chosen"));
  dispatchEvent(new Event("look-changed"));
  redraw();
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest("[data-prefer]");
  if (!button) return;
  const { prefer: name, value, values } = button.dataset;
  const [one, other] = (values ?? "").split(" ");
  prefer(name, value ?? (chosen(name) === one ? other : one));
});

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => dispatchEvent(new Event("look-changed")));
redraw();
