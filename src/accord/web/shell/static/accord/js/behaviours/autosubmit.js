// A form of filters that obeys each choice at once; its button remains for those without scripts.
accord.behaviour("autosubmit", (form) => {
  form.querySelectorAll("[data-without-script]").forEach((one) => (one.hidden = true));
  form.addEventListener("change", () => form.requestSubmit());
});
