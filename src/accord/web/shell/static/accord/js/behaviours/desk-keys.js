// A form for a few keys: a digit chooses within the group in focus and goes on, Ctrl+Enter sends, Escape leaves the field.
// A field that stands for one choice of a group chooses it by being filled in: data-chooses="group", its name is the value.
// Its first field gets the focus here and not by itself, so that no key is pressed before somebody listens.
accord.behaviour("desk-keys", (form) => {
  function choose(target, digit) {
    const chosen = form.querySelectorAll(`input[name="${target.name}"]`)[digit - 1];
    if (!chosen) return false;
    chosen.click();
    (form.querySelector(`[data-after="${target.name}"]`) ?? chosen).focus();
    return true;
  }

  form.addEventListener("keydown", (event) => {
    if (event.altKey) return;
    if (event.key === "Escape") event.target.blur();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      form.requestSubmit();
    }
    if (event.target.type === "radio" && /^[1-9]$/.test(event.key) && choose(event.target, Number(event.key))) {
      event.preventDefault();
    }
  });
  form.addEventListener("input", ({ target }) => {
    if (!target.dataset.chooses || !target.value) return;
    form.querySelector(`input[name="${target.dataset.chooses}"][value="${target.name}"]`).checked = true;
  });
  form.querySelector("[data-first]")?.focus();
});
