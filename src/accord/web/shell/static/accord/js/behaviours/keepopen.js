// A part that renews itself waits while somebody reads what they opened in it.
accord.behaviour("keepopen", (part) => {
  part.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === part && part.querySelector("details[open]")) event.preventDefault();
  });
});
