// Deeds by key: in a place marked data-acts the keys of the buttons (data-act) work for the row that has the focus, or,
// where there is but one record, for that. After a deed the row that took its place has the focus.

const rows = () => [...document.querySelectorAll("[data-acts] tr[data-row]")];
let place = 0;

const arm = (scope) => {
  for (const button of document.querySelectorAll("[data-acts] [data-act]")) {
    if (scope?.contains(button)) button.dataset.key = button.dataset.act;
    else delete button.dataset.key;
  }
};

const choose = (at, { focus = false } = {}) => {
  const one = document.querySelector("[data-acts='one']");
  if (one) return arm(one);
  const all = rows();
  if (!all.length) return;
  place = Math.max(0, Math.min(at, all.length - 1));
  all.forEach((row, index) => {
    row.toggleAttribute("data-current", index === place);
    row.tabIndex = index === place ? 0 : -1;
  });
  arm(all[place]);
  if (focus) all[place].focus({ preventScroll: true });
};

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.("[data-acts] tr[data-row]");
  if (row) choose(rows().indexOf(row));
});
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  const nobody = !document.activeElement || document.activeElement === document.body;
  choose(place, { focus: nobody && detail.target?.matches?.("[data-acts], #inbox") });
});
choose(0);
