// Places popovers beside their button, lets them load what they show, and moves through menus by arrows.

const GAP = 4;
const EDGE = 8;

const why = document.getElementById("why");
let asker = null;
let whyClosedAt = 0;

const buttonOf = (box) =>
  box === why
    ? asker
    : document.querySelector(`[popovertarget="${box.id}"]:focus, [popovertarget="${box.id}"]`);

const place = (box) => {
  const button = buttonOf(box);
  if (!button) return;
  const from = button.getBoundingClientRect();
  const size = box.getBoundingClientRect();
  const beside = box.dataset.side === "right" && innerWidth > 640;
  let left = beside ? from.right + GAP : from.left;
  let top = beside ? from.bottom - size.height : from.bottom + GAP;
  if (!beside && left + size.width > innerWidth - EDGE) left = from.right - size.width;
  if (!beside && top + size.height > innerHeight - EDGE && from.top > size.height)
    top = from.top - size.height - GAP;
  box.style.left = `${Math.max(EDGE, Math.min(left, innerWidth - size.width - EDGE))}px`;
  box.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - size.height - EDGE))}px`;
};

const entriesOf = (menu) => [...menu.querySelectorAll(".menu-item, [role=menuitem]")];

document.addEventListener("toggle", (event) => {
  const box = event.target;
  if (!box.popover || box.popover === "manual") return;
  const open = event.newState === "open";
  buttonOf(box)?.setAttribute("aria-expanded", String(open));
  if (box === why && !open) whyClosedAt = event.timeStamp;
  if (!open) return;
  place(box);
  box.dispatchEvent(new CustomEvent("popover-open", { bubbles: false }));
  if (box.matches("[role=menu]")) entriesOf(box)[0]?.focus();
}, true);

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target.matches?.("[popover]:popover-open")) place(detail.target);
});

addEventListener("resize", () => {
  for (const box of document.querySelectorAll("[popover]:popover-open:not([popover=manual])")) place(box);
});
addEventListener("scroll", ({ target }) => {
  for (const box of document.querySelectorAll("[popover]:popover-open:not([popover=manual])"))
    if (!box.contains(target)) place(box);
}, true);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[role=menu]");
  if (!menu) return;
  const entries = entriesOf(menu);
  const here = entries.indexOf(document.activeElement);
  const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: -1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  entries.at(steps[event.key] % entries.length)?.focus();
});

document.addEventListener("click", ({ target }) => {
  target.closest("[role=menuitem]")?.closest("[popover]")?.hidePopover();
});

// One popover answers every "why": where it asks is on the button, perhaps relative to the record around it.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-why]");
  if (!button) return;
  event.preventDefault();
  // The press that closed it was on the button that had opened it.
  if (button === asker && event.timeStamp - whyClosedAt < 300) return;
  asker = button;
  const body = document.getElementById("why-body");
  const record = button.closest("[data-href]")?.dataset.href ?? location.pathname;
  body.replaceChildren();
  why.dataset.loading = "";
  why.showPopover();
  const address = new URL(button.dataset.why, new URL(record, location.href));
  await htmx.ajax("GET", address.pathname + address.search, { target: body, source: body });
  delete why.dataset.loading;
  if (asker === button && why.matches(":popover-open")) place(why);
});
