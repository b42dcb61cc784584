// Single keys of a page: any link or button with data-shortcut="x" is pressed by x; "?" lists them, and so does
// a button with data-lists-shortcuts. Off while typing.
accord.behaviour("shortcuts", (body) => {
  const list = document.getElementById("shortcuts");
  const targets = () => [...body.querySelectorAll("[data-shortcut]")].filter((one) => one.checkVisibility());

  function show() {
    const keys = list.querySelector("dl");
    keys.querySelectorAll("[data-of-page]").forEach((one) => one.remove());
    for (const target of targets()) {
      const [term, meaning, key] = ["dt", "dd", "kbd"].map((tag) => document.createElement(tag));
      key.textContent = target.dataset.shortcut;
      meaning.textContent = target.dataset.means ?? target.getAttribute("aria-label") ?? target.textContent.trim();
      term.append(key);
      term.dataset.ofPage = meaning.dataset.ofPage = "";
      keys.append(term, meaning);
    }
    list.showModal();
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-lists-shortcuts]")) show();
  });
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || accord.typing(event.target)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      event.preventDefault();
      show();
      return;
    }
    const target = targets().find((one) => one.dataset.shortcut === event.key);
    if (target) {
      event.preventDefault();
      target.click();
    }
  });
});
