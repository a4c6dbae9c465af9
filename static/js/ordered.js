// Rows that are put into order by their buttons; what is posted stands in the order of the page.

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("[data-ordered] [data-move]");
  if (!button) return;
  const row = button.closest("li");
  const up = button.dataset.move === "-1";
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (up) other.before(row);
  else other.after(row);
  button.focus();
});
