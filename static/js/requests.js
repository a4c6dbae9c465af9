// Everything about htmx requests: the token, buttons at work, the bar, refusals, focus after a swap.

const body = document.body;
const words = document.getElementById("request-words").dataset;
const bar = document.getElementById("request-bar");
let waiting = 0;
let barTimer = 0;

const toast = (message, level = "error") =>
  dispatchEvent(new CustomEvent("toast", { detail: { message, level } }));

body.addEventListener("htmx:configRequest", ({ detail }) => {
  const token = document.querySelector('meta[name="csrf-token"]');
  if (detail.verb !== "get" && token) detail.headers["X-CSRFToken"] = token.content;
});

// Buttons tell they work; nothing is sent twice.
const buttonOf = (event) => {
  const { elt, requestConfig } = event.detail;
  const sender = requestConfig?.triggeringEvent?.submitter ?? elt;
  return sender.closest?.("button, .btn");
};

body.addEventListener("htmx:beforeRequest", (event) => {
  const button = buttonOf(event);
  if (button?.dataset.busy !== undefined) return event.preventDefault();
  if (button) button.dataset.busy = "";
  waiting += 1;
  if (waiting === 1) barTimer = setTimeout(() => (bar.hidden = false), 300);
});

body.addEventListener("htmx:afterRequest", (event) => {
  delete buttonOf(event)?.dataset.busy;
  waiting = Math.max(0, waiting - 1);
  if (waiting) return;
  clearTimeout(barTimer);
  bar.hidden = true;
});

// A plain form tells that it works, too.
addEventListener("submit", ({ target, submitter, defaultPrevented }) => {
  if (!defaultPrevented && submitter && !target.matches("[hx-post], [hx-get], [method=dialog]"))
    submitter.dataset.busy = "";
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("[data-busy]")) delete button.dataset.busy;
});

const isWholePage = (xhr) => /^\s*<!doctype/i.test(xhr.responseText);

const wordFor = (status) => {
  if (status === 404) return words.missing;
  return status === 401 || status === 403 ? words.refused : words.failed;
};

body.addEventListener("htmx:beforeSwap", (event) => {
  const { detail } = event;
  const { xhr, target } = detail;
  // The session ended: go and sign in, then come back here.
  if (new URL(xhr.responseURL || location.href).pathname.startsWith("/accounts/login/")) {
    detail.shouldSwap = false;
    location.assign(`/accounts/login/?next=${encodeURIComponent(location.pathname + location.search)}`);
    return;
  }
  // A page of error is not a fragment: say what happened and leave everything as it stands.
  if (xhr.status >= 400 && isWholePage(xhr)) {
    detail.shouldSwap = false;
    toast(wordFor(xhr.status));
    return;
  }
  if (target?.id === "messages") detail.swapOverride = "beforeend";
});

body.addEventListener("htmx:sendError", () => toast(words.offline));
body.addEventListener("htmx:timeout", () => toast(words.offline));

// After a swap the eye goes to what asks for it: autofocus, else the first field that is wrong.
body.addEventListener("htmx:afterSettle", ({ detail }) => {
  const swapped = detail.elt;
  if (!swapped.isConnected) return;
  const next = swapped.querySelector("[autofocus]") ?? swapped.querySelector('[aria-invalid="true"]');
  next?.focus();
});

addEventListener("change", ({ target }) => {
  if (target.matches("[data-submit-on-change]")) target.form.requestSubmit();
});
