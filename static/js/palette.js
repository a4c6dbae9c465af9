// The command palette: actions before typing, the search's answer while typing, all by keyboard.

const palette = document.getElementById("palette");
const input = document.getElementById("palette-input");
const results = document.getElementById("palette-results");
const list = document.getElementById("palette-list");
const searching = palette.querySelector("[data-searching]");
const none = palette.querySelector("[data-none]");
const status = palette.querySelector("[data-palette-status]");
const WAIT = 120;
let timer = 0;
let asked = 0;
let chosen = null;

const isSeen = (element) => element.getClientRects().length > 0;
const optionsSeen = () => [...list.querySelectorAll("[role=option]")].filter(isSeen);

const choose = (option) => {
  chosen?.setAttribute("aria-selected", "false");
  chosen = option ?? null;
  input.toggleAttribute("aria-activedescendant", false);
  if (!chosen) return;
  chosen.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", chosen.id);
  chosen.scrollIntoView({ block: "nearest" });
};

// While an answer is on its way the box keeps its height: the second part may fill what the first left empty.
const isWaiting = () => list.getAttribute("aria-busy") === "true";

const wait = (yes) => {
  if (yes && !isWaiting()) list.style.minHeight = `${list.offsetHeight}px`;
  else if (!yes) list.style.minHeight = "";
  list.setAttribute("aria-busy", String(yes));
};

const told = () => {
  const seen = optionsSeen();
  none.hidden = seen.length > 0 || isWaiting();
  searching.hidden = seen.length > 0 || !isWaiting();
  const { one, many } = status.dataset;
  if (seen.length > 0 || !isWaiting())
    status.textContent = seen.length === 1 ? one : many.replace("{count}", seen.length);
  choose(seen.includes(chosen) ? chosen : seen[0]);
};

// What stands here already is filtered at once; the records follow.
const narrow = (words) => {
  const wanted = words.toLocaleLowerCase();
  for (const option of list.querySelectorAll("[data-local]"))
    option.hidden = !option.textContent.toLocaleLowerCase().includes(wanted);
  for (const group of list.querySelectorAll(".palette-group"))
    group.hidden = ![...group.querySelectorAll("[role=option]")].some((option) => !option.hidden);
};

// Customers and people first, all other kinds as soon as they are found.
const search = async (words) => {
  const mine = ++asked;
  let first = "";
  try {
    for (const part of ["first", "rest"]) {
      const url = `${input.dataset.search}?q=${encodeURIComponent(words)}&part=${part}${first}`;
      const answer = await fetch(url, { headers: { "HX-Request": "true", "HX-Target": "palette-results" } });
      if (mine !== asked || !answer.ok || answer.redirected) return;
      const found = document.createRange().createContextualFragment(await answer.text());
      if (mine !== asked) return;
      const count = found.querySelectorAll("[role=option]").length;
      if (count > 2) first = "&first=many";
      else if (count === 0) first = "&first=none";
      if (part === "first") results.replaceChildren(found);
      else results.append(found);
      wait(part === "first");
      told();
    }
  } catch {
    // No connection: what stands here already still works.
  } finally {
    if (mine === asked && isWaiting()) {
      wait(false);
      told();
    }
  }
};

const typed = () => {
  const words = input.value.trim();
  clearTimeout(timer);
  asked += 1;
  wait(Boolean(words && input.dataset.search));
  narrow(words);
  if (!words) results.replaceChildren();
  else if (input.dataset.search) timer = setTimeout(search, WAIT, words);
  choose(null);
  told();
};

input.addEventListener("input", typed);

input.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const options = optionsSeen();
  const here = options.indexOf(chosen);
  if (event.key === "ArrowDown") choose(options[(here + 1) % options.length]);
  else if (event.key === "ArrowUp") choose(options.at((here - 1) % options.length));
  else if (event.key === "Enter") chosen?.click();
  else return;
  event.preventDefault();
});

list.addEventListener("pointermove", ({ target }) => {
  const option = target.closest("[role=option]");
  if (option && option !== chosen) choose(option);
});

list.addEventListener("click", ({ target }) => {
  if (target.closest("[role=option]")) palette.close();
});

const open = () => {
  if (palette.open) return;
  document.querySelector("dialog[open]")?.close();
  palette.showModal();
};

new MutationObserver(() => {
  if (!palette.open) return;
  input.value = "";
  input.focus();
  typed();
}).observe(palette, { attributeFilter: ["open"] });

document.addEventListener("keydown", (event) => {
  if (!(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  if (palette.open) palette.close();
  else open();
});
