// One pair is the current one; j and k move on, and the keys of its buttons work.

const pairs = () => [...document.querySelectorAll("[data-pair]")];
let current = 0;

const choose = (at) => {
  const all = pairs();
  if (!all.length) return;
  current = Math.max(0, Math.min(at, all.length - 1));
  all.forEach((pair, place) => {
    const mine = place === current;
    pair.toggleAttribute("data-current", mine);
    for (const button of pair.querySelectorAll("[data-act]"))
      mine ? (button.dataset.key = button.dataset.act) : delete button.dataset.key;
  });
};

const move = (step) => {
  choose(current + step);
  pairs()[current]?.scrollIntoView({ block: "nearest" });
  pairs()[current]?.focus({ preventScroll: true });
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target.closest?.("input, textarea, select")) return;
  if (event.key === "j") move(1);
  if (event.key === "k") move(-1);
});
document.addEventListener("focusin", ({ target }) => {
  const pair = target.closest?.("[data-pair]");
  if (pair) choose(pairs().indexOf(pair));
});
// A pair that was decided leaves with the button that had the focus; the next in its place takes it.
let held = false;
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id === "pairs") held = detail.target.contains(document.activeElement);
});
document.body.addEventListener("htmx:afterSettle", () => {
  choose(current);
  if (held && document.activeElement === document.body) pairs()[current]?.focus({ preventScroll: true });
  held = false;
});
choose(0);
