// Changes the theme at once and tells the server quietly, so that the page stays where it is.
accord.behaviour("theme", (form) => {
  const system = matchMedia("(prefers-color-scheme: dark)");

  form.addEventListener("submit", (event) => {
    const chosen = event.submitter?.value;
    if (!chosen) return;
    event.preventDefault();
    const resolved = chosen === "system" ? (system.matches ? "dark" : "light") : chosen;
    document.documentElement.dataset.theme = resolved;
    form.querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", one.value === chosen));
    const body = new FormData(form, event.submitter);
    fetch(form.action, { method: "POST", body, headers: { "X-Quiet": "1" } });
  });
});
