// A <details> that closes as a menu does: on Escape, on a click elsewhere, when another opens.
accord.behaviour("menu", (menu) => {
  const close = () => menu.removeAttribute("open");

  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) close();
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    close();
    menu.querySelector("summary").focus();
  });
  menu.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !menu.contains(event.relatedTarget)) close();
  });
});
