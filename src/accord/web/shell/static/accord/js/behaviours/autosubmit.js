// A form of filters that obeys each choice at once; its button remains for those without scripts, and for days: a
// period is two of them, and nobody asked for what lies between one new and one old.
accord.behaviour("autosubmit", (form) => {
  if (!form.querySelector("[type=date]")) form.querySelectorAll("[data-without-script]").forEach((one) => (one.hidden = true));
  form.addEventListener("change", (event) => event.target.type !== "date" && form.requestSubmit());
});
