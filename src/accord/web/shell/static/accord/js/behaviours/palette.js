// Cmd/Ctrl-K: go, create, search. The arrows move over the links, from the first on, which Enter in the field opens.
accord.behaviour("palette", (palette) => {
  const input = palette.querySelector("input");
  const links = () => [...palette.querySelectorAll("#palette-found a")];

  function open() {
    if (palette.open) return;
    palette.showModal();
    input.select();
    htmx.trigger(input, "ask");
  }

  function choose(chosen) {
    for (const link of links()) {
      if (link === chosen) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  }

  function move(step) {
    const all = links();
    const next = Math.max(all.indexOf(document.activeElement), 0) + step;
    const target = next < 0 ? input : all[Math.min(next, all.length - 1)];
    target?.focus();
    choose(target === input ? all[0] : target);
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
  palette.addEventListener("htmx:afterSwap", () => choose(links()[0]));
});
