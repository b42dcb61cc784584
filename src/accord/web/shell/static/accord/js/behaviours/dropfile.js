// A file may be dropped on the box instead of chosen; its name is shown, and the form is sent if it asks for that.
accord.behaviour("dropfile", (box) => {
  const input = box.querySelector("input[type='file']");
  const name = box.querySelector("[data-file-name]");
  const over = (is) => box.toggleAttribute("data-over", is);

  function chosen() {
    if (name && input.files.length) name.textContent = input.files[0].name;
    if ("sends" in box.dataset && input.files.length) input.form.requestSubmit();
  }

  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    over(true);
  });
  box.addEventListener("dragleave", () => over(false));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    over(false);
    input.files = event.dataTransfer.files;
    chosen();
  });
  input.addEventListener("change", chosen);
});
