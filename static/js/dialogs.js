// Dialogs: opening and closing by mark, the side sheet, and the question before what cannot be taken back.

const sheet = document.getElementById("sheet");
const sheetBody = document.getElementById("sheet-body");
const confirmBox = document.getElementById("confirm");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    document.querySelector("[popover]:popover-open:not(#messages)")?.hidePopover();
    document.querySelector(opener.dataset.open)?.showModal();
    return;
  }
  const remover = event.target.closest("[data-remove]");
  if (remover) {
    const gone = remover.closest(remover.dataset.remove);
    const next = gone.nextElementSibling ?? gone.previousElementSibling ?? gone.parentElement.nextElementSibling;
    gone.remove();
    next?.querySelector("select, button, input:not([type=hidden])")?.focus();
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  // A click on the backdrop is a click on the dialog itself, outside its box.
  else if (event.target.matches("dialog[open]") && isOutside(event)) event.target.close();
});

const isOutside = ({ target, clientX, clientY }) => {
  const box = target.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
};

// The sheet. Closed by Escape with something typed, it keeps it, and the same address brings it back.
let sheetAddress = "";
let typed = false;
let opener = null;

sheetBody.addEventListener("input", () => (typed = true));

const openSheet = () => {
  const title = sheetBody.querySelector("h1, h2");
  if (title) sheet.setAttribute("aria-label", title.textContent.trim());
  if (sheet.open) return;
  document.querySelector("dialog[open]")?.close();
  sheet.showModal();
};

// A refused form asks for the first field that is wrong; the others are looked for in this order, too.
const focusFirst = () =>
  ["[autofocus]", "[aria-invalid=true]", "input:not([type=hidden]), select, textarea"]
    .map((wanted) => sheetBody.querySelector(wanted))
    .find(Boolean)
    ?.focus();

document.body.addEventListener("htmx:beforeRequest", (event) => {
  const { target, requestConfig, elt } = event.detail;
  if (target !== sheetBody || requestConfig.verb !== "get" || sheetBody.contains(elt)) return;
  const { activeElement } = document;
  opener = activeElement === document.body ? elt : activeElement; // by a key: the row, not its button
  const address = requestConfig.path;
  if (address === sheetAddress && typed) {
    event.preventDefault();
    openSheet();
    focusFirst();
    return;
  }
  sheetAddress = address;
  typed = false;
});

document.body.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (detail.target !== sheetBody) return;
  openSheet();
  focusFirst();
});

addEventListener("sheet-close", () => {
  sheet.close();
  sheetAddress = "";
  // Later: the form still has to carry the answer's other events up to the window.
  setTimeout(() => sheetBody.replaceChildren());
});

sheet.addEventListener("close", () => {
  if (opener?.isConnected) opener.focus();
  const { back } = sheet.dataset;
  if (back) dispatchEvent(new CustomEvent("leave", { detail: back }));
});

if (sheet.dataset.back) {
  openSheet();
  focusFirst();
}

// The question. hx-confirm is the text; data-confirm-title, -action and -danger say the rest.
let goOn = null;

const ask = (element, question, then) => {
  const { confirmTitle, confirmAction, confirmDanger, confirmCount } = element.dataset;
  const title = confirmBox.querySelector("#confirm-title");
  const yes = confirmBox.querySelector("[data-answer=yes]");
  const chosen = confirmCount === undefined ? "" : document.querySelector("[data-bulk-count]")?.textContent;
  title.textContent = confirmTitle ?? title.dataset.default;
  confirmBox.querySelector("#confirm-text").textContent = [chosen, question].filter(Boolean).join("\n");
  yes.textContent = confirmAction ?? yes.dataset.default;
  yes.toggleAttribute("data-danger", confirmDanger !== undefined);
  goOn = then;
  confirmBox.showModal();
  confirmBox.querySelector("[data-answer=no]").focus();
};

confirmBox.addEventListener("click", ({ target }) => {
  const answer = target.closest("[data-answer]")?.dataset.answer;
  if (!answer) return;
  confirmBox.close();
  if (answer === "yes") goOn?.();
  goOn = null;
});

document.body.addEventListener("htmx:confirm", (event) => {
  const { question, elt, issueRequest } = event.detail;
  if (!question) return;
  event.preventDefault();
  ask(elt, question, () => issueRequest(true));
});

// The same for a plain form.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.dataset.confirm || form.dataset.confirmed) return;
  event.preventDefault();
  const { submitter } = event;
  ask(form, form.dataset.confirm, () => {
    form.dataset.confirmed = "1";
    form.requestSubmit(submitter);
  });
}, true);
