// Times of the place where the reader is, until they choose another one.
accord.behaviour("ownzone", (form) => {
  const zones = form.querySelector("select");
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const chosen = new URLSearchParams(location.search).has("zone");
  if (chosen || zones.value === own || ![...zones.options].some((one) => one.value === own)) return;
  zones.value = own;
  form.requestSubmit();
});
