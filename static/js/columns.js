// The order of a list's columns in its chooser: by a grip, by buttons, by Alt and an arrow. The first stays where it is.

const EDGE = 32;

const rowsOf = (form) => [...form.querySelectorAll("[data-column]")];
const boxOf = (row) => row.querySelector("[type=checkbox]");
const shownOf = (form) => rowsOf(form).filter((row) => boxOf(row).checked);
const labelOf = (row) => row.querySelector(".form-check-label").textContent.trim();

const middleOf = (row) => {
  const { top, height } = row.getBoundingClientRect();
  return top + height / 2;
};

const tell = (form, text) => (form.querySelector("[data-columns-told]").textContent = text);
const changed = (form) => form.dispatchEvent(new Event("change", { bubbles: true }));

const tellPlace = (form, row) => {
  const shown = shownOf(form);
  const words = { column: labelOf(row), place: shown.indexOf(row) + 1, count: shown.length };
  tell(form, form.dataset.moved.replace(/\{(\w+)\}/g, (_all, name) => words[name]));
};

// The tools of each row are made when the chooser first opens: until then the page has none of their drawings.
document.addEventListener("toggle", ({ target, newState }) => {
  if (newState !== "open" || !target.matches("[data-columns]")) return;
  const tools = target.querySelector("[data-column-tools]");
  for (const row of rowsOf(target)) {
    if ("fixed" in row.dataset || row.querySelector(".column-tools")) continue;
    row.append(tools.content.cloneNode(true));
    for (const button of row.querySelectorAll("[data-column-move]"))
      button.setAttribute("aria-label", `${button.title} – ${labelOf(row)}`);
    boxOf(row).setAttribute("aria-keyshortcuts", "Alt+ArrowUp Alt+ArrowDown");
  }
}, true);

// Past the next column that is shown: to pass one that is not would change nothing in the table.
const move = (row, step) => {
  const form = row.closest("[data-columns]");
  const shown = shownOf(form);
  const other = shown[shown.indexOf(row) + step];
  if (other && !("fixed" in other.dataset)) {
    const focused = document.activeElement;
    if (step < 0) other.before(row);
    else other.after(row);
    focused?.focus();
    row.scrollIntoView({ block: "nearest" });
    changed(form);
  }
  tellPlace(form, row);
};

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-column-move]");
  if (button) move(button.closest("[data-column]"), Number(button.dataset.columnMove));
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const row = event.target.closest?.("[data-column]");
  if (!row || !step || !event.altKey || "fixed" in row.dataset || !boxOf(row).checked) return;
  event.preventDefault();
  move(row, step);
});

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-columns-usual]");
  if (!button) return;
  const form = button.closest("[data-columns]");
  const usual = button.dataset.columnsUsual.split(" ");
  const rows = new Map(rowsOf(form).map((row) => [row.dataset.column, row]));
  const list = form.querySelector("[data-column-rows]");
  list.prepend(...usual.map((key) => rows.get(key)).filter(Boolean));
  for (const [key, row] of rows) boxOf(row).checked = usual.includes(key);
  tell(form, button.textContent.trim());
  changed(form);
});

// Carried by its grip: it takes the place of the row it comes over. Escape puts it back.
document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-column-grip]");
  if (!grip || event.button) return;
  event.preventDefault();
  const row = grip.closest("[data-column]");
  const form = row.closest("[data-columns]");
  const list = row.parentElement;
  const home = row.nextElementSibling;
  const stop = new AbortController();
  const when = (name, act) => addEventListener(name, act, { signal: stop.signal, capture: true });

  // The list holds the pointer: the row loses it when it is put elsewhere.
  list.setPointerCapture(event.pointerId);
  row.classList.add("column-carried");

  const follow = ({ clientY }) => {
    const { top, bottom } = form.getBoundingClientRect();
    if (clientY < top + EDGE) form.scrollTop -= 8;
    else if (clientY > bottom - EDGE) form.scrollTop += 8;
    const others = rowsOf(form).filter((other) => other !== row);
    const above = others.filter((other) => "fixed" in other.dataset || middleOf(other) <= clientY).at(-1);
    if (above !== row.previousElementSibling) above.after(row);
  };
  const end = (isKept) => {
    stop.abort();
    row.classList.remove("column-carried");
    if (!isKept) list.insertBefore(row, home);
    if (row.nextElementSibling === home) return;
    tellPlace(form, row);
    changed(form);
  };
  when("pointermove", follow);
  when("pointerup", () => end(true));
  when("pointercancel", () => end(false));
  when("keydown", (pressed) => {
    if (pressed.key !== "Escape") return;
    pressed.preventDefault();
    pressed.stopPropagation();
    end(false);
  });
});
