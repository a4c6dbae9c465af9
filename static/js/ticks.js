// A tick that stands for a group of them: it ticks all, and shows whether none, some or all are ticked.

const boxesOf = (head) =>
  [...head.closest("fieldset").querySelectorAll("[data-of-group] input")].filter(
    (box) => box.closest("[data-of-group]").dataset.ofGroup === head.dataset.tickGroup,
  );

const redraw = (root) => {
  for (const head of root.querySelectorAll?.("[data-tick-group]") ?? []) {
    const boxes = boxesOf(head);
    const ticked = boxes.filter((box) => box.checked).length;
    head.checked = ticked === boxes.length;
    head.indeterminate = ticked > 0 && ticked < boxes.length;
  }
};

document.addEventListener("change", ({ target }) => {
  if (target.matches?.("[data-tick-group]")) for (const box of boxesOf(target)) box.checked = target.checked;
  const field = target.closest?.("fieldset");
  if (field) redraw(field);
});
document.addEventListener("htmx:load", ({ target }) => redraw(target));
redraw(document);
