// Rows of a list: by keyboard (j, k, Enter, e, space), by click, and chosen for bulk actions.

const INTERACTIVE = "a, button, input, select, textarea, label, summary, [popover], dialog";
let lastChosen = null;
let opening = 0;

const rowsOf = (list) => [...list.querySelectorAll("tbody tr[data-row]")];
const boxesOf = (list) => [...list.querySelectorAll("[data-select-row]")];
const lists = () => document.querySelectorAll("[data-list]");

const focusRow = (row) => {
  if (!row) return;
  for (const other of rowsOf(row.closest("[data-list]"))) other.tabIndex = other === row ? 0 : -1;
  row.focus();
  row.scrollIntoView({ block: "nearest" });
};

const prepare = (list) => rowsOf(list).forEach((row, index) => (row.tabIndex = index === 0 ? 0 : -1));

const open = (row, event) => {
  const { href } = row.dataset;
  if (!href) return;
  if (event.metaKey || event.ctrlKey || event.button === 1) window.open(href, "_blank", "noopener");
  else location.assign(href);
};

// Bulk
const redraw = (list) => {
  const boxes = boxesOf(list);
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("tr").classList.toggle("row-chosen", box.checked);
  for (const page of list.querySelectorAll("[data-select-page]")) {
    page.checked = chosen.length === boxes.length && boxes.length > 0;
    page.indeterminate = chosen.length > 0 && !page.checked;
  }
  const bar = list.querySelector("[data-bulk]");
  if (!bar) return;
  bar.hidden = chosen.length === 0;
  const all = bar.querySelector("[data-select-all]");
  if (all && chosen.length < boxes.length) all.checked = false;
  const count = bar.querySelector("[data-bulk-count]");
  const { one, many } = count.dataset;
  if (chosen.length) count.textContent = chosen.length === 1 ? one : many.replace("{count}", chosen.length);
};

const chooseAll = (list, checked) => {
  for (const box of boxesOf(list)) box.checked = checked;
  redraw(list);
};

document.addEventListener("change", ({ target }) => {
  const list = target.closest("[data-list]");
  if (!list) return;
  if (target.matches("[data-select-page]")) chooseAll(list, target.checked);
  else if (target.matches("[data-select-all]") && target.checked) chooseAll(list, true);
  else if (target.matches("[data-select-row]")) redraw(list);
});

document.addEventListener("click", (event) => {
  const list = event.target.closest("[data-list]");
  if (!list) return;
  if (event.target.closest("[data-select-none]")) return chooseAll(list, false);
  const box = event.target.closest("[data-select-row]");
  if (box) {
    const boxes = boxesOf(list);
    if (event.shiftKey && lastChosen?.isConnected) {
      const [from, to] = [boxes.indexOf(lastChosen), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const between of boxes.slice(from, to + 1)) between.checked = box.checked;
      redraw(list);
    }
    lastChosen = box;
    return;
  }
  const row = event.target.closest("tr[data-row]");
  if (!row || event.target.closest(INTERACTIVE) || getSelection().toString()) return;
  clearTimeout(opening);
  // In a cell that can be changed a second click may follow.
  if (!event.target.closest("td[data-cell]")) open(row, event);
  else if (event.detail === 1) opening = setTimeout(() => open(row, event), 250);
});

document.addEventListener("auxclick", (event) => {
  const row = event.target.closest?.("tr[data-row]");
  if (row && event.button === 1 && !event.target.closest(INTERACTIVE)) open(row, event);
});

// Keys
const isElsewhere = (target) =>
  target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") ||
  document.querySelector("dialog[open], [popover]:popover-open:not(#messages)");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isElsewhere(event.target)) return;
  if (localStorage.getItem("tenure_keys") === "off" && event.key.length === 1) return;
  const here = event.target.closest("tr[data-row]");
  const list = here?.closest("[data-list]") ?? document.querySelector("[data-list]");
  if (!list) return;
  const rows = rowsOf(list);
  const index = rows.indexOf(here);
  const step = { j: 1, k: -1, ...(here && { ArrowDown: 1, ArrowUp: -1 }) }[event.key];
  if (step) focusRow(rows[Math.max(0, Math.min(rows.length - 1, index + step))]);
  else if (event.target === here && event.key === "Enter") open(here, event);
  else if (event.target === here && event.key === " ") here.querySelector("[data-select-row]")?.click();
  else if (here && event.key === "i") editCell(here.querySelector("td[data-cell]"));
  else if (here && event.key === "e") here.querySelector("[data-edit]")?.click();
  else return;
  event.preventDefault();
});

// From the search down to what it found; Escape empties it first.
document.addEventListener("keydown", (event) => {
  const search = event.target.closest?.("[data-list-search]");
  const leaves = event.key === "ArrowDown" || (event.key === "Escape" && !search?.value);
  const first = search && leaves && rowsOf(search.closest("[data-list]"))[0];
  if (!first) return;
  event.preventDefault();
  focusRow(first);
});

// A cell changed in its place: by double click, or by "i" on the row; Enter saves, Escape leaves it.
const editCell = (cell) => {
  const row = cell?.closest("tr[data-href]");
  if (!row || cell.querySelector("form")) return;
  const url = `${row.dataset.href}cell/${encodeURIComponent(cell.dataset.cell)}/`;
  htmx.ajax("GET", url, { target: cell, swap: "outerHTML" });
};

document.addEventListener("dblclick", ({ target }) => {
  const cell = target.closest("td[data-cell]");
  if (!cell || target.closest(INTERACTIVE)) return;
  getSelection().removeAllRanges();
  editCell(cell);
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-cell-form]");
  if (!form || event.key !== "Escape") return;
  event.preventDefault();
  form.querySelector("[data-cell-leave]").click();
});

// From a record to the one before and after it in the list one came from: the tab remembers the page of the list.
const CAME_FROM = "tenure_list";

const remember = (list) => {
  if (document.querySelector("[data-neighbours]")) return;
  const rows = rowsOf(list).map((row) => row.dataset.href).filter(Boolean);
  if (!rows.length) return;
  const [previous, next] = ["prev", "next"].map((rel) => list.querySelector(`.pager a[rel=${rel}]`)?.href ?? "");
  sessionStorage.setItem(CAME_FROM, JSON.stringify({ url: location.href, rows, previous, next }));
};

const showNeighbours = () => {
  const shown = document.querySelector("[data-neighbours]");
  const from = JSON.parse(sessionStorage.getItem(CAME_FROM) ?? "null");
  const place = from?.rows.indexOf(location.pathname) ?? -1;
  if (!shown || place < 0) return;
  const around = { previous: from.rows[place - 1] ?? from.previous, next: from.rows[place + 1] ?? from.next };
  for (const link of shown.querySelectorAll("[data-neighbour]")) {
    const url = around[link.dataset.neighbour];
    if (url) link.href = url;
    else link.setAttribute("aria-disabled", "true");
  }
  shown.querySelector("[data-neighbour-place]").textContent = `${place + 1} / ${from.rows.length}`;
  const back = document.querySelector(".crumbs a[href]");
  if (back && new URL(from.url).pathname === back.pathname) back.href = from.url;
  shown.hidden = false;
};

for (const list of lists()) {
  prepare(list);
  remember(list);
}
showNeighbours();
document.body.addEventListener("htmx:afterSettle", () => {
  for (const list of lists()) {
    if (!list.querySelector("tbody tr[data-row][tabindex='0']")) prepare(list);
    redraw(list);
    remember(list);
  }
  if (document.querySelector("[data-neighbours][hidden]")) showNeighbours();
});

// The current tab is brought into sight where its row is wider than the screen.
for (const tab of document.querySelectorAll(".views [aria-current]")) {
  const row = tab.parentElement;
  if (row.scrollWidth > row.clientWidth) tab.scrollIntoView({ block: "nearest", inline: "center" });
}
