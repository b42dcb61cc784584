// Cmd/Ctrl-K: go, create, search. The arrows move over the links; Enter in the field opens the first.
accord.behaviour("palette", (palette) => {
  const input = palette.querySelector("input");
  const links = () => [...palette.querySelectorAll("#palette-found a")];

  function open() {
    if (palette.open) return;
    palette.showModal();
    input.select();
    htmx.trigger(input, "ask");
  }

  function move(step) {
    const all = links();
    const here = all.indexOf(document.activeElement);
    const next = here + step;
    (next < 0 ? input : all[Math.min(next, all.length - 1)])?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-opens='palette']") || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    open();
  });
  palette.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  });
  palette.addEventListener("submit", (event) => {
    const first = links()[0];
    if (!first) return;
    event.preventDefault();
    first.click();
  });
  palette.addEventListener("click", (event) => {
    if (event.target === palette) palette.close();
  });
  palette.addEventListener("htmx:afterSwap", () => links()[0]?.setAttribute("aria-current", "true"));
});
