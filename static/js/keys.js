// Shortcuts. An element says its own key with data-key: "c", "?", "g t". Pressing it clicks the element.

const STORE = "tenure_keys";
const SEQUENCE = 900;
const isMac = /mac|iphone|ipad/i.test(navigator.platform);
const box = document.querySelector("[data-keys-switch]");
let first = "";
let firstAt = 0;

box.checked = localStorage.getItem(STORE) !== "off";
box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));

const isTyping = (element) =>
  element.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

const isBusyElsewhere = () => document.querySelector("dialog[open], [popover]:popover-open:not(#messages)");

const press = (keys) => {
  const found = [...document.querySelectorAll("[data-key]")].find((element) => element.dataset.key === keys);
  found?.click();
  return Boolean(found);
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!box.checked || event.key.length > 1 || event.key === " ") return;
  if (isTyping(event.target) || isBusyElsewhere()) return;
  const key = event.key;
  const sequence = first && event.timeStamp - firstAt < SEQUENCE ? `${first} ${key}` : "";
  first = "";
  if (sequence && press(sequence)) return event.preventDefault();
  if (key === "/") {
    const search = document.querySelector("[data-list-search]");
    event.preventDefault();
    if (search) search.select(), search.focus();
    else document.getElementById("palette").showModal();
    return;
  }
  if (press(key)) return event.preventDefault();
  first = key;
  firstAt = event.timeStamp;
});

// Hints are written in the keys of this machine.
const spell = (root) => {
  for (const hint of root.querySelectorAll(".key-hint[data-keys]"))
    hint.textContent = hint.dataset.keys
      .replace("mod+", isMac ? "⌘" : "Ctrl ")
      .replace(/^(\w) (\w)$/, "$1 $2");
};
spell(document);
document.body.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.querySelectorAll && spell(detail.target));
