// Toasts: those the page came with, those of the event "toast" (HX-Trigger or ours), those swapped into #messages.

const region = document.getElementById("messages");
const template = document.getElementById("toast-template");
const LASTS = 6000;

// Shown anew it stands above a dialog that was opened meanwhile.
const raise = () => {
  if (region.matches(":popover-open")) region.hidePopover();
  region.showPopover();
};

const dismissLater = (note) => {
  if (note.dataset.level === "error") return;
  let timer = 0;
  const start = () => (timer = setTimeout(() => note.remove(), LASTS));
  const stop = () => clearTimeout(timer);
  note.addEventListener("pointerenter", stop);
  note.addEventListener("pointerleave", start);
  note.addEventListener("focusin", stop);
  note.addEventListener("focusout", start);
  start();
};

const greet = (note) => {
  if (note.dataset.greeted) return;
  note.dataset.greeted = "1";
  dismissLater(note);
  raise();
};

const show = ({ message, level = "info", undo_url: undoUrl, undo_label: undoLabel }) => {
  const note = template.content.firstElementChild.cloneNode(true);
  note.dataset.level = level;
  if (level === "error") note.setAttribute("role", "alert");
  note.querySelector("[data-toast-text]").textContent = message;
  const undo = note.querySelector("[data-toast-undo]");
  if (undoUrl) undo.setAttribute("hx-post", undoUrl);
  else undo.remove();
  if (undoUrl && undoLabel) undo.textContent = undoLabel;
  region.append(note);
  globalThis.htmx?.process(note);
};

addEventListener("toast", ({ detail }) => show({ ...detail, message: detail.message ?? detail.value }));

region.addEventListener("click", ({ target }) => {
  if (target.closest("[data-toast-close], [data-toast-undo]"))
    setTimeout(() => target.closest("[data-toast]")?.remove(), target.closest("[data-toast-undo]") ? 300 : 0);
});

new MutationObserver(() => {
  for (const note of region.querySelectorAll("[data-toast]")) greet(note);
}).observe(region, { childList: true });

// What was told just before the page was left is told on the next one.
addEventListener("leave", ({ detail }) => {
  const notes = [...region.querySelectorAll("[data-toast]")];
  for (const note of notes) delete note.dataset.greeted;
  sessionStorage.setItem("told", notes.map((note) => note.outerHTML).join(""));
  location.assign(detail);
});

region.insertAdjacentHTML("beforeend", sessionStorage.getItem("told") ?? "");
sessionStorage.removeItem("told");
for (const note of region.querySelectorAll("[data-toast]")) greet(note);
