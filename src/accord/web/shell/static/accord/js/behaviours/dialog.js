// A <dialog> opened by any element with data-opens="its id", closed by data-close, Escape or a click beside it.
accord.behaviour("dialog", (dialog) => {
  document.addEventListener("click", (event) => {
    if (event.target.closest(`[data-opens="${dialog.id}"]`)) {
      event.preventDefault();
      dialog.showModal();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  if ("open" in dialog.dataset) dialog.showModal();
});
