// A page whose form was refused: the eye goes to the first field that is wrong. After a swap, requests.js sees to it.
// Rows of a file that are mended in their place are no form that was refused.

if (!document.querySelector("[autofocus]"))
  document.querySelector('[aria-invalid="true"]:not(.mend-cell)')?.focus();
